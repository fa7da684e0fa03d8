"""What of a credential is time-stamped: the bytes that its issuer signed and nobody can alter, the same as issued and as presented.

| format | bytes |
|---|---|
| dc+sd-jwt | the issuer-signed JWT, before the first tilde |
| jwt_vc_json | the JWT |
| ldp_vc | the document with its proofs, canonical (RFC 8785); a proof derived from it is another document, and has no stamp |
| mso_mdoc | IssuerAuth (COSE_Sign1, ISO/IEC 18013-5 §9.1.2.4), encoded deterministically |

The signature is part of the bytes: who steals the key later cannot make the same ones, and nobody but issuer, holder and those to whom
the holder showed the credential can know the digest.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from common.encoding import b64url_encode
from common.errors import Unsupported
from common.formats.data_integrity.parse import ParsedLdpVc, ParsedLdpVp
from common.formats.mdoc.device_response import ParsedDeviceResponse
from common.formats.mdoc.issuer_signed import ParsedIssuerSigned, encode_issuer_auth
from common.formats.registry import FORMATS
from common.formats.sd_jwt_vc.parse import ParsedSdJwtVc
from common.formats.vc_jose_cose.parse import ParsedVcJwt, ParsedVpJwt
from common.proofs.jcs import canonicalize_json


def stamped_bytes(parsed: Any) -> bytes:
    """parsed: a credential or presentation, as the formats' parse functions give it. Raises Unsupported for anything else, Malformed."""
    if isinstance(parsed, ParsedVpJwt | ParsedLdpVp):
        parsed = parsed.credential
    if isinstance(parsed, ParsedDeviceResponse):
        parsed = parsed.issuer_signed
    if isinstance(parsed, ParsedSdJwtVc):
        return parsed.sd_jwt.presented.partition("~")[0].encode("ascii")
    if isinstance(parsed, ParsedVcJwt):
        jws = parsed.token.jws
        return jws.signing_input + b"." + b64url_encode(jws.signature).encode("ascii")
    if isinstance(parsed, ParsedLdpVc):
        return canonicalize_json(parsed.document)
    if isinstance(parsed, ParsedIssuerSigned):
        return encode_issuer_auth(parsed.issuer_auth)
    raise Unsupported("no_time_stamps", "this kind of credential is not time-stamped", known=FORMATS.names)


def stamped_digest(parsed: Any) -> bytes:
    """SHA-256 of `stamped_bytes`: what an authority stamps and a stamp is asked for by."""
    return sha256(stamped_bytes(parsed)).digest()
