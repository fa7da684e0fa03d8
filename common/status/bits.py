"""The bit array of a Token Status List (draft-20 §4): one value of 1, 2, 4 or 8 bits per entry, least significant bit first, zlib."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping

from common.errors import Malformed

ENTRY_BITS = (1, 2, 4, 8)
MAX_INFLATED_BYTES = 4 << 20
"""2^25 entries of one bit, 2^22 of eight. A list is held in memory whole, so the bound stands before inflating."""

_LEVEL = 9  # §4.1: the highest compression level is recommended


class StatusList:
    """An array of small values. Writing is for the issuer's own list; what `inflate` makes is only read.

    bits: 1, 2, 4 or 8 per entry. data: the packed array; entry 0 is in the lowest bits of the first byte.
    """

    __slots__ = ("_data", "_mask", "_per_byte_shift", "bits")

    def __init__(self, bits: int, data: bytes | bytearray) -> None:
        if isinstance(bits, bool) or bits not in ENTRY_BITS:
            raise Malformed("bad_status_list", "an entry has 1, 2, 4 or 8 bits")
        self.bits = bits
        self._data = bytearray(data)
        self._mask = (1 << bits) - 1
        self._per_byte_shift = (8 // bits).bit_length() - 1

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
        return len(self._data) << self._per_byte_shift

    def __getitem__(self, index: int) -> int:
        """The value of an entry. Raises IndexError outside the list, also for a negative index."""
        byte, shift = self._locate(index)
        return (self._data[byte] >> shift) & self._mask

    def __setitem__(self, index: int, value: int) -> None:
        """Raises IndexError outside the list, ValueError for a value that needs more bits."""
        if not 0 <= value <= self._mask:
            raise ValueError(f"{value} does not fit into {self.bits} bits")
        byte, shift = self._locate(index)
        self._data[byte] = self._data[byte] & ~(self._mask << shift) | value << shift

    def update(self, statuses: Iterable[tuple[int, int]]) -> None:
        """Sets many entries: pairs of index and value."""
        for index, value in statuses:
            self[index] = value

    def _locate(self, index: int) -> tuple[int, int]:
        if not 0 <= index < len(self):
            raise IndexError("no such entry in the status list")
        byte = index >> self._per_byte_shift
        return byte, (index - (byte << self._per_byte_shift)) * self.bits

    def to_bytes(self) -> bytes:
        """The packed array."""
        return bytes(self._data)

    def deflate(self) -> bytes:
        """The packed array in the ZLIB format (§4.1 step 4)."""
        return zlib.compress(self._data, _LEVEL)


def inflate(bits: int, compressed: bytes, *, max_bytes: int = MAX_INFLATED_BYTES) -> StatusList:
    """Compressed array → list. Raises Malformed: not one whole ZLIB stream, bytes after it, or more than ``max_bytes`` inside."""
    inflater = zlib.decompressobj()
    try:
        data = inflater.decompress(compressed, max_bytes + 1)
    except zlib.error:
        raise Malformed("bad_status_list", "the list is not in the ZLIB format") from None
    if len(data) > max_bytes:
        raise Malformed("too_large", f"the status list inflates to more than {max_bytes} bytes")
    if not inflater.eof or inflater.unused_data:
        raise Malformed("bad_status_list", "the list is cut off, or something follows it")
    if not data:
        raise Malformed("bad_status_list", "the list is empty")
    return StatusList(bits, data)
