"""What a cryptosuite must offer (VC Data Integrity 1.0 §4). A new one: its file, a line in ``registry.py``, its specification's vectors.

``document`` is the JSON object *without* its ``proof``; in a proof chain, with the proofs that it depends on (§4.3). ``options`` is
a proof without ``proofValue``. ``proof`` is one whole proof. None of them is ever changed. What all suites ask of a proof
(type, purpose, times, domain, challenge) is checked above, in ``common/formats/data_integrity``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol


class Cryptosuite(Protocol):
    """One cryptosuite. Keys are the suite's own: what ``read_key`` returns, ``verify_proof`` takes.

    A signer is a `common.ports.Signer`; for bbs-2023, which signs a point and not bytes, a `common.keys.bls.BbsSigner`.
    """

    @property
    def name(self) -> str:
        """The cryptosuite identifier, the value of ``cryptosuite``."""

    @property
    def algs(self) -> tuple[str, ...]:
        """JOSE names of the signers' algorithms that it works with; ``BBS`` for BLS12-381 G2."""

    def read_key(self, method: Mapping[str, Any]) -> Any:
        """Verification method (Multikey or JsonWebKey) → key. Raises Malformed, Rejected("algorithm_not_allowed") for a foreign curve."""

    def create_proof(
        self,
        document: Mapping[str, Any],
        options: Mapping[str, Any],
        signer: Any,
        *,
        mandatory_pointers: Sequence[str] = (),
    ) -> dict[str, Any]:
        """The options with their ``proofValue``: a whole proof, for selective suites the base proof.

        mandatory_pointers: JSON pointers (RFC 6901) that no derived proof may leave out; only selective suites take any.
        Raises Malformed where the document cannot be canonicalised, Unsupported for an unknown context.
        """

    def verify_proof(self, document: Mapping[str, Any], proof: Mapping[str, Any], key: Any) -> None:
        """Raises Rejected("bad_signature") or Malformed. Selective suites verify derived proofs here."""


class SelectiveCryptosuite(Cryptosuite, Protocol):
    """A suite whose holder may reveal a part: ``ecdsa-sd-2023``, ``bbs-2023``."""

    def verify_base_proof(self, document: Mapping[str, Any], proof: Mapping[str, Any], key: Any) -> None:
        """What a holder checks on receipt. Raises as ``verify_proof``."""

    def derive_proof(
        self,
        document: Mapping[str, Any],
        proof: Mapping[str, Any],
        *,
        selective_pointers: Sequence[str],
        presentation_header: bytes = b"",
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Base proof → (the document revealed, without proof; its derived proof). presentation_header: bbs-2023 only.

        Raises Malformed for a pointer to nothing, a base proof that cannot be read, or a selection that reveals nothing at all.
        """


def is_selective(suite: Cryptosuite) -> bool:
    """Whether the suite derives proofs, so is a `SelectiveCryptosuite`."""
    return hasattr(suite, "derive_proof")
