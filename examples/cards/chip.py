"""An ISO/IEC 7816-4 card: selecting, reading, passwords, challenges, chaining, long answers. What a card is *about* are its applications.

chip = Chip([Application(aid=…, files=[Transparent(fid=1, content=b"…"), Pin(fid=0x11, name="pin", value=b"1234", limit=3)])])
chip.answer(bytes.fromhex("00a4040c…"))  # b"\\x90\\x00"
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Protocol

from examples.cards.command import DONE, Answer, Command, Refusal, Removed, parse
from examples.cards.files import Application, File, Pin
from examples.cards.reading import read_binary, read_binary_object, read_record
from examples.cards.selecting import enter, select
from examples.cards.transport import Transport

__all__ = ["ATR", "Application", "Card", "Chip", "Messaging", "Refusal", "Removed"]

ATR = bytes.fromhex("3b8880010000000000000000" + "09")
"""As readers make it up for contactless cards: it tells nothing of what the card is."""
SECURE = "secure"


class Card(Protocol):
    """What a reader can do with a card: a chip, or one with something wrong around it (``faults``)."""

    @property
    def atr(self) -> bytes: ...

    def power(self) -> None:
        """On, off, or reset: the session is forgotten."""

    def answer(self, apdu: bytes) -> bytes:
        """The response APDU. Raises Removed where the card is gone, and nothing else, whatever the bytes."""


class Messaging(Protocol):
    """Secure messaging of one session. survives_plain: whether it goes on after a command outside of it."""

    survives_plain: bool

    def unwrap(self, command: Command) -> Command:
        """The command inside. Raises Refusal, which ends the session."""

    def wrap(self, answer: Answer) -> Answer: ...


class Chip:
    """``mf``: the master file, selected at power-on. without_mf: what `00 A4 00 00` says where there is none and an
    application is selected; 9000 changes nothing then. 6A86 where none is.

    partial_names: whether an AID may be cut short on its right. end_of_file: the status of a read that wanted more than there was.
    blocked: of VERIFY with no tries left. no_messaging: of a secured command without a session.
    """

    def __init__(
        self,
        applications: Iterable[Application],
        *,
        mf: Application | None = None,
        atr: bytes = ATR,
        transport: Transport | None = None,
        random: Callable[[int], bytes] = os.urandom,
        without_mf: int = 0x6A82,
        partial_names: bool = False,
        blocked: int = 0x6984,
        end_of_file: int = 0x6282,
        no_messaging: int = 0x6882,
    ) -> None:
        self.atr = atr
        self.mf = mf
        self.applications = tuple(applications)
        for application in self.all_applications():
            application.chip = self
            if application.parent is None and application is not mf:
                application.parent = mf
        self.transport = transport or Transport()
        self.random = random
        self.without_mf, self.partial_names = without_mf, partial_names
        self.blocked, self.end_of_file, self.no_messaging = blocked, end_of_file, no_messaging
        self.power()

    def all_applications(self) -> tuple[Application, ...]:
        return self.applications if self.mf is None else (self.mf, *self.applications)

    def power(self) -> None:
        self.application = self.mf
        self.file: File | None = None
        self.challenge = b""
        self.messaging: Messaging | None = None
        self._under_messaging = False
        self._chain: list[Command] = []
        self.transport.forget()
        for application in self.all_applications():
            application.reset()

    def granted(self) -> frozenset[str]:
        """What the session may do now, where it stands now."""
        line = self.application.line() if self.application else ()
        secure = {SECURE} if self._under_messaging else set()
        return frozenset(secure.union(*(application.granted for application in line)))

    def answer(self, apdu: bytes) -> bytes:
        return self.transport.exchange(apdu, self._answer)

    def _answer(self, apdu: bytes) -> tuple[Answer, int]:
        """The whole answer, and how much of it is wanted at once."""
        try:
            command = parse(apdu)
            if command.extended and not self.transport.extended:
                raise Refusal(0x6700)
            if command.cla & 0xE0 not in {0x00, 0x80}:
                raise Refusal(0x6E00)
            if command.cla < 0x80 and command.cla & 0x03:
                raise Refusal(0x6881)  # one logical channel
            return self._secured(command), command.ne
        except Refusal as refusal:
            return (b"", refusal.sw), 0

    def _secured(self, command: Command) -> Answer:
        messaging = self.messaging
        self._under_messaging = False
        if not command.secured:
            if messaging is not None and not messaging.survives_plain:
                self.messaging = None
            return self._chained(command)
        if messaging is None:
            raise Refusal(self.no_messaging)
        try:
            inner = messaging.unwrap(command)
        except Refusal:
            self.messaging = None
            raise
        self._under_messaging = True
        try:
            answer = self._chained(inner)
        except Refusal as refusal:
            answer = (b"", refusal.sw)
        return messaging.wrap(answer)

    def _chained(self, command: Command) -> Answer:
        """Command chaining (7816-4 §5.3.3). GENERAL AUTHENTICATE uses the same bit for a dialogue, each step of which has an answer."""
        if command.ins == 0x86:
            self._chain = []
            return self._dispatch(command)
        if self._chain and (command.ins, command.p1p2) != (self._chain[0].ins, self._chain[0].p1p2):
            self._chain = []
            raise Refusal(0x6883)
        if command.more:
            self._chain.append(command)
            if sum(len(part.data) for part in self._chain) > 65535:
                self._chain = []
                raise Refusal(0x6700)
            return DONE
        whole = b"".join(part.data for part in self._chain) + command.data
        self._chain = []
        return self._dispatch(replace(command, data=whole))

    def _dispatch(self, command: Command) -> Answer:
        for application in self.application.line() if self.application else ():
            answer = application.handle(command)
            if answer is not None:
                return answer
        if command.cla >= 0x80:
            raise Refusal(0x6D00)
        match command.ins:
            case 0xA4:
                return select(self, command)
            case 0xB0:
                return read_binary(self, command)
            case 0xB1:
                return read_binary_object(self, command)
            case 0xB2:
                return read_record(self, command)
            case 0x20:
                return self._verify(command)
            case 0x84:
                return self._get_challenge(command)
        raise Refusal(0x6D00)

    def enter(self, found: Application | File, p2: int) -> Answer:
        """Selects it. For applications that answer SELECT themselves."""
        return enter(self, found, p2)

    # VERIFY (7816-4 §11.6.6) and GET CHALLENGE (§11.6.3)

    def _verify(self, command: Command) -> Answer:
        if command.p1 or not command.p2 & 0x80:
            raise Refusal(0x6A86)
        if self.application is None:
            raise Refusal(0x6985)
        pin = self._named(command.p2 & 0x1F) if command.p2 & 0x1F else self.file
        if pin is None:
            raise Refusal(0x6986)
        if not isinstance(pin, Pin):
            raise Refusal(0x6981)
        self.file = pin
        if not command.data:
            if command.ne:
                raise Refusal(0x6700)  # with a length it is another command
            return b"", 0x63C0 | min(pin.left, 15)
        if not pin.left:
            raise Refusal(self.blocked)
        holder = self.application
        if not pin.accepts(command.data):
            holder.granted.discard(pin.name)
            return b"", 0x63C0 | min(pin.left, 15)
        holder.granted.add(pin.name)
        return DONE

    def _named(self, sfi: int) -> File:
        file = self.application.by_sfi(sfi) if self.application else None
        if file is None:
            raise Refusal(0x6A82)
        return file

    def _get_challenge(self, command: Command) -> Answer:
        if command.p1p2:
            raise Refusal(0x6A86)
        if not 1 <= command.ne <= 256:
            raise Refusal(0x6700)
        self.challenge = self.random(command.ne)
        return self.challenge, 0x9000
