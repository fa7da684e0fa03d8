"""The chip of an e-passport (ICAO 9303-10, -11): master file with PACE, LDS1 application with BAC, chip and active authentication."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from examples.cards.chip import SECURE, Messaging
from examples.cards.command import Answer, Command, Refusal
from examples.cards.files import Application, File, Transparent, all_of, never
from examples.cards.passport.active_authentication import ActiveKey
from examples.cards.passport.bac import BasicAccess
from examples.cards.passport.chip_authentication import ChipAuthentication
from examples.cards.passport.pace import Pace
from examples.cards.passport.secure_messaging import PassportMessaging

AID = bytes.fromhex("a0000002471001")
PACE_DONE = "pace"
CARD_ACCESS, CARD_SECURITY, ATR_INFO, DIRECTORY = 0x011C, 0x011D, 0x2F01, 0x2F00
COM, SOD = 0x011E, 0x011D
FINGERS, IRIS = 3, 4
"""Data groups behind terminal authentication, which no passport gives to us."""
Messenger = Callable[[PassportMessaging], Messaging]


def data_group(number: int) -> int:
    """DG n's file identifier."""
    return 0x0100 + number


def _same(messaging: PassportMessaging) -> Messaging:
    return messaging


class MasterFile(Application):
    """EF.CardAccess, EF.ATR/INFO and EF.DIR are free; EF.CardSecurity is read after PACE."""

    def __init__(
        self, *, pace: Pace | None, free: dict[int, bytes], card_security: bytes = b"", messenger: Messenger = _same
    ) -> None:
        files: list[File] = [Transparent(fid=fid, sfi=_short(fid), content=content) for fid, content in free.items()]
        if card_security:
            files.append(
                Transparent(fid=CARD_SECURITY, content=card_security, read=all_of(PACE_DONE, SECURE)),
            )
        super().__init__(fid=0x3F00, files=files)
        self.pace = pace
        self._messenger = messenger

    def reset(self) -> None:
        super().reset()
        if self.pace is not None:
            self.pace.forget()

    def handle(self, command: Command) -> Answer | None:
        if self.pace is None or command.cla & 0x80:
            return None
        if command.ins == 0x22 and command.p1p2 == 0xC1A4:
            return self.pace.set_template(command)
        if command.ins == 0x86:
            answer, messaging = self.pace.authenticate(command)
            if messaging is not None:
                self.chip.messaging = self._messenger(messaging)
                self.granted.add(PACE_DONE)
            return answer
        return None


def _short(fid: int) -> int:
    return {ATR_INFO: 0x01, DIRECTORY: 0x1E}.get(fid, fid & 0x1F)


class LdsApplication(Application):
    """All files under secure messaging alone. files: by FID. bac: None where PACE is the only door."""

    def __init__(
        self,
        *,
        files: dict[int, bytes],
        bac: BasicAccess | None,
        chip_authentication: ChipAuthentication | None = None,
        active_key: ActiveKey | None = None,
        messenger: Messenger = _same,
    ) -> None:
        super().__init__(aid=AID, files=_files(files))
        self.bac = bac
        self.chip_authentication = chip_authentication
        self.active_key = active_key
        self._messenger = messenger

    def reset(self) -> None:
        super().reset()
        if self.chip_authentication is not None:
            self.chip_authentication.forget()

    def handle(self, command: Command) -> Answer | None:
        if command.cla & 0x80:
            return None
        match command.ins:
            case 0x82 if self.bac is not None:
                return self._external_authenticate(self.bac, command)
            case 0x88 if self.active_key is not None:
                return self._internal_authenticate(self.active_key, command)
            case 0x22 | 0x86 if self.chip_authentication is not None:
                return self._authenticate_chip(self.chip_authentication, command)
        return None

    def _external_authenticate(self, bac: BasicAccess, command: Command) -> Answer:
        if command.p1p2:
            raise Refusal(0x6A86)
        challenge, self.chip.challenge = self.chip.challenge, b""  # a challenge serves once
        answer, messaging = bac.authenticate(command.data, challenge, self.chip.random)
        if self.parent is not None:
            self.parent.granted.discard(PACE_DONE)
        self.chip.messaging = self._messenger(messaging)
        return answer

    def _internal_authenticate(self, key: ActiveKey, command: Command) -> Answer:
        if command.p1p2:
            raise Refusal(0x6A86)
        self._demand_messaging()
        if len(command.data) != 8:
            raise Refusal(0x6700)
        return key.answer(command.data, self.chip.random), 0x9000

    def _authenticate_chip(self, protocol: ChipAuthentication, command: Command) -> Answer | None:
        """The new keys hold from the next command on: this answer still goes under the old ones."""
        if command.ins == 0x86:
            if not protocol.pending:
                return None  # PACE's
            self._demand_messaging()
            answer, messaging = protocol.authenticate(command)
        elif command.p1p2 == 0x41A6:
            self._demand_messaging()
            answer, messaging = protocol.set_key_agreement(command)
        elif command.p1p2 == 0x41A4:
            self._demand_messaging()
            return protocol.set_template(command)
        else:
            return None
        self.chip.messaging = self._messenger(messaging)
        return answer

    def _demand_messaging(self) -> None:
        if SECURE not in self.chip.granted():
            raise Refusal(0x6982)


def _files(contents: dict[int, bytes]) -> Iterable[File]:
    behind = {data_group(FINGERS), data_group(IRIS)}
    return [
        Transparent(fid=fid, content=content, read=never if fid in behind else all_of(SECURE))
        for fid, content in contents.items()
    ]
