"""What of an issuer's commands reaches the card: a pure function of the published list, of where the card stands, and of the command.

`judge` lets a command pass or raises; `settle` says where the card stands after its answer. A card that refuses to select something may
stand where it stood or nowhere, so then nothing is read until something has been selected again. Unknown is no.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from msgspec.structs import replace as replace_command

from common.cards.apdu import EXTENDED_ANSWER, Command
from common.cards.status_words import DONE, END_OF_FILE
from common.cards.tlv import find, parse_tlv
from common.errors import Malformed, Refused
from wallet_agent.reading.command_apdu import parse_command
from wallet_agent.reading.protected import open_command
from wallet_agent.reading.rules import CURRENT, MASTER, SHORT, Application, Key, Rules, Session, Slot, State

_SELECT, _READ, _READ_ODD, _VERIFY, _GET_RESPONSE = 0xA4, 0xB0, 0xB1, 0x20, 0xC0
_INTERNAL_AUTHENTICATE, _MANAGE, _GENERAL_AUTHENTICATE = 0x88, 0x22, 0x86
_ICAO, _RESIDENCE = 0x0C, 0x08
_NO_PIN: Final = b"****"
_MF: Final = (b"", b"\x3f\x00")
_PROOF: Final = (_ICAO, _READ, 0x8E, 0x00)
"""The one command after chip authentication: DG14 from its beginning, under the new keys."""
_CHIP_AUTHENTICATION: Final = bytes.fromhex("04007f0007020203")
"""The object identifiers of chip authentication begin so: 0.4.0.127.0.7.2.2.3."""
_RESIDENCE_READ: Final = (b"\x96\x02", b"\x8e\x08")


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """A command that may go to the card as it came. plain: what it says. session: secure messaging as it stands after the answer."""

    plain: Command
    session: Session | None = None


def judge(rules: Rules, state: State, raw: bytes) -> Passed:
    """Raises Refused("command_refused") for everything that is not on the list, Malformed("command_malformed") for what is no command."""
    command = parse_command(raw)
    if _is_more(command):
        if state.more:
            return Passed(plain=command, session=state.session)
        raise _refused("there is no more of an answer")
    if rules.opens and not state.opened:
        raise _refused("nothing passes before the handshake")
    if state.last:
        if (command.cla, command.ins, command.p1, command.p2) == _PROOF:
            return Passed(plain=command, session=state.session)
        raise _refused("after chip authentication only its proof passes")
    if rules.icao:
        if state.session is None:
            raise _refused("nothing passes in the clear")
        plain, session = open_command(state.session, command)
        if not _is_plain_allowed(rules, state, plain) and not _is_chip_allowed(rules, state, plain):
            raise _refused("a protected command is not on the list")
        return Passed(plain=plain, session=session)
    plain = _open_residence(command) if rules.opens and command.cla == _RESIDENCE else command
    if not _is_plain_allowed(rules, state, plain):
        raise _refused("a command is not on the list")
    return Passed(plain=plain)


def settle(rules: Rules, state: State, passed: Passed, answer: bytes) -> State:
    """Where the card stands after its answer (data and status word, at least two bytes)."""
    command, sw = passed.plain, int.from_bytes(answer[-2:], "big")
    after = replace(state, more=sw >> 8 == 0x61, session=passed.session)
    if _is_more(command) or state.last:
        return after
    if command.ins == _SELECT:
        return _settle_select(after, command, done=sw == DONE)
    if command.ins == _READ and command.p1 & 0x80:
        reached = sw in (DONE, END_OF_FILE) or sw >> 8 == 0x61
        return _settle_short(rules, after, command, answer, reached=reached)
    if _ends_by(command, sw):
        return replace(after, last=True)
    return after


def settle_signature(state: State, answer: bytes) -> State:
    """The same after a signature that was asked for here: nothing is selected by it, but there may be more of its answer."""
    return replace(state, more=answer[-2] == 0x61)


def find_slot(rules: Rules, state: State, secret: str) -> Slot:
    """Where a secret may be presented now. Raises Refused("command_refused")."""
    slot = rules.slots.get(secret)
    if slot is None or state.application != slot.application or (slot.file is not None and state.file != slot.file):
        raise _refused("this secret does not belong here")
    return slot


def find_key(rules: Rules, state: State, key: str) -> Key:
    """What may sign a possession now. Raises Refused("command_refused")."""
    found = rules.keys.get(key)
    if found is None or state.application not in found.applications:
        raise _refused("this key does not sign here")
    return found


def _is_plain_allowed(rules: Rules, state: State, command: Command) -> bool:
    if command.cla != 0x00:
        return False
    match command.ins:
        case 0xA4:
            return _may_select(rules, state, command)
        case 0xB0:
            return not command.data and command.le is not None and _may_read(rules, state, command)
        case 0xB1:
            return rules.icao and _may_read_far(rules, state, command)
        case 0x20:
            return not rules.icao and _may_verify(rules, state, command)
    return False


def _may_select(rules: Rules, state: State, command: Command) -> bool:
    if command.le is not None:
        return False
    match command.p1, command.p2:
        case 0x00, 0x00:
            return MASTER in rules.applications and command.data in _MF
        case 0x04, 0x0C:
            return command.data != MASTER and command.data in rules.applications
        case 0x02, 0x0C:
            here = _here(rules, state)
            return len(command.data) == 2 and int.from_bytes(command.data, "big") in here.files | here.pins
    return False


def _may_read(rules: Rules, state: State, command: Command) -> bool:
    here = _here(rules, state)
    if command.p1 & 0x80:
        return not command.p1 & 0x60 and command.p1 & 0x1F in here.short
    return _is_readable(here, state.file)


def _may_read_far(rules: Rules, state: State, command: Command) -> bool:
    """Beyond 32 767 bytes: the offset in one object, and nothing beside it."""
    if command.p1 or command.p2 or command.le is None or not _is_readable(_here(rules, state), state.file):
        return False
    data = command.data
    return 3 <= len(data) <= 5 and data[0] == 0x54 and data[1] == len(data) - 2


def _may_verify(rules: Rules, state: State, command: Command) -> bool:
    """Without a value, which asks for the counter and spends nothing. With one only where nobody ever chose a PIN, and then that one."""
    here = _here(rules, state)
    if command.p1 or command.le is not None:
        return False
    if command.data:
        return command.data == _NO_PIN and state.no_pin and command.p2 in here.counters
    return command.p2 in here.counters or (command.p2 == CURRENT and state.file in here.pins)


def _is_chip_allowed(rules: Rules, state: State, command: Command) -> bool:
    """The chip's proof of itself: our challenge signed, or a key agreement with its static key (chip authentication).

    Terminal authentication, which opens fingerprints, begins with MSE 81 B6 or C1 A4: neither passes.
    """
    if state.application not in rules.applications:
        return False
    if command.ins == _INTERNAL_AUTHENTICATE:
        return (command.p1, command.p2) == (0, 0) and command.data == rules.challenge and bool(rules.challenge)
    try:
        if command.ins == _MANAGE and (command.p1, command.p2) == (0x41, 0xA4):
            name = find(parse_tlv(command.data, filler=False, max_objects=2), 0x80)
            return name is not None and name.value.startswith(_CHIP_AUTHENTICATION)
        if command.ins == _MANAGE and (command.p1, command.p2) == (0x41, 0xA6):
            return find(parse_tlv(command.data, filler=False, max_objects=2), 0x91) is not None
        if command.ins == _GENERAL_AUTHENTICATE and (command.p1, command.p2) == (0, 0):
            (outer,) = parse_tlv(command.data, filler=False, max_objects=1)
            return outer.tag == 0x7C and [each.tag for each in parse_tlv(outer.value, filler=False)] == [0x80]
    except (Malformed, ValueError):
        return False
    return False


def _ends_by(command: Command, sw: int) -> bool:
    """Whether the session's keys may be others now. With 3DES it is the MSE that agrees; a chip that refuses it is asked the other way."""
    if command.ins == _GENERAL_AUTHENTICATE:
        return True
    return command.ins == _MANAGE and command.p2 == 0xA6 and sw == DONE


def _open_residence(command: Command) -> Command:
    """READ BINARY in class 08 → the plain one. The length stands in an object 96, of 特定在留カード a MAC behind it; nothing is hidden."""
    length, checked = _RESIDENCE_READ
    data = command.data
    rest = data[4:]
    if (
        command.ins != _READ
        or data[:2] != length
        or len(data) < 4
        or not (not rest or (rest[:2] == checked and len(rest) == 10))
    ):
        raise _refused("a protected command is not on the list")
    le = int.from_bytes(data[2:4], "big") or EXTENDED_ANSWER
    return replace_command(command, cla=0x00, data=b"", le=le)


def _settle_select(state: State, command: Command, *, done: bool) -> State:
    if (command.p1, command.p2) == (0x02, 0x0C):
        return replace(state, file=int.from_bytes(command.data, "big") if done else None, no_pin=False)
    application = None if not done else command.data if command.p1 == 0x04 else MASTER
    return replace(state, application=application, file=None, no_pin=False)


def _settle_short(rules: Rules, state: State, command: Command, answer: bytes, *, reached: bool) -> State:
    unset = _here(rules, state).unset
    short = command.p1 & 0x1F
    no_pin = state.no_pin
    if unset is not None and short == unset[0]:
        no_pin = command.p2 == 0 and answer == unset[1] + b"\x90\x00"
    return replace(state, file=SHORT + short if reached else None, no_pin=no_pin)


def _is_readable(here: Application, file: int | None) -> bool:
    return file is not None and (file in here.files or (file >= SHORT and file - SHORT in here.short))


def _is_more(command: Command) -> bool:
    return (command.cla, command.ins, command.p1, command.p2, command.data) == (0, _GET_RESPONSE, 0, 0, b"")


def _here(rules: Rules, state: State) -> Application:
    return _NOWHERE if state.application is None else rules.applications.get(state.application, _NOWHERE)


_NOWHERE: Final = Application()


def _refused(why: str) -> Refused:
    return Refused("command_refused", f"the issuer asked for something that is never done: {why}")
