"""The virtual JPKI application by itself, against cards.md §3.2 and §3.3."""

from __future__ import annotations

import hashlib
from functools import lru_cache

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from hypothesis import given, settings
from hypothesis import strategies as st

from examples.cards.chip import Chip
from examples.cards.my_number import jpki
from examples.cards.my_number.card import build_my_number
from examples.cards.my_number.jpki_authority import Purpose
from examples.cards.people import PEOPLE
from tests.cards.my_number_world import authorities, card, read, say, select, verify

MESSAGE = b"tegata-possession-v1 and a nonce"
DIGEST = hashlib.sha256(MESSAGE).digest()
DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420") + DIGEST
SELECT = select(jpki.AID)
PIN, PASSWORD = verify(0x18, b"1234"), verify(0x1B, b"ABC123")
PKCS1, PSS = padding.PKCS1v15(), padding.PSS(padding.MGF1(hashes.SHA256()), 32)


def leaf(chip, fid: int) -> x509.Certificate:  # type: ignore[no-untyped-def]
    answer = read(chip, fid)
    assert answer[-2:] == b"\x90\x00"
    size = int.from_bytes(answer[2:4], "big") + 4
    assert set(answer[size:-2]) == {0xFF}, "behind the certificate is filler"
    return x509.load_der_x509_certificate(answer[:size])


def compute(p1: int, p2: int, data: bytes) -> bytes:
    return bytes([0x80, 0x2A, p1, p2, len(data)]) + data + b"\x00"


def test_a_signature_as_the_reference_has_it() -> None:
    chip = card()
    signature = say(
        chip,
        "00a4040c0ad392f000260100000001", "00a4020c020018", "00200080 04 31323334", "00a4020c020017",
        "802a0080 33" + DIGEST_INFO.hex() + "00",
    )  # fmt: skip
    assert (len(signature), signature[-2:]) == (258, b"\x90\x00")
    leaf(chip, 0x0A).public_key().verify(signature[:-2], MESSAGE, PKCS1, hashes.SHA256())


def test_the_signature_key_has_its_own_password_and_certificate() -> None:
    chip = card()
    assert say(chip, SELECT, PIN, compute(0, 0x9A, DIGEST_INFO)) == b"\x69\x82"
    assert read(chip, 0x01) == b"\x69\x82"
    signature = say(chip, PASSWORD, compute(0, 0x9A, DIGEST_INFO))
    leaf(chip, 0x01).public_key().verify(signature[:-2], MESSAGE, PKCS1, hashes.SHA256())
    with pytest.raises(InvalidSignature):
        leaf(chip, 0x0A).public_key().verify(signature[:-2], MESSAGE, PKCS1, hashes.SHA256())


def test_a_bare_hash_makes_a_signature_that_no_verifier_accepts() -> None:
    chip = card()
    signature = say(chip, SELECT, PIN, compute(0, 0x97, DIGEST))[:-2]
    key = leaf(chip, 0x0A).public_key()
    with pytest.raises(InvalidSignature):
        key.verify(signature, MESSAGE, PKCS1, hashes.SHA256())
    assert key.recover_data_from_signature(signature, PKCS1, None) == DIGEST


@pytest.mark.parametrize(
    ("scheme", "data", "mode", "hashed"),
    [
        (0x02, DIGEST, PKCS1, hashes.SHA256()),
        (0x03, MESSAGE, PKCS1, hashes.SHA256()),
        (0x04, DIGEST, PSS, Prehashed(hashes.SHA256())),
        (0x05, MESSAGE, PSS, hashes.SHA256()),
    ],
    ids=["digest", "message", "digest-pss", "message-pss"],
)
def test_other_schemes(scheme: int, data: bytes, mode: object, hashed: object) -> None:
    chip = card()
    signature = say(chip, SELECT, PIN, compute(scheme, 0x97, data))[:-2]
    signed = DIGEST if isinstance(hashed, Prehashed) else MESSAGE
    leaf(chip, 0x0A).public_key().verify(signature, signed, mode, hashed)


@pytest.mark.parametrize(
    ("apdu", "sw"),
    [
        (compute(0x06, 0x97, DIGEST_INFO), "6a86"),
        (compute(0x00, 0x17, DIGEST_INFO), "6a86"),
        (compute(0x00, 0x80, DIGEST_INFO), "6981"),  # the current file is the PIN
        (compute(0x00, 0x92, DIGEST_INFO), "6a82"),
        (compute(0x00, 0x98, DIGEST_INFO), "6981"),
        (compute(0x00, 0x97, b"x" * 245)[:-1], "6700"),
        (compute(0x00, 0x97, b"x" * 246), "6700"),
        (compute(0x02, 0x97, b"x" * 31), "6700"),
        (bytes.fromhex("802a009700"), "6700"),
        (bytes.fromhex("80ae000001aa00"), "6982"),
        (bytes.fromhex("0cb0820000"), "69fc"),
        (bytes.fromhex("00a40000"), "9000"),
        (bytes.fromhex("00a4000c023f00"), "6a82"),
    ],
    ids=lambda value: value.hex()[:16] if isinstance(value, bytes) else value,
)
def test_what_is_refused(apdu: bytes, sw: str) -> None:
    assert say(card(), SELECT, PIN, apdu).hex() == sw


def test_nothing_is_selected_after_power_on() -> None:
    assert say(card(), "00a40000").hex() == "6a86"


def test_the_longest_thing_that_is_padded() -> None:
    assert len(say(card(), SELECT, PIN, compute(0x00, 0x97, b"x" * 245))) == 258


@pytest.mark.parametrize(("fid", "tries"), [(0x18, 3), (0x1B, 5)])
def test_tries(fid: int, tries: int) -> None:
    chip = card()
    assert say(chip, SELECT, bytes([0x00, 0x20, 0x00, 0x80 | fid & 0x1F]))[-1] == 0xC0 + tries
    for left in reversed(range(tries)):
        assert say(chip, verify(fid, b"WRONG1"))[-1] == 0xC0 + left
    assert say(chip, PIN if fid == 0x18 else PASSWORD) == b"\x69\x84"


def test_passwords_are_of_one_application() -> None:
    chip = card()
    say(chip, SELECT, PIN)
    assert (
        say(chip, select(bytes.fromhex("d3921000310001010408")), SELECT, compute(0, 0x97, DIGEST_INFO)) == b"\x69\x82"
    )


def test_the_token_says_what_it_is() -> None:
    chip = card()
    say(chip, SELECT)
    info = read(chip, 0x06)[:-2]
    assert (len(info), info[:32]) == (160, b"JPKIAPICCTOKEN2".ljust(32))
    assert int.from_bytes(info[96:100], "big") == 0x40D
    assert (int.from_bytes(info[116:120], "big"), int.from_bytes(info[120:124], "big")) == (16, 4)
    assert read(chip, 0x08) == b"\x8f\x8f\x00\x90\x00"


def test_the_certificates_of_the_cas_are_free() -> None:
    chip = card()
    say(chip, SELECT)
    assert [leaf(chip, fid).public_bytes(serialization.Encoding.DER) for fid in (0x02, 0x0B)] == [
        authorities().jpki(purpose).der for purpose in (Purpose.SIGNATURE, Purpose.AUTHENTICATION)
    ]


def test_a_phone_shows_its_certificate_after_the_pin_only() -> None:
    chip = card(label=jpki.ANDROID)
    say(chip, SELECT)
    assert read(chip, 0x06)[:15] == b"JPKIAPGPSETOKEN"
    assert read(chip, 0x0A) == b"\x69\x82"
    say(chip, PIN)
    assert leaf(chip, 0x0A).subject


def test_a_child_has_no_signature_certificate() -> None:
    chip = card("child", with_signature=False)
    say(chip, SELECT)
    assert read(chip, 0x08) == b"\x00\x8f\x00\x90\x00"
    assert read(chip, 0x01) == b"\x6a\x82"
    assert say(chip, PASSWORD, compute(0, 0x9A, DIGEST_INFO)) == b"\x69\x81"


@lru_cache
def shared() -> Chip:
    """One card for all examples of a property: what they spend of its tries changes no answer's form."""
    return card()


APPLICATIONS = [
    select(bytes.fromhex(aid)) for aid in ("d392f000260100000001", "d3921000310001010408", "d3921000310001010402")
]
HEADS = st.tuples(
    st.sampled_from([0x00, 0x08, 0x0C, 0x10, 0x80, 0x90]),
    st.sampled_from([0x20, 0x2A, 0x84, 0x86, 0xA4, 0xAE, 0xB0, 0xB1, 0xB2, 0xC0]),
    st.sampled_from([0x00, 0x01, 0x02, 0x04, 0x80, 0x81]),
    st.sampled_from([0x00, 0x0C, 0x80, 0x91, 0x97, 0x9A]),
).map(bytes)
BODIES = st.one_of(
    st.just(b""), st.binary(max_size=6), st.binary(min_size=1, max_size=60).map(lambda b: bytes([len(b)]) + b + b"\x00")
)


@settings(max_examples=60)
@given(st.lists(st.one_of(st.sampled_from([*APPLICATIONS, PIN]), st.builds(bytes.__add__, HEADS, BODIES)), max_size=12))
def test_whatever_is_sent_there_is_an_answer(apdus: list[bytes]) -> None:
    chip = shared()
    chip.power()
    for apdu in apdus:
        assert len(chip.answer(apdu)) >= 2


def test_an_unknown_fault_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown fault"):
        build_my_number(next(iter(PEOPLE.values())), authority=authorities(), fault="tired")
