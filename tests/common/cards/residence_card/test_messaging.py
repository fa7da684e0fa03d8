"""Secure messaging of residence cards: objects 86 and 96, what is not encrypted is refused, and a session that changes hands."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from common.cards.apdu import Command, Response, encode
from common.cards.channel import CardChannel
from common.cards.drivers.residence_card.ciphers import encrypt, pad
from common.cards.drivers.residence_card.messaging import CARD_TYPES, ResidenceMessaging
from common.errors import CardError, Malformed
from tests.common.cards.scripted import Script

KEY = bytes.fromhex("CE94938E19E3B97DF96EABCEDC1715CC")
READ = Command(0x00, 0xB0, 0x85, 0x00, le=65536)
each_type = pytest.mark.parametrize("card_type", sorted(CARD_TYPES))


def protected(card_type: str, plain: bytes) -> bytes:
    """What a card answers: ``86``, and its length in the form of its size."""
    value = b"\x01" + encrypt(CARD_TYPES[card_type], KEY, pad(CARD_TYPES[card_type], plain))
    head = bytes((len(value),)) if len(value) < 128 else b"\x82" + len(value).to_bytes(2, "big")
    return b"\x86" + head + value


@each_type
def test_a_read_is_written_as_in_the_specification(card_type: str) -> None:
    messaging = ResidenceMessaging(card_type, KEY, extended=True)
    assert encode(messaging.protect(READ)).hex() == "08b085000000049602" + "0000" + "0000"
    some = Command(0x00, 0xB0, 0x83, 0x00, le=73)
    assert encode(messaging.protect(some)).hex() == "08b083000000049602" + "0049" + "0000"


@each_type
def test_in_short_length_for_readers_that_have_no_other(card_type: str) -> None:
    messaging = ResidenceMessaging(card_type, KEY, extended=False)
    assert encode(messaging.protect(Command(0x00, 0xB0, 0x83, 0x00, le=73))).hex() == "08b0830004960200" + "4900"


@each_type
@pytest.mark.parametrize("size", [1, 7, 8, 15, 16, 17, 239, 5508])
def test_what_is_read_comes_back(card_type: str, size: int) -> None:
    plain = bytes(n % 256 for n in range(size))
    answered = ResidenceMessaging(card_type, KEY, extended=True).unprotect(
        Response(protected(card_type, plain), 0x9000)
    )
    assert answered == Response(plain, 0x9000)


@each_type
@pytest.mark.parametrize("limit", [64, 127, 128, 255, 256, 300, 65536])
def test_room_is_what_fits_and_no_byte_less(card_type: str, limit: int) -> None:
    messaging = ResidenceMessaging(card_type, KEY, extended=True)
    room = messaging.room(limit)
    block = CARD_TYPES[card_type].block
    head = 2 if limit < 128 else 3 if limit < 256 else 4
    assert (room + 1) % block == 0
    assert head + 1 + room + 1 <= limit < head + 1 + room + 1 + block + 1


@each_type
def test_an_error_is_an_error(card_type: str) -> None:
    messaging = ResidenceMessaging(card_type, KEY, extended=True)
    assert messaging.unprotect(Response(b"", 0x6982)) == Response(b"", 0x6982)


WRONG: dict[str, Callable[[bytes], bytes]] = {
    "in the clear": lambda good: b"\xd0\x02\x01\x02",
    "nothing": lambda good: b"",
    "cut": lambda good: good[:-1],
    "another tag": lambda good: b"\x87" + good[1:],
    "another padding indicator": lambda good: good[:2] + b"\x02" + good[3:],
    "another key": lambda good: good[:-16] + bytes(16),
    "half a block": lambda good: b"\x86\x05\x01" + good[3:7],
    "no block": lambda good: b"\x86\x01\x01",
    "two": lambda good: good + good,
    "more behind it": lambda good: good + b"\x99",
}


@each_type
@pytest.mark.parametrize("wrong", WRONG)
def test_what_was_not_protected_ends_the_session(card_type: str, wrong: str) -> None:
    messaging = ResidenceMessaging(card_type, KEY, extended=True)
    with pytest.raises(CardError, match="secure_messaging_failed"):
        messaging.unprotect(Response(WRONG[wrong](protected(card_type, b"0123456789")), 0x9000))
    for later in (
        lambda: messaging.protect(READ),
        lambda: messaging.unprotect(Response(b"", 0x9000)),
        messaging.export,
    ):
        with pytest.raises(CardError, match="secure_messaging_dead"):
            later()


@each_type
@pytest.mark.parametrize("extended", [True, False])
def test_a_session_changes_hands(card_type: str, extended: bool) -> None:
    session = ResidenceMessaging(card_type, KEY, extended=extended).export()
    restored = ResidenceMessaging.restore(session)
    assert restored.export() == session
    assert (restored.card_type, restored.extended) == (card_type, extended)
    assert repr(restored) == f"ResidenceMessaging({card_type!r})"


@pytest.mark.parametrize(
    "session", [b"", b"\x01", b"\x0109" + KEY, b"\x01\x31\x02" + KEY, b"\x01\x31\x01" + KEY[1:], b"\x0207\x01" + KEY]
)
def test_what_is_no_session(session: bytes) -> None:
    with pytest.raises(Malformed, match="card_session_malformed"):
        ResidenceMessaging.restore(session)


def test_through_a_channel() -> None:
    card = Script(protected("1", b"\xd0\x02ok") + b"\x90\x00")
    channel = CardChannel(card, extended=True)
    channel.secure = ResidenceMessaging("1", KEY, extended=True)
    assert channel.send(READ).data == b"\xd0\x02ok"
    assert [sent.hex() for sent in card.sent] == ["08b085000000049602" + "0000" + "0000"]
