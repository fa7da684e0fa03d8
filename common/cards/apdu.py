"""Command and response APDUs, and how commands are written: short and extended length. ISO/IEC 7816-3 §12.1, 7816-4 §5. Pure.

What is sent when (chaining, 61xx, 6Cxx) is the business of `common.cards.channel`.
"""

from __future__ import annotations

from common.errors import CardError
from common.record import Record

SHORT_DATA = 255
"""Most data bytes of a command in short form."""
SHORT_ANSWER = 256
EXTENDED_ANSWER = 65536
"""Most data bytes of a response in either form; as ``le`` it asks for as many as there are."""
_MAX_DATA = 65535
CHAINED = 0x10
"""The bit of a class byte that says: more of this command follows. ISO/IEC 7816-4 §5.3.3."""


class Command(Record, frozen=True):
    """A command APDU. le: None where no data is expected in the answer, else at most how many bytes, 1 to 65536.

    Its repr shows the header and how much data there is, never the data: it may be a PIN. Raises ValueError for what no APDU can say.
    """

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = b""
    le: int | None = None

    def __post_init__(self) -> None:
        if not all(0 <= byte <= 255 for byte in (self.cla, self.ins, self.p1, self.p2)):
            raise ValueError("a header byte is not a byte")
        if len(self.data) > _MAX_DATA or not (self.le is None or 1 <= self.le <= EXTENDED_ANSWER):
            raise ValueError("longer than an APDU can be")

    def __repr__(self) -> str:
        header = bytes((self.cla, self.ins, self.p1, self.p2)).hex(" ")
        return f"Command({header}, {len(self.data)} bytes, le={self.le})"

    @property
    def is_extended(self) -> bool:
        """Whether it can be written in extended length only."""
        return len(self.data) > SHORT_DATA or (self.le or 0) > SHORT_ANSWER


class Response(Record, frozen=True):
    """A response APDU: its data, and its status word as one number."""

    data: bytes
    sw: int

    def __repr__(self) -> str:
        return f"Response({len(self.data)} bytes, sw={self.sw:04X})"


def encode(command: Command) -> bytes:
    """The command's bytes, in short form wherever that can say it. ISO/IEC 7816-3 §12.1.3 (cases 1 to 4, S and E)."""
    header = bytes((command.cla, command.ins, command.p1, command.p2))
    data, le = command.data, command.le
    if not command.is_extended:
        body = bytes((len(data),)) + data if data else b""
        return header + body + (b"" if le is None else bytes((le % 256,)))
    body = b"\0" + len(data).to_bytes(2, "big") + data if data else b""
    if le is None:
        return header + body
    # The 00 that tells extended length stands once: before Lc, or before Le where there is no Lc.
    return header + body + (b"" if data else b"\0") + (le % EXTENDED_ANSWER).to_bytes(2, "big")


def parse_response(answer: bytes) -> Response:
    """Raises CardError("card_answer_malformed") for what is too short for a status word, or longer than an answer can be."""
    if not 2 <= len(answer) <= EXTENDED_ANSWER + 2:
        raise CardError("card_answer_malformed", "the card's answer is no response APDU")
    return Response(bytes(answer[:-2]), int.from_bytes(answer[-2:], "big"))
