"""Content → VCDM 2.0 credential as ``vc+jwt``. VC-JOSE-COSE 1.0 §3.1.1: the payload is the document, there is no ``vc`` claim."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from common.formats.credential import CredentialContent
from common.formats.vc_jose_cose.document import build_document
from common.jose.jwt import build_jwt
from common.ports import Signer

IAT_STEP = 3600
"""``iat`` is cut down to the hour, so that it does not link the copies of a batch."""


def issue(content: CredentialContent, signer: Signer, *, x5c: Sequence[str] | None = None) -> str:
    """The signed credential. kid: the DID URL of the issuer's key. Raises ValueError when the issuer has no name."""
    if not content.issuer:
        raise ValueError("a credential names its issuer")
    header: dict[str, Any] = {"typ": "vc+jwt", "cty": "vc", "kid": key_id(content.issuer, signer.kid)}
    if x5c:
        header["x5c"] = list(x5c)
    claims = build_document(content)
    claims["iss"] = content.issuer
    if content.credential_id:  # Open Badges 3.0 §8.2.3 wants these beside iss; VC-JOSE-COSE 1.0 §3.1.3 lets them stand
        repeated = {
            "jti": content.credential_id,
            "sub": claims["credentialSubject"].get("id"),
            "nbf": content.valid_from,
            "exp": content.valid_until,
        }
        claims |= {name: value for name, value in repeated.items() if value is not None}
    if content.issued_at is not None:
        claims["iat"] = content.issued_at - content.issued_at % IAT_STEP
    return build_jwt(header, claims, signer)


def key_id(issuer: str, kid: str) -> str:
    """A key's fragment after its DID; as it stands for https issuers and for full DID URLs."""
    return f"{issuer}#{kid}" if issuer.startswith("did:") and "#" not in kid else kid
