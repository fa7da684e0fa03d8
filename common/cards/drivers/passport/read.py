"""Reads a passport: access (PACE, else BAC), files, and a proof of the chip. Nothing is judged here. ICAO Doc 9303-11 §4.1, cards.md §7.2.

Every file is read once, named by its short identifier in READ BINARY itself (by SELECT where a chip knows no such names). EF.COM is not
read: the SOD lists the data groups and is signed.
A channel that is secured already (`access.hand_over`, at the holder's side of a relay) is used as it is, and nobody is asked.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from common.cards.channel import CardChannel
from common.cards.drivers.passport.access import MAX_FILE, open_chip, read_if_there
from common.cards.drivers.passport.active_authentication import CHALLENGE_BYTES, ask_signature, parse_dg15
from common.cards.drivers.passport.chip_authentication import ChipKey, choose_chip_key, run_chip_authentication
from common.cards.drivers.passport.curve import encode_point
from common.cards.drivers.passport.layout import (
    ACTIVE_AUTHENTICATION,
    CARD,
    CARD_SECURITY,
    CHIP_AUTHENTICATION,
    FILES,
    GROUPS_OF,
    HANDED_OVER,
    IDENTITY,
    PACE_CAM,
    PRINTED,
    SECURITY_OBJECT,
    group_file,
    group_name,
)
from common.cards.drivers.passport.pace import PaceSession
from common.cards.drivers.passport.password import Password, parse_password
from common.cards.drivers.passport.security_infos import parse_dg14
from common.cards.drivers.passport.security_object import parse_security_object
from common.cards.possession import derive_challenge
from common.cards.prompts import Progress, ReadRequest, SecretPrompt
from common.cards.reading import Exchange, Reading
from common.errors import CardError, Malformed, Unsupported

MAX_PHOTO = 1 << 19


@dataclass(slots=True)
class _Gathered:
    files: dict[str, bytes] = field(default_factory=dict)
    exchanges: dict[str, Exchange] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    by_short_name: bool = True
    accepted: frozenset[str] = frozenset()


def read_passport(channel: CardChannel, request: ReadRequest) -> Reading:
    """A reading of the parts asked for, with SOD and DG14, and one proof of the chip where it offers any.

    1. access: PACE where EF.CardAccess offers it, BAC where it does not; one that fails is not followed by another
    2. SOD, DG14, the data groups of the parts
    3. the chip: by the mapping of 1, else chip authentication, else active authentication — the last, since after a failed one
       nothing more can be read. In a session that was handed over active authentication comes first: it alone answers our challenge
    Raises PinWrong(None) for a printed text that the chip does not accept, CardError, CardRemoved, Unavailable, Refused, Malformed.
    """
    gathered = _Gathered()
    # 1
    session = None
    if channel.secure is None:
        session = _open(channel, request, gathered)
    else:
        gathered.notes["access"] = HANDED_OVER
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
    def ask() -> Password:
        password = parse_password(request.ask(SecretPrompt(kind=PRINTED)).secret.reveal())
        request.progress(Progress(step="access"))
        return password

    opened = open_chip(channel, ask, request.random)
    gathered.files |= opened.files
    gathered.notes |= opened.notes
    gathered.accepted = frozenset({PRINTED.name})
    return opened.session


def _read_security_object(channel: CardChannel, request: ReadRequest, gathered: _Gathered) -> frozenset[int]:
    """The numbers of data groups that the SOD lists. One that cannot be read is kept as it is: what it is worth is judged later."""
    request.progress(Progress(step=SECURITY_OBJECT))
    file = read_if_there(channel, FILES[SECURITY_OBJECT])
    if file is None:
        # Every passport has this one. A chip that does not give it by its short identifier may know no such names.
        file = read_if_there(channel, FILES[SECURITY_OBJECT], by_short_name=False)
        gathered.by_short_name = file is None
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
    most = MAX_PHOTO if number == 2 else MAX_FILE
    file = read_if_there(channel, group_file(number), max_bytes=most, by_short_name=gathered.by_short_name)
    if file is not None:
        gathered.files[name] = file
    return file


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
    chip = _chip_key(gathered)
    is_handed_over = gathered.notes.get("access") == HANDED_OVER
    if has_key and (chip is None or is_handed_over) and _ask_our_challenge(channel, request, gathered):
        return
    if chip is not None:
        gathered.exchanges[CHIP_AUTHENTICATION] = run_chip_authentication(channel, chip, request.random)


def _ask_our_challenge(channel: CardChannel, request: ReadRequest, gathered: _Gathered) -> bool:
    """Active authentication. False where there is no key that can be used, so that nothing was asked."""
    if (file := _read_group(channel, request, gathered, 15)) is None:
        return False
    try:
        key = parse_dg15(file)
    except (Malformed, Unsupported):
        return False
    challenge = derive_challenge(request.challenge, ACTIVE_AUTHENTICATION, CHALLENGE_BYTES)
    try:
        answer = ask_signature(channel, challenge, key)
    except CardError as error:
        if error.sw is None:  # removed, or a dead session; a refusal is an answer, too
            raise
        answer = b""
    gathered.exchanges[ACTIVE_AUTHENTICATION] = Exchange(challenge=challenge, answer=answer)
    return True


def _chip_key(gathered: _Gathered) -> ChipKey | None:
    file = gathered.files.get(group_name(14))
    if file is None:
        return None
    try:
        infos = parse_dg14(file)
        return choose_chip_key(infos) if infos.chip_keys else None
    except (Malformed, Unsupported):
        return None
