"""Both ends of the card relay in one process: the issuer's flow in a thread, the holder's side in the test, and a line of two queues."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from common.cards.detect import CardType
from common.cards.offered_parts import OfferedPart, PartName
from common.cards.relay import End, Line, Offer, Progress, Result, Session, Take, build_text
from common.cards.secret import Secret
from common.errors import CardRemoved, TegataError, Unavailable
from common.ports import CardConnection
from issuer.flows.open_card_session import CardSession
from issuer.flows.relay_card import relay_card
from tests.cards.my_number_reader import NOW
from tests.issuer.card_desk import open_session
from tests.issuer.school import TENANT, School
from wallet_agent.reading.prompts import Answered, Asked
from wallet_agent.reading.relay import HolderRelay, Invited

Frame = str | bytes


class QueueLine:
    """One end. frames: everything that this end has heard, in order. breaks_at: number of frames heard after which the link is gone."""

    def __init__(self, sends: SimpleQueue[Frame | None], hears: SimpleQueue[Frame | None]) -> None:
        self._sends, self._hears = sends, hears
        self.heard: list[Frame] = []
        self.said: list[Frame] = []
        self.breaks_at: int | None = None
        self._is_lost = False

    def send(self, frame: Frame) -> None:
        if self._is_lost:
            raise Unavailable("link_lost")
        self.said.append(frame)
        self._sends.put(frame)

    def receive(self, seconds: float) -> Frame:
        if self.breaks_at is not None and len(self.heard) >= self.breaks_at:
            self.close()
        if self._is_lost:
            raise Unavailable("link_lost")
        try:
            frame = self._hears.get(timeout=min(seconds, 20))
        except Empty:
            raise Unavailable("link_slow") from None
        if frame is None:
            self._is_lost = True
            raise Unavailable("link_lost")
        self.heard.append(frame)
        return frame

    def close(self) -> None:
        if not self._is_lost:
            self._is_lost = True
            self._sends.put(None)


def make_line() -> tuple[QueueLine, QueueLine]:
    one: SimpleQueue[Frame | None] = SimpleQueue()
    other: SimpleQueue[Frame | None] = SimpleQueue()
    return QueueLine(one, other), QueueLine(other, one)


class WatchedCard:
    """A connection that writes down what went to the card and what came, and takes the card away after so many commands."""

    def __init__(self, inner: CardConnection, *, removed_at: int | None = None) -> None:
        self._inner, self._removed_at = inner, removed_at
        self.commands: list[bytes] = []
        self.answers: list[bytes] = []

    def transmit(self, command: bytes) -> bytes:
        if self._removed_at is not None and len(self.commands) >= self._removed_at:
            raise CardRemoved
        self.commands.append(command)
        answer = self._inner.transmit(command)
        self.answers.append(answer)
        return answer


@dataclass
class Somebody:
    """Who sits before the card. secrets: what they know. parts: what they let be read of what is offered; None: whatever is usual.

    answers: by the name of a secret what they type, one after the other, before they come to the right one.
    """

    secrets: Mapping[str, str]
    parts: Sequence[PartName] | None = None
    answers: dict[str, list[str]] = field(default_factory=dict)
    agreed: bool = False
    asked: list[Asked] = field(default_factory=list)
    met: list[Session] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    mail: str = ""

    def meet(self, session: Session) -> None:
        self.met.append(session)

    def choose_parts(self, cards: Sequence[CardType], offered: Sequence[OfferedPart]) -> frozenset[PartName]:
        if self.parts is not None:
            return frozenset(self.parts) & {each.name for each in offered}
        return frozenset(each.name for each in offered if each.usual)

    def give_secret(self, asked: Asked) -> Answered:
        self.asked.append(asked)
        name = asked.prompt.kind.name
        typed = self.answers[name].pop(0) if self.answers.get(name) else self.secrets[name]
        return Answered(typed=Secret(typed), agreed=self.agreed)

    def show(self, progress: Progress) -> None:
        self.steps.append(progress.step)

    def take(self, result: Result) -> Take:
        self.results.append(result)
        return Take(tuple(kind.name for kind in result.types[:1]), (), self.mail if result.may_tell else "", "en")


@dataclass
class Issuing:
    """The issuer's side in its thread. outcome: what came of it once it ended."""

    school: School
    session: CardSession
    line: Line
    outcome: Any = None

    def __post_init__(self) -> None:
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.outcome = relay_card(self.school.desk, TENANT, self.session.id, self.line)
        except Exception as error:  # kept for the test, which looks at it
            self.outcome = error
            with contextlib.suppress(TegataError):  # as the route does
                self.line.send(build_text(End(getattr(error, "code", "internal_error"))))
        finally:
            self.line.close()  # type: ignore[attr-defined]  # a QueueLine

    def ended(self) -> Any:
        self._thread.join(20)
        assert not self._thread.is_alive(), "the issuer's side hangs"
        return self.outcome


@dataclass
class Relayed:
    """A whole conversation. offer: the holder's outcome, or the error; issued: the issuer's, likewise."""

    relay: HolderRelay
    holder: QueueLine
    issuer: QueueLine
    offer: Offer | TegataError
    issued: Any

    @property
    def sent_by_issuer(self) -> list[Frame]:
        return self.holder.heard


def relay(school: School, connection: CardConnection, person: Somebody, *, breaks_at: int | None = None) -> Relayed:
    session = open_session(school)
    ours, theirs = make_line()
    theirs.breaks_at = breaks_at
    issuing = Issuing(school, session, ours)
    invited = Invited(origin=session.challenge.origin, session=session.id)
    side = HolderRelay(theirs, connection, invited, person, clock=lambda: NOW)
    offer: Offer | TegataError
    try:
        offer = side.run()
    except TegataError as error:
        offer = error
    theirs.close()
    return Relayed(side, theirs, ours, offer, issuing.ended())
