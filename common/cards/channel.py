"""From commands to exchanges with a card: the fewest APDUs that say it. ISO/IEC 7816-4 §5.1 (61xx, 6Cxx), §5.3.3 (chaining).

The card is hostile until proven otherwise: whatever it answers, a command ends after a bounded number of exchanges and bytes, and the
whole conversation has a budget. No time is measured here; how long one exchange may take is the connection's business.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Protocol

from msgspec.structs import replace

from common.cards.apdu import (
    CHAINED,
    EXTENDED_ANSWER,
    SHORT_ANSWER,
    SHORT_DATA,
    Command,
    Response,
    encode,
    parse_response,
)
from common.cards.status_words import DONE, WRONG_LENGTH, name, raise_for
from common.errors import CardError, Unavailable
from common.ports import CardConnection

MAX_EXCHANGES: Final = 4096
"""Of one conversation. The longest there is, a passport with a photo of 60 kB in pieces of 223 bytes, takes 300."""
MAX_BYTES: Final = 1 << 22
"""That a card may send in one conversation."""
_GET_RESPONSE = 0xC0
_READS = (0xB0, 0xB1)


class Messaging(Protocol):
    """Secure messaging between here and the card. A failure ends it for good: every later use raises CardError too."""

    def protect(self, command: Command) -> Command:
        """The command as it is sent. Raises CardError("secure_messaging_dead") after a failure."""

    def unprotect(self, response: Response) -> Response:
        """What the card meant. Raises CardError("secure_messaging_failed") for what was not protected, or altered."""

    def room(self, limit: int) -> int:
        """How many bytes of plain data fit into a protected answer of ``limit`` bytes of data."""


class CardChannel:
    """One conversation with one card.

    extended: whether the card understands extended length; None where that is not known yet: the first command that would gain by
    it tries, and 6700, or a reader that fails, is taken for a no. (Not under secure messaging, where a refusal would end the session:
    there None means no.)
    answer_limit: the most that the card says it can put into one extended answer (EF.ATR/INFO), if somebody has asked it.
    exchanges, bytes_sent, bytes_received: what has gone over the connection so far.
    """

    def __init__(
        self, connection: CardConnection, *, extended: bool | None = None, max_exchanges: int = MAX_EXCHANGES
    ) -> None:
        self._connection = connection
        self._max_exchanges = max_exchanges
        self.extended = extended
        self.answer_limit = EXTENDED_ANSWER
        self.secure: Messaging | None = None
        self.exchanges = 0
        self.bytes_sent = 0
        self.bytes_received = 0

    @property
    def most(self) -> int:
        """The most plain bytes that one answer can hold now; where extended length is still to be tried, of that form."""
        if self.secure is None:
            return SHORT_ANSWER if self.extended is False else self.answer_limit
        return self.secure.room(self.answer_limit if self.extended else SHORT_ANSWER)

    def send(
        self, command: Command, *, expect: tuple[int, ...] | None = (DONE,), what: str = "", pin: bool = False
    ) -> Response:
        """Sends it in as many APDUs as it needs and gathers the answer. ``le`` counts as *at most*: a shorter answer is no error here.

        expect: status words to return, None for all; any other raises as `status_words.raise_for` (command, what, pin) says.
        Never sent twice: a command without ``le``, so no try of a PIN is spent twice.

        Raises CardError (PinWrong, PinBlocked where pin), CardRemoved, Unavailable("reader_failed").
        """
        response = self._once(command)
        if response.sw >> 8 == 0x6C and command.le is not None:
            # The card names the length that it has; ISO/IEC 7816-4 §5.1: nothing was executed. Asked again once, never in a ring.
            response = self._once(replace(command, le=response.sw & 0xFF or SHORT_ANSWER))
        if expect is not None and response.sw not in expect:
            raise_for(response.sw, what, pin=pin)
            raise CardError(
                "card_refused", f"the card answered {name(response.sw)} where it should not", sw=response.sw
            )
        return response

    def _once(self, command: Command) -> Response:
        if self.secure is None:
            return self._carry(command)
        # READ BINARY takes as much as an answer holds; an answer of a length of its own is asked for by Le 00, as the text's examples do.
        if command.le is not None and (command.ins in _READS or command.le > SHORT_ANSWER):
            command = replace(command, le=min(command.le, self.most))
        return self.secure.unprotect(self._carry(self.secure.protect(command)))

    def _carry(self, command: Command) -> Response:
        """One command and its whole answer, as it goes over the line."""
        if command.is_extended and self.extended is not False and (self.extended or self.secure is None):
            response = self._carry_extended(command)
            if response is not None:
                return response
        if (command.le or 0) > SHORT_ANSWER:
            command = replace(command, le=SHORT_ANSWER)
        *links, last = _chain(command)
        for link in links:
            if (refused := self._exchange(link)).sw != DONE:
                return refused
        return self._gather(self._exchange(last))

    def _carry_extended(self, command: Command) -> Response | None:
        """None, from now on, where card or reader turn out not to understand extended length."""
        try:
            response = self._gather(self._exchange(command))
        except Unavailable as error:
            # Some readers cannot carry it, and say only that they failed. What is tried first is never a command that spends something.
            if self.extended or error.code != "reader_failed":
                raise
            self.extended = False
            return None
        if self.extended is None:
            self.extended = response.sw != WRONG_LENGTH
        return response if self.extended else None

    def _gather(self, response: Response) -> Response:
        """Follows 61xx. Each further answer must bring something, and all together no more than one answer can hold."""
        if response.sw >> 8 != 0x61:
            return response
        pieces, size = [response.data], len(response.data)
        while response.sw >> 8 == 0x61:
            response = self._fetch_more(response.sw)
            if response.sw >> 8 == 0x6C and not response.data:
                response = self._fetch_more(response.sw)
            size += len(response.data)
            if size > EXTENDED_ANSWER or (response.sw >> 8 == 0x61 and not response.data):
                raise CardError("card_answer_endless", "the card's answer does not end")
            pieces.append(response.data)
        return Response(b"".join(pieces), response.sw)

    def _fetch_more(self, sw: int) -> Response:
        # In class 00, also under secure messaging: the answer was protected as a whole, and its pieces are only fetched.
        return self._exchange(Command(0, _GET_RESPONSE, 0, 0, le=sw & 0xFF or SHORT_ANSWER))

    def _exchange(self, command: Command) -> Response:
        if self.exchanges >= self._max_exchanges or self.bytes_received > MAX_BYTES:
            raise CardError("card_answer_endless", "the conversation with the card does not end")
        raw = encode(command)
        self.exchanges += 1
        self.bytes_sent += len(raw)
        answer = self._connection.transmit(raw)
        self.bytes_received += len(answer)
        return parse_response(answer)


def _chain(command: Command) -> Iterator[Command]:
    """The links of a command whose data is too long for the short form; the command itself where it fits."""
    data = command.data
    while len(data) > SHORT_DATA:
        yield Command(command.cla | CHAINED, command.ins, command.p1, command.p2, data[:SHORT_DATA])
        data = data[SHORT_DATA:]
    yield replace(command, data=data)
