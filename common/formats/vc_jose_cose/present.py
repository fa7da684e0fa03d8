"""A credential JWT → VP JWT for one audience and nonce. VC-JOSE-COSE 1.0 §3.1.2 (``vp+jwt``), VCDM 1.1 §6.3.1 (``vp`` claim)."""

from __future__ import annotations

from typing import Any

from common.errors import Rejected
from common.formats.vc_jose_cose.parse import ENVELOPE, parse_credential
from common.formats.vcdm.document import read_subject
from common.formats.vcdm.holder_key import key_id_of_did, key_of_did
from common.formats.vcdm.terms import CONTEXT_V1, CONTEXT_V2
from common.jose.jwk import same_key
from common.jose.jwt import build_jwt
from common.ports import Signer

LIFETIME = 300


def present(text: str, *, holder: Signer, audience: str, nonce: str, now: int) -> str:
    """The presentation, in the form of the credential's own data model version.

    Raises Rejected("wrong_holder") when the credential is bound to nobody or to another key than ``holder``.
    """
    parsed = parse_credential(text)
    did, _ = read_subject(parsed.document)
    bound_to = key_of_did(did) if did is not None else None
    if did is None or (bound_to is not None and not same_key(bound_to, holder.public_jwk())):
        raise Rejected("wrong_holder", "the credential is not bound to this key")
    kid = key_id_of_did(did) or (holder.kid if holder.kid.startswith("did:") else f"{did}#{holder.kid}")
    claims: dict[str, Any] = {"iss": did, "aud": audience, "nonce": nonce, "iat": now, "exp": now + LIFETIME}
    if parsed.version == 1:
        document: dict[str, Any] = {
            "@context": [CONTEXT_V1],
            "type": ["VerifiablePresentation"],
            "verifiableCredential": [text],
        }
        return build_jwt({"typ": "JWT", "kid": kid}, {**claims, "nbf": now, "vp": document}, holder)
    enveloped = {"@context": CONTEXT_V2, "id": ENVELOPE + text, "type": "EnvelopedVerifiableCredential"}
    presentation: dict[str, Any] = {
        "@context": [CONTEXT_V2],
        "type": ["VerifiablePresentation"],
        "holder": did,
        "verifiableCredential": [enveloped],
    }
    return build_jwt({"typ": "vp+jwt", "cty": "vp", "kid": kid}, {**presentation, **claims}, holder)
