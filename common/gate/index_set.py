"""A set of status indices in few bytes: Golomb–Rice coding of the gaps. S. W. Golomb, IEEE Trans. IT 12 (1966); R. F. Rice, JPL 79-22.

    byte k (0..30), uvarint count, then for each index in ascending order its gap to the last (the first: the index itself; later ones: the
    difference less one) as gap >> k ones, a zero and the k low bits; most significant bit first, the last byte filled with zeros

The writer's k follows from the numbers alone, in whole numbers, so that everybody who writes the same set writes the same bytes:
``s = sum of gaps; m = 7 s // (10 n); k = max(0, bit length of m − 1)``, at most 30; the empty set is 00 00.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from heapq import merge

from common.errors import Malformed

MAX_COUNT = 4_000_000
MAX_INDEX = (1 << 32) - 1
MAX_K = 30
MAX_ENCODED = 1 << 23
"""Bytes. Four million indices, spread evenly over all that there are, take six million."""


class IndexSet:
    """Sorted numbers of 32 bits, four bytes each; a look-up halves them until it is found."""

    __slots__ = ("_sorted",)

    def __init__(self, indices: Iterable[int] = ()) -> None:
        """Raises ValueError: an index that is none, or too many."""
        try:
            self._sorted = array("I", sorted(set(indices)))
        except OverflowError:
            raise ValueError("an index has 32 bits") from None
        if len(self._sorted) > MAX_COUNT:
            raise ValueError(f"more than {MAX_COUNT} indices")

    @classmethod
    def _of_sorted(cls, indices: array[int]) -> IndexSet:
        made = cls()
        made._sorted = indices
        return made

    def __contains__(self, index: object) -> bool:
        if not isinstance(index, int):
            return False
        at = bisect_left(self._sorted, index)
        return at < len(self._sorted) and self._sorted[at] == index

    def __iter__(self) -> Iterator[int]:
        return iter(self._sorted)

    def __len__(self) -> int:
        return len(self._sorted)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, IndexSet) and self._sorted == other._sorted

    __hash__ = None  # type: ignore[assignment]  # as of a set

    def __repr__(self) -> str:
        return f"IndexSet({len(self)} indices)"

    def changed(self, *, added: IndexSet, removed: IndexSet) -> IndexSet:
        """The set after a delta. Raises Malformed for one that adds what is there, or takes what is not."""
        fits = len(self) + len(added) - len(removed) <= MAX_COUNT
        if not fits or any(index in self for index in added) or any(index not in self for index in removed):
            raise Malformed("bad_delta", "this delta was not made for this pack")
        gone = set(removed)
        return self._of_sorted(array("I", merge((index for index in self if index not in gone), added)))


def encode_index_set(indices: IndexSet) -> bytes:
    gaps = _gaps(indices)
    mean = 7 * sum(gaps) // (10 * len(gaps)) if gaps else 0
    k = min(MAX_K, max(0, mean.bit_length() - 1))
    low, form = (1 << k) - 1, f"0{k}b"
    bits = "".join(
        ["1" * (gap >> k) + "0" + format(gap & low, form) for gap in gaps] if k else ["1" * gap + "0" for gap in gaps]
    )
    size = -(-len(bits) // 8)
    coded = int(bits.ljust(8 * size, "0"), 2).to_bytes(size, "big") if bits else b""
    return bytes((k,)) + _encode_uvarint(len(gaps)) + coded


def _gaps(indices: IndexSet) -> list[int]:
    gaps, expected = [], 0
    for index in indices:
        gaps.append(index - expected)
        expected = index + 1
    return gaps


def decode_index_set(data: bytes) -> IndexSet:
    """Raises Malformed("bad_index_set"): another k, a count too large, an index beyond 32 bits, bits missing or left over.

    Time and memory follow the length of ``data``, which the caller bounds: a count without its bits costs nothing.
    """
    if not 2 <= len(data) <= MAX_ENCODED or data[0] > MAX_K:
        raise _bad()
    k = data[0]
    count, at = _read_uvarint(data)
    length = 8 * (len(data) - at)
    if count > MAX_COUNT or count * (k + 1) > length:
        raise _bad()
    bits = format(int.from_bytes(data[at:], "big"), f"0{length}b") if length else ""
    found, place, expected = array("I"), 0, 0
    for _ in range(count):
        zero = bits.find("0", place)
        end = zero + 1 + k
        if zero < 0 or end > length:
            raise _bad()
        gap = (zero - place) << k | (int(bits[zero + 1 : end], 2) if k else 0)
        expected += gap
        if expected > MAX_INDEX:
            raise _bad()
        found.append(expected)
        expected += 1
        place = end
    if length - place > 7 or "1" in bits[place:]:
        raise _bad()
    return IndexSet._of_sorted(found)


def _encode_uvarint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(0x80 | number & 0x7F)
        number >>= 7
    out.append(number)
    return bytes(out)


def _read_uvarint(data: bytes) -> tuple[int, int]:
    """The count after k, seven bits a byte, the least first, in as few bytes as it takes; and where it ends."""
    number = 0
    for place, byte in enumerate(data[1:5]):
        number |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            if place and not byte:
                raise _bad()
            return number, place + 2
    raise _bad()


def _bad() -> Malformed:
    return Malformed("bad_index_set", "not a coded set of indices")
