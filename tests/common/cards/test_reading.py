"""A reading goes from one place to another as bytes; the statement that a card signs is built in one way."""

from __future__ import annotations

import pytest

from common import cbor
from common.cards.possession import LABEL, PossessionChallenge, build_possession, derive_challenge
from common.cards.reading import MAX_BYTES, Exchange, Reading, decode_reading, encode_reading
from common.errors import Malformed

READING = Reading(
    card="my_number",
    files={"text/0002": b"\xff\x20\x00", "jpki/0001": b"0\x00"},
    exchanges={"possession": Exchange(challenge=b"c", answer=b"a" * 256)},
    accepted=frozenset({"text_pin"}),
    notes={"token": "JPKIAPICCTOKEN2"},
)
CHALLENGE = PossessionChallenge(origin="https://issuer.example", session="s-1", nonce=bytes(range(32)))


def test_it_comes_back_as_it_was() -> None:
    assert decode_reading(encode_reading(READING)) == READING


def test_equal_readings_are_equal_bytes() -> None:
    other = Reading(
        card=READING.card,
        files=dict(reversed(list(READING.files.items()))),
        exchanges=READING.exchanges,
        accepted=READING.accepted,
        notes=READING.notes,
    )
    assert encode_reading(other) == encode_reading(READING)


def test_it_prints_nothing_of_what_was_read() -> None:
    assert "xff" not in repr(READING)
    assert "aaaa" not in repr(READING)


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(Malformed, match="text/0003"):
        READING.file("text/0003")


def _changed(**members: object) -> bytes:
    return cbor.encode({**cbor.decode(encode_reading(READING)), **members})


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xa0",
        _changed(v=2),
        _changed(v=True),
        _changed(more=1),
        _changed(files=[]),
        _changed(files={"a": "text"}),
        _changed(files={1: b""}),
        _changed(files={"": b""}),
        _changed(files={str(n): b"" for n in range(65)}),
        _changed(exchanges={"a": [b"one"]}),
        _changed(exchanges={"a": [b"one", "two"]}),
        _changed(accepted=[1]),
        _changed(accepted="text_pin"),
        _changed(notes={"a": "\n"}),
        _changed(card=None),
    ],
    ids=range(16),
)
def test_what_is_no_reading_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        decode_reading(data)


def test_a_reading_is_bounded() -> None:
    with pytest.raises(Malformed, match="bytes"):
        decode_reading(_changed(files={"a": bytes(MAX_BYTES)}))


def test_the_statement_to_the_byte() -> None:
    """Label, origin, session, nonce, each after its length in two bytes."""
    assert build_possession(CHALLENGE) == (
        b"\x00\x14tegata-possession-v1"
        + b"\x00\x16https://issuer.example"
        + b"\x00\x03s-1"
        + b"\x00\x20"
        + CHALLENGE.nonce
    )
    assert len(LABEL) == 0x14


def test_no_two_challenges_share_a_statement() -> None:
    one = PossessionChallenge(origin="ab", session="c", nonce=bytes(16))
    other = PossessionChallenge(origin="a", session="bc", nonce=bytes(16))
    assert build_possession(one) != build_possession(other)


@pytest.mark.parametrize(
    "parts",
    [{"origin": ""}, {"origin": "https://例え"}, {"session": "a\nb"}, {"nonce": bytes(15)}, {"nonce": bytes(65)}],
    ids=["no_origin", "not_ascii", "line_feed", "short", "long"],
)
def test_a_challenge_is_well_formed_or_none(parts: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"nonce|ASCII"):
        PossessionChallenge(**{"origin": "o", "session": "s", "nonce": bytes(32), **parts})  # type: ignore[arg-type]


def test_short_challenges_differ_by_purpose_and_by_nonce() -> None:
    other = PossessionChallenge(origin=CHALLENGE.origin, session="s-1", nonce=bytes(32))
    derived = {
        derive_challenge(CHALLENGE, "a", 8),
        derive_challenge(CHALLENGE, "b", 8),
        derive_challenge(other, "a", 8),
    }
    assert len(derived) == 3
    assert {len(one) for one in derived} == {8}
    with pytest.raises(ValueError, match="32"):
        derive_challenge(CHALLENGE, "a", 33)
