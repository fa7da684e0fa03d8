"""Virtual residence cards alone: both published examples to the byte, access conditions, and an answer to any bytes."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples.cards.passport.ciphers import AES_128, TRIPLE_DES
from examples.cards.residence.files import DF1, DF3
from examples.cards.residence.handshake import HandshakeFailed, access_key, agree
from examples.cards.residence.holders import ENGINEER, EXAMPLE_NUMBER
from examples.cards.residence_card import build_residence_card
from tests.cards.authorities import residence_authority
from tests.cards.residence_terminal import BLOCK, K_IFD, RND_IFD, Terminal, opened, tags

FIRST, SECOND = 1, 2
# cards.md §9, from 別添2 of both specifications.
EXAMPLES = {
    FIRST: {
        "rnd_icc": "5A6E7E385162B7A3",
        "e_ifd": "937745C20883A1BAD1E04193722A1592378F81A8F1DC589157AEB0F7544FA1BA",
        "m_ifd": "1AD7FB6A3389E017",
        "e_icc": "5860775B4D032CC564BA204B8EA868F694A74E7475A8FEF240588BDA1AF496CE",
        "m_icc": "59388FD6CD45248B",
        "k_icc": "19D049490FFF52EEDBFCB930BC810ED0",
        "ks": "CE94938E19E3B97DF96EABCEDC1715CC",
        "verify": "1AA82973DB959A811F9711D728F0EEF6",
    },
    SECOND: {
        "rnd_icc": "921CE277323DA057",
        "e_ifd": "4AD3C7B6BB484A52771977DED618B41DF841FA0476A05FBE041DEAD6109E773B",
        "m_ifd": "AC854617634F5397",
        "e_icc": "289A96B1DA6AE3DA87770419BFD14F0BDAD15F36432B5A946C188C7221759A62",
        "m_icc": "FA942EC51E62FF5F",
        "k_icc": "2CC6AF9B8B607C662FDCAD27B401D08B",
        "ks": "C19CF13D3D7FBEE9EA293D834C88952F",
        "verify": "EE0B31EF877F68D071C56D58C72E6748",
    },
}


# The worked examples


@pytest.mark.parametrize(("generation", "suite"), [(FIRST, TRIPLE_DES), (SECOND, AES_128)])
def test_the_published_example_at_the_primitives(generation, suite) -> None:  # type: ignore[no-untyped-def]
    value = {name: bytes.fromhex(text) for name, text in EXAMPLES[generation].items()}
    number = EXAMPLE_NUMBER.encode()
    assert access_key(number).hex().upper() == "6522B4E171195BB218223A976C040111"
    agreed = agree(suite, number, value["rnd_icc"], value["e_ifd"] + value["m_ifd"], value["k_icc"])
    assert agreed.answer == value["e_icc"] + value["m_icc"]
    assert agreed.session_key == value["ks"]
    assert suite.decipher(agreed.session_key, value["verify"]) == number + bytes.fromhex("80000000")


@pytest.mark.parametrize(("generation", "suite"), [(FIRST, TRIPLE_DES), (SECOND, AES_128)])
@pytest.mark.parametrize("at", [0, 31, 32, 39])
def test_a_handshake_with_one_bit_turned_is_refused(generation, suite, at) -> None:  # type: ignore[no-untyped-def]
    value = {name: bytes.fromhex(text) for name, text in EXAMPLES[generation].items()}
    sent = bytearray(value["e_ifd"] + value["m_ifd"])
    sent[at] ^= 1
    with pytest.raises(HandshakeFailed):
        agree(suite, EXAMPLE_NUMBER.encode(), value["rnd_icc"], bytes(sent), value["k_icc"])


@pytest.mark.parametrize("generation", [FIRST, SECOND])
def test_the_published_example_as_a_session(generation: int) -> None:
    value = EXAMPLES[generation]
    drawn = [bytes.fromhex(value["rnd_icc"]), bytes.fromhex(value["k_icc"])]

    def random(size: int) -> bytes:
        part = drawn.pop(0)
        assert len(part) == size
        return part

    holder = replace(ENGINEER, number=EXAMPLE_NUMBER)
    card = build_residence_card(holder, authority=residence_authority(generation), random=random)
    terminal = Terminal(card, block=BLOCK[generation])
    assert (RND_IFD.hex().upper(), K_IFD.hex().upper()) == ("1122334455667788", "404142434445464748494A4B4C4D4E4F")
    assert terminal.open(holder.secret) == b"\x90\x00"
    assert terminal.log == [
        ("0084000008", f"{value['rnd_icc']}9000"),
        (f"0082000028{value['e_ifd']}{value['m_ifd']}00", f"{value['e_icc']}{value['m_icc']}9000"),
        (f"0820008613861101{value['verify']}", "9000"),
    ]
    assert terminal.session.hex().upper() == value["ks"]
    assert terminal.select(DF1) == b"\x90\x00"
    # 別添2: the lengths of the answers are published too.
    if generation == FIRST:
        assert terminal.send("08b0850000000496020000" + "0000")[:5].hex() == "86821b6101"
        assert terminal.send("08b0860000000496020000" + "0000")[:5].hex() == "86820bc101"
        assert terminal.read_secure(0x85)[:4].hex() == "d0821b58"
    else:
        assert terminal.send("08b0840000000496020000" + "0000")[:5].hex() == "8682159101"
        picture = terminal.read_secure(0x84)
        assert (picture[:4].hex(), picture[2504:2508].hex()) == ("d08209c4", "d1820bb8")


# Access


def test_what_is_free_and_what_is_not() -> None:
    terminal = Terminal(build_residence_card(ENGINEER, authority=residence_authority(SECOND)), block=16)
    assert terminal.data("00a40000023f00") == b""
    assert terminal.data("00b08b0000") == b"\xc0\x040001"
    assert terminal.data("00b08a0000") == b"\xc1\x0205"
    assert terminal.select(DF1) == b"\x90\x00"
    for apdu, sw in [
        ("00b0810000", "6982"),
        ("00b08300000000", "6982"),
        ("08b083000000049602000000" + "00", "6882"),  # no session
        ("0020008600", "6982"),
        ("0020008610" + "41" * 16, "6982"),  # VERIFY only under the session key
        ("00b0820000", "6A82"),
        ("0082000028" + "00" * 40 + "00", "6985"),  # no challenge
    ]:
        assert terminal.send(apdu).hex().upper() == sw, apdu
    assert terminal.open(ENGINEER.secret) == b"\x90\x00"
    assert terminal.select(DF1) == b"\x90\x00"
    assert terminal.send("00b08300000000").hex() == "6982"  # only enciphered
    assert tags(terminal.read_secure(0x83))[0xC8] == b"USA"
    assert terminal.select(DF3) == b"\x90\x00"
    assert terminal.read_plain(0x82) == terminal.read_secure(0x82)
    terminal.card.power()
    assert terminal.select(DF3) == b"\x90\x00"
    assert terminal.send("00b08200000000").hex() == "6982"


def test_a_handshake_without_verify_opens_nothing() -> None:
    terminal = opened(SECOND)
    assert terminal.verify(b"ZZ00000000ZZ").hex() == "6300"  # and takes back what was granted before
    assert terminal.select(DF3) == b"\x90\x00"
    assert terminal.send("00b08200000000").hex() == "6982"
    assert terminal.verify(ENGINEER.secret) == b"\x90\x00"
    assert terminal.read_plain(0x82)[:2] == b"\xdc\x60"


@pytest.mark.parametrize("generation", [FIRST, SECOND])
def test_a_wrong_number_never_blocks(generation: int) -> None:
    terminal = Terminal(
        build_residence_card(ENGINEER, authority=residence_authority(generation)), block=BLOCK[generation]
    )
    for _ in range(30):
        assert terminal.open(b"AB12345678CE").hex() == "6300"
    assert terminal.open(ENGINEER.secret) == b"\x90\x00"


def test_a_challenge_serves_the_very_next_command_only() -> None:
    value = EXAMPLES[SECOND]
    holder = replace(ENGINEER, number=EXAMPLE_NUMBER)
    card = build_residence_card(
        holder, authority=residence_authority(SECOND), random=lambda size: bytes.fromhex(value["rnd_icc"] * 2)[:size]
    )
    terminal = Terminal(card, block=16)
    sent = f"0082000028{value['e_ifd']}{value['m_ifd']}00"
    terminal.data("0084000008")
    terminal.data("00b08a0000")
    assert terminal.send(sent).hex() == "6985"
    terminal.data("0084000008")
    assert terminal.send(sent)[-2:] == b"\x90\x00"
    assert terminal.send(sent).hex() == "6985"


def test_reading_in_pieces_gives_the_same_bytes() -> None:
    terminal = opened(FIRST)
    terminal.select(DF1)
    whole = terminal.read_secure(0x85)
    pieces = terminal.read_secure(0x85, wanted=240)
    while len(pieces) < len(whole):  # 15 bits of offset into what is the current file now
        pieces += terminal.read_secure(len(pieces) >> 8, offset=len(pieces) & 0xFF, wanted=240)
    assert pieces == whole
    assert terminal.send("08b01b5c000004960200f0" + "0000").hex() == "6b00"


# Any bytes


@given(
    generation=st.sampled_from([FIRST, SECOND]),
    apdus=st.lists(
        st.one_of(
            st.binary(max_size=300),
            st.builds(
                lambda head, data, end: bytes(head) + bytes([len(data)]) + data + end,
                st.tuples(
                    st.sampled_from([0x00, 0x08, 0x0C, 0x80]),
                    st.sampled_from([0x20, 0x82, 0x84, 0xA4, 0xB0, 0xAE]),
                    st.integers(0, 255),
                    st.integers(0, 255),
                ),
                st.binary(min_size=1, max_size=64),
                st.sampled_from([b"", b"\x00"]),
            ),
        ),
        max_size=8,
    ),
    inside=st.booleans(),
)
def test_any_apdus_are_answered(generation: int, apdus: list[bytes], inside: bool) -> None:
    terminal = a_terminal(generation)
    terminal.card.power()
    if inside:
        terminal.open(ENGINEER.secret)
    for apdu in apdus:
        answer = terminal.card.answer(apdu)
        assert 2 <= len(answer) <= 65538


@cache
def a_terminal(generation: int) -> Terminal:
    return opened(generation)
