"""Virtual residence cards alone: files of their sizes, pictures, signatures that OpenSSL verifies, what each fault changes."""

from __future__ import annotations

import subprocess
from io import BytesIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from PIL import Image

from examples.cards.chip import Chip
from examples.cards.residence.files import (
    DF1,
    DF2,
    DF3,
    address_image,
    entries,
    front_image,
    name_image,
    photo,
    signed_first,
    signed_second,
)
from examples.cards.residence.holders import CHILD, ENGINEER, PERMANENT, SAMPLES, SPECIAL, STUDENT
from examples.cards.residence_card import FAULTS, MOVED_TO, build_residence_card
from tests.cards.authorities import residence_authority
from tests.cards.residence_terminal import Terminal, opened, tags

FIRST, SECOND = 1, 2

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
        assert proof[:4].hex() == ("da000000" if holder.special else "da00db00")
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
    assert openssl(
        "verify", "-attime", "1795000000", "-CAfile", str(tmp_path / "root.pem"), str(tmp_path / "cert.pem")
    ).endswith("cert.pem: OK\n")
    openssl("x509", "-in", str(tmp_path / "cert.pem"), "-pubkey", "-noout", "-out", str(tmp_path / "key.pem"))
    verify = ["dgst", "-sha256", "-verify", str(tmp_path / "key.pem"), "-signature", str(tmp_path / "code")]
    assert openssl(*verify, str(tmp_path / "signed")) == "Verified OK\n"
    (tmp_path / "other").write_bytes(signed[:-1] + b"\x01")
    assert "Verified OK" not in openssl(*verify, str(tmp_path / "other"))


def test_raw_and_der_check_codes_are_the_same_numbers() -> None:
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
