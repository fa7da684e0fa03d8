"""The pinned contexts, and those that only other people's vectors name."""

from __future__ import annotations

from functools import cache

from common.proofs.contexts import PINNED, ContextStore
from tests.shared_data import shared_vectors

_BESIDE_VECTORS = {
    "https://www.w3.org/ns/credentials/examples/v2": "contexts/credentials-examples-v2.json",
    "https://w3id.org/citizenship/v4rc1": "contexts/citizenship-v4rc1.json",
}


@cache
def contexts_of_vectors() -> ContextStore:
    """What the product carries and what the vectors need besides. Skips where the shared folder is absent."""
    shared = shared_vectors("vc-di-eddsa").parents[1]
    return PINNED.extended({address: (shared / file).read_bytes() for address, file in _BESIDE_VECTORS.items()})
