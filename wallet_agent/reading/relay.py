"""The holder's side of the card relay: passes the issuer's commands to the card as far as the published list goes, and does itself what
must not leave: secrets, what is signed, handshakes. Protocol: `common.cards.relay`; what passes: `guard`.

The origin that the card signs for is the one of the invitation's address, which TLS has vouched for, whatever the issuer calls itself.
A first breach of the list ends the conversation.
"""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from common.cards.apdu import Command, encode
from common.cards.channel import CardChannel
from common.cards.detect import detect_cards
from common.cards.drivers.passport.layout import APPLICATION
from common.cards.files import Tries, ask_tries, verify_pin
from common.cards.possession import PossessionChallenge, build_digest_info, build_possession
from common.cards.prompts import SecretKind, SecretPrompt
from common.cards.relay import (
    STEP_SECONDS,
    VERSION,
    Begin,
    End,
    Line,
    Offer,
    Open,
    Opened,
    Present,
    Progress,
    Read,
    Result,
    Session,
    Sign,
    build_frame,
    build_text,
    expect,
    parse_frame,
    parse_from_issuer,
    read_bytes,
)
from common.encoding import b64url_encode
from common.errors import CardError, Malformed, PinBlocked, PinWrong, Refused, TegataError, Unavailable
from common.ports import CardConnection
from wallet_agent.reading.choose_parts import choose_reads, find_parts
from wallet_agent.reading.deadline import Deadline
from wallet_agent.reading.guard import find_key, find_slot, judge, settle, settle_signature
from wallet_agent.reading.handshakes import Handed, open_passport, open_residence_card
from wallet_agent.reading.numbers import Numbers, NumbersOfOneRelay
from wallet_agent.reading.prompts import Answered, Asked, Outcome, Person, Problem, Tried, read_pin
from wallet_agent.reading.published import SECRETS, build_rules
from wallet_agent.reading.rules import Rules, Slot, State
from wallet_agent.reading.rules import Session as Messaging

MAX_FRAMES: Final = 16_384
"""That an issuer may send in one conversation."""
ISSUER_SECONDS: Final = 2 * STEP_SECONDS
"""For an issuer that judges a card, and perhaps asks others whether it is revoked."""
_BLOCKED: Final = b"\x69\x83"
_DONE: Final = b"\x90\x00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """What an invitation says. origin: scheme, host and port of its address."""

    origin: str
    session: str


@dataclass(slots=True, kw_only=True)
class _Share:
    """One driver's share of the conversation: what passes, and where the card stands."""

    read: Read
    rules: Rules
    state: State = field(default_factory=State)


class HolderRelay:
    """tries: what is known of every secret that was asked for, also after a failure. random: for handshakes.

    clock: seconds since 1970. timer: seconds that nobody sets back. numbers: counts wrong card numbers, beyond this conversation or not.
    """

    def __init__(
        self,
        line: Line,
        connection: CardConnection,
        invited: Invited,
        person: Person,
        *,
        random: Callable[[int], bytes] = secrets.token_bytes,
        clock: Callable[[], float] = time.time,
        timer: Callable[[], float] = time.monotonic,
        numbers: Numbers | None = None,
    ) -> None:
        self.tries: dict[str, Tried] = {}
        self._line, self._connection, self._person = line, connection, person
        self._invited, self._random, self._clock = invited, random, clock
        self._deadline = Deadline(clock, timer)
        self._index = 0
        self._shares: list[_Share] = []
        self._numbers = NumbersOfOneRelay(clock) if numbers is None else numbers
        self._challenge: PossessionChallenge | None = None
        self._delivery_key = b""

    def run(self) -> Offer:
        """Until the offer's link. Raises what ended it: CardRemoved, CardError, PinBlocked, Unavailable (the link), Refused (the person,
        the guard, or the issuer by its ``end``), Malformed, TooMany. The issuer is told the code, if it can be.
        """
        try:
            return self._converse()
        except TegataError as error:
            with contextlib.suppress(TegataError):
                self._line.send(build_text(End(error.code)))
            raise

    def _converse(self) -> Offer:
        begin, challenge = self._begin()
        self._shares = [
            _Share(read=read, rules=build_rules(read.driver, read.parts, challenge)) for read in begin.reads
        ]
        self._line.send(build_text(begin))
        for _ in range(MAX_FRAMES):
            frame = self._line.receive(self._deadline.within(ISSUER_SECONDS))
            if isinstance(frame, bytes):
                self._pass_on(frame)
                continue
            message = parse_from_issuer(frame)
            match message:
                case Progress():
                    self._person.show(message)
                case Present():
                    self._present(message)
                case Sign():
                    self._sign(message)
                case Open():
                    self._open(message)
                case Result():
                    self._deadline.set(message.expires_at)
                    self._line.send(build_text(self._person.take(message)))
                case _:
                    return expect(message, Offer)
        raise Malformed("bad_relay_message", "the issuer does not come to an end")

    def _begin(self) -> tuple[Begin, PossessionChallenge]:
        frame = self._line.receive(self._deadline.within(STEP_SECONDS))
        session = expect(parse_from_issuer(frame if isinstance(frame, str) else ""), Session)
        if session.version != VERSION:
            raise Malformed("bad_relay_message", "the issuer speaks another version of the card relay")
        if session.origin != self._invited.origin or session.session != self._invited.session:
            raise Refused("other_origin", "the issuer at this address speaks for another one, or for another session")
        try:
            challenge = PossessionChallenge(
                origin=self._invited.origin, session=self._invited.session, nonce=read_bytes(session.nonce)
            )
        except ValueError:
            raise Malformed("bad_relay_message", "the session's nonce is none") from None
        self._challenge, self._delivery_key = challenge, read_bytes(session.delivery_key)
        self._deadline.set(session.expires_at)
        self._deadline.within(0)
        self._person.meet(session)
        cards = detect_cards(CardChannel(self._connection))
        offered = find_parts(cards, session.wanted)
        return choose_reads(offered, self._person.choose_parts(cards, offered)), challenge

    # -- steps --------------------------------------------------------------------------------------------------------

    def _count(self, index: int) -> None:
        if index != self._index:
            raise Malformed("bad_relay_frame", "a step out of turn")
        self._index += 1

    def _answer(self, apdu: bytes) -> None:
        self._line.send(build_frame(self._index - 1, apdu))

    def _pass_on(self, frame: bytes) -> None:
        """One command of the issuer's. Where it is not on the first share's list, that share is over and the next one is asked."""
        index, command = parse_frame(frame)
        self._count(index)
        while True:
            share = self._shares[0]
            try:
                passed = judge(share.rules, share.state, command)
                break
            except TegataError:
                if len(self._shares) == 1:
                    raise
                del self._shares[0]
        answer = self._connection.transmit(command)
        if len(answer) < 2:
            raise CardError("card_answer_malformed", "the card's answer is no response APDU")
        share.state = settle(share.rules, share.state, passed, answer)
        self._answer(answer)

    def _sign(self, message: Sign) -> None:
        """The possession of *this* session, whatever else the message might want signed."""
        self._count(message.index)
        share, challenge = self._shares[0], self._challenge
        key = find_key(share.rules, share.state, message.key)
        if challenge is None or message.session != challenge.session or read_bytes(message.nonce) != challenge.nonce:
            raise Refused("signature_refused", "the issuer asked for a signature over something else than this session")
        digest_info = build_digest_info(build_possession(challenge))
        answer = self._connection.transmit(encode(Command(0x80, 0x2A, 0x00, key.p2, digest_info, 256)))
        if len(answer) < 2:
            raise CardError("card_answer_malformed", "the card's answer is no response APDU")
        share.state = settle_signature(share.state, answer)
        self._answer(answer)

    def _present(self, message: Present) -> None:
        """Counter, question, card: again until the card accepts, is blocked, or the person goes."""
        self._count(message.index)
        share = self._shares[0]
        slot = find_slot(share.rules, share.state, message.secret)
        kind = SECRETS[message.secret]
        problem: Problem = ""
        while True:
            try:
                tries = self._ask_counter(kind, slot)
                problem = self._try(kind, slot, tries, problem)
            except PinBlocked:
                self._note(kind, "blocked", 0)
                self._answer(_BLOCKED)
                return
            if not problem:
                self._answer(_DONE)
                return

    def _ask_counter(self, kind: SecretKind, slot: Slot) -> Tries:
        tries = ask_tries(CardChannel(self._connection), p2=slot.p2)
        if tries.is_open:
            raise CardError("pin_already_open", "the card holds this secret for given already")
        if tries.left == 0:
            raise PinBlocked
        self._note(kind, "asked", tries.left)
        return tries

    def _try(self, kind: SecretKind, slot: Slot, tries: Tries, problem: Problem) -> Problem:
        left = tries.left
        asked = Asked(prompt=SecretPrompt(kind=kind, tries_left=left), problem=problem)
        answered = self._give_secret(asked)
        try:
            secret = read_pin(kind, answered.typed)
        except Malformed:
            return "malformed"
        try:
            if asked.prompt.may_lock and not answered.agreed:
                return "not_agreed"
            self._note(kind, "unknown", left)
            verify_pin(
                CardChannel(self._connection),
                secret,
                p2=slot.p2,
                tries=tries,
                last_try_ok=answered.agreed,
                what=f"check {kind.name}",
            )
        except PinBlocked:
            raise
        except PinWrong as wrong:
            self._note(kind, "wrong", wrong.attempts_left)
            return "wrong"
        finally:
            secret.forget()
        self._note(kind, "accepted", left)
        return ""

    def _give_secret(self, asked: Asked) -> Answered:
        """Nothing is typed for, or sent to the card in, a session that is over. Raises Unavailable("card_session_over")."""
        self._deadline.within(0)
        answered = self._person.give_secret(asked)
        try:
            self._deadline.within(0)
        except Unavailable:
            answered.typed.forget()
            raise
        return answered

    def _open(self, message: Open) -> None:
        self._count(message.index)
        share = self._shares[0]
        kind = SECRETS.get(message.secret)
        if kind is None or kind.name != share.rules.opens or share.state.opened:
            raise Refused("command_refused", "the issuer asked for a handshake that has no place here")
        handed = self._shake_hands(kind, share.read.driver)
        if handed.keys is not None:
            session = Messaging(keys=handed.keys, counter=int.from_bytes(handed.keys.ssc, "big"))
            share.state = State(opened=True, application=APPLICATION, session=session)
        else:
            share.rules = build_rules(
                share.read.driver, share.read.parts, self._known_challenge(), card_type=handed.card_type
            )
            share.state = State(opened=True)
        opened = Opened(self._index - 1, b64url_encode(handed.session), handed.extended, handed.answer_limit)
        self._line.send(build_text(opened))

    def _shake_hands(self, kind: SecretKind, driver: str) -> Handed:
        """Again until what was typed fits. The card counts nothing, so we do: waits grow after the third wrong number."""
        problem: Problem = ""
        while True:
            at = self._numbers.begin(kind.name)
            try:
                answered = self._give_secret(Asked(prompt=SecretPrompt(kind=kind), problem=problem))
            except BaseException:  # nothing was tried
                self._numbers.release(kind.name, at)
                raise
            self._note(kind, "asked", None)
            channel = CardChannel(self._connection)
            try:
                if driver == "passport":
                    handed = open_passport(channel, answered.typed, random=self._random)
                else:
                    handed = open_residence_card(channel, answered.typed, self._delivery_key, random=self._random)
            except PinWrong:
                self._note(kind, "wrong", None)
                problem = "wrong"
            except Malformed:
                self._numbers.release(kind.name, at)
                problem = "malformed"
            else:
                self._numbers.release(kind.name, at)
                self._note(kind, "accepted", None)
                return handed

    def _known_challenge(self) -> PossessionChallenge:
        if self._challenge is None:
            raise Malformed("bad_relay_message", "a step before the session")
        return self._challenge

    def _note(self, kind: SecretKind, outcome: Outcome, left: int | None) -> None:
        self.tries[kind.name] = Tried(kind=kind, outcome=outcome, left=left)
