"""How an answer travels: at once, in pieces (61xx, GET RESPONSE), or only when its exact length is asked for (6Cxx). 7816-4 §5.3.4."""

from __future__ import annotations

from collections.abc import Callable

from examples.cards.command import Answer, Refusal, parse


class Transport:
    """extended: whether extended length is understood. piece: an answer never has more bytes than this, None for no bound of its own.

    waits: an answer that was not asked for (no Le) waits for GET RESPONSE, as over T=0; else it is not given.
    exact: an answer shorter than what is wanted is given only to who asks for its length (6Cxx), as T=0 cards do.
    """

    def __init__(
        self, *, extended: bool = True, piece: int | None = None, exact: bool = False, waits: bool = False
    ) -> None:
        self.extended, self.piece, self.exact, self.waits = extended, piece, exact, waits
        self.forget()

    def forget(self) -> None:
        self._rest: Answer | None = None
        self._held: tuple[bytes, Answer, int] | None = None

    def exchange(self, apdu: bytes, execute: Callable[[bytes], tuple[Answer, int]]) -> bytes:
        """One command, one response. execute: the command → its whole answer and how much of it is wanted at once."""
        if apdu[:1] and apdu[0] & 0xE3 == 0 and apdu[1:2] == b"\xc0":
            return self._get_response(apdu)
        self._rest = None
        held, self._held = self._held, None
        if held and len(apdu) == len(held[0]) and apdu[:-1] == held[0][:-1] and apdu[-1] == held[2]:
            return self._deliver(held[1], held[2])  # asked again with the length that it was told: not executed twice
        (data, sw), wanted = execute(apdu)
        if self.exact and data and len(data) < min(wanted, 256) and wanted <= 256:
            self._held = (apdu, (data, sw), len(data))
            return (0x6C00 | len(data)).to_bytes(2, "big")
        return self._deliver((data, sw), wanted)

    def _deliver(self, answer: Answer, wanted: int) -> bytes:
        data, sw = answer
        if not wanted and not self.waits:
            data = b""
        size = min(wanted, len(data), self.piece or len(data))
        if size == len(data):
            return data + sw.to_bytes(2, "big")
        self._rest = (data[size:], sw)
        return data[:size] + (0x6100 | (len(data) - size if len(data) - size < 256 else 0)).to_bytes(2, "big")

    def _get_response(self, apdu: bytes) -> bytes:
        rest = self._rest
        try:
            command = parse(apdu)
            if command.p1p2:
                raise Refusal(0x6A86)
            if rest is None:
                raise Refusal(0x6985)
            if command.data or not command.ne:
                raise Refusal(0x6700)
        except Refusal as refusal:
            return refusal.sw.to_bytes(2, "big")
        if self.exact and len(rest[0]) < min(command.ne, 256):
            return (0x6C00 | len(rest[0])).to_bytes(2, "big")
        self._rest = None
        return self._deliver(rest, command.ne)
