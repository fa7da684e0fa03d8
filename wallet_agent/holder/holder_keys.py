"""How the holder's keys are named towards an issuer: by themselves (``jwk``), or as a did:jwk or did:key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.did.methods.jwk import did_of_jwk
from common.formats.registry import FORMATS
from common.keys.multikey import encode_did_key
from common.oid4vci.issuer_metadata import CredentialConfiguration


def proof_kid(public_jwk: Mapping[str, Any], configuration: CredentialConfiguration) -> str | None:
    """The DID URL to put into a key proof, or None where the key itself goes in (OpenID4VCI 1.0 appendix F.1).

    What names its holder by a DID (the W3C formats) is asked for with one, if the issuer takes any; else a bare key keeps the copies
    apart as well and is shorter.
    """
    methods = configuration.binding_methods
    if FORMATS[configuration.format].binds_to == "key" and ("jwk" in methods or "cose_key" in methods):
        return None
    if "did:jwk" in methods:
        return f"{did_of_jwk(public_jwk)}#0"
    if "did:key" in methods:
        multibase = encode_did_key(public_jwk)
        return f"did:key:{multibase}#{multibase}"
    return None
