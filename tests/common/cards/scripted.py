"""Connections for tests of the reader's side alone: answers from a list, or one file behind READ BINARY, cut up at will."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from common.errors import CardRemoved

Answer = bytes | Callable[[bytes], bytes]


class Script:
    """Answers one after the other; then the card is gone. ``sent`` is what it was asked."""

    def __init__(self, *answers: str | bytes) -> None:
        self.answers = [bytes.fromhex(each) if isinstance(each, str) else each for each in answers]
        self.sent: list[bytes] = []

    def transmit(self, command: bytes) -> bytes:
        self.sent.append(command)
        if not self.answers:
            raise CardRemoved
        return self.answers.pop(0)


class Always:
    """The same answer to everything."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.exchanges = 0

    def transmit(self, command: bytes) -> bytes:
        self.exchanges += 1
        return self.answer


@dataclass
class FileCard:
    """A card with one file under any name. It understands what ISO/IEC 7816-3 §12.1.3 writes, written down here a second time.

    fragments: sizes of the pieces (1 to 255) in which answers come by 61xx, in turn; empty: in one. corrects: an ``le`` beyond the
    end is answered by 6Cxx. strict_end: 6282 for a read that goes beyond the end. knows_extended: else 6700.
    """

    content: bytes
    fragments: Iterable[int] = ()
    corrects: bool = False
    strict_end: bool = False
    knows_extended: bool = True
    buffer: int = 65536
    sent: list[bytes] = field(default_factory=list)
    received: bytes = b""
    _rest: bytes = b""
    _rest_sw: bytes = b""
    _chain: bytes = b""

    def transmit(self, command: bytes) -> bytes:
        self.sent.append(command)
        cla, ins, p1, p2 = command[:4]
        data, le, extended = _read_apdu(command)
        if ins == 0xC0:
            return self._hand_out(le or 256)
        if extended and not self.knows_extended:
            return b"\x67\x00"
        self._chain += data
        if cla & 0x10:
            return b"\x90\x00"
        self.received, self._chain = self._chain, b""
        if ins not in (0xB0, 0xB1):
            return b"\x90\x00"
        near = p2 if p1 & 0x80 else (p1 << 8) | p2
        return self._read(int.from_bytes(self.received[2:], "big") if ins == 0xB1 else near, le, ins == 0xB1)

    def _read(self, offset: int, le: int, wrapped: bool) -> bytes:
        left = self.content[offset:]
        if not left:
            return b"\x6b\x00"
        room = min(le, self.buffer)
        if wrapped:
            room -= 2 if room <= 129 else 3 if room <= 258 else 4
        if len(left) < le < 256 and self.corrects and not wrapped:
            return bytes((0x6C, len(left)))
        sw = b"\x62\x82" if self.strict_end and len(left) < room and le not in (256, 65536) else b"\x90\x00"
        data = left[:room]
        if wrapped:
            n = len(data)
            head = bytes((n,)) if n < 128 else bytes((0x81, n)) if n < 256 else b"\x82" + n.to_bytes(2, "big")
            data = b"\x53" + head + data
        self._pieces = iter(list(self.fragments) * (len(data) + 1))
        self._rest, self._rest_sw = data, sw
        return self._hand_out(len(data)) if not self.fragments else self._fragment()

    def _fragment(self) -> bytes:
        return b"\x61" + bytes((min(len(self._rest), next(self._pieces)),))

    def _hand_out(self, n: int) -> bytes:
        piece, self._rest = self._rest[:n], self._rest[n:]
        return piece + (self._fragment() if self._rest else self._rest_sw)


def _read_apdu(command: bytes) -> tuple[bytes, int, bool]:
    """(data, le or 0, extended) of an APDU, by its length and its fifth byte."""
    body = command[4:]
    if not body:
        return b"", 0, False
    if len(body) == 1:
        return b"", body[0] or 256, False
    if body[0]:
        data = body[1 : 1 + body[0]]
        rest = body[1 + body[0] :]
        assert len(data) == body[0]
        assert len(rest) <= 1
        return data, (rest[0] or 256) if rest else 0, False
    if len(body) == 3:
        return b"", int.from_bytes(body[1:], "big") or 65536, True
    n = int.from_bytes(body[1:3], "big")
    rest = body[3 + n :]
    assert len(rest) in (0, 2)
    return body[3 : 3 + n], (int.from_bytes(rest, "big") or 65536) if rest else 0, True
