"""Reads a passport: access (PACE, else BAC), files, and a proof of the chip. Nothing is judged here. ICAO Doc 9303-11 §4.1, cards.md §7.2.

Every file is named by its short identifier in READ BINARY itself and read once. EF.COM is not: the SOD lists the data groups and is signed.
Who has run the handshake already (the holder's side of a relay) hands over session keys as the channel's messaging; then nobody is asked.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from common.cards.apdu import SHORT_ANSWER, Command
from common.cards.channel import CardChannel
from common.cards.drivers.passport.active_authentication import CHALLENGE_BYTES, ask_signature, parse_dg15
from common.cards.drivers.passport.atr_info import apply_atr_info, parse_atr_info
from common.cards.drivers.passport.bac import run_bac
from common.cards.drivers.passport.chip_authentication import ChipKey, choose_chip_key, run_chip_authentication
from common.cards.drivers.passport.curve import encode_point
from common.cards.drivers.passport.layout import (
    ACTIVE_AUTHENTICATION,
    APPLICATION,
    ATR_INFO,
    CARD,
    CARD_ACCESS,
    CARD_SECURITY,
    CHIP_AUTHENTICATION,
    FILES,
    GROUPS_OF,
    IDENTITY,
    MF,
    PACE_CAM,
    PRINTED,
    SECURITY_OBJECT,
    group_file,
    group_name,
)
from common.cards.drivers.passport.pace import PaceSession, run_pace
from common.cards.drivers.passport.pace_protocols import PaceProtocol, choose_protocol
from common.cards.drivers.passport.password import Password, PasswordKind, parse_password
from common.cards.drivers.passport.security_infos import parse_card_access, parse_dg14
from common.cards.drivers.passport.security_object import parse_security_object
from common.cards.files import Sfi, read_file, select_application
from common.cards.possession import derive_challenge
from common.cards.prompts import Progress, ReadRequest, SecretPrompt
from common.cards.reading import Exchange, Reading
from common.cards.status_words import DONE, END_OF_FILE, NOT_FOUND, SECURITY_NOT_SATISFIED
from common.errors import CardError, Malformed, Refused, Unsupported

MAX_FILE = 1 << 16
MAX_PHOTO = 1 << 19
_ABSENT = frozenset({NOT_FOUND, SECURITY_NOT_SATISFIED, 0x6A80, 0x6A83, 0x6A86, 0x6A88, 0x6B00, 0x6D00, 0x6985, 0x6986})
"""How chips say that a file is not there, or not for us."""


@dataclass(slots=True)
class _Gathered:
    files: dict[str, bytes] = field(default_factory=dict)
    exchanges: dict[str, Exchange] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    accepted: frozenset[str] = frozenset()


def read_passport(channel: CardChannel, request: ReadRequest) -> Reading:
    """A reading of the parts asked for, with SOD and DG14, and one proof of the chip where it offers any.

    1. access: PACE where EF.CardAccess offers it, BAC where it does not; one that fails is not followed by another
    2. SOD, DG14, the data groups of the parts
    3. the chip: by the mapping of 1, else chip authentication, else active authentication — the last, since after a failed one
       nothing more can be read
    Raises PinWrong(None) for a printed text that the chip does not accept, CardError, CardRemoved, Unavailable, Refused, Malformed.
    """
    gathered = _Gathered()
    # 1
    session = None
    if channel.secure is None:
        session = _open(channel, request, gathered)
    else:
        gathered.notes["access"] = "handed_over"
        select_application(channel, APPLICATION, what="open the passport's application")
    # 2
    listed = _read_security_object(channel, request, gathered)
    wanted = {number for part in {*request.parts, IDENTITY} for number in GROUPS_OF[part]}
    for number in sorted(wanted):
        if number in (1, 2) or number in listed:
            _read_group(channel, request, gathered, number)
    if 14 in listed:
        _read_group(channel, request, gathered, 14)
    # 3
    _prove_chip(channel, request, gathered, session, has_key=15 in listed)
    return Reading(
        card=CARD,
        files=gathered.files,
        exchanges=gathered.exchanges,
        accepted=gathered.accepted,
        notes=gathered.notes,
    )


def _open(channel: CardChannel, request: ReadRequest, gathered: _Gathered) -> PaceSession | None:
    """The secured channel, with the application selected. How long answers may be is settled before secure messaging, where a refusal would
    end the session."""
    channel.send(Command(0x00, 0xA4, 0x00, 0x0C, MF), expect=None)
    _ask_lengths(channel)
    protocol = _choose_access(channel, gathered)
    password = parse_password(request.ask(SecretPrompt(kind=PRINTED)).secret.reveal())
    try:
        request.progress(Progress(step="access"))
        session = _run(channel, request, gathered, protocol, password)
    finally:
        password.forget()
    gathered.accepted = frozenset({PRINTED.name})
    return session


def _ask_lengths(channel: CardChannel) -> None:
    """EF.ATR/INFO, which not every chip has: then the first long read tells whether extended length is understood."""
    if channel.extended is not None:
        return
    response = channel.send(Command(0x00, 0xB0, 0x80 | ATR_INFO, 0x00, le=SHORT_ANSWER), expect=None)
    if response.sw not in (DONE, END_OF_FILE):
        return
    try:
        apply_atr_info(channel, parse_atr_info(response.data))
    except Malformed:
        return  # a hint that cannot be read is no hint


def _choose_access(channel: CardChannel, gathered: _Gathered) -> PaceProtocol | None:
    """None: the chip offers no PACE, or none that can be run here, and the note says which."""
    file = _read(channel, FILES[CARD_ACCESS])
    if file is None:
        return None
    gathered.files[CARD_ACCESS] = file
    infos = parse_card_access(file).pace
    try:
        return choose_protocol(infos) if infos else None
    except Unsupported:
        gathered.notes["pace"] = "unsupported"
        return None


def _run(
    channel: CardChannel, request: ReadRequest, gathered: _Gathered, protocol: PaceProtocol | None, password: Password
) -> PaceSession | None:
    kind = "can" if password.kind is PasswordKind.CAN else "mrz"
    if protocol is None:
        if password.kind is not PasswordKind.MRZ:
            raise Refused("mrz_needed", "this document opens with its machine readable zone only")
        select_application(channel, APPLICATION, what="open the passport's application")
        channel.secure = run_bac(channel, password, request.random).messaging()
        gathered.notes["access"] = f"bac_{kind}"
        return None
    session = run_pace(channel, protocol, password, request.random)
    channel.secure = session.keys.messaging()
    gathered.notes["access"] = f"pace_{kind}"
    gathered.notes["pace"] = f"{protocol.oid}/{protocol.curve.number}"
    if session.chip_data is not None and (file := _read(channel, FILES[CARD_SECURITY])) is not None:
        gathered.files[CARD_SECURITY] = file
    select_application(channel, APPLICATION, what="open the passport's application")
    return session


def _read_security_object(channel: CardChannel, request: ReadRequest, gathered: _Gathered) -> frozenset[int]:
    """The numbers of data groups that the SOD lists. One that cannot be read is kept as it is: what it is worth is judged later."""
    request.progress(Progress(step=SECURITY_OBJECT))
    file = _read(channel, FILES[SECURITY_OBJECT])
    if file is None:
        return frozenset()
    gathered.files[SECURITY_OBJECT] = file
    try:
        return frozenset(parse_security_object(file).digests)
    except (Malformed, Unsupported):
        return frozenset(range(1, 17))


def _read_group(channel: CardChannel, request: ReadRequest, gathered: _Gathered, number: int) -> bytes | None:
    name = group_name(number)
    request.progress(Progress(step=name, done=sum(map(len, gathered.files.values()))))
    file = _read(channel, group_file(number), max_bytes=MAX_PHOTO if number == 2 else MAX_FILE)
    if file is not None:
        gathered.files[name] = file
    return file


def _read(channel: CardChannel, file: Sfi, *, max_bytes: int = MAX_FILE) -> bytes | None:
    """A whole file, None where the chip does not give it."""
    try:
        return read_file(channel, file, max_bytes=max_bytes, tlv=True)
    except CardError as error:
        if error.sw in _ABSENT and error.code == "card_refused":
            return None
        raise


def _prove_chip(
    channel: CardChannel, request: ReadRequest, gathered: _Gathered, session: PaceSession | None, *, has_key: bool
) -> None:
    mapping = (
        None
        if session is None or session.mapping_key is None
        else encode_point(session.protocol.curve, session.mapping_key)
    )
    if mapping is not None and session is not None and session.chip_data and CARD_SECURITY in gathered.files:
        gathered.exchanges[PACE_CAM] = Exchange(challenge=mapping, answer=session.chip_data)
        return
    request.progress(Progress(step="chip"))
    if (chip := _chip_key(gathered)) is not None:
        gathered.exchanges[CHIP_AUTHENTICATION] = run_chip_authentication(channel, chip, request.random)
        return
    if not has_key or (file := _read_group(channel, request, gathered, 15)) is None:
        return
    try:
        key = parse_dg15(file)
    except (Malformed, Unsupported):
        return
    challenge = derive_challenge(request.challenge, ACTIVE_AUTHENTICATION, CHALLENGE_BYTES)
    try:
        answer = ask_signature(channel, challenge, key)
    except CardError as error:
        if error.sw is None:  # removed, or a dead session; a refusal is an answer, too
            raise
        answer = b""
    gathered.exchanges[ACTIVE_AUTHENTICATION] = Exchange(challenge=challenge, answer=answer)


def _chip_key(gathered: _Gathered) -> ChipKey | None:
    file = gathered.files.get(group_name(14))
    if file is None:
        return None
    try:
        infos = parse_dg14(file)
        return choose_chip_key(infos) if infos.chip_keys else None
    except (Malformed, Unsupported):
        return None
