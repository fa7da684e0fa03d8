"""The bit array of a Token Status List (draft-20 §4): one value of 1, 2, 4 or 8 bits per entry, least significant bit first, zlib."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache

from common.errors import Malformed
from common.status.deflated import MAX_INFLATED_BYTES, compress, inflate_bounded

ENTRY_BITS = (1, 2, 4, 8)


class StatusList:
    """An array of small values. Writing is for the issuer's own list; what `inflate` makes is only read.

    bits: 1, 2, 4 or 8 per entry. data: the packed array; entry 0 is in the lowest bits of the first byte.
    """

    __slots__ = ("_data", "_last_in_byte", "_mask", "_per_byte_shift", "_size", "bits")

    def __init__(self, bits: int, data: bytes | bytearray) -> None:
        if isinstance(bits, bool) or bits not in ENTRY_BITS:
            raise Malformed("bad_status_list", "an entry has 1, 2, 4 or 8 bits")
        self.bits = bits
        self._data = bytearray(data)
        self._mask = (1 << bits) - 1
        self._last_in_byte = 8 // bits - 1
        self._per_byte_shift = (8 // bits).bit_length() - 1
        self._size = len(self._data) << self._per_byte_shift

    @classmethod
    def of_size(cls, size: int, *, bits: int, statuses: Mapping[int, int] | None = None) -> StatusList:
        """A list of at least ``size`` entries (rounded up to whole bytes), all 0 but those given as index → value."""
        if bits not in ENTRY_BITS:
            raise Malformed("bad_status_list", "an entry has 1, 2, 4 or 8 bits")
        made = cls(bits, bytearray((size * bits + 7) // 8))
        made.update((statuses or {}).items())
        return made

    def __len__(self) -> int:
        """Number of entries."""
        return self._size

    def __getitem__(self, index: int) -> int:
        """The value of an entry. Raises IndexError outside the list, also for a negative index."""
        if not 0 <= index < self._size:
            raise IndexError("no such entry in the status list")
        return self._data[index >> self._per_byte_shift] >> (index & self._last_in_byte) * self.bits & self._mask

    def reader(self) -> Callable[[int], int]:
        """``self[index]`` as a function, with half as far to go: for a list that is asked over and over."""
        data, size, mask, bits = self._data, self._size, self._mask, self.bits
        shift, last = self._per_byte_shift, self._last_in_byte

        def read(index: int) -> int:
            if not 0 <= index < size:
                raise IndexError("no such entry in the status list")
            return data[index >> shift] >> (index & last) * bits & mask

        return read

    def __setitem__(self, index: int, value: int) -> None:
        """Raises IndexError outside the list, ValueError for a value that needs more bits."""
        self.update(((index, value),))

    def update(self, statuses: Iterable[tuple[int, int]]) -> None:
        """Sets many entries: pairs of index and value."""
        data, size, mask, bits = self._data, self._size, self._mask, self.bits
        shift, last = self._per_byte_shift, self._last_in_byte
        for index, value in statuses:
            if not 0 <= value <= mask:
                raise ValueError(f"{value} does not fit into {bits} bits")
            if not 0 <= index < size:
                raise IndexError("no such entry in the status list")
            place = (index & last) * bits
            byte = index >> shift
            data[byte] = data[byte] & ~(mask << place) | value << place

    def widened(self, bits: int) -> StatusList:
        """A copy with the same values in entries of ``bits`` bits, not fewer than now."""
        if bits < self.bits:
            raise ValueError("values might not fit into fewer bits")
        if bits == self.bits:
            return StatusList(bits, self._data)
        spread = _spread(self.bits, bits)
        return StatusList(bits, b"".join([spread[byte] for byte in self._data]))

    def to_bytes(self) -> bytes:
        """The packed array."""
        return bytes(self._data)

    def deflate(self) -> bytes:
        """The packed array in the ZLIB format (§4.1 step 4)."""
        return compress(self._data, "zlib")


@cache
def _spread(bits: int, wider: int) -> tuple[bytes, ...]:
    """For each byte of entries with ``bits`` bits: its entries with ``wider`` bits."""
    places = range(8 // bits)
    mask = (1 << bits) - 1
    return tuple(
        sum((byte >> place * bits & mask) << place * wider for place in places).to_bytes(wider // bits, "little")
        for byte in range(256)
    )


def inflate(bits: int, compressed: bytes, *, max_bytes: int = MAX_INFLATED_BYTES) -> StatusList:
    """Compressed array → list. Raises Malformed: not one whole ZLIB stream, bytes after it, or more than ``max_bytes`` inside."""
    return StatusList(bits, inflate_bounded(compressed, "zlib", max_bytes=max_bytes))
