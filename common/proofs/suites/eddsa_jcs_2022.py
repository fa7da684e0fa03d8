"""``eddsa-jcs-2022``: RFC 8785, SHA-256, Ed25519. vc-di-eddsa 1.0 §3.3."""

from __future__ import annotations

from common.proofs.suites.jcs_form import SignedJcsHash

NAME = "eddsa-jcs-2022"


class EddsaJcs2022(SignedJcsHash):
    """Implements `common.proofs.suites.contract.Cryptosuite`."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(NAME, ("EdDSA",))
