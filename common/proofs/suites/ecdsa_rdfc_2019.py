"""``ecdsa-rdfc-2019``: RDFC-1.0, SHA-256 and P-256, or SHA-384 (in RDFC-1.0 too) and P-384. vc-di-ecdsa 1.0 §3.2."""

from __future__ import annotations

from common.proofs.contexts.store import PINNED, ContextStore
from common.proofs.suites.rdfc_form import RdfcForm
from common.proofs.suites.signed_hash import SignedHash

NAME = "ecdsa-rdfc-2019"


class EcdsaRdfc2019(SignedHash):
    """Implements `common.proofs.suites.contract.Cryptosuite`. contexts: those that documents may name."""

    __slots__ = ()

    def __init__(self, contexts: ContextStore = PINNED) -> None:
        super().__init__(NAME, ("ES256", "ES384"), RdfcForm(contexts).canonical)
