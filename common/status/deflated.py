"""Compressed arrays: made by libdeflate (smaller than zlib's best, in half its time), opened by zlib with a bound before inflating.

Token Status List draft-20 §4.1 asks for the ZLIB format (RFC 1950), Bitstring Status List 1.0 §3.3 for GZIP (RFC 1952). One input has
one output: no time and no file name go into the header, so that a list that did not change does not change its bytes.
"""

from __future__ import annotations

import zlib
from typing import Literal

import deflate

from common.errors import Malformed

Container = Literal["zlib", "gzip"]

MAX_INFLATED_BYTES = 4 << 20
"""2^25 entries of one bit, 2^22 of eight. A list is held in memory whole, so the bound stands before inflating."""

_LEVEL = 10
"""Of 12. For a million entries with one in a hundred set: 7 % smaller than zlib's level 9; 11 and 12 save 1 % more for more time."""
_SMALL = 256
"""Below, libdeflate would rather store than compress; zlib gives the examples of draft-20 §4.1 to the byte."""
_WINDOW = {"zlib": 15, "gzip": 31}


def compress(data: bytes | bytearray, container: Container) -> bytes:
    """The array, compressed. The same bytes for the same array."""
    if len(data) < _SMALL:
        return zlib.compress(data, 9, wbits=_WINDOW[container])
    whole = bytes(data)
    if container == "zlib":
        return bytes(deflate.zlib_compress(whole, _LEVEL))
    return bytes(deflate.gzip_compress(whole, _LEVEL))


def inflate_bounded(compressed: bytes, container: Container, *, max_bytes: int = MAX_INFLATED_BYTES) -> bytes:
    """The array inside. Raises Malformed: not one whole stream, bytes after it, nothing inside, or more than ``max_bytes``."""
    inflater = zlib.decompressobj(_WINDOW[container])
    try:
        data = inflater.decompress(compressed, max_bytes + 1)
    except zlib.error:
        raise Malformed("bad_status_list", f"the list is not in the {container.upper()} format") from None
    if len(data) > max_bytes:
        raise Malformed("too_large", f"the status list inflates to more than {max_bytes} bytes")
    if not inflater.eof or inflater.unused_data:
        raise Malformed("bad_status_list", "the list is cut off, or something follows it")
    if not data:
        raise Malformed("bad_status_list", "the list is empty")
    return data
