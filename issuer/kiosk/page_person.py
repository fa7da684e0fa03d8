"""The visitor behind a page: the kiosk's thread asks here and waits, the page's requests look and answer.

Each stage has a number. An answer names the number of the question that it was typed for; one that comes too late, or twice, says nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Condition

from common.cards.offered_parts import PartName
from common.errors import Refused
from issuer.kiosk.issuer_desk import Contact
from issuer.kiosk.plan import Found
from issuer.kiosk.stages import NEXT_VISITOR, OVER, AddressAsked, Answered, Asked, Proven, PutCard, Stage, Taking, Watch
from issuer.kiosk.trouble import Trouble

LOOK = 0.5
"""Seconds between two looks whether the card is still there."""
STATE = 2.0
"""Seconds between two questions to the issuer whether the offer was taken."""
READ_TROUBLE = 45.0
THANKS = 10.0
LONG = 2.0
"""How many times as long as for a question a QR code is shown: a wallet may have to be unlocked first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a page sent. Exactly one is set; stop and done are words of their own."""

    parts: frozenset[PartName] | None = None
    secret: Answered | None = field(default=None, repr=False)
    types: tuple[str, ...] | None = None
    contact: Contact | None = None
    done: bool = False
    stop: bool = False


class PagePerson:
    """Implements `stages.Person`. patience: seconds that a question waits for an answer."""

    def __init__(self, *, patience: float = 120.0) -> None:
        self._patience = patience
        self._changed = Condition()
        self._stage: Stage = PutCard(has_reader=True)
        self._number = 0
        self._answer: Answer | None = None
        self._closed = False

    # -- the page's side ----------------------------------------------------------------------------------------------

    def now_shown(self) -> tuple[Stage, int]:
        with self._changed:
            return self._stage, self._number

    def answer(self, number: int, answer: Answer) -> bool:
        """Whether it was the answer to what is asked now. A secret that comes too late is forgotten."""
        with self._changed:
            if number == self._number and self._answer is None:
                self._answer = answer
                self._changed.notify_all()
                return True
        _forget(answer)
        return False

    def wait_beyond(self, number: int, seconds: float) -> None:
        """Until another stage than that is shown, for the page that comes after a form."""
        with self._changed:
            self._changed.wait_for(lambda: self._number != number, seconds)

    def close(self) -> None:
        """Ends every question, now and from now on."""
        with self._changed:
            self._closed = True
            _forget(self._answer)
            self._changed.notify_all()

    # -- the kiosk's side ---------------------------------------------------------------------------------------------

    def show(self, stage: Stage) -> None:
        with self._changed:
            _forget(self._answer)  # it came just as nobody waited for it any more
            self._stage, self._number, self._answer = stage, self._number + 1, None
            self._changed.notify_all()

    def choose_parts(self, found: Found, watch: Watch) -> frozenset[PartName]:
        return self._ask(found, watch).parts or frozenset()

    def leave_address(self, asked: AddressAsked, watch: Watch) -> Contact | None:
        return self._ask(asked, watch).contact

    def give_secret(self, asked: Asked, watch: Watch) -> Answered:
        answered = self._ask(asked, watch).secret
        if answered is None:
            raise Refused("stopped", "no secret was given")
        return answered

    def choose_types(self, proven: Proven, watch: Watch) -> tuple[str, ...]:
        while not (types := self._ask(proven, watch).types):
            pass  # none was ticked: the page says so, and asks again
        return types

    def take(self, taking: Taking, state: Callable[[], str]) -> None:
        self.show(taking)
        ends = time.monotonic() + LONG * self._patience
        while time.monotonic() < ends:
            if self._wait(STATE) is not None:
                return
            told = state()
            if told == NEXT_VISITOR:
                return
            if told != taking.state:
                taking = replace(taking, state=told)
                self.show(taking)
            if told in OVER:
                self._wait(THANKS)
                return

    def read_on(self, stage: Trouble) -> None:
        self.show(stage)
        self._wait(READ_TROUBLE)

    def _ask(self, question: Stage, watch: Watch) -> Answer:
        self.show(question)
        ends = time.monotonic() + self._patience
        while time.monotonic() < ends:
            answer = self._wait(LOOK)
            if answer is not None:
                if answer.stop:
                    raise Refused("stopped", "the visitor stopped")
                return answer
            watch()
        raise Refused("left", "the visitor did not answer")

    def _wait(self, seconds: float) -> Answer | None:
        """The answer, taken out, or None. Raises Refused("stopped") once the page is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._answer is not None or self._closed, seconds)
            if self._closed:
                raise Refused("stopped", "the kiosk is closing")
            answer, self._answer = self._answer, None
            return answer


def _forget(answer: Answer | None) -> None:
    if answer is not None and answer.secret is not None:
        answer.secret.typed.forget()
