"""What the signature of a driving licence covers. One function, since no open source settles the bytes (cards.md §5.3).

Stated: SHA-256, RSA-2048, PKCS #1 v1.5, over DF1/EF01, DF1/EF02 and DF2/EF01. Not stated: with or without filler, with or without headers.
Assumed: the files one after the other as they are stored, whole, filler included. The same specification says so of its younger sibling,
the licence on a My Number card: "all data of the file, in stored order" (§5.5). **Check it against the specification's own figure before
touching a real card**; another rule is another body of this function, and its test.
"""

from __future__ import annotations

from typing import Final

from common.errors import Malformed

_DOMICILE: Final = b"\x41"
_PHOTO: Final = b"\x5f\x40"


def signed_bytes(entries: bytes, domicile: bytes, photo: bytes) -> bytes:
    """DF1/EF01 ‖ DF1/EF02 ‖ DF2/EF01, whole files. Raises Malformed("files_cut") unless the second and the third begin as they do.

    Where one file ends and the next begins stands in no signature: cut elsewhere, the same bytes would be a licence with fewer entries.
    """
    if not domicile.startswith(_DOMICILE) or not photo.startswith(_PHOTO):
        raise Malformed("files_cut", "the files of the licence do not begin as they do")
    return entries + domicile + photo
