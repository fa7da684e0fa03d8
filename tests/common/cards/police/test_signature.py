"""The police's signature: which bytes it covers, whose key it names, and when that key was in force."""

from __future__ import annotations

import datetime as dt
from functools import cache

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from common.cards.drivers.driving_licence.coverage import signed_bytes
from common.cards.evidence import Answer, Environment
from common.cards.police.signature import PoliceSignature, judge_signature, read_police_key, read_signature
from common.cards.trust import CardTrust, TrustAnchor
from common.errors import Malformed, Misconfigured

SIGNED = b"entries" + bytes(873) + b"domicile" + b"photo"
ISSUED = dt.date(2024, 4, 18)


@cache
def key(name: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@cache
def certificate(*, identifier: bytes | None = b"i" * 20, begins: int = 2024, ends: int = 2034) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "police")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key("police").public_key())
        .serial_number(1)
        .not_valid_before(dt.datetime(begins, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(ends, 1, 1, tzinfo=dt.UTC))
    )
    if identifier is not None:
        builder = builder.add_extension(x509.SubjectKeyIdentifier(identifier), critical=False)
    return builder.sign(key("police"), hashes.SHA256()).public_bytes(Encoding.DER)


def spki(name: str = "police") -> bytes:
    return key(name).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def anchor(material: bytes, key_id: bytes = b"", environment: Environment = Environment.PRODUCTION) -> TrustAnchor:
    return TrustAnchor(scheme="driving_licence", environment=environment, material=material, key_id=key_id)


def signature(identifier: bytes = b"i" * 20 + bytes(12), signed: bytes = SIGNED) -> PoliceSignature:
    return PoliceSignature(
        value=key("police").sign(signed, padding.PKCS1v15(), hashes.SHA256()), key_identifier=identifier
    )


def judge(
    *anchors: TrustAnchor, made: PoliceSignature | None = None, signed: bytes = SIGNED, issued: dt.date | None = ISSUED
) -> str:
    judged = judge_signature(made or signature(), signed, trust=CardTrust(anchors=anchors), issued_on=issued)
    return judged.finding.reason or judged.finding.answer.value


def test_the_coverage_of_a_driving_licence() -> None:
    """The rule in one place: entries, domicile, photo, whole files as stored, filler and all. An assumption, see its module."""
    entries, domicile, photo = (
        b"\x11\x01\x31" + b"\xff" * 877,
        b"\x41\x02ab" + b"\xff" * 78,
        b"\x5f\x40\x82" + bytes(2002),
    )
    assert signed_bytes(entries, domicile, photo) == entries + domicile + photo
    assert len(signed_bytes(entries, domicile, photo)) == 880 + 82 + 2005
    for wrong in ((entries + b"\x41", domicile[1:], photo), (entries, domicile + photo[:1], photo[1:])):
        with pytest.raises(Malformed, match="files_cut"):
            signed_bytes(*wrong)


def test_a_certificate_that_the_operator_holds() -> None:
    assert judge(anchor(certificate())) == "proven"


def test_a_bare_key_with_its_identifier() -> None:
    assert judge(anchor(spki(), b"i" * 20)) == "proven"
    assert judge(anchor(spki(), b"i" * 32), made=signature(b"i" * 32)) == "proven"
    assert judge(anchor(spki(), b"i" * 20), issued=None) == "proven", "it has no days"


@pytest.mark.parametrize(
    "identifier", [b"i" * 32, b"i" * 19 + bytes(13), b"i" * 20 + b"\1" + bytes(11), b"j" * 20 + bytes(12), b"i" * 12]
)
def test_a_key_that_the_licence_does_not_name_is_not_tried(identifier: bytes) -> None:
    assert judge(anchor(certificate()), made=signature(identifier)) == "untrusted_issuer"


def test_nobody_is_believed_by_default() -> None:
    assert judge() == "untrusted_issuer"


def test_altered_bytes() -> None:
    assert judge(anchor(certificate()), signed=SIGNED[:-1] + b"!") == "bad_signature"


def test_of_two_keys_of_one_identifier_the_one_that_holds() -> None:
    assert judge(anchor(spki("other"), b"i" * 20), anchor(certificate())) == "proven"


@pytest.mark.parametrize(
    ("issued", "reason"),
    [
        (dt.date(2023, 12, 31), "not_yet_valid"),
        (dt.date(2024, 1, 1), "proven"),
        (dt.date(2034, 1, 1), "proven"),
        (dt.date(2034, 1, 2), "expired"),
        (None, "not_yet_valid"),
    ],
)
def test_the_key_was_in_force_on_the_day_of_issue(issued: dt.date | None, reason: str) -> None:
    assert judge(anchor(certificate()), issued=issued) == reason


def test_where_it_ends() -> None:
    for environment in (Environment.PRODUCTION, Environment.TEST):
        trust = CardTrust(anchors=(anchor(certificate(), environment=environment),))
        judged = judge_signature(signature(), SIGNED, trust=trust, issued_on=ISSUED)
        assert (judged.environment, judged.anchor) == (environment, "key " + (b"i" * 8).hex())
    failed = judge_signature(signature(), b"", trust=trust, issued_on=ISSUED)
    assert (failed.finding.answer, failed.environment) == (Answer.FAILED, Environment.TEST), (
        "the key is known all the same"
    )


def _p256() -> bytes:
    return (
        ec.generate_private_key(ec.SECP256R1())
        .public_key()
        .public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    )


WRONG = {
    "rubbish": lambda: anchor(b"rubbish", b"i" * 20),
    "no identifier": lambda: anchor(certificate(identifier=None)),
    "a bare key without one": lambda: anchor(spki()),
    "a short one": lambda: anchor(spki(), b"i" * 7),
    "another kind of key": lambda: anchor(_p256(), b"i" * 20),
}


@pytest.mark.parametrize("case", WRONG)
def test_an_anchor_that_is_none_is_the_operator_s_fault(case: str) -> None:
    with pytest.raises(Misconfigured, match="bad_police_certificate"):
        read_police_key(WRONG[case]())


@pytest.mark.parametrize("first", [0xB1, 0x108])
def test_the_objects_of_a_signature(first: int) -> None:
    objects = {first: bytes(256), first + 1: b"serial", first + 5: b"i" * 32}
    assert read_signature(objects, first).key_identifier == b"i" * 32
    for wrong in ({**objects, first: bytes(255)}, {**objects, first + 5: b""}, {first: bytes(256)}, {}):
        with pytest.raises(Malformed, match="police_signature_malformed"):
            read_signature(wrong, first)
