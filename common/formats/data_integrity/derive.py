"""A credential with a base proof → one that reveals a part of it, for one verifier. vc-di-ecdsa 1.0 §3.6, vc-di-bbs 1.0 §3.4."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from common.errors import Rejected
from common.formats.data_integrity.policy import STRICT, Policy
from common.formats.data_integrity.proof import parse_proofs
from common.proofs.suites.contract import SelectiveCryptosuite, is_selective


def derive_credential(
    document: Mapping[str, Any],
    *,
    selective_pointers: Sequence[str],
    presentation_header: bytes = b"",
    proof_id: str | None = None,
    policy: Policy = STRICT,
) -> dict[str, Any]:
    """The credential revealed, with the derived proof alone: other proofs would tell what was held back.

    selective_pointers: JSON pointers (RFC 6901) beside the issuer's mandatory ones. proof_id: which base proof, where there are several.
    Raises Malformed, Rejected("wrong_type") for a credential without such a base proof. What it reveals is not verified here.
    """
    proofs = [proof for proof in parse_proofs(document) if proof_id is None or proof.id == proof_id]
    for proof in proofs:
        suite = policy.suites[proof.cryptosuite]
        if is_selective(suite):
            unsecured = {name: value for name, value in document.items() if name != "proof"}
            revealed, derived = cast(SelectiveCryptosuite, suite).derive_proof(
                unsecured,
                proof.value,
                selective_pointers=selective_pointers,
                presentation_header=presentation_header,
            )
            return {**revealed, "proof": derived}
    raise Rejected("wrong_type", "the credential has no proof from which others can be derived")
