"""CBOR: strict decoding, deterministic encoding (RFC 8949 §4.2.1), and embedded CBOR (tag 24). No tag is ever interpreted.

Values: int (64 bits and a sign), float, bool, None, str, bytes, list, dict, `Tagged`. Map keys are int, str or bytes. Inside a tag that
nobody here knows, arrays are tuples and maps immutable mappings.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import cbor2

from common.errors import Malformed

MAX_BYTES = 1 << 16
MAX_DEPTH = 16
MAX_ITEMS = 1 << 16
EMBEDDED = 24
"""The tag of a byte string that holds encoded CBOR (RFC 8949 §3.4.5.1)."""
_SURVEYED_ABOVE = 8192
"""Bytes. Below, nothing that a stranger writes costs more than some milliseconds, not even map keys made to collide."""
_MOST_OPEN = 256
_SEALED = os.urandom(16)
_SEAL = b"\x50" + _SEALED

Tagged = cbor2.CBORTag
"""``Tagged(tag, value)``: a tagged value as it stands; tag 0 keeps its text, a big number its bytes."""


class Encoded(NamedTuple):
    """CBOR that is encoded already, to be placed into a larger value byte for byte."""

    data: bytes


def _keep(tag: int) -> Callable[[Any, bool], Tagged]:
    return lambda value, _: Tagged(tag, value)


_KEPT = {
    tag: _keep(tag)
    for tag in (
        *(0, 1, 2, 3, 4, 5, 25, 28, 29, 30, 35, 36, 37, 52, 54, 100, 256, 258, 260, 261, 1004, 43000, 55799),
        *(16, 17, 18, 61, 96, 97, 98),
    )
}
"""Tags that cbor2 would read itself (dates, big numbers, references, sets, addresses …), and those of COSE and CWT, whose arrays would else
come as tuples. A test asks cbor2 about every tag there is."""
_KEYS = frozenset((int, str, bytes))


def check_keys(found: Mapping[Any, Any], _: bool = False) -> Mapping[Any, Any]:
    """The map, if its keys are int, str or bytes. Raises ValueError."""
    if not _KEYS.issuperset(map(type, found)):
        raise ValueError("map keys here are numbers, texts or bytes")
    return found


def decode(
    data: bytes,
    *,
    max_bytes: int = MAX_BYTES,
    max_depth: int = MAX_DEPTH,
    allow_indefinite: bool = False,
    any_keys: bool = False,
) -> Any:
    """Exactly one data item → value.

    Raises Malformed: not well-formed (§5.3), bytes left over, a map key twice or of another kind than int, str, bytes, wrong UTF-8,
    lengths not given (unless allow_indefinite), more than max_bytes, max_depth levels (tags count) or MAX_ITEMS items. any_keys: the caller
    looks at the keys itself (``True`` and 1.0 would be found under 1); what was too large to look at twice has none but good ones anyway.
    """
    if len(data) > max_bytes:
        raise Malformed("too_large", f"more than {max_bytes} bytes")
    if len(data) > _SURVEYED_ABOVE:
        _survey(data)
    value, seal = _load(b"\x82" + data + _SEAL, max_depth, allow_indefinite, None if any_keys else check_keys)
    if seal != _SEALED:
        raise Malformed("bad_cbor", "bytes are left over after the value, or missing")
    return value


def decode_each(
    encoded: Sequence[bytes], *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH, allow_indefinite: bool = False
) -> list[Any]:
    """Like `decode` for each of several, in one go: what an mdoc needs for its data elements. max_bytes: of all together."""
    if sum(map(len, encoded)) > max_bytes:
        raise Malformed("too_large", f"more than {max_bytes} bytes")
    for data in encoded:
        if len(data) > _SURVEYED_ABOVE:
            _survey(data)
    if not encoded:
        return []
    sealed = head(0x80, 2 * len(encoded)) + _SEAL.join(encoded) + _SEAL
    try:  # where all keys are texts, the decoder checks them itself
        found: list[Any] = cbor2.loads(
            sealed,
            semantic_decoders=_KEPT,
            max_depth=max_depth + 1,
            allow_indefinite=allow_indefinite,
            allow_duplicate_keys=False,
            strict_hashable_types=True,
        )
    except (cbor2.CBORError, ValueError, OverflowError, MemoryError):
        found = _load(sealed, max_depth, allow_indefinite, check_keys)
    if found[1::2] != [_SEALED] * len(encoded):
        raise Malformed("bad_cbor", "bytes are left over after a value, or missing")
    return found[::2]


def _load(
    sealed: bytes, max_depth: int, allow_indefinite: bool, hook: Callable[[Mapping[Any, Any], bool], Any] | None
) -> list[Any]:
    """An array of items, each with a seal after it that nobody outside can know.

    An item that ended too early would leave something before its seal, one that ended too late would swallow it.
    """
    try:
        found: list[Any] = cbor2.loads(
            sealed,
            object_hook=hook,
            semantic_decoders=_KEPT,
            max_depth=max_depth + 1,
            allow_indefinite=allow_indefinite,
            allow_duplicate_keys=False,
        )
    except (cbor2.CBORError, ValueError, OverflowError, MemoryError):
        raise Malformed("bad_cbor", "not well-formed CBOR, a map key twice, or nested too deeply") from None
    return found


def _survey(data: bytes) -> None:
    """Walks over a large input before anything is built from it: bounds the number of items, refuses keys that could be made to collide.

    Python hashes numbers, and tuples of them, without a secret: a map with thousands of such keys takes quadratic time. Whole numbers
    of 64 bits, texts and bytes cannot be made to collide by more than a small factor. Reads heads only and skips strings; what it cannot
    read is left to the decoder to refuse.
    """
    at, seen, end = 0, 0, len(data)
    left, keyed = (
        1,
        False,
    )  # items still to come in this container, negative until a break; whether it is a map, left even: a key
    outer: list[tuple[int, bool]] = []
    while True:
        if at >= end or seen >= MAX_ITEMS or len(outer) > _MOST_OPEN:
            raise Malformed("bad_cbor", f"ends too early, more than {MAX_ITEMS} items, or nested too deeply")
        seen += 1
        major, count = data[at] >> 5, data[at] & 31
        open_ended = count == 31
        at += 1
        if 24 <= count < 28:
            size = 1 << (count - 24)
            count = int.from_bytes(data[at : at + size], "big")
            at += size
        if major == 7 and open_ended:  # a break
            if not outer:
                return
            left, keyed = outer.pop()
        else:
            if keyed and left % 2 == 0 and major > 3:
                raise Malformed("bad_cbor", "map keys here are numbers, texts or bytes")
            left -= 1
            inner = 0
            if major == 6:
                inner = 1
            elif open_ended and major > 1:
                inner = -2
            elif major in (4, 5):
                inner = count * (major - 3)
            elif major in (2, 3):
                at += count
            if inner:
                outer.append((left, keyed))
                left, keyed = inner, major == 5
        while left == 0:
            if not outer:
                return
            left, keyed = outer.pop()


def embedded(value: object) -> bytes:
    """The bytes inside a tag 24, as they were received. Raises Malformed for anything else."""
    if isinstance(value, Tagged) and value.tag == EMBEDDED and isinstance(value.value, bytes):
        return value.value
    raise Malformed("bad_cbor", "a byte string of embedded CBOR (tag 24) is needed here")


def embedded_each(values: Sequence[object]) -> list[bytes]:
    """`embedded` for each of several."""
    found = [value.value for value in values if type(value) is Tagged and value.tag == EMBEDDED]
    if len(found) != len(values) or any([type(inner) is not bytes for inner in found]):  # noqa: C419 - faster than a generator
        raise Malformed("bad_cbor", "byte strings of embedded CBOR (tag 24) are needed here")
    return found


def unembed(encoded: bytes, *, max_bytes: int = MAX_BYTES) -> bytes:
    """An embedding, encoded → the bytes inside. Raises Malformed for anything else."""
    start = _STARTS.get(encoded[:3], 0)
    inner = encoded[start:]
    if start and head(0x40, len(inner)) == encoded[2:start]:
        return inner
    return embedded(decode(encoded, max_bytes=max_bytes))


def embed(encoded: bytes) -> bytes:
    """Encoded CBOR → its embedding, encoded: tag 24 and the byte string. Digests over ``…Bytes`` structures are over this."""
    size = len(encoded)
    return (_EMBEDDINGS[size] if size < 256 else b"\xd8\x18" + head(0x40, size)) + encoded


def encode(value: object) -> bytes:
    """Value → bytes, deterministic: shortest heads and floats, keys sorted by their encoded bytes. `Encoded` is placed as it is.

    Raises ValueError for what CBOR or this profile of it cannot carry: other types, whole numbers beyond 64 bits, other map keys.
    """
    write = _WRITERS.get(type(value))
    if write is not None:
        return write(value)
    for kind, general in _GENERAL:
        if isinstance(value, kind):
            return general(value)
    raise ValueError(f"no CBOR for {type(value).__name__}")


def encode_map(pairs: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Encoded keys with encoded values → map, sorted. Raises ValueError for a key twice."""
    ordered = sorted(pairs)
    if any(one[0] == other[0] for one, other in pairwise(ordered)):
        raise ValueError("a map key twice")
    return head(0xA0, len(ordered)) + b"".join([part for pair in ordered for part in pair])


def encode_text(value: str) -> bytes:
    raw = value.encode("utf-8")
    size = len(raw)
    return (_TEXTS[size] if size < 256 else head(0x60, size)) + raw


def encode_bytes(value: bytes) -> bytes:
    size = len(value)
    return (_BYTES[size] if size < 256 else head(0x40, size)) + value


def encode_array(parts: Iterable[bytes]) -> bytes:
    """Encoded elements → array."""
    elements = list(parts)
    return head(0x80, len(elements)) + b"".join(elements)


def encode_tagged(tag: int, content: bytes) -> bytes:
    """Encoded content → tagged content."""
    return head(0xC0, tag) + content


_HEADS = {
    major: (
        *(bytes((major + count,)) for count in range(24)),
        *(bytes((major + 24, count)) for count in range(24, 256)),
    )
    for major in range(0, 0xE0, 0x20)
}

_BYTES, _TEXTS = _HEADS[0x40], _HEADS[0x60]
_EMBEDDINGS = tuple(b"\xd8\x18" + head for head in _BYTES)
_STARTS = {b"\xd8\x18\x58": 4, b"\xd8\x18\x59": 5, b"\xd8\x18\x5a": 7}
"""Where the bytes begin in an embedding, by its first three bytes."""


def head(major: int, count: int) -> bytes:
    """The head of a data item (§3). major: its three high bits in place. Raises ValueError beyond 64 bits."""
    if count < 256:
        return _HEADS[major][count]
    for more, size in ((25, 2), (26, 4), (27, 8)):
        if count < 1 << (8 * size):
            return bytes((major + more,)) + count.to_bytes(size, "big")
    raise ValueError("a whole number beyond 64 bits")


def _encode_int(value: int) -> bytes:
    return head(0, value) if value >= 0 else head(0x20, -1 - value)


def _encode_float(value: float) -> bytes:
    if value != value:
        return b"\xf9\x7e\x00"  # the one NaN of deterministic encoding
    for first, form in ((b"\xf9", ">e"), (b"\xfa", ">f")):
        try:
            short = struct.pack(form, value)
        except OverflowError:
            continue
        if struct.unpack(form, short)[0] == value:
            return first + short
    return b"\xfb" + struct.pack(">d", value)


def _encode_mapping(value: Mapping[Any, Any]) -> bytes:
    check_keys(value)
    return encode_map((encode(key), encode(member)) for key, member in value.items())


def _encode_sequence(value: Iterable[Any]) -> bytes:
    return encode_array(map(encode, value))


_WRITERS: Mapping[type, Callable[[Any], bytes]] = {
    int: _encode_int,
    str: encode_text,
    bytes: encode_bytes,
    bool: lambda value: b"\xf5" if value else b"\xf4",
    type(None): lambda _: b"\xf6",
    float: _encode_float,
    dict: _encode_mapping,
    list: _encode_sequence,
    tuple: _encode_sequence,
    Tagged: lambda value: encode_tagged(value.tag, encode(value.value)),
    Encoded: lambda value: value.data,
}
_GENERAL: tuple[tuple[Any, Callable[[Any], bytes]], ...] = ((Mapping, _encode_mapping),)
