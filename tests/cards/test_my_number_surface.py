"""The virtual surface and common applications by themselves: records, signatures, pictures, conditions. cards.md §3.5, §3.6."""

from __future__ import annotations

import hashlib
import io
from itertools import pairwise

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from PIL import Image

from examples.cards.my_number import common_card, surface
from examples.cards.my_number.pictures import photo
from examples.cards.people import PEOPLE
from examples.cards.tlv import objects
from tests.cards.my_number_world import authorities, card, read, say, select, verify
from tests.cards.test_my_number_text import check, public_key

SELECT = select(surface.AID)
CODE_B = verify(0x12, PEOPLE["hanako"].printed_code.encode())
CODE_A = verify(0x13, b"0" * 12)
BIRTH = verify(0x11, PEOPLE["hanako"].era_birth.encode())


def opened(by: bytes, **options: str) -> dict[int, bytes]:
    chip = card(**options)  # type: ignore[arg-type]
    say(chip, SELECT, by)
    return {fid: answer[:-2] for fid in range(1, 6) if (answer := read(chip, fid))[-2:] == b"\x90\x00"}


def face(**options: str) -> dict[int, bytes]:
    [(tag, value)] = objects(without_filler(opened(CODE_B, **options)[2]))
    assert tag == 0xFF20
    return dict(objects(value))


def without_filler(file: bytes) -> bytes:
    return file[: 5 + int.from_bytes(file[3:5], "big")]


def issuer() -> rsa.RSAPublicKey:
    return authorities().cards.issuer_key().public_key()


@pytest.mark.parametrize(
    ("by", "files"),
    [(b"\x00\x20\x00\x91", {3, 4}), (BIRTH, {1, 3, 4}), (CODE_B, {2, 3, 4}), (CODE_A, {2, 3, 4, 5})],
    ids=["nothing", "birth-date", "code-b", "code-a"],
)
def test_who_may_read_what(by: bytes, files: set[int]) -> None:
    assert set(opened(by)) == files


def test_the_age_record() -> None:
    [(tag, value)] = objects(opened(BIRTH)[1])
    fields = dict(objects(value))
    assert (tag, fields[0xDF11]) == (0xFF10, b"19900303")
    check(issuer(), fields[0xDF13], value[: value.index(b"\xdf\x13")])


def three_digests(file: bytes) -> bytes:
    """As the reference says: over DF22‖DF23‖DF24, over DF25‖DF26, over DF27, each with its header."""
    edges = [file.index(tag) for tag in (b"\xdf\x22\x08", b"\xdf\x25\x82", b"\xdf\x27\x82", b"\xdf\x28\x82")]
    return b"".join(hashlib.sha256(file[a:b]).digest() for a, b in pairwise(edges))


def check_face(file: bytes, signature: bytes) -> None:
    info = bytes.fromhex("3071300d060960864801650304020105000460") + three_digests(file)
    if issuer().recover_data_from_signature(signature, padding.PKCS1v15(), None) != info:
        raise InvalidSignature


def test_the_face_is_signed_as_three_digests_in_one() -> None:
    file = without_filler(opened(CODE_B)[2])
    [(_, value)] = objects(file)
    fields = dict(objects(value))
    check_face(file, fields[0xDF28])
    with pytest.raises(InvalidSignature):
        check(issuer(), fields[0xDF28], file)


@pytest.mark.parametrize(("fault", "holds"), [("altered_photo", False), ("altered_expiry", True)])
def test_what_the_signature_covers(fault: str, holds: bool) -> None:
    file = without_filler(opened(CODE_B, fault=fault)[2])
    [(_, value)] = objects(file)
    signature = dict(objects(value))[0xDF28]
    assert file != without_filler(opened(CODE_B)[2])
    if holds:
        check_face(file, signature)
    else:
        with pytest.raises(InvalidSignature):
            check_face(file, signature)


@pytest.mark.parametrize("person", list(PEOPLE))
def test_the_table_of_offsets_points_at_the_objects(person: str) -> None:
    signer = authorities().cards.issuer_key()
    record = surface.face_record(PEOPLE[person], signer, signer, photo(person))
    [(_, value)] = objects(record)
    table = dict(objects(value))[0xDF21]
    at = [int.from_bytes(table[i : i + 2], "big") for i in range(0, 18, 2)]
    tags = ["df22", "df23", "df24", "df25", "df26", "df27", "df28", "df29", "df2a"]
    assert [record[offset : offset + 2].hex() for offset in at] == tags


def test_the_pictures_can_be_seen() -> None:
    fields = face()
    for tag in (0xDF25, 0xDF26, 0xDF2A):
        with Image.open(io.BytesIO(fields[tag])) as picture:
            picture.load()
            assert (picture.format, picture.mode) == ("PNG", "1")
            dark = picture.convert("L").histogram()[0]
            assert 0 < dark < picture.width * picture.height / 2, "black on white"
    with Image.open(io.BytesIO(fields[0xDF27])) as picture:
        picture.load()
        assert (picture.format, picture.mode, picture.size) == ("JPEG2000", "L", (90, 120))
    assert fields[0xDF27][4:8] == b"jP  "
    assert len(fields[0xDF27]) == surface.PHOTO_SIZE


def test_no_two_people_have_one_photo() -> None:
    assert len({photo(person) for person in PEOPLE}) == len(PEOPLE)


def test_the_challenge_is_answered_by_the_key_in_both_records() -> None:
    chip = card()
    digest = hashlib.sha256(b"nonce").digest()
    info = bytes.fromhex("3031300d060960864801650304020105000420") + digest
    answer = say(chip, SELECT, b"\x80\x2a\x00\x00\x33" + info + b"\x00")[:-2]
    key = public_key(face()[0xDF24])
    check(key, answer, b"nonce")
    [(_, value)] = objects(opened(BIRTH)[1])
    assert dict(objects(value))[0xDF12] == face()[0xDF24]
    other = card(fault="clone")
    copied = say(other, SELECT, b"\x80\x2a\x00\x00\x33" + info + b"\x00")[:-2]
    with pytest.raises(InvalidSignature):
        key.verify(copied, b"nonce", padding.PKCS1v15(), hashes.SHA256())
    assert say(chip, "802a0017010000") == b"\x6a\x86"


def test_there_is_no_session_here() -> None:
    assert say(card(), SELECT, "80ae000001aa") == b"\x66\xf1"


def test_the_municipality_is_the_same_everywhere() -> None:
    chip = card("takasaki")
    [(_, value)] = objects(read_selected(chip, SELECT, 3))
    assert dict(objects(value))[0xDF34] == b"12202"
    record = say(chip, select(common_card.AID), "00b2010c00")
    assert record[-2:] == b"\x90\x00"
    assert (record[:2].hex(), len(record)) == ("011c", 32)
    assert (record[2:30].isdigit(), record[17:22], record[22:30]) == (True, b"12202", b"20310505")
    assert say(chip, "00a4020c020001", "00b2010400") == record


def read_selected(chip, aid: bytes, fid: int) -> bytes:  # type: ignore[no-untyped-def]
    say(chip, aid)
    return read(chip, fid)[:-2]
