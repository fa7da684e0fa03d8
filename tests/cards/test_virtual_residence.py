"""Virtual residence cards alone: both published examples to the byte, access conditions, sizes, signatures that OpenSSL verifies."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given
from hypothesis import strategies as st

from examples.cards.chip import Chip
from examples.cards.passport.ciphers import AES_128, TRIPLE_DES
from examples.cards.residence.files import DF1, DF2, DF3, entries, signed_first, signed_second
from examples.cards.residence.handshake import HandshakeFailed, access_key, agree
from examples.cards.residence.holders import CHILD, ENGINEER, EXAMPLE_NUMBER, PERMANENT, SAMPLES, SPECIAL, STUDENT
from examples.cards.residence_card import FAULTS, MOVED_TO, build_residence_card
from tests.cards.authorities import residence_authority
from tests.cards.residence_terminal import K_IFD, RND_IFD, Terminal

FIRST, SECOND = 1, 2
BLOCK = {FIRST: 8, SECOND: 16}
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


def opened(generation: int, holder=ENGINEER, **options) -> Terminal:  # type: ignore[no-untyped-def]
    terminal = Terminal(
        build_residence_card(holder, authority=residence_authority(generation), **options), block=BLOCK[generation]
    )
    assert terminal.open(holder.secret) == b"\x90\x00"
    return terminal


def tags(content: bytes) -> dict[int, bytes]:
    """The objects of a file up to its filler."""
    found, at = {}, 0
    while at < len(content) and content[at] != 0:
        size = 2 if content[at] == 0xDF else 1
        tag = int.from_bytes(content[at : at + size], "big")
        at += size
        if content[at] == 0x82:
            length, at = int.from_bytes(content[at + 1 : at + 3], "big"), at + 3
        else:
            assert content[at] < 0x80
            length, at = content[at], at + 1
        found[tag] = content[at : at + length]
        at += length
    assert not any(content[at:])
    return found


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


# Contents


@pytest.mark.parametrize("key", sorted(SAMPLES))
def test_first_generation_files_have_their_sizes_and_contents(key: str) -> None:
    holder = SAMPLES[key]
    terminal = opened(FIRST, holder)
    terminal.select(DF1)
    front, portrait = terminal.read_secure(0x85), terminal.read_secure(0x86)
    assert (len(front), len(portrait)) == (7004, 3004)
    terminal.select(DF2)
    back = tags(terminal.read_plain(0x81))
    assert back[0xD4].rstrip(b"\x00").decode() == holder.address
    assert (len(back[0xD2]), len(back[0xD3]), len(back[0xD4])) == (8, 6, 320)
    sizes = [len(terminal.read_plain(0x80 + sfi)) for sfi in (2, 3, 4)] if not holder.special else []
    assert sizes == ([] if holder.special else [122, 122, 3])
    if holder.special:
        assert terminal.send("00b08200000000").hex() == "6a82"
    terminal.select(DF3)
    proof = terminal.read_plain(0x82)
    assert len(proof) == 1464
    if holder.photo:
        signed = tags(front)[0xD0] + tags(portrait)[0xD1]
        assert (len(signed), signed) == (10000, signed_first(holder))
        assert {tag: len(value) for tag, value in tags(proof).items()} == {0xDA: 256, 0xDB: 1200}
    else:
        assert portrait[:2].hex() == "d100"
        assert not any(portrait[2:])
        assert proof[:4].hex() == "da00db00"
        assert not any(proof[4:])


@pytest.mark.parametrize("key", sorted(SAMPLES))
def test_second_generation_files_have_their_sizes_and_contents(key: str) -> None:
    holder = SAMPLES[key]
    terminal = opened(SECOND, holder)
    assert terminal.data("00a40000023f00") == b""
    assert terminal.data("00b08a0000")[2:] == (b"06" if holder.special else b"05")
    terminal.select(DF1)
    number, printed, pictures, address = (terminal.read_secure(0x80 + sfi) for sfi in (1, 3, 4, 6))
    assert tags(number) == {0xC2: holder.secret}
    assert [len(file) for file in (number, printed, pictures, address)] == [
        14,
        46 if holder.special else 73,
        5508,
        2505,
    ]
    assert list(tags(printed).items()) == entries(holder)
    assert len(tags(address)[0xDFD1]) == 2500
    terminal.select(DF2)
    if holder.special:
        assert terminal.send("00b08100000000").hex() == "6a82"
    else:
        assert [len(terminal.read_plain(0x80 + sfi)) for sfi in (1, 2)] == [22, 3]
        assert tags(terminal.read_plain(0x81))[0xD5] == holder.comprehensive.encode()
    other = terminal.read_plain(0x83)
    assert len(other) == 207
    assert tags(other)[0xDE].decode() == holder.remarks
    terminal.select(DF3)
    proof = terminal.read_plain(0x82)
    assert len(proof) == 704
    if holder.photo:
        found = tags(pictures)
        values = b"".join(tags(printed).values()).ljust(53, b"\x00") + found[0xD1] + found[0xD0]
        assert values == signed_second(holder)
        assert len(tags(proof)[0xDC]) == 96
        assert len(tags(proof)[0xDD]) <= 602
    else:
        assert proof[:4].hex() == "dc00dd00"
        assert tags(pictures)[0xD1] == b""


@pytest.mark.parametrize("holder", [STUDENT, SPECIAL], ids=["student", "special"])
def test_pictures_open_in_other_software(holder) -> None:  # type: ignore[no-untyped-def]
    from io import BytesIO

    from PIL import Image

    from examples.cards.residence.files import address_image, front_image, name_image, photo

    for picture, mode, kind in [
        (front_image(holder), "1", "TIFF"),
        (name_image(holder), "1", "TIFF"),
        (address_image(holder), "1", "TIFF"),
        (photo(holder), "RGB", "JPEG2000"),
    ]:
        with Image.open(BytesIO(picture)) as image:
            image.load()
            assert (image.mode, image.format) == (mode, kind)
            if kind == "TIFF":
                assert image.info["compression"] == "group4"
                assert image.histogram()[0] > 50  # there is writing on it


# Signatures


def openssl(*arguments: str) -> str:
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    ("generation", "der", "key"),
    [(FIRST, False, "engineer"), (SECOND, True, "permanent"), (SECOND, True, "special")],
    ids=["first", "second", "second-special"],
)
def test_openssl_verifies_chain_and_check_code(generation: int, der: bool, key: str, tmp_path: Path) -> None:
    holder, authority = SAMPLES[key], residence_authority(generation)
    terminal = opened(generation, holder, der=der)
    terminal.select(DF3)
    proof = tags(terminal.read_plain(0x82))
    code, certificate = proof[0xDA if generation == FIRST else 0xDC], proof[0xDB if generation == FIRST else 0xDD]
    certificate = certificate[: 4 + int.from_bytes(certificate[2:4], "big")]  # without filler
    signed = signed_first(holder) if generation == FIRST else signed_second(holder)
    (tmp_path / "root.pem").write_bytes(authority.root.public_bytes(serialization.Encoding.PEM))
    for name, content in (("cert.der", certificate), ("code", code), ("signed", signed)):
        (tmp_path / name).write_bytes(content)
    openssl("x509", "-inform", "DER", "-in", str(tmp_path / "cert.der"), "-out", str(tmp_path / "cert.pem"))
    assert openssl("verify", "-CAfile", str(tmp_path / "root.pem"), str(tmp_path / "cert.pem")).endswith(
        "cert.pem: OK\n"
    )
    openssl("x509", "-in", str(tmp_path / "cert.pem"), "-pubkey", "-noout", "-out", str(tmp_path / "key.pem"))
    verify = ["dgst", "-sha256", "-verify", str(tmp_path / "key.pem"), "-signature", str(tmp_path / "code")]
    assert openssl(*verify, str(tmp_path / "signed")) == "Verified OK\n"
    (tmp_path / "other").write_bytes(signed[:-1] + b"\x01")
    assert "Verified OK" not in openssl(*verify, str(tmp_path / "other"))


def test_raw_and_der_check_codes_are_the_same_numbers() -> None:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    authority = residence_authority(SECOND)
    raw = authority.sign(b"entries")
    assert len(raw) == 96
    der = encode_dss_signature(int.from_bytes(raw[:48], "big"), int.from_bytes(raw[48:], "big"))
    key = authority.certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(der, b"entries", ec.ECDSA(hashes.SHA256()))
    key.verify(authority.sign(b"entries", der=True), b"entries", ec.ECDSA(hashes.SHA256()))


# Faults: what each one changes on the card, and that it changes nothing else


def all_files(chip: Chip) -> dict[str, bytes]:
    return {
        f"{application.aid.hex()[:12]}/{fid:02x}": application.transparent(fid).stored()
        for application in chip.all_applications()
        for fid in application.files
    }


DIFFERENCES = {
    (FIRST, "altered_entries"): {"d392f0004f02/05"},
    (FIRST, "altered_photo"): {"d392f0004f02/06"},
    (FIRST, "changed_address"): {"d392f0004f03/01"},
    (FIRST, "foreign_signature"): {"d392f0004f04/02"},
    (FIRST, "wrong_certificate"): {"d392f0004f04/02"},
    (FIRST, "expired_certificate"): {"d392f0004f04/02"},
    (FIRST, "no_signature"): {"d392f0004f04/02"},
    (FIRST, "clone"): set(),
    (FIRST, "other_number"): set(),
    (SECOND, "altered_entries"): {"d392f0004f02/03"},
    (SECOND, "altered_photo"): {"d392f0004f02/04"},
    (SECOND, "altered_name_image"): {"d392f0004f02/04"},
    (SECOND, "changed_address"): {"d392f0004f02/06"},
    (SECOND, "foreign_signature"): {"d392f0004f04/02"},
    (SECOND, "wrong_certificate"): {"d392f0004f04/02"},
    (SECOND, "expired_certificate"): {"d392f0004f04/02"},
    (SECOND, "no_signature"): {"d392f0004f04/02"},
    (SECOND, "clone"): set(),
    (SECOND, "other_number"): set(),
}


@pytest.mark.parametrize(("generation", "fault"), sorted(DIFFERENCES), ids=lambda value: str(value))
def test_a_fault_changes_one_file(generation: int, fault: str) -> None:
    authority = residence_authority(generation)
    right = all_files(build_residence_card(ENGINEER, authority=authority, fault=None))
    wrong = all_files(build_residence_card(ENGINEER, authority=authority, fault=fault))
    changed = {name for name in right if right[name] != wrong[name]}
    if generation == SECOND:  # ECDSA signatures differ from one to the next
        changed -= {"d392f0004f04/02"} - DIFFERENCES[generation, fault]
    assert changed == DIFFERENCES[generation, fault]
    assert {name: len(content) for name, content in right.items()} == {
        name: len(content) for name, content in wrong.items()
    }


def test_every_fault_has_its_row_and_its_test() -> None:
    assert {fault for _, fault in DIFFERENCES} == {row.name for row in FAULTS}
    assert len(FAULTS) == len({row.name for row in FAULTS})
    with pytest.raises(ValueError, match="unknown fault"):
        build_residence_card(ENGINEER, authority=residence_authority(SECOND), fault="cracked")
    with pytest.raises(ValueError, match="generation 1"):
        build_residence_card(ENGINEER, authority=residence_authority(FIRST), fault="altered_name_image")


def test_certificates_of_the_faults() -> None:
    authority = residence_authority(SECOND)
    assert authority.stranger().root.subject == authority.root.subject
    assert authority.stranger().root_der != authority.root_der
    assert authority.expired().root_der == authority.root_der
    authority.expired().certificate.verify_directly_issued_by(authority.root)
    assert authority.expired().certificate.not_valid_after_utc.year == 2022
    moved = all_files(build_residence_card(PERMANENT, authority=residence_authority(FIRST), fault="changed_address"))
    assert MOVED_TO.encode() in moved["d392f0004f03/01"]


def test_the_clone_opens_with_the_number() -> None:
    terminal = opened(SECOND, fault="clone")
    terminal.select(DF1)
    assert tags(terminal.read_secure(0x81)) == {0xC2: ENGINEER.secret}


def test_the_other_number_is_refused() -> None:
    terminal = Terminal(
        build_residence_card(ENGINEER, authority=residence_authority(SECOND), fault="other_number"), block=16
    )
    assert terminal.open(ENGINEER.secret).hex() == "6300"


def test_nobody_is_printed_with_the_secret() -> None:
    for holder in SAMPLES.values():
        assert holder.number not in repr(holder)
        assert len(holder.secret) == 12
    assert len({holder.number for holder in SAMPLES.values()}) == len(SAMPLES)
    assert not CHILD.photo


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
