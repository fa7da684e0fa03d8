"""The key that a holder's DID spells out by itself: did:key and did:jwk. Other methods need the network, so the caller finds the key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.did.methods.jwk import did_of_jwk
from common.encoding import b64url_decode, parse_json_object
from common.jose.jwk import parse_public_jwk
from common.keys.multikey import decode_multikey

_MAX_JWK_BYTES = 2048


def key_of_did(did: str) -> Mapping[str, Any] | None:
    """DID → public JWK; None for a method that does not carry its key. Raises Malformed."""
    if did.startswith("did:key:"):
        # One key has one spelling: neither base58 nor the multicodec prefix nor a compressed point leaves a choice.
        return decode_multikey(did.removeprefix("did:key:"))
    if did.startswith("did:jwk:"):
        encoded = did.removeprefix("did:jwk:")
        return parse_public_jwk(parse_json_object(b64url_decode(encoded), max_bytes=_MAX_JWK_BYTES)).jwk
    return None


def did_of_holder(jwk: Mapping[str, Any]) -> str:
    """The did:jwk of a holder's key: what a credential is bound to when the wallet proved a key and named no DID."""
    return str(did_of_jwk(jwk))


def key_id_of_did(did: str) -> str | None:
    """The DID URL of the only key of a did:key or did:jwk; None for other methods."""
    if did.startswith("did:key:"):
        return f"{did}#{did.removeprefix('did:key:')}"
    if did.startswith("did:jwk:"):
        return f"{did}#0"
    return None
