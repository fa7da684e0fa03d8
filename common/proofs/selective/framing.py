"""``proofValue`` of the selective suites: ``u`` and base64url of three header bytes and a CBOR array (vc-di-ecdsa 1.0 §3.5.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common import cbor
from common.encoding import b64url_decode, b64url_encode
from common.errors import Malformed
from common.proofs.selective.statements import MAX_STATEMENTS

MAX_BYTES = 1 << 18
_MAX_DEPTH = 3
PROOF_TAG = b"\xd9\x5d"
"""The first two header bytes; the third says which suite, and base or derived."""


def frame(kind: int, components: list[Any]) -> str:
    return "u" + b64url_encode(PROOF_TAG + kind.to_bytes(1, "big") + cbor.encode(components))


def unframe(proof: Mapping[str, Any]) -> tuple[int, list[Any]]:
    """A proof → (third header byte, components). Raises Malformed("bad_proof_value")."""
    text = proof.get("proofValue")
    if not isinstance(text, str) or text[:1] != "u" or len(text) > MAX_BYTES * 4 // 3:
        raise bad("proofValue is base64url text of bounded length: it begins with u")
    data = b64url_decode(text[1:])
    if len(data) < 4 or not data.startswith(PROOF_TAG):
        raise bad("not the header of a selective disclosure proof")
    components = cbor.decode(data[3:], max_bytes=MAX_BYTES, max_depth=_MAX_DEPTH)
    if not isinstance(components, list):
        raise bad("the components are no array")
    return data[2], components


def bad(detail: str) -> Malformed:
    return Malformed("bad_proof_value", detail)


def octets(value: object, size: int | None = None, *, at_most: int = MAX_BYTES) -> bytes:
    """A byte string, of ``size`` bytes if given."""
    if not isinstance(value, bytes) or len(value) > at_most or (size is not None and len(value) != size):
        raise bad("a component is not a byte string of its length")
    return value


def indexes(value: object) -> tuple[int, ...]:
    """An ascending array of statement indexes."""
    if not isinstance(value, list) or len(value) > MAX_STATEMENTS:
        raise bad("indexes are an array")
    previous = -1
    for index in value:
        if type(index) is not int or not previous < index < MAX_STATEMENTS:
            raise bad("indexes ascend, and name statements")
        previous = index
    return tuple(value)


def label_entries(value: object) -> dict[str, Any]:
    """The compressed label map: canonical labels (``c14nN``) → labels, still compressed."""
    if not isinstance(value, dict) or len(value) > MAX_STATEMENTS:
        raise bad("the label map is a map of bounded size")
    if any(type(key) is not int or not 0 <= key < MAX_STATEMENTS for key in value):
        raise bad("keys of the label map are numbers")
    return {f"c14n{key}": label for key, label in value.items()}


def number_of(label: str, prefix: str) -> int:
    """c14n7 → 7."""
    return int(label.removeprefix(prefix))
