"""The issuer's end of a relayed card: no secret and no digest on the line, and a holder's side that answers as it likes ends it, typed."""

from __future__ import annotations

import pytest

from common.cards.apdu import Command, encode
from common.cards.possession import PossessionChallenge, build_digest_info, build_possession
from common.cards.prompts import SecretPrompt
from common.cards.relay import End, Open, Opened, Present, Sign, build_frame, build_text, parse_from_issuer
from common.encoding import b64url_encode
from common.errors import CardRemoved, Malformed, Refused, TegataError, Unavailable
from issuer.flows.relayed_card import RelayedCard
from wallet_agent.reading.published import SECRETS

CHALLENGE = PossessionChallenge(origin="https://issuer.example", session="s-1", nonce=bytes(32))
READ = encode(Command(0, 0xB0, 0, 0, le=256))
VERIFY = encode(Command(0, 0x20, 0, 0x80, b"000000"))
DONE = b"\x90\x00"


class Line:
    """Answers in order. sent: what the issuer said."""

    def __init__(self, *answers: str | bytes) -> None:
        self.answers = list(answers)
        self.sent: list[str | bytes] = []

    def send(self, frame: str | bytes) -> None:
        self.sent.append(frame)

    def receive(self, seconds: float) -> str | bytes:
        assert 0 < seconds <= 180
        if not self.answers:
            raise Unavailable("link_lost")
        return self.answers.pop(0)


def relayed(line: Line, seconds: float = 60) -> RelayedCard:
    return RelayedCard(line, CHALLENGE, seconds=seconds)


@pytest.mark.parametrize("name", [name for name, kind in SECRETS.items() if kind.counted])
def test_a_secret_is_asked_for_by_its_name(name: str) -> None:
    line = Line(build_frame(0, DONE))
    card = relayed(line)
    given = card.ask(SecretPrompt(kind=SECRETS[name], tries_left=1))
    assert given.last_try_ok
    stand_in = given.secret.reveal()
    assert card.transmit(encode(Command(0, 0x20, 0, 0x80, stand_in))) == DONE
    assert [parse_from_issuer(str(frame)) for frame in line.sent] == [Present(0, name)]


def test_a_value_that_nobody_was_asked_for_does_not_leave() -> None:
    line = Line(build_frame(0, DONE))
    with pytest.raises(ValueError, match="nobody was asked"):
        relayed(line).transmit(VERIFY)
    card = relayed(line)
    card.ask(SecretPrompt(kind=SECRETS["jpki_signature_password"]))
    card.transmit(VERIFY)
    with pytest.raises(ValueError, match="nobody was asked"):
        card.transmit(VERIFY)


def test_only_the_counter_and_four_asterisks_go_as_they_are() -> None:
    counter, stars = encode(Command(0, 0x20, 0, 0x80)), encode(Command(0, 0x20, 0, 0x81, b"****"))
    line = Line(build_frame(0, DONE), build_frame(1, DONE))
    card = relayed(line)
    card.transmit(counter)
    card.transmit(stars)
    assert line.sent == [build_frame(0, counter), build_frame(1, stars)]


def test_a_signature_is_asked_for_by_session_and_nonce() -> None:
    digest_info = build_digest_info(build_possession(CHALLENGE))
    line = Line(build_frame(0, bytes(256) + DONE))
    card = relayed(line)
    card.transmit(encode(Command(0x80, 0x2A, 0, 0x9A, digest_info, 256)))
    (said,) = line.sent
    assert parse_from_issuer(str(said)) == Sign(0, "jpki_signature", "s-1", b64url_encode(bytes(32)))
    with pytest.raises(ValueError, match="something else"):
        card.transmit(encode(Command(0x80, 0x2A, 0, 0x9A, build_digest_info(b"a contract"), 256)))


@pytest.mark.parametrize(
    ("answer", "error", "code"),
    [
        (build_frame(1, DONE), Malformed, "bad_relay_frame"),
        (b"\0\0\0\0\x90", Malformed, "bad_relay_frame"),
        (b"", Malformed, "bad_relay_frame"),
        (bytes(70_000), Malformed, "bad_relay_frame"),
        ("{}", Malformed, "bad_relay_message"),
        (build_text(Opened(0, "AA", None, 256)), Malformed, "bad_relay_message"),
        (build_text(End("card_removed")), CardRemoved, "card_removed"),
        (build_text(End("declined")), Refused, "declined"),
    ],
    ids=["another_step", "short", "nothing", "long", "no_message", "another_message", "removed", "declined"],
)
def test_what_the_other_side_answers(answer: str | bytes, error: type[TegataError], code: str) -> None:
    card = relayed(Line(answer, build_frame(1, DONE)))
    for _ in range(2):  # and so it stays
        with pytest.raises(error) as caught:
            card.transmit(READ)
        assert caught.value.code == code


def test_the_handshake_is_the_holders() -> None:
    kind = SECRETS["passport_mrz"]
    opened = Opened(0, "AA", True, 4096)
    line = Line(build_text(opened))
    assert relayed(line).open(kind) == opened
    assert [parse_from_issuer(str(frame)) for frame in line.sent] == [Open(0, "passport_mrz")]
    for answer in (build_frame(0, DONE), build_text(Opened(1, "AA", True, 4096)), "x"):
        with pytest.raises(Malformed):
            relayed(Line(answer)).open(kind)


def test_it_ends_with_the_session() -> None:
    line = Line(build_frame(0, DONE))
    with pytest.raises(Unavailable, match="card_session_over"):
        relayed(line, seconds=0).transmit(READ)
    assert line.sent == []
