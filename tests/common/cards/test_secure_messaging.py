"""ICAO 9303-11 §9.8 against the worked example of its Appendix D.4, byte for byte; AES against itself from the other side."""

from __future__ import annotations

import pytest

from common.cards.apdu import Command, Response, encode, parse_response
from common.cards.block_cipher import retail_mac, unpad
from common.cards.channel import CardChannel
from common.cards.files import Sfi, read_file
from common.cards.secure_messaging import AesMessaging, TripleDesMessaging
from common.errors import CardError
from tests.common.cards.protected import ProtectedFile
from tests.common.cards.scripted import Script

KS_ENC = bytes.fromhex("979EC13B1CBFE9DCD01AB0FED307EAE5")
KS_MAC = bytes.fromhex("F1CB1F1FB5ADF208806B89DC579DC1F8")
SSC = bytes.fromhex("887022120C06C226")
SESSION = [
    (
        Command(0, 0xA4, 2, 0x0C, bytes.fromhex("011E")),
        "0CA4020C158709016375432908C044F68E08BF8B92D635FF24F800",
        "990290008E08FA855A5D4C50A8ED9000",
        "",
    ),
    (
        Command(0, 0xB0, 0, 0, le=4),
        "0CB000000D9701048E08ED6705417E96BA5500",
        "8709019FF0EC34F9922651990290008E08AD55CC17140B2DED9000",
        "60145F01",
    ),
    (
        Command(0, 0xB0, 0, 4, le=18),
        "0CB000040D9701128E082EA28A70F3C7B53500",
        "871901FB9235F4E4037F2327DCC8964F1F9B8C30F42C8E2FFF224A990290008E08C8B2787EAEA07D749000",
        "04303130365F36063034303030305C026175",
    ),
]


def messaging() -> TripleDesMessaging:
    return TripleDesMessaging(KS_ENC, KS_MAC, SSC)


def test_the_session_of_the_text() -> None:
    """ICAO 9303-11 Appendix D.4: EF.COM is selected and read."""
    secure = messaging()
    for command, sent, answer, plain in SESSION:
        assert encode(secure.protect(command)).hex().upper() == sent
        assert secure.unprotect(parse_response(bytes.fromhex(answer))) == Response(bytes.fromhex(plain), 0x9000)


def test_the_session_over_a_channel() -> None:
    script = Script(*(answer for _, _, answer, _ in SESSION))
    channel = CardChannel(script, extended=False)
    channel.secure = messaging()
    assert [channel.send(command).data.hex().upper() for command, *_ in SESSION] == [plain for *_, plain in SESSION]
    assert [each.hex().upper() for each in script.sent] == [sent for _, sent, _, _ in SESSION]


def test_the_mac_of_the_text() -> None:
    """Appendix D.3: M_IFD over E_IFD, and M_IC over E_IC, which the reader and the chip send to authenticate each other."""
    k_mac = bytes.fromhex("7962D9ECE03D1ACD4C76089DCE131543")
    for data, mac in [
        ("72C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F2", "5F1448EEA8AD90A7"),
        ("46B9342A41396CD7386BF5803104D7CEDC122B9132139BAF2EEDC94EE178534F", "2F2D235D074D7449"),
    ]:
        assert retail_mac(k_mac, bytes.fromhex(data)).hex().upper() == mac


@pytest.mark.parametrize("data", [b"", bytes(8), b"a" * 8, b"a" * 7 + b"\x81", b"\x80" + bytes(8), b"\x80"])
def test_padding_that_is_none(data: bytes) -> None:
    with pytest.raises(CardError):
        unpad(data, 8)


def test_an_error_of_the_card_ends_the_session() -> None:
    secure = messaging()
    secure.protect(SESSION[0][0])
    with pytest.raises(CardError) as caught:
        secure.unprotect(Response(b"", 0x6982))
    assert (caught.value.code, caught.value.sw) == ("secure_messaging_failed", 0x6982)
    with pytest.raises(CardError) as caught:
        secure.protect(SESSION[1][0])
    assert caught.value.code == "secure_messaging_dead"


def test_the_status_word_outside_must_be_the_one_inside() -> None:
    secure = messaging()
    secure.protect(SESSION[0][0])
    with pytest.raises(CardError):
        secure.unprotect(Response(bytes.fromhex(SESSION[0][2])[:-2], 0x6282))
    assert secure.is_dead


def test_commands_and_answers_take_turns() -> None:
    first, second = messaging(), messaging()
    with pytest.raises(CardError):
        first.unprotect(parse_response(bytes.fromhex(SESSION[0][2])))
    second.protect(SESSION[0][0])
    with pytest.raises(CardError):
        second.protect(SESSION[0][0])
    assert first.is_dead
    assert second.is_dead


def test_an_answer_counts_once() -> None:
    secure = messaging()
    secure.protect(SESSION[0][0])
    secure.unprotect(parse_response(bytes.fromhex(SESSION[0][2])))
    secure.protect(SESSION[0][0])
    with pytest.raises(CardError):
        secure.unprotect(parse_response(bytes.fromhex(SESSION[0][2])))


def test_the_keys_are_not_seen() -> None:
    assert repr(messaging()) == "TripleDesMessaging(…)"


@pytest.mark.parametrize(
    "make", [lambda: TripleDesMessaging(KS_ENC, KS_MAC, bytes(7)), lambda: AesMessaging(KS_ENC, KS_MAC, SSC)]
)
def test_a_counter_is_a_block(make: object) -> None:
    with pytest.raises(ValueError, match="counter"):
        make()  # type: ignore[operator]


@pytest.mark.parametrize("kind", ["3des", "aes-128", "aes-192", "aes-256"])
@pytest.mark.parametrize(("extended", "exchanges"), [(True, 1), (False, None)])
def test_a_photo_under_protection(kind: str, extended: bool, exchanges: int | None) -> None:
    """15 kB: one READ in extended length, else as many as the pieces that fit (231 bytes with 3DES, 223 with AES) demand."""
    content = b"\x75\x82\x3a\x98" + bytes(range(250)) * 60
    card = ProtectedFile(content, kind)
    channel = CardChannel(card, extended=extended)
    channel.secure = card.reader_side()
    assert read_file(channel, Sfi(2), max_bytes=1 << 16, tlv=True) == content
    room = 231 if kind == "3des" else 223
    assert channel.exchanges == (exchanges or -(-len(content) // room))
    assert channel.most == room or extended


def test_far_offsets_under_protection() -> None:
    content = b"\x75\x82\xc3\x50" + bytes(range(250)) * 200
    for extended in (True, False):
        card = ProtectedFile(content, "aes-128")
        channel = CardChannel(card, extended=extended)
        channel.answer_limit = 4000
        channel.secure = card.reader_side()
        assert read_file(channel, Sfi(2), max_bytes=1 << 16, tlv=True) == content
