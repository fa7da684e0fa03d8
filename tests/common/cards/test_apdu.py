"""How commands are written down: the seven cases of ISO/IEC 7816-3 §12.1.3, and what an answer can be."""

from __future__ import annotations

import pytest

from common.cards.apdu import Command, Response, encode, parse_response
from common.errors import CardError


@pytest.mark.parametrize(
    ("command", "written"),
    [
        (Command(0, 0x20, 0, 0x80), "00200080"),
        (Command(0, 0xB0, 1, 2, le=1), "00B0010201"),
        (Command(0, 0xB0, 1, 2, le=256), "00B0010200"),
        (Command(0, 0xA4, 2, 0x0C, b"\x00\x06"), "00A4020C020006"),
        (Command(0, 0xA4, 2, 0x0C, b"\x00\x06", le=256), "00A4020C02000600"),
        (Command(0, 0xB0, 0, 0, le=257), "00B00000000101"),
        (Command(0, 0xB0, 0, 0, le=65536), "00B00000000000"),
        (Command(0, 0xD6, 0, 0, b"a" * 256), "00D6000000" + "0100" + "61" * 256),
        (Command(0, 0x2A, 0, 0, b"ab", le=65536), "002A00000000026162" + "0000"),
        (Command(0, 0x2A, 0, 0, b"a" * 256, le=4), "002A000000" + "0100" + "61" * 256 + "0004"),
    ],
    ids=["1", "2S", "2S-all", "3S", "4S", "2E", "2E-all", "3E", "4E-by-le", "4E-by-data"],
)
def test_written(command: Command, written: str) -> None:
    assert encode(command).hex().upper() == written.upper()


@pytest.mark.parametrize("le", [0, 65537, -1])
def test_no_apdu_can_ask_for_that(le: int) -> None:
    with pytest.raises(ValueError, match="longer"):
        Command(0, 0xB0, 0, 0, le=le)


def test_header_is_bytes() -> None:
    with pytest.raises(ValueError, match="byte"):
        Command(0, 0xB0, 0x100, 0)


@pytest.mark.parametrize("answer", [b"", b"\x90", b"x" * 65539])
def test_no_answer(answer: bytes) -> None:
    with pytest.raises(CardError) as caught:
        parse_response(answer)
    assert caught.value.code == "card_answer_malformed"


def test_answer() -> None:
    assert parse_response(b"ab\x90\x00") == Response(b"ab", 0x9000)


def test_nothing_that_a_person_typed_is_shown() -> None:
    assert repr(Command(0, 0x20, 0, 0x80, b"1234")) == "Command(00 20 00 80, 4 bytes, le=None)"
    assert repr(Response(b"1234", 0x9000)) == "Response(4 bytes, sw=9000)"
