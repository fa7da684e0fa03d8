"""``eddsa-rdfc-2022``: RDFC-1.0, SHA-256, Ed25519. vc-di-eddsa 1.0 §3.2."""

from __future__ import annotations

from common.proofs.contexts.store import PINNED, ContextStore
from common.proofs.suites.rdfc_form import RdfcForm
from common.proofs.suites.signed_hash import SignedHash

NAME = "eddsa-rdfc-2022"


class EddsaRdfc2022(SignedHash):
    """Implements `common.proofs.suites.contract.Cryptosuite`. contexts: those that documents may name."""

    __slots__ = ()

    def __init__(self, contexts: ContextStore = PINNED) -> None:
        super().__init__(NAME, ("EdDSA",), RdfcForm(contexts).canonical)
