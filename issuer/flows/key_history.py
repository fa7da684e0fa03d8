"""What the DID document says beside the plain JWKs: keys for BBS, and keys that were declared compromised.

A compromised key stays listed as a verification method with ``revoked`` (Controlled Identifiers 1.0 §2.2) and under no relationship:
software that knows ``revoked`` can judge what is proven to be older, and all other software finds the key of no use, which is safe.
A key that was rotated out in good order has no mark at all: CID §2.2 would have verifiers refuse whatever an ``expires`` once named.
"""

from __future__ import annotations

from typing import Any

from common.did.document import check_document
from common.did.timestamps import write_timestamp
from common.keys import bls
from issuer.flows.key_ring import Identity, PublishedKey

MULTIKEY_CONTEXT = "https://w3id.org/security/multikey/v1"


def publish_history(document: dict[str, Any], identity: Identity) -> dict[str, Any]:
    """document: of `build_document`, with the institution's sound JWKs. The same with the other keys that the world shall know."""
    did = str(document["id"])
    for key in identity.published:
        compromised, is_bbs = key.entry.compromised_since is not None, key.alg == bls.ALG
        if not compromised and not is_bbs:
            continue
        method = _method(did, key)
        document["verificationMethod"].append(method)
        if is_bbs and MULTIKEY_CONTEXT not in document["@context"]:
            document["@context"].append(MULTIKEY_CONTEXT)
        if not compromised:
            document["assertionMethod"].append(method["id"])
    check_document(document, did=did)
    return document


def _method(did: str, key: PublishedKey) -> dict[str, Any]:
    method: dict[str, Any] = {"id": f"{did}#{key.kid}", "type": "JsonWebKey", "controller": did}
    if key.alg == bls.ALG:
        method |= {"type": "Multikey", "publicKeyMultibase": key.public["publicKeyMultibase"]}
    else:
        method["publicKeyJwk"] = dict(key.public)
    if key.entry.compromised_since is not None:
        method["revoked"] = write_timestamp(key.entry.compromised_since)
    return method
