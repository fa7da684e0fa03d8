"""SD-JWT VC text → parts, nothing believed, and where its issuer's key may be found. SD-JWT VC draft-19 §2.2, §2.5."""

from __future__ import annotations

from common.errors import Malformed
from common.formats.credential import IssuerKeyHint
from common.jose.sd_jwt import ParsedSdJwt, parse_sd_jwt
from common.record import Record

FORMAT = "dc+sd-jwt"
TYP = "dc+sd-jwt"


class ParsedSdJwtVc(Record, frozen=True):
    """Read, not verified."""

    sd_jwt: ParsedSdJwt

    @property
    def issuer_key_hint(self) -> IssuerKeyHint:
        """``iss``, ``kid``, ``x5c`` as the credential states them. Raises Malformed when they are not of their types."""
        token = self.sd_jwt.token
        issuer, x5c = token.claims.get("iss"), token.header.get("x5c", [])
        if issuer is not None and not isinstance(issuer, str):
            raise Malformed("bad_iss", "iss is text")
        if not isinstance(x5c, list) or not all(isinstance(certificate, str) for certificate in x5c):
            raise Malformed("bad_x5c", "x5c is an array of texts")
        return IssuerKeyHint(format=FORMAT, iss=issuer, kid=token.kid, x5c=tuple(x5c), alg=token.alg)


def parse(text: str, *, presented: bool) -> ParsedSdJwtVc:
    """Raises Malformed; also for a key binding JWT where a credential, not a presentation, is expected."""
    parsed = parse_sd_jwt(text)
    if parsed.key_binding is not None and not presented:
        raise Malformed("bad_sd_jwt", "a presentation stands where a credential belongs")
    return ParsedSdJwtVc(parsed)
