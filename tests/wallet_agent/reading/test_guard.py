"""The guard's finer points, one by one: where random commands rarely come by."""

from __future__ import annotations

import pytest

from common.cards.apdu import Command, encode
from common.cards.drivers import mynumber_licence
from common.cards.drivers.my_number import jpki
from common.cards.possession import PossessionChallenge
from common.errors import Malformed, Refused
from wallet_agent.reading.command_apdu import parse_command
from wallet_agent.reading.guard import judge, settle
from wallet_agent.reading.published import LICENCE_1, build_rules
from wallet_agent.reading.rules import Rules, State

CHALLENGE = PossessionChallenge(origin="https://issuer.example", session="s-1", nonce=bytes(range(32)))
DONE = b"\x90\x00"
MF = encode(Command(0, 0xA4, 0, 0))
SETTING = encode(Command(0, 0xB0, 0x8A, 0, le=3))
STARS = encode(Command(0, 0x20, 0, 0x81, b"****"))
ENTRIES = encode(Command(0, 0xA4, 4, 0x0C, LICENCE_1))
NOT_SET, SET = bytes.fromhex("050100") + DONE, bytes.fromhex("050101") + DONE


def licence() -> Rules:
    return build_rules("driving_licence", ("entries",), CHALLENGE)


def walk(rules: Rules, *steps: tuple[bytes, bytes]) -> State:
    """(command, the card's answer), all of them honest."""
    state = State()
    for sent, answer in steps:
        state = settle(rules, state, judge(rules, state, sent), answer)
    return state


def test_four_asterisks_pass_once_the_card_has_said_that_nobody_chose_a_pin() -> None:
    state = walk(licence(), (MF, DONE), (SETTING, NOT_SET))
    judge(licence(), state, STARS)


@pytest.mark.parametrize(
    "steps",
    [
        [],
        [(MF, DONE)],
        [(MF, DONE), (SETTING, SET)],
        [(MF, DONE), (SETTING, bytes.fromhex("0501"))],
        [(MF, DONE), (SETTING, bytes.fromhex("050100") + b"\x62\x82")],
        [(MF, DONE), (encode(Command(0, 0xB0, 0x8A, 1, le=3)), NOT_SET)],
        [(MF, DONE), (SETTING, NOT_SET), (SETTING, SET)],
        [(MF, DONE), (SETTING, NOT_SET), (ENTRIES, DONE)],
        [(MF, DONE), (SETTING, NOT_SET), (ENTRIES, DONE), (MF, DONE)],
        [(MF, DONE), (SETTING, NOT_SET), (MF, b"\x6a\x82")],
    ],
    ids=["nothing", "not_asked", "set", "short", "not_done", "elsewhere", "then_set", "gone", "gone_and_back", "lost"],
)
def test_and_not_otherwise(steps: list[tuple[bytes, bytes]]) -> None:
    with pytest.raises(Refused):
        judge(licence(), walk(licence(), *steps), STARS)


def test_nothing_but_four_asterisks_even_then() -> None:
    state = walk(licence(), (MF, DONE), (SETTING, NOT_SET))
    for p2, value in ((0x81, b"0000"), (0x81, b"*****"), (0x82, b"****"), (0x80, b"****")):
        with pytest.raises(Refused):
            judge(licence(), state, encode(Command(0, 0x20, 0, p2, value)))


def test_the_same_on_a_my_number_card() -> None:
    rules = build_rules("mynumber_licence", ("licence",), CHALLENGE)
    select = encode(Command(0, 0xA4, 4, 0x0C, mynumber_licence.AID))
    setting, stars = encode(Command(0, 0xB0, 0x9A, 0, le=3)), encode(Command(0, 0x20, 0, 0x86, b"****"))
    judge(rules, walk(rules, (select, DONE), (setting, bytes.fromhex("C10100") + DONE)), stars)
    with pytest.raises(Refused):
        judge(rules, walk(rules, (select, DONE), (setting, bytes.fromhex("C10101") + DONE)), stars)


SELECT_JPKI = encode(Command(0, 0xA4, 4, 0x0C, jpki.AID))
READ = encode(Command(0, 0xB0, 0, 0, le=256))
MORE = encode(Command(0, 0xC0, 0, 0, le=256))


def certificate() -> Rules:
    return build_rules("my_number", ("jpki_signature",), CHALLENGE)


def test_nothing_is_read_after_a_file_was_refused() -> None:
    chosen = encode(Command(0, 0xA4, 2, 0x0C, b"\x00\x01"))
    judge(certificate(), walk(certificate(), (SELECT_JPKI, DONE), (chosen, DONE)), READ)
    for refusal in (b"\x6a\x82", b"\x69\x82", b"\x61\x05", b"\x63\x00"):
        with pytest.raises(Refused):
            judge(certificate(), walk(certificate(), (SELECT_JPKI, DONE), (chosen, refusal)), READ)


def test_a_pin_is_no_file() -> None:
    chosen = encode(Command(0, 0xA4, 2, 0x0C, b"\x00\x1b"))
    state = walk(certificate(), (SELECT_JPKI, DONE), (chosen, DONE))
    judge(certificate(), state, encode(Command(0, 0x20, 0, 0x80)))
    with pytest.raises(Refused):
        judge(certificate(), state, READ)


def test_more_is_fetched_only_where_there_is_more() -> None:
    token = encode(Command(0, 0xB0, 0x86, 0, le=160))
    with pytest.raises(Refused):
        judge(certificate(), walk(certificate(), (SELECT_JPKI, DONE), (token, DONE)), MORE)
    state = walk(certificate(), (SELECT_JPKI, DONE), (token, bytes(100) + b"\x61\x3c"))
    state = settle(certificate(), state, judge(certificate(), state, MORE), bytes(60) + DONE)
    with pytest.raises(Refused):
        judge(certificate(), state, MORE)


@pytest.mark.parametrize(
    "raw",
    [
        "00b00000000010",
        "00b00000000100",
        "00a402000c",
        "00a4020c0000020001",
        "00a4020c000002000100",
        "00a4020c02000100ff",
        "00a4020c03000100",
        "00a4020c0200",
        "00200080000000",
        "002000",
        "",
    ],
)
def test_a_form_that_our_encoder_would_not_write_is_no_command(raw: str) -> None:
    data = bytes.fromhex(raw)
    try:
        again = encode(parse_command(data))
    except Malformed:
        return
    assert again == data, "read as another command than it is"


@pytest.mark.parametrize("raw", ["00b00000000010", "00a4020c0000020001", "00a4020c02000100ff", "002000"])
def test_long_forms_of_short_commands(raw: str) -> None:
    with pytest.raises(Malformed):
        parse_command(bytes.fromhex(raw))
