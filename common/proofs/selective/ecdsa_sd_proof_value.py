"""Base and derived proof values of ecdsa-sd-2023. vc-di-ecdsa 1.0 §3.5.2–3.5.8. Reading is strict: types, lengths and order.

§3.5.8 gives the proof-scoped public key 36 bytes; its own multikey form (two bytes of multicodec, a compressed point) has 35.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from common.encoding import b64url_decode, b64url_encode
from common.proofs.selective.framing import bad, frame, indexes, label_entries, number_of, octets, unframe
from common.proofs.selective.labels import HMAC_KEY_BYTES
from common.proofs.selective.pointers import check_pointers
from common.proofs.selective.statements import MAX_STATEMENTS

SIGNATURE_BYTES = 64
PUBLIC_KEY_BYTES = 35
_LABEL_BYTES = 32
_BASE, _DERIVED = 0, 1


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseProofValue:
    """signatures: one for each statement that is not mandatory, in order. public_key: multicodec and compressed point that verify them."""

    base_signature: bytes
    public_key: bytes
    hmac_key: bytes
    signatures: tuple[bytes, ...]
    mandatory_pointers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivedProofValue:
    """label_map: canonical label → label in signed statements, both without ``_:``. mandatory_indexes: of the revealed statements."""

    base_signature: bytes
    public_key: bytes
    signatures: tuple[bytes, ...]
    label_map: Mapping[str, str]
    mandatory_indexes: tuple[int, ...]


def serialize_base(value: BaseProofValue) -> str:
    return frame(
        _BASE,
        [
            value.base_signature,
            value.public_key,
            value.hmac_key,
            list(value.signatures),
            list(value.mandatory_pointers),
        ],
    )


def parse_base(proof: Mapping[str, Any]) -> BaseProofValue:
    """Raises Malformed."""
    base_signature, public_key, hmac_key, signatures, pointers = _components(proof, _BASE)
    return BaseProofValue(
        base_signature=octets(base_signature, SIGNATURE_BYTES),
        public_key=octets(public_key, PUBLIC_KEY_BYTES),
        hmac_key=octets(hmac_key, HMAC_KEY_BYTES),
        signatures=_signatures(signatures),
        mandatory_pointers=check_pointers(pointers),
    )


def serialize_derived(value: DerivedProofValue) -> str:
    compressed = {number_of(name, "c14n"): b64url_decode(label[1:]) for name, label in value.label_map.items()}
    return frame(
        _DERIVED,
        [value.base_signature, value.public_key, list(value.signatures), compressed, list(value.mandatory_indexes)],
    )


def parse_derived(proof: Mapping[str, Any]) -> DerivedProofValue:
    """Raises Malformed."""
    base_signature, public_key, signatures, labels, mandatory = _components(proof, _DERIVED)
    return DerivedProofValue(
        base_signature=octets(base_signature, SIGNATURE_BYTES),
        public_key=octets(public_key, PUBLIC_KEY_BYTES),
        signatures=_signatures(signatures),
        label_map={
            name: f"u{b64url_encode(octets(label, _LABEL_BYTES))}" for name, label in label_entries(labels).items()
        },
        mandatory_indexes=indexes(mandatory),
    )


def _components(proof: Mapping[str, Any], expected: int) -> list[Any]:
    kind, components = unframe(proof)
    if kind != expected:
        raise bad("not a base proof of ecdsa-sd-2023" if expected == _BASE else "not a derived proof of ecdsa-sd-2023")
    if len(components) != 5:
        raise bad("a proof value of ecdsa-sd-2023 has five components")
    return components


def _signatures(value: object) -> tuple[bytes, ...]:
    if not isinstance(value, list) or len(value) > MAX_STATEMENTS:
        raise bad("signatures are an array of bounded length")
    if set(map(type, value)) <= {bytes} and set(map(len, value)) <= {SIGNATURE_BYTES}:
        return tuple(value)
    raise bad("a signature is not a byte string of its length")
