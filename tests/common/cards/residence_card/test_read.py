"""A whole reading on the wire, command by command, as the specification's own example has it (仕様書 別添2; cards.md §6, §9)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from common.cards.channel import CardChannel
from common.cards.drivers.residence_card.ciphers import encrypt, pad
from common.cards.drivers.residence_card.handshake import read_number
from common.cards.drivers.residence_card.layout import ADDRESS, CARD, FILES, PERMISSIONS, PHOTOGRAPH, CardFile, files_of
from common.cards.drivers.residence_card.messaging import CARD_TYPES
from common.cards.drivers.residence_card.read import CARD_NUMBER, find_type, read_residence_card, restore_session
from common.cards.possession import PossessionChallenge
from common.cards.prompts import GivenSecret, Progress, ReadRequest, SecretPrompt
from common.cards.secret import Secret
from common.errors import CardError, Malformed, Unsupported
from tests.common.cards.residence_card.test_handshake import FIRST, K_IFD, RND_IFD, SECOND, Example
from tests.common.cards.scripted import Always, Script

OK = b"\x90\x00"
PARTS = frozenset({CARD, PHOTOGRAPH, ADDRESS, PERMISSIONS})


def request(number: str = "AA12345678BB", steps: list[Progress] | None = None) -> ReadRequest:
    randoms = {8: RND_IFD, 16: K_IFD}

    def ask(prompt: SecretPrompt) -> GivenSecret:
        assert prompt.kind == CARD_NUMBER
        return GivenSecret(secret=Secret(number))

    return ReadRequest(
        parts=PARTS,
        ask=ask,
        challenge=PossessionChallenge(origin="https://issuer.example", session="s", nonce=bytes(32)),
        progress=(lambda _: None) if steps is None else steps.append,
        random=lambda n: randoms[n],
    )


def content(file: CardFile) -> bytes:
    return bytes((file.sfi,)) * file.size


def protected(example: Example, data: bytes) -> bytes:
    generation = CARD_TYPES[example.card_type]
    value = b"\x01" + encrypt(generation, bytes.fromhex(example.session_key), pad(generation, data))
    return b"\x86\x82" + len(value).to_bytes(2, "big") + value


def published(example: Example) -> tuple[list[str], list[bytes]]:
    """What is sent, and what a card answers: type, handshake, number, then DF by DF."""
    card_type = example.card_type.encode().hex()
    sent = ["00a40000023f00", "00b08a00000000", "0084000008"]
    sent += ["0082000028" + example.e_ifd + example.m_ifd + "00", "0820008613861101" + example.number_check]
    answers = [
        OK,
        bytes.fromhex(f"c1{len(card_type) // 2:02x}{card_type}") + OK,
        bytes.fromhex(example.rnd_icc) + OK,
        bytes.fromhex(example.e_icc + example.m_icc) + OK,
        OK,
    ]
    application = b""
    for file in FILES[example.card_type]:
        if file.application != application:
            application = file.application
            sent.append("00a4040c10" + application.hex())
            answers.append(OK)
        p1 = f"{0x80 | file.sfi:02x}"
        sent.append(f"08b0{p1}000000049602" + "0000" + "0000" if file.protected else f"00b0{p1}00000000")
        answers.append((protected(example, content(file)) if file.protected else content(file)) + OK)
    return [each.lower() for each in sent], answers


@pytest.mark.parametrize("example", [FIRST, SECOND], ids=["first", "second"])
def test_a_reading_on_the_wire(example: Example) -> None:
    sent, answers = published(example)
    card, steps = Script(*answers), list[Progress]()
    channel = CardChannel(card)
    reading = read_residence_card(channel, request(steps=steps), delivery_key=None)
    assert [each.hex() for each in card.sent] == sent
    assert dict(reading.files) == {file.name: content(file) for file in FILES[example.card_type]}
    assert channel.secure is None, "left as it was"
    assert steps[-1].done == steps[-1].total == sum(file.size for file in FILES[example.card_type])


def test_the_commands_of_the_published_example() -> None:
    """Numbers 14 to 20 of 別添2 of the first generation: DF1 and its two pictures, DF3 and the check code."""
    sent, _ = published(FIRST)
    for command in (
        "00a4040c10d392f0004f0200000000000000000000",
        "08b08500000004960200000000",
        "08b08600000004960200000000",
        "00a4040c10d392f0004f0400000000000000000000",
        "00b08200000000",
    ):
        assert command in sent


def test_what_is_asked_for_decides_what_is_read() -> None:
    for card_type in FILES:
        assert len(files_of(card_type, frozenset({CARD}))) == 3
        assert files_of(card_type, frozenset({CARD, PHOTOGRAPH})) == files_of(card_type, frozenset({CARD}))


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ([OK, b"\xc1\x0209" + OK], Unsupported),
        ([b"\x6a\x82", b"\x6a\x82", b"\x6a\x82"], CardError),
        ([OK, b"\xc0\x01\x31" + OK, b"\x6a\x82"], CardError),
        ([OK, b"\xc1\x05" + OK, b"\x6a\x82"], CardError),
        ([OK, OK, b"\x6a\x82"], CardError),
    ],
    ids=["unknown type", "nothing there", "no type", "cut", "empty"],
)
def test_what_is_no_residence_card(answers: list[bytes], error: type[Exception]) -> None:
    with pytest.raises(error):
        find_type(CardChannel(Script(*answers)))


def test_a_reader_without_extended_length() -> None:
    """6700 to the first command that would gain by it; all others are short then."""
    card = Script(OK, b"\x67\x00", b"\xc1\x0205" + OK)
    channel = CardChannel(card)
    assert find_type(channel) == "05"
    assert channel.extended is False
    assert [each.hex() for each in card.sent] == ["00a40000023f00", "00b08a00000000", "00b08a0000"]


def test_a_file_that_is_too_long() -> None:
    _, answers = published(SECOND)
    answers[-1] = bytes(704 + 257) + OK
    with pytest.raises(CardError, match="card_file_too_long"):
        read_residence_card(CardChannel(Script(*answers)), request(), delivery_key=None)


def test_a_file_in_many_pieces_is_put_together_and_one_of_endless_pieces_is_not() -> None:
    _, answers = published(SECOND)
    last = answers.pop()[:-2]
    pieces = [last[at : at + 100] + OK for at in range(0, len(last), 100)]
    reading = read_residence_card(CardChannel(Script(*answers, *pieces)), request(), delivery_key=None)
    assert reading.files["df3/ef01"] == last
    always = Always(b"\xc1\x01\x31" + OK)
    with pytest.raises(CardError):
        read_residence_card(CardChannel(always), request(), delivery_key=None)
    assert always.exchanges < 10


def test_the_secret_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Secret] = []

    def noted(typed: str) -> Secret:
        given.append(read_number(typed))
        return given[-1]

    monkeypatch.setattr("common.cards.drivers.residence_card.read.read_number", noted)

    def ask(_: SecretPrompt) -> GivenSecret:
        given.append(Secret("AA12345678BB"))
        return GivenSecret(secret=given[-1])

    made = request()
    _, answers = published(SECOND)
    for script in (answers, answers[:3]):
        asking = ReadRequest(parts=PARTS, ask=ask, challenge=made.challenge, random=made.random)
        try:
            read_residence_card(CardChannel(Script(*script)), asking, delivery_key=None)
        except CardError:
            assert script == answers[:3]
    assert [secret.is_forgotten for secret in given] == [True] * 4, "as typed, and as sent"


SESSIONS: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "of no type": lambda: b"\x0209" + bytes(17),
    "too short": lambda: b"\x011\x01" + bytes(15),
    "of a My Number card, too short": lambda: b"07\x01" + bytes(20),
}


@pytest.mark.parametrize("case", SESSIONS)
def test_what_is_no_session(case: str) -> None:
    with pytest.raises(Malformed, match="card_session_malformed"):
        restore_session(SESSIONS[case]())
