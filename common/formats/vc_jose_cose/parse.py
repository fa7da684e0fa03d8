"""``vc+jwt`` and ``vp+jwt``, and the 1.1 forms with ``vc`` and ``vp`` claims → parts, nothing believed.

VC-JOSE-COSE 1.0 §3.1; VCDM 1.1 §6.3.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from common.errors import Malformed
from common.formats.credential import IssuerKeyHint
from common.formats.vc_jose_cose.media_type import check_content_type, media_type
from common.formats.vcdm.identifier import read_id
from common.formats.vcdm.moment import format_moment
from common.formats.vcdm.terms import CONTEXT_V1
from common.jose.jws import same_typ
from common.jose.jwt import ParsedJwt, parse_jwt, time_claim

FORMAT = "jwt_vc_json"
ENVELOPE = "data:application/vc+jwt,"
MAX_CREDENTIAL_BYTES = 1 << 16
MAX_BYTES = 1 << 18


@dataclass(frozen=True, slots=True)
class ParsedVcJwt:
    """Read, not verified. document: the credential; in the 1.1 form with the JWT's own claims put back where they belong."""

    token: ParsedJwt
    document: Mapping[str, Any] = field(repr=False)
    version: int

    @property
    def issuer_key_hint(self) -> IssuerKeyHint:
        """Raises Malformed when issuer or x5c are not of their types."""
        x5c = self.token.header.get("x5c", [])
        if not isinstance(x5c, list) or not all(isinstance(certificate, str) for certificate in x5c):
            raise Malformed("bad_x5c", "x5c is an array of texts")
        issuer = read_id(self.document.get("issuer"), "issuer")
        return IssuerKeyHint(format=FORMAT, iss=issuer, kid=self.token.kid, x5c=tuple(x5c), alg=self.token.alg)


@dataclass(frozen=True, slots=True)
class ParsedVpJwt:
    """Read, not verified. document: the presentation; credential: the one that it presents."""

    token: ParsedJwt
    document: Mapping[str, Any] = field(repr=False)
    credential: ParsedVcJwt
    version: int

    @property
    def issuer_key_hint(self) -> IssuerKeyHint:
        return self.credential.issuer_key_hint


def _version(token: ParsedJwt, *, typ: str, claim: str) -> int:
    """2 for a token of the given typ without the old claim; 1 for one typed JWT (or not at all) with it. Nothing between."""
    if same_typ(token.header.get("typ"), typ):
        if "vc" in token.claims or "vp" in token.claims:
            raise Malformed("bad_claims", f"{typ} has no vc and no vp claim")
        if "cty" in token.header:
            check_content_type(token.header["cty"], media_type(typ))
        return 2
    if "typ" not in token.header or same_typ(str(token.header["typ"]).lower(), "jwt"):
        if not isinstance(token.claims.get(claim), dict):
            raise Malformed("bad_claims", f"a JWT of VCDM 1.1 has an object in its {claim} claim")
        return 1
    raise Malformed("bad_typ", f"typ must be {typ} (or JWT for VCDM 1.1)")


def parse_credential(text: str, *, max_bytes: int = MAX_CREDENTIAL_BYTES) -> ParsedVcJwt:
    """Raises Malformed. max_bytes: status lists are larger than what people hold."""
    token = parse_jwt(text, max_bytes=max_bytes)
    version = _version(token, typ="vc+jwt", claim="vc")
    return ParsedVcJwt(token, token.claims if version == 2 else _restore_v1(token.claims), version)


def _restore_v1(claims: Mapping[str, Any]) -> dict[str, Any]:
    """VCDM 1.1 §6.3.1 (JWT decoding): iss, sub, jti, nbf, exp go back into the document. What is in both must agree."""
    document = dict(claims["vc"])
    contexts = document.get("@context")
    if (contexts[0] if isinstance(contexts, list) and contexts else contexts) != CONTEXT_V1:
        raise Malformed("bad_context", "a vc claim holds a credential of VCDM 1.1")
    not_before, expires = time_claim(claims, "nbf"), time_claim(claims, "exp")
    if not_before is not None:
        document["issuanceDate"] = _moment(not_before)
    if expires is not None:
        document["expirationDate"] = _moment(expires)
    for claim, member in (("jti", "id"), ("iss", "issuer")):
        if claim in claims:
            stated = document.setdefault(member, claims[claim])
            if read_id(stated, member) != claims[claim]:
                raise Malformed("bad_claims", f"{claim} and {member} disagree")
    if "sub" in claims:
        subject = document.get("credentialSubject")
        if not isinstance(subject, dict) or subject.get("id", claims["sub"]) != claims["sub"]:
            raise Malformed("bad_claims", "sub and credentialSubject.id disagree")
        document["credentialSubject"] = {"id": claims["sub"], **subject}
    return document


def _moment(seconds: int) -> str:
    try:
        return format_moment(seconds)
    except (ValueError, OverflowError, OSError):
        raise Malformed("bad_time", "no such moment") from None


def parse_presentation(text: str) -> ParsedVpJwt:
    """Raises Malformed; also when there is not exactly one credential in it."""
    token = parse_jwt(text, max_bytes=MAX_BYTES)
    version = _version(token, typ="vp+jwt", claim="vp")
    document = token.claims if version == 2 else token.claims["vp"]
    held = document.get("verifiableCredential")
    credentials = held if isinstance(held, list) else [held]
    if len(credentials) != 1:
        raise Malformed("bad_presentation", "a presentation here holds exactly one credential")
    return ParsedVpJwt(token, document, parse_credential(_unwrap(credentials[0])), version)


def _unwrap(held: object) -> str:
    """The JWT itself (1.1), or an EnvelopedVerifiableCredential around it (VCDM 2.0 §4.12.1)."""
    if isinstance(held, str):
        return held
    if isinstance(held, Mapping):
        types, address = held.get("type"), held.get("id")
        enveloped = "EnvelopedVerifiableCredential"
        if (types == enveloped or types == [enveloped]) and isinstance(address, str) and address.startswith(ENVELOPE):
            return address.removeprefix(ENVELOPE)
    raise Malformed("bad_presentation", "a credential in a presentation is a JWT or an envelope around one")
