"""Base and derived proof values of bbs-2023, feature option ``baseline``. vc-di-bbs 1.0 §3.3.1–3.3.7. Reading is strict.

The other feature options (anonymous holder binding, pseudonyms) rest on drafts that the text itself calls not final and at risk (§4):
they are recognised, and Unsupported.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from common.errors import Unsupported
from common.keys.bls import PUBLIC_BYTES
from common.proofs.bbs.proof import MAX_PROOF_BYTES
from common.proofs.bbs.signature import SIGNATURE_BYTES
from common.proofs.selective.framing import bad, frame, indexes, label_entries, number_of, octets, unframe
from common.proofs.selective.labels import HMAC_KEY_BYTES
from common.proofs.selective.pointers import check_pointers

HEADER_BYTES = 64
MAX_PRESENTATION_HEADER = 4096
_BASE, _DERIVED = 2, 3
_FEATURES = {
    4: "anonymous_holder_binding",
    5: "anonymous_holder_binding",
    6: "pseudonym",
    7: "pseudonym",
    8: "holder_binding_pseudonym",
    9: "holder_binding_pseudonym",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseProofValue:
    """bbs_header: hash of the proof options ‖ hash of the mandatory statements. public_key: the issuer's, 96 bytes."""

    bbs_signature: bytes
    bbs_header: bytes
    public_key: bytes
    hmac_key: bytes
    mandatory_pointers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivedProofValue:
    """label_map: canonical label → label in signed statements, both without ``_:``. mandatory_indexes: of the revealed statements.

    selective_indexes: where the other revealed statements stand among all that are not mandatory.
    """

    bbs_proof: bytes
    label_map: Mapping[str, str]
    mandatory_indexes: tuple[int, ...]
    selective_indexes: tuple[int, ...]
    presentation_header: bytes


def serialize_base(value: BaseProofValue) -> str:
    return frame(
        _BASE,
        [value.bbs_signature, value.bbs_header, value.public_key, value.hmac_key, list(value.mandatory_pointers)],
    )


def parse_base(proof: Mapping[str, Any]) -> BaseProofValue:
    """Raises Malformed, Unsupported("unknown_feature_option")."""
    signature, header, public_key, hmac_key, pointers = _components(proof, _BASE)
    return BaseProofValue(
        bbs_signature=octets(signature, SIGNATURE_BYTES),
        bbs_header=octets(header, HEADER_BYTES),
        public_key=octets(public_key, PUBLIC_BYTES),
        hmac_key=octets(hmac_key, HMAC_KEY_BYTES),
        mandatory_pointers=check_pointers(pointers),
    )


def serialize_derived(value: DerivedProofValue) -> str:
    compressed = {number_of(name, "c14n"): number_of(label, "b") for name, label in value.label_map.items()}
    return frame(
        _DERIVED,
        [
            value.bbs_proof,
            compressed,
            list(value.mandatory_indexes),
            list(value.selective_indexes),
            value.presentation_header,
        ],
    )


def parse_derived(proof: Mapping[str, Any]) -> DerivedProofValue:
    """Raises Malformed, Unsupported("unknown_feature_option")."""
    bbs_proof, labels, mandatory, selective, presentation_header = _components(proof, _DERIVED)
    entries = label_entries(labels)
    # As indexes, label numbers are small whole numbers; shuffled, they do not ascend.
    indexes(sorted(entries.values()) if all(type(label) is int for label in entries.values()) else None)
    return DerivedProofValue(
        bbs_proof=octets(bbs_proof, at_most=MAX_PROOF_BYTES),
        label_map={name: f"b{label}" for name, label in entries.items()},
        mandatory_indexes=indexes(mandatory),
        selective_indexes=indexes(selective),
        presentation_header=octets(presentation_header, at_most=MAX_PRESENTATION_HEADER),
    )


def _components(proof: Mapping[str, Any], expected: int) -> list[Any]:
    kind, components = unframe(proof)
    if kind in _FEATURES and kind % 2 == expected % 2:
        raise Unsupported(
            "unknown_feature_option", f"the feature option {_FEATURES[kind]} of bbs-2023", known=("baseline",)
        )
    if kind != expected:
        raise bad("not a base proof of bbs-2023" if expected == _BASE else "not a derived proof of bbs-2023")
    if len(components) != 5:
        raise bad("a proof value of bbs-2023 has five components")
    return components
