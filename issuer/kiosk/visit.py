"""One visitor at a time, from a card to a QR code: the order of things, independent of how it is shown (`stages.Person`).

1. The issuer is asked what it makes from cards, before anybody is asked for anything.
2. A card is put. Which one it is, and what of it is needed. The person says what will be read; and, of a card that can be revoked, may
   leave an address to be told of that. It is asked for while the card has to lie here, so that nobody types after the visitor went.
3. A session of the issuer, with its challenge: no try is spent while the issuer cannot be reached.
4. Each part is read in one exclusive transaction of the reader. A wrong secret is told with the tries that are left; then all begins anew
   with the card reset, since cards differ in what they still hold open. The last try takes an explicit yes. A number that no card counts
   is counted here and, before it is tried, by the issuer, whom no restart makes forget.
5. The card is reset and may be taken; the issuer judges the readings, and they are forgotten here.
6. The person chooses certificates, and takes them with the phone. Once a card is put again, somebody else may stand there: the visit is
   over, whatever was pressed. Without a card in the reader, what was proven is shown for a short while more.

Whatever goes wrong ends in one `Trouble`. Nothing of a visitor stays: secrets are forgotten by whom they open the card to, readings after
they were sent, what was proven when the visit ends.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from threading import Event
from typing import TypeVar

import structlog

from common.cards.channel import CardChannel
from common.cards.contract import CardDriver
from common.cards.detect import CardType, detect_cards
from common.cards.drivers.residence_card.attempts import check_attempt
from common.cards.drivers.residence_card.driver import ResidenceCardDriver
from common.cards.prompts import GivenSecret, Progress, ReadRequest, SecretPrompt
from common.cards.reading import Reading as CardReading
from common.cards.registry import DRIVERS
from common.errors import (
    CardError,
    CardRemoved,
    Malformed,
    PinBlocked,
    PinWrong,
    Refused,
    TegataError,
    Unavailable,
)
from common.mail_address import parse_mail_address
from common.ports import CardConnection
from issuer.kiosk.card_slot import CardSlot
from issuer.kiosk.issuer_desk import CardsTaken, Contact, IssuerDesk, Session
from issuer.kiosk.plan import Step, can_be_revoked, find_parts, make_plan
from issuer.kiosk.stages import (
    NEXT_VISITOR,
    AddressAsked,
    Asked,
    Judging,
    Looking,
    Person,
    Problem,
    Proven,
    PutCard,
    Reading,
    TakeCardOut,
    Taking,
)
from issuer.kiosk.trouble import GENTLE, Trouble, trouble_of
from issuer.kiosk.typed_secret import read_secret

LOOK = 1.0
"""Seconds between two looks at the reader."""
ALONE = 20
"""Seconds that what was proven stays on the screen after its card was taken: to choose, for who holds the card in the hand already."""
_Answer = TypeVar("_Answer")
log = structlog.get_logger("issuer.kiosk")


class Kiosk:
    """slot: where cards are put. now: seconds since 1970. Serves in one thread; `stop` may be called from another."""

    def __init__(self, *, slot: CardSlot, issuer: IssuerDesk, person: Person, now: Callable[[], int]) -> None:
        self._slot, self._issuer, self._person, self._now = slot, issuer, person, now
        self._stopped = Event()
        self._wrong_numbers: list[int] = []
        """When secrets were wrong that the cards do not count, at this reader."""

    def stop(self) -> None:
        """Ends `serve` at its next look at the reader."""
        self._stopped.set()

    def serve(self) -> None:
        """Visitors, one after the other, until `stop`."""
        while not self._stopped.is_set():
            self.serve_one()

    def serve_one(self) -> Trouble | None:
        """One visitor. Returns how it ended, where no certificate came of it; None for a good end, and for `stop`."""
        reader = self._await_card()
        if reader is None:
            return None
        visit = _Visit(self._slot, self._issuer, self._person, self._wrong_numbers, self._now)
        trouble = None
        try:
            visit.run(reader)
        except TegataError as error:
            trouble = visit.trouble or trouble_of(error, card=visit.card, at_issuer=visit.at_issuer)
            log.info("kiosk_visit_ended", trouble=trouble.key, code=error.code, card=visit.card)
        except Exception as error:  # the next visitor must find the kiosk as it was, whatever this one's card did
            trouble = Trouble(key="fault", card=visit.card)
            log.error("kiosk_fault", kind=type(error).__name__)
        if trouble is not None:
            if trouble.key in GENTLE:
                self._person.show(trouble)
            else:
                self._person.read_on(trouble)
        if not visit.next_is_here:
            self._await_removal(reader)
        return trouble

    def _await_card(self) -> str | None:
        shown: object = None
        while not self._stopped.is_set():
            try:
                return self._slot.wait(LOOK)
            except Unavailable as error:
                stage: PutCard | Trouble = PutCard(has_reader=error.code != "no_reader")
                if error.code not in ("no_card", "no_reader"):
                    stage = trouble_of(error)
                    self._stopped.wait(LOOK)
            if stage != shown:
                shown = stage
                self._person.show(stage)
        return None

    def _await_removal(self, reader: str) -> None:
        try:
            if self._slot.is_gone(reader):
                return
            self._person.show(TakeCardOut())
            while not self._stopped.is_set() and not self._slot.is_gone(reader, LOOK):
                pass
        except Unavailable:
            return  # the reader, or its service, went away with the card


class _Visit:
    """What is known while one card is served. at_issuer: whether the issuer is being asked just now."""

    def __init__(
        self,
        slot: CardSlot,
        issuer: IssuerDesk,
        person: Person,
        wrong_numbers: list[int],
        now: Callable[[], int],
    ) -> None:
        self._slot, self._issuer, self._person = slot, issuer, person
        self._wrong_numbers, self._now = wrong_numbers, now
        self._reader = ""
        self._last: SecretPrompt | None = None
        self._was_wrong = ""
        self._moves = 0
        self._taken_out = False
        self._taken_at: int | None = None
        self._contact: Contact | None = None
        self.card = ""
        self.at_issuer = False
        self.trouble: Trouble | None = None

    @property
    def next_is_here(self) -> bool:
        """Whether the card in the reader is somebody else's already."""
        return self._taken_out and not self._slot.is_gone(self._reader)

    def run(self, reader: str) -> None:
        self._reader, self._moves = reader, self._slot.count_moves(reader)
        self._person.show(Looking())
        # 1
        taken = self._ask(self._issuer.describe)
        drivers = _drivers(taken)
        # 2, 3 and 4
        session, readings = self._read_card(drivers, taken)
        # 5
        self._person.show(Judging())
        accepted = self._ask(partial(self._issuer.accept, session.id, readings))
        readings.clear()
        if not accepted.types:
            reasons = tuple(dict.fromkeys(accepted.refusals.values()))
            self.trouble = Trouble(key="nothing_to_issue", card=accepted.card, refusals=reasons)
            raise Refused("nothing_to_issue", "the card proves nothing that could be certified")
        # 6
        chosen = self._person.choose_types(Proven(accepted=accepted, types=taken.by_name), self._watch_proven)
        self._watch_proven()
        made = self._ask(lambda: self._issuer.offer(session.id, chosen, self._contact))
        self._person.take(Taking(offer=made), lambda: self._look_at_offer(session.id))

    def _ask(self, act: Callable[[], _Answer]) -> _Answer:
        self.at_issuer = True
        answer = act()
        self.at_issuer = False
        return answer

    def _look_at_offer(self, session: str) -> str:
        """The QR code stays good where the issuer cannot be asked for a moment."""
        try:
            if self._is_anothers():
                return NEXT_VISITOR
            return self._issuer.offer_state(session)
        except TegataError:
            return "open"

    def _read_card(self, drivers: Mapping[str, CardDriver], taken: CardsTaken) -> tuple[Session, list[CardReading]]:
        with self._slot.open(self._reader) as connection:
            cards = detect_cards(CardChannel(connection))
            if not cards:
                raise CardError("unknown_card", "no card of a kind that is read here")
            self.card = cards[0].driver
            found = find_parts(cards, drivers, taken.wanted)
            plan = make_plan(found, self._person.choose_parts(found, self._watch))
            if taken.tells and can_be_revoked(plan):
                self._contact = self._ask_for_address()
            session = self._ask(self._issuer.open_session)
            labels = {each.driver: each for each in reversed(cards)}
            readings = self._try_plan(connection, plan, drivers, labels, session)
        while readings is None:
            with self._slot.open(self._reader) as connection:
                readings = self._try_plan(connection, plan, drivers, labels, session)
        return session, readings

    def _try_plan(
        self,
        connection: CardConnection,
        plan: Sequence[Step],
        drivers: Mapping[str, CardDriver],
        labels: Mapping[str, CardType],
        session: Session,
    ) -> list[CardReading] | None:
        """All readings, or None where a secret was wrong and may be tried again, with the card reset."""
        try:
            return [
                self._read_step(connection, step, drivers[step.driver], labels[step.driver], session) for step in plan
            ]
        except PinWrong as wrong:
            if wrong.attempts_left == 0:
                raise PinBlocked(sw=wrong.sw) from None
            if self._last is not None:
                self._was_wrong = self._last.kind.name
                if not self._last.kind.counted:
                    self._wrong_numbers.append(self._now())
            return None

    def _read_step(
        self, connection: CardConnection, step: Step, driver: CardDriver, card: CardType, session: Session
    ) -> CardReading:
        self.card = step.driver
        attempts: list[int] = []

        def ask(prompt: SecretPrompt) -> GivenSecret:
            given = self._ask_person(card, prompt)
            if not prompt.kind.counted:
                try:
                    attempts.append(self._ask(lambda: self._issuer.begin_number(session.id, self._reader)))
                except TegataError:
                    given.secret.forget()
                    raise
            return given

        def progress(progress: Progress) -> None:
            self._person.show(Reading(card=card, progress=progress))

        self._person.show(Reading(card=card, progress=Progress(step="start")))
        request = ReadRequest(parts=step.parts, ask=ask, challenge=session.challenge, progress=progress)
        reading = driver.read(CardChannel(connection), request)
        for attempt in attempts:
            with suppress(TegataError):  # then it counts as a wrong one, and the reading is none the worse
                self._issuer.number_was_right(session.id, self._reader, attempt)
        return reading

    def _ask_person(self, card: CardType, prompt: SecretPrompt) -> GivenSecret:
        """Until what was typed can be what is asked for, and the last try was agreed to; neither question costs a try."""
        if not prompt.kind.counted:
            check_attempt(self._wrong_numbers, self._now())
        problem: Problem = "wrong" if self._was_wrong == prompt.kind.name else ""
        while True:
            asked = Asked(card=card, prompt=prompt, problem=problem)
            answer = self._person.give_secret(asked, self._watch)
            if asked.prompt.may_lock and not answer.agreed:
                answer.typed.forget()
                problem = "not_agreed"
                continue
            try:
                secret = read_secret(prompt.kind, answer.typed)
            except Malformed:
                problem = "malformed"
                continue
            self._last = prompt
            if self._was_wrong == prompt.kind.name:  # of two secrets, the other one is asked for again before it
                self._was_wrong = ""
            self._person.show(Reading(card=card, progress=Progress(step="start")))
            return GivenSecret(secret=secret, last_try_ok=asked.prompt.may_lock)

    def _ask_for_address(self) -> Contact | None:
        """Until what was typed is a mail address, or nothing is to be left."""
        problem: Problem = ""
        while (contact := self._person.leave_address(AddressAsked(problem=problem), self._watch)) is not None:
            try:
                return replace(contact, email=parse_mail_address(contact.email))
            except Malformed:
                problem = "malformed"
        return None

    def _is_anothers(self) -> bool:
        """Whether a card was put after ours was taken out: another one, or ours again, and then nobody knows by whom."""
        moves = self._slot.count_moves(self._reader)  # first: a card that goes in between is gone, and no other one
        if self._slot.is_gone(self._reader):
            self._taken_out = True
            return False
        self._taken_out = self._taken_out or moves != self._moves
        return self._taken_out

    def _watch_proven(self) -> None:
        """Raises Refused("left") once what the card proved must go from the screen, and nothing may be made of it."""
        if self._is_anothers():
            raise Refused("left", "the card was taken out, and one was put again")
        if not self._taken_out:
            return
        now = self._now()
        if self._taken_at is None:
            self._taken_at = now
        if not 0 <= now - self._taken_at < ALONE:
            raise Refused("left", "the card was taken out, and nothing was chosen")

    def _watch(self) -> None:
        if self._slot.is_gone(self._reader):
            raise CardRemoved


def _drivers(taken: CardsTaken) -> dict[str, CardDriver]:
    """Those of the house, the residence card's with the key that the issuer tells."""
    drivers = {driver.name: driver for driver in DRIVERS}
    if taken.delivery_key:
        drivers["residence_card"] = ResidenceCardDriver(taken.delivery_key)
    return drivers
