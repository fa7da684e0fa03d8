"""A credential → a presentation for one audience and nonce, signed by the holder. OpenID4VP 1.0 §B.1.3.2: domain and challenge."""

from __future__ import annotations

import json
from typing import Any

from common.errors import Rejected
from common.formats.data_integrity.issue import ProofOptions, add_proof
from common.formats.data_integrity.parse import parse_credential
from common.formats.data_integrity.policy import STRICT, Policy
from common.formats.vcdm.contexts import read_version
from common.formats.vcdm.document import read_subject
from common.formats.vcdm.holder_key import key_id_of_did, key_of_did
from common.formats.vcdm.terms import CONTEXT_V1, CONTEXT_V2, PRESENTATION
from common.jose.jwk import same_key
from common.ports import Signer

LIFETIME = 300
DATA_INTEGRITY_CONTEXT = "https://w3id.org/security/data-integrity/v2"
"""VCDM 2.0's base context has the terms of proofs, that of 1.1 has not."""


def present(
    text: str,
    *,
    holder: Signer,
    audience: str,
    nonce: str,
    now: int,
    cryptosuite: str | None = None,
    policy: Policy = STRICT,
) -> str:
    """The presentation, in the credential's own version of the data model.

    Raises Rejected("wrong_holder") when the credential is bound to nobody or to another key than ``holder``.
    """
    credential = parse_credential(text).document
    did, _ = read_subject(credential)
    bound_to = key_of_did(did) if did is not None else None
    if did is None or (bound_to is not None and not same_key(bound_to, holder.public_jwk())):
        raise Rejected("wrong_holder", "the credential is not bound to this key")
    contexts = [CONTEXT_V2] if read_version(credential) == 2 else [CONTEXT_V1, DATA_INTEGRITY_CONTEXT]
    document: dict[str, Any] = {
        "@context": contexts,
        "type": [PRESENTATION],
        "holder": did,
        "verifiableCredential": [credential],
    }
    options = ProofOptions(
        verification_method=key_id_of_did(did) or key_url(did, holder.kid),
        purpose="authentication",
        cryptosuite=cryptosuite,
        created=now,
        expires=now + LIFETIME,
        domain=audience,
        challenge=nonce,
    )
    signed = add_proof(document, holder, options, policy=policy)
    return json.dumps(signed, ensure_ascii=False, separators=(",", ":"))


def key_url(controller: str, kid: str) -> str:
    """The URL of a controller's key: its kid as the fragment, or the kid itself where it is a URL of theirs."""
    return kid if kid.startswith(f"{controller}#") else f"{controller}#{kid.removeprefix('#')}"
