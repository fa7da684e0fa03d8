"""A journal from device to device over two screens: an animated QR code, its frames read in any order, some of them twice or never.

    TGX:number/count/check:piece      check: the first eight hexadecimal digits of the SHA-256 of the whole, in capitals
                                      piece: of the base45 text of the whole, in threes of characters save the last

The frames go round until all were seen: who missed one waits for the next round. The same in the browser's scanner.
"""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict

from common.errors import Malformed, Unsupported
from common.formats.base45 import base45_decode, base45_encode

MAX_PIECE = 900
"""Characters: with what stands before it a code of version 19 at level M, which one phone reads off another's screen."""
MAX_FRAMES = 400
PART_BYTES = 200 * MAX_PIECE * 2 // 3
"""What goes round at a time: 200 frames, which at two and a half a second come again after 80 seconds."""
MOST_AT_ONCE = 4
"""Hand-overs that are collected at a time; the one that was seen longest ago is forgotten."""
_FRAME = re.compile(r"TGX:([1-9][0-9]{0,2})/([1-9][0-9]{0,2})/([0-9A-F]{8}):([0-9A-Z $%*+\-./:]{1,900})", re.ASCII)


def split(data: bytes) -> tuple[str, ...]:
    """What is to be handed over → the texts of the codes. Raises Unsupported("too_long_for_qr"): in parts, then (`common.gate.parts`)."""
    text = base45_encode(data)
    count = max(1, -(-len(text) // MAX_PIECE))
    if count > MAX_FRAMES:
        raise Unsupported("too_long_for_qr", "this is too much for codes on a screen at a time")
    pieces = (text[at : at + MAX_PIECE] for at in range(0, max(1, len(text)), MAX_PIECE))
    return tuple(f"TGX:{number}/{count}/{_check(data)}:{piece}" for number, piece in enumerate(pieces, 1))


class Collector:
    """Takes codes as they are scanned and says how far it is."""

    def __init__(self) -> None:
        self._begun: OrderedDict[tuple[int, str], dict[int, str]] = OrderedDict()
        self.progress = (0, 0)

    def take(self, text: str) -> bytes | None:
        """What was handed over, once all of it is here. Raises Malformed: no frame, or pieces that do not belong together."""
        frame = _FRAME.fullmatch(text)
        if frame is None:
            raise Malformed("bad_code", "this is no code of a journal that is handed over")
        number, count, check = int(frame[1]), int(frame[2]), frame[3]
        if not number <= count <= MAX_FRAMES:
            raise Malformed("bad_code", "this code belongs to no hand-over")
        pieces = self._begun.setdefault((count, check), {})
        self._begun.move_to_end((count, check))
        while len(self._begun) > MOST_AT_ONCE:
            self._begun.popitem(last=False)
        pieces[number] = frame[4]
        self.progress = (len(pieces), count)
        if len(pieces) < count:
            return None
        del self._begun[count, check]
        data = base45_decode("".join(pieces[one] for one in range(1, count + 1)))
        if _check(data) != check:
            raise Malformed("bad_code", "these codes do not belong together; scan them again")
        return data


def _check(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:8].upper()
