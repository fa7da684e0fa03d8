"""did:key: the key is the identifier (W3C CCG did:key). Its multikey is a P-256, P-384, P-521, Ed25519 or BLS12-381 G2 key."""

from __future__ import annotations

from typing import Any

from common.did.contract import Resolved
from common.did.syntax import ParsedDid
from common.errors import Malformed
from common.keys import bls
from common.keys.multikey import decode_multikey, encode_did_key
from common.ports import Fetch

CONTEXTS = ("https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1")


class DidKey:
    """Implements common.did.contract.DidMethod."""

    name = "key"
    self_contained = True

    def resolve(self, did: ParsedDid, *, fetch: Fetch, sandbox: bool, now: int) -> Resolved:  # noqa: ARG002 - nothing to ask
        """The document that the identifier spells out. One verification method, ``#<identifier>``, in all signing relationships."""
        multibase = did.identifier
        if _own_spelling(multibase) != multibase:
            raise Malformed("bad_did", "a did:key in another spelling than its own")
        method_id = f"{did.did}#{multibase}"
        method = {"id": method_id, "type": "Multikey", "controller": did.did, "publicKeyMultibase": multibase}
        relationships = ("authentication", "assertionMethod", "capabilityInvocation", "capabilityDelegation")
        document: dict[str, Any] = {
            "@context": list(CONTEXTS),
            "id": did.did,
            "verificationMethod": [method],
            **{relationship: [method_id] for relationship in relationships},
        }
        return Resolved(document=document)


def _own_spelling(multibase: str) -> str:
    if bls.is_multikey(multibase):
        return bls.encode_multikey(bls.decode_multikey(multibase))
    return encode_did_key(decode_multikey(multibase))


def did_of_key(jwk: dict[str, Any]) -> str:
    """Public JWK → its did:key."""
    return f"did:key:{encode_did_key(jwk)}"


def key_id_of(did: str) -> str:
    """did:key → the DID URL of its one verification method."""
    return f"{did}#{did.removeprefix('did:key:')}"
