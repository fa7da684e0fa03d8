"""Opening the chip: PACE where it offers it, else BAC; and handing the open session over. ICAO Doc 9303-11 §4.1, cards.md §7.2.

One of them that fails is not followed by the other: whoever can break PACE would otherwise choose BAC for us. The handshake may run at
the holder's side of a relay (`hand_over`), which then tells session keys and nothing of what is printed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from common.cards.apdu import SHORT_ANSWER, Command, Response
from common.cards.channel import CardChannel
from common.cards.drivers.passport.atr_info import apply_atr_info, parse_atr_info
from common.cards.drivers.passport.bac import run_bac
from common.cards.drivers.passport.key_agreement import Random
from common.cards.drivers.passport.key_derivation import SessionKeys
from common.cards.drivers.passport.layout import (
    APPLICATION,
    ATR_INFO,
    CARD_ACCESS,
    CARD_SECURITY,
    FILES,
    MF,
    long_name,
)
from common.cards.drivers.passport.pace import PaceSession, run_pace
from common.cards.drivers.passport.pace_protocols import PaceProtocol, choose_protocol
from common.cards.drivers.passport.password import Password, PasswordKind
from common.cards.drivers.passport.security_infos import parse_card_access
from common.cards.files import Sfi, read_file, select_application
from common.cards.status_words import DONE, END_OF_FILE, NOT_FOUND, SECURITY_NOT_SATISFIED
from common.errors import CardError, Malformed, Refused, Unsupported

MAX_FILE = 1 << 16
_ABSENT = frozenset({NOT_FOUND, SECURITY_NOT_SATISFIED, 0x6A80, 0x6A83, 0x6A86, 0x6A88, 0x6B00, 0x6D00, 0x6985, 0x6986})
"""How chips say that a file is not there, or not for us."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenChip:
    """What opening leaves behind: keys as the handshake gave them, files read on the way, words for the reading's notes.

    session: of PACE, None after BAC. commands: how many went protected since the keys began to count.
    """

    keys: SessionKeys
    session: PaceSession | None
    files: dict[str, bytes] = field(repr=False)
    notes: dict[str, str]
    commands: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    """An open session for somebody else's channel; the application is selected. extended, answer_limit: as the channel had found out."""

    keys: SessionKeys
    extended: bool | None
    answer_limit: int

    def take(self, channel: CardChannel) -> None:
        """The channel goes on where the handshake stopped."""
        channel.extended, channel.answer_limit = self.extended, self.answer_limit
        channel.secure = self.keys.messaging()


def open_chip(
    channel: CardChannel, ask: Callable[[], Password], random: Random, *, prove_chip: bool = True
) -> OpenChip:
    """The channel secured, the application selected. ask: called once the chip has said what it offers; its answer is forgotten here.

    1. from the MF: how long answers may be, before secure messaging, where a refusal would end the session; what EF.CardAccess offers
    2. PACE from there, with EF.CardSecurity where the mapping proves the chip; or BAC in the application
    prove_chip: whether that mapping is wanted; it proves the chip to who runs this and to nobody else.
    A chip that offers PACE in ways only that are not known here (modulo a prime) is opened by BAC, where it lets itself be.
    Raises PinWrong, PinBlocked, CardError, CardRemoved, Unavailable, Malformed, Refused("mrz_needed"); Unsupported("pace_protocol"), with
    what the chip offers, where it does not.
    """
    # 1
    channel.send(Command(0x00, 0xA4, 0x00, 0x0C, MF), expect=None)
    _ask_lengths(channel)
    files: dict[str, bytes] = {}
    notes: dict[str, str] = {}
    protocol, unknown = _choose(channel, files, notes, prove_chip=prove_chip)
    # 2
    password = ask()
    try:
        notes["access"] = f"{'bac' if protocol is None else 'pace'}_{password.kind.name.lower()}"
        if protocol is None:
            return _by_bac(channel, password, random, files, notes)
        return _by_pace(channel, protocol, password, random, files, notes)
    except CardError as error:
        if unknown is not None and error.code == "card_refused":
            raise unknown from error
        raise
    finally:
        password.forget()


def hand_over(channel: CardChannel, password: Password, random: Random) -> HandedOver:
    """At the holder's side: opens the chip and gives the session away. The channel must not be used after that. Raises as `open_chip`."""
    opened = open_chip(channel, lambda: password, random, prove_chip=False)
    keys = opened.keys
    count = int.from_bytes(keys.ssc, "big") + 2 * opened.commands  # up before every command and every answer
    channel.secure = None
    return HandedOver(
        keys=replace(keys, ssc=count.to_bytes(len(keys.ssc), "big")),
        extended=channel.extended,
        answer_limit=channel.answer_limit,
    )


def read_if_there(
    channel: CardChannel, file: Sfi, *, max_bytes: int = MAX_FILE, by_short_name: bool = True
) -> bytes | None:
    """A whole file, None where the chip does not give it. by_short_name: named in READ BINARY itself, which saves the SELECT.

    Raises CardError, CardRemoved, Unavailable, Malformed.
    """
    name = file if by_short_name else long_name(file)
    try:
        return read_file(channel, name, max_bytes=max_bytes, tlv=True)
    except CardError as error:
        if error.sw in _ABSENT and error.code == "card_refused":
            return None
        raise


def _ask_lengths(channel: CardChannel) -> None:
    """EF.ATR/INFO, which not every chip has: then the first long read tells whether extended length is understood."""
    if channel.extended is False:
        return
    response = channel.send(Command(0x00, 0xB0, 0x80 | ATR_INFO, 0x00, le=SHORT_ANSWER), expect=None)
    if response.sw not in (DONE, END_OF_FILE):
        return
    try:
        apply_atr_info(channel, parse_atr_info(response.data))
    except Malformed:
        return  # a hint that cannot be read is no hint


def _choose(
    channel: CardChannel, files: dict[str, bytes], notes: dict[str, str], *, prove_chip: bool
) -> tuple[PaceProtocol | None, Unsupported | None]:
    """Nothing: the chip offers no PACE. With an error: none that can be run here, as the note says, too."""
    file = read_if_there(channel, FILES[CARD_ACCESS])
    if file is None:
        return None, None
    files[CARD_ACCESS] = file
    infos = parse_card_access(file).pace
    try:
        return (choose_protocol(infos, prove_chip=prove_chip) if infos else None), None
    except Unsupported as unknown:
        notes["pace"] = "unsupported"
        return None, unknown


def _by_bac(
    channel: CardChannel, password: Password, random: Random, files: dict[str, bytes], notes: dict[str, str]
) -> OpenChip:
    if password.kind is not PasswordKind.MRZ:
        raise Refused("mrz_needed", "this document opens with its machine readable zone only")
    select_application(channel, APPLICATION, what="open the passport's application")
    keys = run_bac(channel, password, random)
    channel.secure = keys.messaging()
    return OpenChip(keys=keys, session=None, files=files, notes=notes, commands=0)


def _by_pace(
    channel: CardChannel,
    protocol: PaceProtocol,
    password: Password,
    random: Random,
    files: dict[str, bytes],
    notes: dict[str, str],
) -> OpenChip:
    notes["pace"] = f"{protocol.oid}/{protocol.curve.number}"
    session = run_pace(channel, protocol, password, random)
    counting = _Counting(session.keys)
    channel.secure = counting
    if session.chip_data is not None and (file := read_if_there(channel, FILES[CARD_SECURITY])) is not None:
        files[CARD_SECURITY] = file
    select_application(channel, APPLICATION, what="open the passport's application")
    channel.secure = counting.messaging
    return OpenChip(keys=session.keys, session=session, files=files, notes=notes, commands=counting.commands)


class _Counting:
    """Messaging that knows how many commands it has protected, so that somebody else's can go on from there."""

    def __init__(self, keys: SessionKeys) -> None:
        self.messaging = keys.messaging()
        self.commands = 0

    def protect(self, command: Command) -> Command:
        self.commands += 1
        return self.messaging.protect(command)

    def unprotect(self, response: Response) -> Response:
        return self.messaging.unprotect(response)

    def room(self, limit: int) -> int:
        return self.messaging.room(limit)
