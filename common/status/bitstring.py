"""The bitstring of a Bitstring Status List 1.0 (§3.3, §3.4): values of one size, most significant bit first, GZIP, multibase base64url."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from common.encoding import b64url_decode, b64url_encode
from common.errors import Malformed
from common.status.deflated import MAX_INFLATED_BYTES, compress, inflate_bounded

MIN_ENTRIES = 131_072
"""§3.2 step 2: the herd in which one credential hides."""
BASE64URL = "u"  # the multibase header of base64url without padding


class Bitstring:
    """The packed bits. How many make one entry is for the reader to say: ``statusSize`` stands in the credential, not in the list."""

    __slots__ = ("_data",)

    def __init__(self, data: bytes | bytearray) -> None:
        self._data = bytearray(data)

    @classmethod
    def of_size(cls, entries: int, *, size: int = 1, statuses: Mapping[int, int] | None = None) -> Bitstring:
        """Room for ``entries`` values of ``size`` bits, and never less than the smallest list allowed; all 0 but those given."""
        made = cls(bytearray((max(entries, MIN_ENTRIES) * size + 7) // 8))
        made.update((statuses or {}).items(), size=size)
        return made

    def __len__(self) -> int:
        """Number of bits."""
        return len(self._data) << 3

    def get(self, index: int, size: int = 1) -> int:
        """The value of entry ``index`` where each has ``size`` bits. Raises IndexError outside the bitstring, also for a negative index."""
        first = index * size
        if index < 0 or first + size > len(self._data) << 3:
            raise IndexError("no such entry in the status list")
        if size == 1:
            return self._data[index >> 3] >> 7 - (index & 7) & 1
        after = first + size
        span = int.from_bytes(self._data[first >> 3 : (after + 7) >> 3], "big")
        return span >> (-after & 7) & (1 << size) - 1

    def update(self, statuses: Iterable[tuple[int, int]], *, size: int = 1) -> None:
        """Sets entries that are 0: pairs of index and value. Raises IndexError outside, ValueError for a value that needs more bits."""
        data, end = self._data, len(self)
        for index, value in statuses:
            first = index * size
            if index < 0 or first + size > end:
                raise IndexError("no such entry in the status list")
            if value >> size or value < 0:
                raise ValueError(f"{value} does not fit into {size} bits")
            for place in range(size):
                if value >> size - 1 - place & 1:
                    data[first + place >> 3] |= 0x80 >> (first + place & 7)

    def to_bytes(self) -> bytes:
        return bytes(self._data)

    def encode(self) -> str:
        """The value of ``encodedList``."""
        return BASE64URL + b64url_encode(compress(self._data, "gzip"))


def expand(encoded: object, *, max_bytes: int = MAX_INFLATED_BYTES) -> Bitstring:
    """``encodedList`` → bits. Raises Malformed: no text, another base, no whole GZIP stream, or more than ``max_bytes`` inside."""
    if not isinstance(encoded, str) or not encoded.startswith(BASE64URL):
        raise Malformed("malformed_value_error", "encodedList is multibase base64url without padding")
    return Bitstring(inflate_bounded(b64url_decode(encoded[1:]), "gzip", max_bytes=max_bytes))
