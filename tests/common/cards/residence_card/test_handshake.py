"""The two handshakes against the agency's own worked examples (cards.md §9): each value by itself, then whole sessions on the wire."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from common.cards.channel import CardChannel
from common.cards.drivers.residence_card.ciphers import Generation, mac
from common.cards.drivers.residence_card.handshake import (
    access_key,
    agree_session_key,
    build_authentication,
    build_number_check,
    open_session,
    read_number,
)
from common.cards.secret import Secret
from common.errors import CardError, Malformed, PinBlocked, PinWrong
from tests.common.cards.scripted import Script

RND_IFD, K_IFD = bytes.fromhex("1122334455667788"), bytes.fromhex("404142434445464748494A4B4C4D4E4F")
KEY = bytes.fromhex("6522B4E171195BB218223A976C040111")


@dataclass(frozen=True)
class Example:
    """One worked example of the agency, in hexadecimal."""

    card_type: str
    generation: Generation
    rnd_icc: str
    e_ifd: str
    m_ifd: str
    e_icc: str
    m_icc: str
    session_key: str
    number_check: str

    @property
    def randoms(self) -> dict[str, bytes]:
        return {"rnd_icc": bytes.fromhex(self.rnd_icc), "rnd_ifd": RND_IFD, "k_ifd": K_IFD}


FIRST = Example(
    "1",
    Generation.FIRST,
    "5A6E7E385162B7A3",
    "937745C20883A1BAD1E04193722A1592378F81A8F1DC589157AEB0F7544FA1BA",
    "1AD7FB6A3389E017",
    "5860775B4D032CC564BA204B8EA868F694A74E7475A8FEF240588BDA1AF496CE",
    "59388FD6CD45248B",
    "CE94938E19E3B97DF96EABCEDC1715CC",
    "1AA82973DB959A811F9711D728F0EEF6",
)
SECOND = Example(
    "05",
    Generation.SECOND,
    "921CE277323DA057",
    "4AD3C7B6BB484A52771977DED618B41DF841FA0476A05FBE041DEAD6109E773B",
    "AC854617634F5397",
    "289A96B1DA6AE3DA87770419BFD14F0BDAD15F36432B5A946C188C7221759A62",
    "FA942EC51E62FF5F",
    "C19CF13D3D7FBEE9EA293D834C88952F",
    "EE0B31EF877F68D071C56D58C72E6748",
)
both = pytest.mark.parametrize("example", [FIRST, SECOND], ids=["first", "second"])


def number() -> Secret:
    return Secret("AA12345678BB")


def randoms() -> object:
    values = iter((RND_IFD, K_IFD))
    return lambda n: next(value for value in values if len(value) == n)


def test_the_key_of_the_number() -> None:
    assert access_key(number()) == KEY


@both
def test_our_half(example: Example) -> None:
    assert (
        build_authentication(example.generation, KEY, **example.randoms).hex().upper() == example.e_ifd + example.m_ifd
    )


@both
def test_the_card_s_half(example: Example) -> None:
    answer = bytes.fromhex(example.e_icc + example.m_icc)
    assert mac(example.generation, KEY, answer[:32]) == answer[32:]
    assert agree_session_key(example.generation, KEY, answer, **example.randoms).hex().upper() == example.session_key


@both
def test_the_number_under_the_session_key(example: Example) -> None:
    command = build_number_check(example.generation, bytes.fromhex(example.session_key), number())
    assert (command.cla, command.ins, command.p1, command.p2, command.le) == (0x08, 0x20, 0x00, 0x86, None)
    assert command.data.hex().upper() == "861101" + example.number_check


@both
def test_the_whole_session_on_the_wire(example: Example) -> None:
    card = Script(example.rnd_icc + "9000", example.e_icc + example.m_icc + "9000", "9000")
    messaging = open_session(CardChannel(card), number(), example.card_type, random=randoms())  # type: ignore[arg-type]
    assert [sent.hex().upper() for sent in card.sent] == [
        "0084000008",
        "0082000028" + example.e_ifd + example.m_ifd + "00",
        "0820008613861101" + example.number_check,
    ]
    assert messaging.export().hex().upper().endswith(example.session_key)


@both
@pytest.mark.parametrize("at", [0, 15, 16, 31, 32, 39])
def test_a_card_that_does_not_know_the_number_is_not_spoken_to(example: Example, at: int) -> None:
    answer = bytearray.fromhex(example.e_icc + example.m_icc)
    answer[at] ^= 1
    card = Script(example.rnd_icc + "9000", bytes(answer) + b"\x90\x00", "9000")
    with pytest.raises(CardError, match="mutual_authentication_failed"):
        open_session(CardChannel(card), number(), example.card_type, random=randoms())  # type: ignore[arg-type]
    assert len(card.sent) == 2, "the number was not sent on"


@both
def test_an_answer_of_another_handshake_is_refused(example: Example) -> None:
    """Its MAC holds, since the key is the number's; it is the challenge that tells."""
    answer = bytes.fromhex(example.e_icc + example.m_icc)
    for name in ("rnd_icc", "rnd_ifd"):
        with pytest.raises(CardError, match="of another one"):
            agree_session_key(example.generation, KEY, answer, **(example.randoms | {name: bytes(8)}))


@both
@pytest.mark.parametrize("answer", ["9000", "00" * 39 + "9000", "00" * 41 + "9000"])
def test_an_answer_of_another_length_is_refused(example: Example, answer: str) -> None:
    card = Script(example.rnd_icc + "9000", answer)
    with pytest.raises(CardError, match="mutual_authentication_failed"):
        open_session(CardChannel(card), number(), example.card_type, random=randoms())  # type: ignore[arg-type]


@both
@pytest.mark.parametrize("challenge", ["", "00" * 7, "00" * 9])
def test_a_challenge_has_eight_bytes(example: Example, challenge: str) -> None:
    with pytest.raises(CardError, match="mutual_authentication_failed"):
        open_session(CardChannel(Script(challenge + "9000")), number(), example.card_type)


@both
def test_a_wrong_number_is_told_as_one(example: Example) -> None:
    for answers in (
        [example.rnd_icc + "9000", "6300"],
        [example.rnd_icc + "9000", example.e_icc + example.m_icc + "9000", "6300"],
    ):
        with pytest.raises(PinWrong) as wrong:
            open_session(CardChannel(Script(*answers)), number(), example.card_type, random=randoms())  # type: ignore[arg-type]
        assert wrong.value.attempts_left is None, "these cards do not count"


def test_a_blocked_card_is_told() -> None:
    with pytest.raises(PinBlocked):
        open_session(CardChannel(Script("00" * 8 + "9000", "6984")), number(), "05")


@pytest.mark.parametrize(
    "typed", ["AA12345678BB", "aa12345678bb", "ＡＡ１２３４５６７８ＢＢ", " AA 1234 5678 BB ", "AA-12345678-BB"]
)
def test_a_number_as_people_type_it(typed: str) -> None:
    assert read_number(typed).reveal() == b"AA12345678BB"


@pytest.mark.parametrize("typed", ["", "AA1234567BB", "AA123456789BB", "1A12345678BB", "AA1234567８Bß", "A" * 9999])
def test_what_is_no_number(typed: str) -> None:
    with pytest.raises(Malformed) as refused:
        read_number(typed)
    assert typed[:6] not in str(refused.value) or not typed
