"""``ecdsa-jcs-2019``: RFC 8785, SHA-256 and P-256, or SHA-384 and P-384. vc-di-ecdsa 1.0 §3.3."""

from __future__ import annotations

from common.proofs.suites.jcs_form import SignedJcsHash

NAME = "ecdsa-jcs-2019"


class EcdsaJcs2019(SignedJcsHash):
    """Implements `common.proofs.suites.contract.Cryptosuite`."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(NAME, ("ES256", "ES384"))
