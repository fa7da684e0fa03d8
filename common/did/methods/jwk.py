"""did:jwk: the identifier is a public JWK in base64url (did:jwk §2). The key is always ``#0``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.did.contract import Resolved
from common.did.syntax import ParsedDid
from common.encoding import b64url_decode, b64url_encode, compact_json, parse_json_object
from common.ids import Did
from common.jose.jwk import parse_public_jwk
from common.ports import Fetch

CONTEXTS = ("https://www.w3.org/ns/did/v1", "https://w3id.org/security/suites/jws-2020/v1")
_MAX_JWK_BYTES = 2048


class DidJwk:
    """Implements common.did.contract.DidMethod."""

    name = "jwk"
    self_contained = True

    def resolve(self, did: ParsedDid, *, fetch: Fetch, sandbox: bool, now: int) -> Resolved:  # noqa: ARG002 - nothing to ask
        """The document that the identifier spells out (did:jwk §2.2). Refuses private members and keys that are no keys."""
        jwk = parse_public_jwk(parse_json_object(b64url_decode(did.identifier), max_bytes=_MAX_JWK_BYTES)).jwk
        method_id = f"{did.did}#0"
        method = {"id": method_id, "type": "JsonWebKey2020", "controller": did.did, "publicKeyJwk": dict(jwk)}
        signs = jwk.get("use", "sig") == "sig"
        relationships = (
            ("authentication", "assertionMethod", "capabilityInvocation", "capabilityDelegation") if signs else ()
        )
        document: dict[str, Any] = {
            "@context": list(CONTEXTS),
            "id": did.did,
            "verificationMethod": [method],
            **{relationship: [method_id] for relationship in relationships},
        }
        return Resolved(document=document)


def did_of_jwk(jwk: Mapping[str, Any]) -> Did:
    """Public JWK → its did:jwk, with only the members that make the key, in the order of RFC 7638, so that one key has one DID."""
    members = {name: jwk[name] for name in sorted({"crv", "kty", "x", "y"} & jwk.keys())}
    return Did(f"did:jwk:{b64url_encode(compact_json(members))}")


def key_id_of(did: str) -> str:
    """did:jwk → the DID URL of its one verification method."""
    return f"{did}#0"
