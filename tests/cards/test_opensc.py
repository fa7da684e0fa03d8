"""OpenSC, which knows the real card and nothing of this house, recognises and uses the virtual one through a real pcscd."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from examples.cards.chip import Chip
from examples.cards.my_number.jpki import AID
from examples.cards.my_number.jpki_authority import Purpose
from tests.cards.my_number_world import authorities, card
from tests.pcscd import Slot

pytestmark = [
    pytest.mark.pcscd,
    pytest.mark.skipif(
        shutil.which("pkcs15-tool") is None, reason="OpenSC (pkcs15-tool, pkcs11-tool) is not installed"
    ),
]
MESSAGE = b"signed by a card that another program drives"
PINS = {"1": "1234", "2": "ABC123"}


def run(*words: str) -> subprocess.CompletedProcess[str]:
    """Standard output and standard error are one text here."""
    return subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=60)


@pytest.fixture
def hold(card_slot: Slot) -> Iterator[Slot]:
    """The slot, with nobody in it but who is put there."""
    card_slot.let_go()
    yield card_slot
    card_slot.empty()


def put_in(slot: Slot, chip: Chip) -> None:
    """And waits until programs see it."""
    slot.empty()
    slot.hold(chip)
    deadline = time.monotonic() + 60
    while "jpki" not in (said := run("opensc-tool", "--reader", slot.reader, "--name").stdout):
        assert time.monotonic() < deadline, said
        time.sleep(0.05)


def certificate(slot: Slot, number: str, *, pin: bool = False) -> x509.Certificate:
    login = ("--verify-pin", "--auth-id", number, "--pin", PINS[number]) if pin else ()
    said = run("pkcs15-tool", "--no-cache", "--reader", slot.reader, "--read-certificate", number, *login).stdout
    start = said.index("-----BEGIN")
    return x509.load_pem_x509_certificate(said[start:].encode())


def sign(slot: Slot, number: str, folder: Path) -> bytes:
    """By PKCS #11: each password has a slot of its own there."""
    (folder / "message").write_bytes(MESSAGE)
    said = run(
        "pkcs11-tool", "--module", "opensc-pkcs11.so", "--slot-index", str(int(number) - 1), "--login", "--pin", PINS[number],
        "--sign", "--mechanism", "SHA256-RSA-PKCS", "--id", f"0{number}",
        "--input-file", str(folder / "message"), "--output-file", str(folder / "signature"),
    )  # fmt: skip
    assert said.returncode == 0, said.stdout
    return (folder / "signature").read_bytes()


def check(signed_by: x509.Certificate, signature: bytes) -> None:
    key = signed_by.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    key.verify(signature, MESSAGE, padding.PKCS1v15(), hashes.SHA256())


def test_it_is_recognised_with_all_that_is_on_it(hold: Slot) -> None:
    put_in(hold, card("takasaki"))
    said = run("pkcs15-tool", "--no-cache", "--reader", hold.reader, "--dump").stdout
    for name in (
        "PKCS#15 Card [JPKI]", "PIN [User Authentication PIN]", "PIN [Digital Signature PIN]",
        "Private RSA Key [User Authentication Key]", "Private RSA Key [Digital Signature Key]",
        "X.509 Certificate [User Authentication Certificate CA]", "X.509 Certificate [Digital Signature Certificate CA]",
    ):  # fmt: skip
        assert name in said
    assert [line.split()[-1] for line in said.splitlines() if "Tries left" in line] == ["3", "5"]


def test_both_certificates_are_read_to_their_last_byte(hold: Slot) -> None:
    put_in(hold, card("long_address"))
    assert certificate(hold, "1").issuer == authorities().jpki(Purpose.AUTHENTICATION).name
    signature = certificate(hold, "2", pin=True)
    signature.verify_directly_issued_by(authorities().jpki(Purpose.SIGNATURE).certificate)


@pytest.mark.parametrize("number", list(PINS))
def test_both_keys_sign(hold: Slot, tmp_path: Path, number: str) -> None:
    put_in(hold, card())
    check(certificate(hold, number, pin=number == "2"), sign(hold, number, tmp_path))


def test_a_clone_signs_with_another_key(hold: Slot, tmp_path: Path) -> None:
    put_in(hold, card(fault="clone"))
    signature = sign(hold, "1", tmp_path)
    with pytest.raises(InvalidSignature):
        check(certificate(hold, "1"), signature)


def test_a_wrong_pin_is_counted_and_a_blocked_one_told(hold: Slot) -> None:
    chip = card()
    put_in(hold, chip)
    words = ("pkcs15-tool", "--no-cache", "--reader", hold.reader, "--verify-pin", "--auth-id", "1", "--pin", "9999")
    said = [run(*words) for _ in range(4)]
    assert all(one.returncode != 0 for one in said)
    assert chip.applications[0].aid == AID
    assert chip.applications[0].pin("authentication").left == 0
    assert [one.stdout.split(": ")[-1].strip() for one in said] == ["PIN code or key incorrect"] * 3 + [
        "Reference data not usable"
    ]
