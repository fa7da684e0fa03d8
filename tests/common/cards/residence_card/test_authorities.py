"""Certificates of residence cards: read as they come, believed as they must; what is published decides what is a test."""

from __future__ import annotations

import datetime as dt
import hashlib
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache

import pytest
from asn1crypto import core
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from common.cards.drivers.residence_card import authorities as module
from common.cards.drivers.residence_card.authorities import (
    PRODUCTION,
    TEST,
    authority_of,
    find_authority,
    verify_signer,
)
from common.cards.drivers.residence_card.certificates import MAX_BYTES, parse_card_certificate
from common.cards.drivers.residence_card.ciphers import Generation
from common.cards.evidence import Environment
from common.cards.trust import CardTrust, TrustAnchor
from common.errors import Malformed, Rejected

NOW = 1_795_000_000
BEGINS, ENDS = dt.datetime(2024, 1, 1, tzinfo=dt.UTC), dt.datetime(2036, 1, 1, tzinfo=dt.UTC)
Private = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@cache
def key(name: str) -> Private:
    """P-384 keys by name; ``p256`` and ``rsa`` are of another kind."""
    if name == "rsa":
        return rsa.generate_private_key(65537, 2048)
    return ec.generate_private_key(ec.SECP256R1() if name == "p256" else ec.SECP384R1())


@dataclass(frozen=True, kw_only=True)
class Made:
    """What a certificate is made of. usage: digital signature, certificate signing; None for no such extension."""

    subject: str
    issuer: str = "ZairyuCard CA2 X"
    signer: str = "root"
    holder: str = "leaf"
    is_authority: bool | None = False
    usage: tuple[bool, bool] | None = (True, False)
    begins: dt.datetime = BEGINS
    ends: dt.datetime = ENDS
    more: tuple[x509.ExtensionType, ...] = field(default=())

    def der(self) -> bytes:
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(self.subject))
            .issuer_name(_name(self.issuer))
            .public_key(key(self.holder).public_key())
            .serial_number(7)
            .not_valid_before(self.begins)
            .not_valid_after(self.ends)
        )
        if self.is_authority is not None:
            builder = builder.add_extension(x509.BasicConstraints(self.is_authority, None), critical=True)
        if self.usage is not None:
            signs, certifies = self.usage
            flags = [signs, False, False, False, False, certifies, False, False, False]
            builder = builder.add_extension(x509.KeyUsage(*flags), critical=True)
        for extension in self.more:
            builder = builder.add_extension(extension, critical=True)
        return builder.sign(key(self.signer), hashes.SHA256()).public_bytes(Encoding.DER)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"), x509.NameAttribute(NameOID.COMMON_NAME, common)])


ROOT = Made(subject="ZairyuCard CA2 X", holder="root", is_authority=True, usage=(False, True))
LEAF = Made(subject="card signer")


def trust(*roots: bytes, environment: Environment = Environment.PRODUCTION) -> CardTrust:
    return CardTrust(
        anchors=tuple(TrustAnchor(scheme="residence_card", environment=environment, material=root) for root in roots)
    )


def vouch(leaf: bytes, *roots: bytes, generation: Generation = Generation.SECOND, now: int = NOW) -> str:
    """The reason why nobody vouches for it, or the name of who does."""
    certificate = parse_card_certificate(leaf)
    authority = find_authority(certificate, trust(*roots))
    if authority is None:
        return "untrusted_issuer"
    try:
        verify_signer(certificate, authority, generation, now=now)
    except Rejected as rejected:
        return rejected.reason
    return "believed"


def test_a_root_vouches_for_its_signer() -> None:
    assert vouch(LEAF.der(), ROOT.der()) == "believed"


def test_zeros_behind_a_certificate_fill_its_field() -> None:
    assert vouch(LEAF.der().ljust(602, b"\0"), ROOT.der()) == "believed"


def test_a_null_in_the_algorithm_is_read_as_it_stands() -> None:
    """As cards have it; strict readers refuse it. The signature is over the bytes with the NULL."""
    loaded = asn1.Certificate.load(LEAF.der())
    body = loaded["tbs_certificate"]
    for identifier in (body["signature"], loaded["signature_algorithm"]):
        identifier["parameters"] = core.Null()
    signer = key("root")
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    loaded["signature_value"] = signer.sign(body.dump(force=True), ec.ECDSA(hashes.SHA256()))
    der = loaded.dump(force=True)
    assert b"\x04\x03\x02\x05\x00" in der
    assert vouch(der, ROOT.der()) == "believed"


def test_another_root_of_the_same_name_does_not() -> None:
    stranger = Made(subject=ROOT.subject, holder="stranger", signer="stranger", is_authority=True, usage=(False, True))
    assert vouch(LEAF.der(), stranger.der()) == "untrusted_issuer"
    assert vouch(LEAF.der(), stranger.der(), ROOT.der()) == "believed", "the key decides, not the first of the name"


REASONS = {
    "an authority": (Made(subject="s", is_authority=True, usage=(True, True)), ROOT, "untrusted_key"),
    "not for signatures": (Made(subject="s", usage=(False, True)), ROOT, "untrusted_key"),
    "no longer": (Made(subject="s", ends=dt.datetime(2025, 1, 1, tzinfo=dt.UTC)), ROOT, "expired"),
    "not yet": (Made(subject="s", begins=dt.datetime(2035, 1, 1, tzinfo=dt.UTC)), ROOT, "not_yet_valid"),
    "of another name": (Made(subject="s", issuer="somebody"), ROOT, "untrusted_issuer"),
    "of no authority": (LEAF, Made(subject=ROOT.subject, holder="root", is_authority=False), "untrusted_issuer"),
    "of no authority that may certify": (
        LEAF,
        Made(subject=ROOT.subject, holder="root", is_authority=False, usage=(False, True)),
        "untrusted_issuer",
    ),
    "of one that must not certify": (
        LEAF,
        Made(subject=ROOT.subject, holder="root", is_authority=True, usage=(True, False)),
        "untrusted_issuer",
    ),
    "of one that says nothing of it": (
        LEAF,
        Made(subject=ROOT.subject, holder="root", is_authority=None),
        "untrusted_issuer",
    ),
    "of an authority that has ended": (
        LEAF,
        Made(
            subject=ROOT.subject,
            holder="root",
            is_authority=True,
            usage=(False, True),
            ends=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        ),
        "expired",
    ),
    "by a key of another curve": (
        Made(subject="s", signer="p256"),
        Made(subject=ROOT.subject, holder="p256", signer="p256", is_authority=True, usage=(False, True)),
        "untrusted_issuer",
    ),
    "without a word on its use": (Made(subject="s", is_authority=None, usage=None), ROOT, "believed"),
}


@pytest.mark.parametrize("case", REASONS)
def test_who_is_believed(case: str) -> None:
    leaf, root, reason = REASONS[case]
    assert vouch(leaf.der(), root.der()) == reason


def test_a_generation_has_its_own_algorithm() -> None:
    assert vouch(LEAF.der(), ROOT.der(), generation=Generation.FIRST) == "algorithm_not_allowed"
    rsa_root = Made(subject=ROOT.subject, holder="rsa", signer="rsa", is_authority=True, usage=(False, True))
    rsa_leaf = Made(subject="s", signer="rsa", holder="rsa")
    assert vouch(rsa_leaf.der(), rsa_root.der(), generation=Generation.FIRST) == "believed"
    assert vouch(rsa_leaf.der(), rsa_root.der(), generation=Generation.SECOND) == "algorithm_not_allowed"


def test_no_byte_of_a_certificate_may_differ() -> None:
    good, root = LEAF.der(), ROOT.der()
    for at in range(len(good)):
        der = bytearray(good)
        der[at] ^= 1
        with suppress(Malformed):
            assert vouch(bytes(der), root) != "believed", at


def test_a_signature_has_no_unused_bits() -> None:
    """They are covered by nothing: with them, one certificate would have several spellings."""
    while (good := LEAF.der())[-1] & 1:
        pass  # one whose last bit is zero, so that nothing else is wrong with it
    at = len(good) - len(x509.load_der_x509_certificate(good).signature) - 3
    assert (good[at], good[at + 2]) == (3, 0)
    for bits in (1, 7, 8):
        with pytest.raises(Malformed):
            parse_card_certificate(good[: at + 2] + bytes((bits,)) + good[at + 3 :])
    assert vouch(good, ROOT.der()) == "believed"


UNREADABLE = {
    "nothing": b"",
    "no sequence": b"\x31\x03abc",
    "cut": LEAF.der()[:-1],
    "something behind it": LEAF.der() + b"\x00\x01",
    "indefinite": b"\x30\x80" + LEAF.der()[4:] + b"\0\0",
    "long": b"\x30\x82\x20\x00" + bytes(MAX_BYTES),
    "an unknown critical extension": Made(
        subject="s", more=(x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.392.1"), b"\x05\x00"),)
    ).der(),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_is_no_certificate(case: str) -> None:
    with pytest.raises(Malformed, match="bad_certificate"):
        parse_card_certificate(UNREADABLE[case])


def test_a_root_that_cannot_be_read_vouches_for_nobody() -> None:
    assert vouch(LEAF.der(), b"rubbish", ROOT.der()) == "believed"
    assert vouch(LEAF.der(), b"rubbish") == "untrusted_issuer"


def test_the_published_test_authority_is_one_whatever_the_configuration_says(monkeypatch: pytest.MonkeyPatch) -> None:
    material = ROOT.der()
    anchor = TrustAnchor(scheme="residence_card", environment=Environment.PRODUCTION, material=material)
    assert authority_of(anchor).environment is Environment.PRODUCTION
    monkeypatch.setattr(module, "TEST", {hashlib.sha256(material).hexdigest(): "published test authority"})
    assert authority_of(anchor).environment is Environment.TEST
    assert authority_of(anchor).label == "published test authority"


def test_fingerprints() -> None:
    """As the agency's certificates have them (cards.md §6.2)."""
    assert "11E6AD8B8E64F0CDB1D8BA9E3689926C80E8479A2F098616F674A23582BEC13B".lower() in PRODUCTION
    assert "1846B815D31F04FE93D57450A6D8A8C351EAC3D8C444A2375D95734DF7DD1057".lower() in TEST
    assert all(len(bytes.fromhex(each)) == 32 for each in (*PRODUCTION, *TEST))
    assert not PRODUCTION.keys() & TEST.keys()
