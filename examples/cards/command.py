"""Command APDUs as a card hears them, and how it refuses (ISO/IEC 7816-3 §12.1, 7816-4 §5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

Answer = tuple[bytes, int]
"""Data and status word."""
DONE: Answer = (b"", 0x9000)


class Refusal(Exception):
    """A command that is answered by a status word alone."""

    def __init__(self, sw: int) -> None:
        super().__init__(f"{sw:04X}")
        self.sw = sw


class Removed(Exception):
    """The card is gone in the middle of an exchange: no answer will come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """data may hold a PIN and is not printed. ne: how many bytes are wanted at most, 0 for none."""

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = field(default=b"", repr=False)
    ne: int = 0
    extended: bool = False

    @property
    def more(self) -> bool:
        """Whether the class says that another part follows (7816-4 §5.3.3)."""
        return self.cla < 0x80 and bool(self.cla & 0x10)

    @property
    def secured(self) -> bool:
        """Whether the class announces secure messaging (7816-4 §5.4.1: bits 4 and 3 of the first interindustry class)."""
        return self.cla < 0x80 and bool(self.cla & 0x0C)

    @property
    def p1p2(self) -> int:
        return self.p1 << 8 | self.p2


def parse(apdu: bytes) -> Command:
    """All seven cases, short and extended. Raises Refusal(6700) for anything else."""
    if len(apdu) < 4:
        raise Refusal(0x6700)
    command = partial(Command, cla=apdu[0], ins=apdu[1], p1=apdu[2], p2=apdu[3])
    body = apdu[4:]
    if not body:  # case 1
        return command()
    if len(body) == 1:  # case 2, short
        return command(ne=body[0] or 256)
    wide = body[0] == 0
    if wide and len(body) == 3:  # case 2, extended
        return command(ne=int.from_bytes(body[1:], "big") or 65536, extended=True)
    size, start = (int.from_bytes(body[1:3], "big"), 3) if wide else (body[0], 1)
    data, rest = body[start : start + size], body[start + size :]
    if not size or len(data) != size or len(rest) not in {0, 2 if wide else 1}:
        raise Refusal(0x6700)
    ne = 0 if not rest else int.from_bytes(rest, "big") or (65536 if wide else 256)
    return command(data=data, ne=ne, extended=wide)
