"""The trace of a card's traffic: off unless asked for, and without a PIN, a key or a person whatever was sent."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.adapters.card_traffic import TRAFFIC, tell_exchange, trace
from common.adapters.logs import set_up_logs
from common.cards.channel import CardChannel
from common.cards.possession import PossessionChallenge
from common.cards.prompts import ReadRequest
from tests.cards.my_number_reader import DRIVER, Holder
from tests.cards.my_number_world import card
from tests.fakes.card import InProcessCard

CHALLENGE = PossessionChallenge(origin="https://issuer.example", session="s", nonce=bytes(range(32)))
LOGGER = "common.cards.traffic"


class Traced(InProcessCard):
    def transmit(self, command: bytes) -> bytes:
        answer = super().transmit(command)
        trace(command, answer)
        return answer


def read_all() -> bytes:
    chip = Traced(card("hanako", pretends=True))
    parts = frozenset({"jpki_signature", "text", "surface"})
    reading = DRIVER.read(CardChannel(chip), ReadRequest(parts=parts, ask=Holder("hanako"), challenge=CHALLENGE))
    return b"".join(reading.files.values())


def test_a_whole_reading_tells_its_commands_and_nothing_that_opens_the_card(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(TRAFFIC, LOGGER):
        read_all()
    lines = [record.getMessage() for record in caplog.records if record.name == LOGGER]
    assert "00A4040C Lc=10 D392F000260100000001 -> 9000 +0" in lines
    assert any(line.startswith("00200080 \u2026 -> 9000") for line in lines), "VERIFY is there, its length is not"
    said = "\n".join(lines)
    secrets = list(Holder("hanako").secrets.values())
    assert secrets
    for typed in secrets:
        assert typed.hex().upper() not in said
        assert typed.decode() not in said
    assert max(map(len, lines)) < 80, "and no file"


def test_it_is_off_by_default(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        read_all()
    assert not [record for record in caplog.records if record.name == LOGGER]


def test_the_level_is_a_setting(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("traffic")
    trace(bytes.fromhex("00200080") + b"\x041234", b"\x63\xc2")
    assert "00200080 \u2026 -> 63C2 +0" in capsys.readouterr().err
    set_up_logs("debug")
    trace(bytes.fromhex("00200080") + b"\x041234", b"\x63\xc2")
    assert capsys.readouterr().err == ""


@given(
    cla=st.sampled_from([0x00, 0x08, 0x0C, 0x10, 0x80, 0x90]),
    ins=st.integers(0, 255),
    secret=st.binary(min_size=6, max_size=64),
    answer=st.binary(min_size=6, max_size=64),
)
def test_no_data_but_that_of_select_is_ever_told(cla: int, ins: int, secret: bytes, answer: bytes) -> None:
    command = bytes((cla, ins, 0, 0x80, len(secret))) + secret
    line = tell_exchange(command, answer + b"\x90\x00")
    if (cla, ins) != (0, 0xA4):
        assert len(line) < 40
        assert f"{cla:02X}{ins:02X}0080" in line
        if ins in (0x20, 0x24, 0x2C):
            assert tell_exchange(command[:-1], b"\x90\x00") == tell_exchange(command, b"\x90\x00")


def test_what_is_no_apdu_is_no_error() -> None:
    for command in (b"", b"\x00", b"\x00\xa4\x04", b"\x00\xa4\x04\x0c\x05", b"\x00\xa4\x04\x0c\x09\x01"):
        assert "->" in tell_exchange(command, b"")
