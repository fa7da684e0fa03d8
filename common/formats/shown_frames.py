"""What is too much for one comfortable QR code ↔ several, which are read in any order, from a page that shows them in turn.

How much is comfortable was measured with zxing-cpp, on codes in a camera's square of 1080 pixels, turned, noisy, blurred by 1.5 pixels:
1736 characters are read once they fill 60 % of its width, 2480 only at 85 %; blurred by 2.2 pixels 1736 are the most that is read at all,
and 1400 from 80 % on.

    TEGATA:number/count/check:piece       check: the first eight hexadecimal digits of the SHA-256 of the whole, in capitals

The check tells the codes of one showing from those of the next, and that what was put together is what was taken apart; it proves nothing
else. Pieces end where three characters of base45 end: never in a space, which a form or a terminal could lose.
"""

from __future__ import annotations

import hashlib
import re
from itertools import pairwise

from common.errors import Malformed
from common.formats.shown_code import DOCUMENT, MAX_PACKED, MAX_TEXT, too_long

MAX_CODE = 1839
"""Characters in one code: version 29 at level M."""
MAX_PIECE = 1420
"""With what stands before it, a code of version 25 at level M, some of them 26."""
MAX_FRAMES = MAX_PACKED // MAX_PIECE
_MAX_LINES = 8 * MAX_FRAMES
_START = "TEGATA:"
_FRAME = re.compile(r"TEGATA:([1-9][0-9]?)/([1-9][0-9]?)/([0-9A-F]{8}):([0-9A-Z $%*+\-./:]+)", re.ASCII)


def split_frames(packed: str) -> tuple[str, ...]:
    """What `pack` made → the texts of the codes to be drawn. Raises Unsupported("too_long_for_qr")."""
    if len(packed) <= MAX_CODE:
        return (packed,)
    count = -(-len(packed) // MAX_PIECE)
    if count > MAX_FRAMES:
        raise too_long()
    head = len(DOCUMENT)
    size = -(-(len(packed) - head) // count // 3) * 3
    cuts = [0, *(head + number * size for number in range(1, count)), len(packed)]
    pieces = [packed[start:end] for start, end in pairwise(cuts)]
    check = _check(packed)
    return tuple(f"{_START}{number}/{count}/{check}:{piece}" for number, piece in enumerate(pieces, 1))


def join_frames(text: str) -> str:
    """What was scanned, one code a line, in any order and some of them twice → what `pack` made. Anything else comes back as it is.

    Where the codes of several showings are among them, the last that is complete. Raises Malformed("incomplete_code" | "bad_code").
    """
    if len(text) > MAX_TEXT:
        raise Malformed("too_large", f"more than {MAX_TEXT} characters")
    if not text.startswith(_START):
        return text
    lines = [line for line in re.split(r"[\r\n]+", text) if line]
    if len(lines) > _MAX_LINES:
        raise Malformed("too_large", f"more than {_MAX_LINES} codes")
    found: dict[tuple[int, str], dict[int, str]] = {}
    whole: str | None = None
    for line in lines:
        frame = _FRAME.fullmatch(line)
        if frame is None:
            raise Malformed("bad_code", "one of these codes cannot be read; scan them again")
        number, count, check, piece = int(frame[1]), int(frame[2]), frame[3], frame[4]
        if not number <= count <= MAX_FRAMES:
            raise Malformed("bad_code", "one of these codes belongs to no showing")
        pieces = found.setdefault((count, check), {})
        pieces[number] = piece
        if len(pieces) == count:
            joined = "".join(pieces[each] for each in range(1, count + 1))
            if _check(joined) != check:
                raise Malformed("bad_code", "these codes do not belong together; scan them again")
            whole = joined
    if whole is None:
        raise Malformed("incomplete_code", "some codes of this showing are missing; scan the others as well")
    return whole


def _check(packed: str) -> str:
    return hashlib.sha256(packed.encode()).hexdigest()[:8].upper()
