"""A journal from device to device over two screens: an animated QR code, its frames read in any order, some of them never.

    TGX:number/count/check:piece      check: the first eight hexadecimal digits of the SHA-256 of the whole, in capitals; piece: base45

What is sent first is deflated. Frames go round until all were seen: who missed one waits for the next round. In two of three frames comes,
beside the pieces themselves, the exclusive-or of some of them (``*`` before the number), so that a few lost frames need no further round.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterable, Iterator

from common.errors import Malformed, Unsupported
from common.formats.base45 import base45_decode, base45_encode

PIECE = 600
"""Bytes: with what stands before it a code of version 22 at level M, which a phone reads from another phone's screen in one picture."""
MAX_FRAMES = 999
MAX_WHOLE = 1 << 23
_FRAME = re.compile(
    r"TGX:(\*?)([1-9][0-9]{0,2})/([1-9][0-9]{0,2})/([0-9A-F]{8}):([0-9A-Z $%*+\-./:]{1,1000})", re.ASCII
)
_HEAD = 4


def split(data: bytes) -> tuple[str, ...]:
    """What is to be handed over → the texts of the codes of one round: pieces, and after every second one a parity.

    Raises Unsupported("too_long_for_qr"): a file is the way then.
    """
    packed = len(data).to_bytes(_HEAD, "big") + zlib.compress(data, 9)
    pieces = [packed[at : at + PIECE].ljust(PIECE, b"\0") for at in range(0, len(packed), PIECE)]
    if len(pieces) > MAX_FRAMES:
        raise Unsupported("too_long_for_qr", "this is too much for codes on a screen; write it to a file")
    check = _check(packed)
    texts = []
    for number, piece in enumerate(pieces, 1):
        texts.append(f"TGX:{number}/{len(pieces)}/{check}:{base45_encode(piece)}")
        if number % 2 == 0 and len(pieces) > 2:
            members = parity_members(number, len(pieces))
            parity = _xor(pieces[one - 1] for one in members)
            texts.append(f"TGX:*{number}/{len(pieces)}/{check}:{base45_encode(parity)}")
    return tuple(texts)


def parity_members(number: int, count: int) -> tuple[int, ...]:
    """Which pieces the parity of that number covers: four that lie apart, so that a hand before the lens does not hide all of them."""
    step = max(1, count // 4)
    return tuple(sorted({(number - 1 + place * step) % count + 1 for place in range(4)}))


class Collector:
    """Takes codes as they are scanned, of one hand-over at a time, and says what is still missing."""

    def __init__(self) -> None:
        self._begun: tuple[int, str] | None = None
        self._pieces: dict[int, bytes] = {}
        self._parities: dict[int, bytes] = {}

    @property
    def progress(self) -> tuple[int, int]:
        """Pieces that are here, and of how many."""
        return len(self._pieces), self._begun[0] if self._begun else 0

    def take(self, text: str) -> bytes | None:
        """What was handed over, once all of it is here. A code of another hand-over begins afresh. Raises Malformed."""
        frame = _FRAME.fullmatch(text)
        if frame is None:
            raise Malformed("bad_code", "this is no code of a journal that is handed over")
        parity, number, count = bool(frame[1]), int(frame[2]), int(frame[3])
        if number > count:
            raise Malformed("bad_code", "this code belongs to no hand-over")
        piece = base45_decode(frame[5])
        if len(piece) != PIECE:
            raise Malformed("bad_code", "this code is not as long as all others")
        if self._begun != (count, frame[4]):
            self._begun, self._pieces, self._parities = (count, frame[4]), {}, {}
        (self._parities if parity else self._pieces)[number] = piece
        self._mend(count)
        if len(self._pieces) < count:
            return None
        return _unpack(b"".join(self._pieces[one] for one in range(1, count + 1)), frame[4])

    def _mend(self, count: int) -> None:
        """Whatever a parity lacks one piece of, it gives; each piece that comes so may help another."""
        grown = True
        while grown:
            grown = False
            for number, parity in list(self._parities.items()):
                members = parity_members(number, count)
                lost = [one for one in members if one not in self._pieces]
                if len(lost) == 1:
                    self._pieces[lost[0]] = _xor([parity, *(self._pieces[one] for one in members if one != lost[0])])
                    grown = True
                if len(lost) <= 1:
                    del self._parities[number]


def rounds(frames: tuple[str, ...]) -> Iterator[str]:
    """The frames for ever, each round turned by one, so that a camera that blinks in step does not miss the same one again and again."""
    turn = 0
    while True:
        yield from frames[turn:]
        yield from frames[:turn]
        turn = (turn + 1) % len(frames)


def _unpack(padded: bytes, check: str) -> bytes:
    size = int.from_bytes(padded[:_HEAD], "big")
    reader = zlib.decompressobj()
    try:
        data = reader.decompress(padded[_HEAD:], MAX_WHOLE)
    except zlib.error:
        raise Malformed("bad_code", "these codes do not belong together; scan them again") from None
    used = len(padded) - len(reader.unused_data)
    if not reader.eof or len(data) != size or _check(padded[:used]) != check or reader.unused_data.strip(b"\0"):
        raise Malformed("bad_code", "these codes do not belong together; scan them again")
    return data


def _xor(pieces: Iterable[bytes]) -> bytes:
    whole = 0
    for piece in pieces:
        whole ^= int.from_bytes(piece, "big")
    return whole.to_bytes(PIECE, "big")


def _check(packed: bytes) -> str:
    return hashlib.sha256(packed).hexdigest()[:8].upper()
