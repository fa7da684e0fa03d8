"""OpenSSL, which knows nothing of this house, reads and judges what the make-believe JPKI issues: chains, names, CRL, OCSP, signatures."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp

from examples.cards.my_number.card import build_my_number
from examples.cards.my_number.jpki_authority import GENERATIONS, JpkiAuthority, Leaf, Purpose
from examples.cards.my_number.revocation import Mood, OcspResponder, build_crl, serving
from examples.cards.people import PEOPLE
from tests.cards.my_number_world import NOW, authorities, say, select, verify

SIGNATURE = Purpose.SIGNATURE
THEN = str(int(NOW.timestamp()))


def openssl(*arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[str]:
    """Standard output and standard error are one text here."""
    done = subprocess.run(["openssl", *arguments], input=given, capture_output=True, check=False, timeout=30)
    text = (done.stdout + done.stderr).decode("utf-8", "replace")
    return subprocess.CompletedProcess(done.args, done.returncode, stdout=text)


def pem(folder: Path, name: str, der: bytes) -> str:
    path = folder / f"{name}.pem"
    certificate = x509.load_der_x509_certificate(der)
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return str(path)


def issued(
    purpose: Purpose = SIGNATURE, generation: int = 3, person: str = "hanako", **options: object
) -> tuple[JpkiAuthority, Leaf]:
    authority = authorities().jpki(purpose, generation)
    key = authorities().keys.rsa(f"{purpose} hanako")
    return authority, authority.issue(key, person=PEOPLE[person], **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("purpose", list(Purpose))
@pytest.mark.parametrize("generation", [2, 3])
def test_openssl_follows_the_chain(tmp_path: Path, purpose: Purpose, generation: int) -> None:
    authority, leaf = issued(purpose, generation)
    root, end = pem(tmp_path, "root", authority.der), pem(tmp_path, "leaf", leaf.der)
    said = openssl("verify", "-x509_strict", "-attime", THEN, "-CAfile", root, end)
    assert said.returncode == 0, said.stdout


@pytest.mark.parametrize(
    ("generation", "root_of", "why"),
    [(3, 2, "unable to get local issuer certificate"), (1, 1, "certificate has expired")],
)
def test_openssl_refuses(tmp_path: Path, generation: int, root_of: int, why: str) -> None:
    """The second root has the very name of the issuer, but not its key."""
    _, leaf = issued(generation=generation)
    root = authorities().jpki(SIGNATURE, root_of)
    said = openssl(
        "verify", "-attime", THEN, "-CAfile", pem(tmp_path, "root", root.der), pem(tmp_path, "leaf", leaf.der)
    )
    assert said.returncode != 0
    assert why in said.stdout


def test_strangers_have_the_same_names(tmp_path: Path) -> None:
    real, stranger = authorities().jpki(SIGNATURE), authorities().strangers().jpki(SIGNATURE)
    leaf = stranger.issue(authorities().keys.rsa("signature hanako"), person=PEOPLE["hanako"])
    assert real.name == stranger.name
    for root, code in ((real, 2), (stranger, 0)):
        files = pem(tmp_path, "root", root.der), pem(tmp_path, "leaf", leaf.der)
        assert openssl("verify", "-attime", THEN, "-CAfile", *files).returncode == code


def test_a_forged_certificate_names_the_real_key_and_fails_by_its_signature(tmp_path: Path) -> None:
    chip = build_my_number(PEOPLE["hanako"], authority=authorities(), fault="forged_certificate")
    forged = chip.applications[0].transparent(0x000A).content
    root = pem(tmp_path, "root", authorities().jpki(Purpose.AUTHENTICATION).der)
    said = openssl("verify", "-attime", THEN, "-CAfile", root, pem(tmp_path, "leaf", forged)).stdout
    assert "certificate signature failure" in said


def test_generations_share_a_name_and_nothing_else() -> None:
    made = [authorities().jpki(SIGNATURE, generation).certificate for generation in GENERATIONS]
    assert len({one.subject for one in made}) == 1
    assert len({one.public_key().public_numbers().n for one in made}) == len({one.serial_number for one in made}) == 3
    assert [one.not_valid_after_utc > NOW for one in made] == [False, True, True]


def test_openssl_reads_the_four_attributes(tmp_path: Path) -> None:
    _, leaf = issued(person="takasaki")
    said = openssl(
        "x509", "-in", pem(tmp_path, "leaf", leaf.der), "-noout", "-ext", "subjectAltName", "-nameopt", "utf8"
    ).stdout
    for number, value in ((1, "高崎　吉乃"), (2, "11010"), (3, "2"), (4, "319851231"), (5, "間町荘２０１")):
        line = next(part for part in said.split(",") if f"8.5.5.{number}:" in part)
        assert value in line
    assert "髙" not in said


@pytest.mark.parametrize(
    ("purpose", "usage", "policy"),
    [
        (Purpose.SIGNATURE, "Digital Signature, Non Repudiation", "1.2.392.200149.8.5.1.0.20"),
        (Purpose.AUTHENTICATION, "Digital Signature\n", "1.2.392.200149.8.5.1.3.30"),
    ],
)
def test_what_a_certificate_is_for(tmp_path: Path, purpose: Purpose, usage: str, policy: str) -> None:
    _, leaf = issued(purpose)
    said = openssl(
        "x509", "-in", pem(tmp_path, "leaf", leaf.der), "-noout", "-ext", "keyUsage,certificatePolicies"
    ).stdout
    assert usage in said
    assert policy in said


def test_the_list_of_revoked_certificates_is_nowhere_to_be_fetched(tmp_path: Path) -> None:
    _, leaf = issued()
    said = openssl("x509", "-in", pem(tmp_path, "leaf", leaf.der), "-noout", "-ext", "crlDistributionPoints").stdout
    assert "DirName" in said
    assert "URI" not in said


@pytest.mark.parametrize(
    ("revoked", "forged", "hours", "why"),
    [
        (False, False, 24, "OK"),
        (True, False, 24, "certificate revoked"),
        (False, True, 24, "CRL signature failure"),
        (False, False, 0, "CRL has expired"),
    ],
    ids=["good", "revoked", "forged", "stale"],
)
def test_openssl_asks_the_crl(tmp_path: Path, revoked: bool, forged: bool, hours: int, why: str) -> None:
    authority, leaf = issued()
    if revoked:
        authority.revoke(leaf.serial)
    signer = authorities().keys.rsa("somebody else") if forged else None
    crl = tmp_path / "crl.pem"
    parsed = x509.load_der_x509_crl(build_crl(authority, signer=signer, hours=hours))
    crl.write_bytes(parsed.public_bytes(serialization.Encoding.PEM))
    files = "-CAfile", pem(tmp_path, "root", authority.der), "-CRLfile", str(crl), pem(tmp_path, "leaf", leaf.der)
    assert why in openssl("verify", "-crl_check", "-attime", THEN, *files).stdout


@pytest.mark.parametrize("mood", [Mood.HONEST, Mood.DELEGATE])
def test_openssl_asks_the_responder(tmp_path: Path, mood: Mood) -> None:
    authority, good = issued()
    _, bad = issued()
    authority.revoke(bad.serial, reason=x509.ReasonFlags.key_compromise)
    _, unknown = issued()
    authority.issued.discard(unknown.serial)
    root = pem(tmp_path, "root", authority.der)
    asked = [pem(tmp_path, name, leaf.der) for name, leaf in (("good", good), ("bad", bad), ("unknown", unknown))]
    known = "-issuer", root, "-CAfile", root, "-attime", THEN, "-validity_period", "999999999"
    with serving(OcspResponder(authority, keys=authorities().keys, mood=mood)) as address:
        said = [openssl("ocsp", *known, "-url", address, "-cert", one).stdout for one in asked]
    assert all("Response verify OK" in one and "WARNING" not in one for one in said), said
    assert [word in one for word, one in zip((": good", ": revoked", ": unknown"), said, strict=True)] == [True] * 3
    assert "Reason: keyCompromise" in said[1]


@pytest.mark.parametrize(
    ("mood", "why"),
    [
        (Mood.FORGED, ":signature failure"),
        (Mood.UNCERTIFIED, "missing ocspsigning usage"),
        (Mood.BUSY, "trylater"),
        (Mood.STALE, "Status times invalid"),
    ],
)
def test_openssl_does_not_believe_a_wrong_responder(tmp_path: Path, mood: Mood, why: str) -> None:
    authority, leaf = issued()
    root, end = pem(tmp_path, "root", authority.der), pem(tmp_path, "leaf", leaf.der)
    with serving(OcspResponder(authority, keys=authorities().keys, mood=mood)) as address:
        said = openssl("ocsp", "-issuer", root, "-cert", end, "-url", address, "-CAfile", root, "-attime", THEN).stdout
    assert why in said


def test_a_responder_answers_for_its_own_ca_only() -> None:
    authority, leaf = issued()
    other = authorities().jpki(Purpose.AUTHENTICATION)
    ask = ocsp.OCSPRequestBuilder().add_certificate(
        x509.load_der_x509_certificate(leaf.der), authority.certificate, hashes.SHA256()
    )
    request = ask.build().public_bytes(serialization.Encoding.DER)
    answers = [
        ocsp.load_der_ocsp_response(OcspResponder(one, keys=authorities().keys).answer(request)).response_status
        for one in (authority, other)
    ]
    assert answers == [ocsp.OCSPResponseStatus.SUCCESSFUL, ocsp.OCSPResponseStatus.UNAUTHORIZED]
    garbage = OcspResponder(authority, keys=authorities().keys).answer(b"\x30\x03\x02\x01")
    assert ocsp.load_der_ocsp_response(garbage).response_status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST


def test_openssl_verifies_what_a_card_signed(tmp_path: Path) -> None:
    chip = build_my_number(PEOPLE["nguyen"], authority=authorities())
    say(chip, select(bytes.fromhex("d392f000260100000001")), verify(0x1B, b"ABC123"))
    message = b"what the holder signs"
    signature = say(chip, b"\x80\x2a\x03\x9a" + bytes([len(message)]) + message + b"\x00")[:-2]
    certificate = say(chip, "00b08100000800")[:-2]
    size = int.from_bytes(certificate[2:4], "big") + 4
    (tmp_path / "message").write_bytes(message)
    (tmp_path / "signature").write_bytes(signature)
    end = pem(tmp_path, "leaf", certificate[:size])
    public = tmp_path / "public.pem"
    public.write_text(openssl("x509", "-in", end, "-noout", "-pubkey").stdout)
    files = "-signature", str(tmp_path / "signature"), str(tmp_path / "message")
    assert "Verified OK" in openssl("dgst", "-sha256", "-verify", str(public), *files).stdout


def test_openssl_verifies_a_card_verifiable_certificate(tmp_path: Path) -> None:
    behind = authorities().cards
    certificate = behind.certificate("23", "13104")
    (tmp_path / "body").write_bytes(certificate[10 : 10 + 297])
    (tmp_path / "signature").write_bytes(certificate[-256:])
    public = serialization.load_der_public_key(behind.authority_spki("23"))
    (tmp_path / "public.pem").write_bytes(
        public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    files = "-signature", str(tmp_path / "signature"), str(tmp_path / "body")
    assert "Verified OK" in openssl("dgst", "-sha256", "-verify", str(tmp_path / "public.pem"), *files).stdout
    assert certificate[10:22] == b"6000023\x08\x05001"
    assert certificate[26:38] == b"1310413\x08\x05000"


def test_who_pretends_has_the_names_of_production() -> None:
    pretending = authorities(pretends=True)
    assert "O=JPKI,C=JP" in pretending.jpki(SIGNATURE).name.rfc4514_string()
    assert "O=JPKI-TEST,C=JP" in authorities().jpki(SIGNATURE).name.rfc4514_string()
    assert pretending.cards.certificate("33", "13104")[10:17] == b"5000033"
    assert pretending.jpki(SIGNATURE).key is not authorities().jpki(SIGNATURE).key
