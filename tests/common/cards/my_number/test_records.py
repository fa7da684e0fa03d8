"""Records of the text and surface applications, by files of a test card (cards.md §9) and by records that this test signs itself."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from common.cards.drivers.my_number.cvc import SCHEME, is_signed, parse_cvc, parse_public_key, verify_cvc
from common.cards.drivers.my_number.jpki import read_label
from common.cards.drivers.my_number.surface import is_face_signed, parse_face
from common.cards.drivers.my_number.text import attributes_digest, parse_attributes
from common.cards.evidence import Environment
from common.cards.tlv import encode_tlv
from common.cards.trust import CardTrust, TrustAnchor
from common.errors import Malformed, Misconfigured
from common.x509.rejected import CertificateRejected
from tests.common.x509.jpki_authority import ec_key, key

ATTRIBUTES = bytes.fromhex(
    "ff2065df2108000e002000590064df220fe9bb92e6a190e38080e5b9b9e4b99fdf2336e69db1e4baace983bde6b885e7"
    "80ace5b882e8a6b3e5b883e5ad90e58d97efbc91efbc92efbc8defbc97efbc8defbc92efbc90efbc92df24083139383030323137df250131"
)
"""File 0002 of a test card; its holder is synthetic."""
CA_ID = b"5000033\x08\x05001" + bytes(4)
TEST_CA_ID = b"6000033\x08\x05001" + bytes(4)
SUBJECT_ID = b"1322113\x08\x05000" + bytes(4)


def test_the_test_cards_attributes() -> None:
    attributes = parse_attributes(ATTRIBUTES)
    assert attributes.name == "黒桐　幹也"
    assert attributes.address == "東京都清瀬市観布子南１２－７－２０２"
    assert (attributes.birth_date, attributes.sex) == (b"19800217", b"1")
    assert "黒桐" not in repr(attributes)


def test_filler_after_the_record_is_nothing() -> None:
    assert parse_attributes(ATTRIBUTES + b"\xff" * 64) == parse_attributes(ATTRIBUTES)


def test_the_digest_leaves_the_offset_table_out() -> None:
    """From DF22 on: three bytes of header and eleven of the table before it."""
    assert attributes_digest(ATTRIBUTES) == hashlib.sha256(ATTRIBUTES[14:]).digest()
    assert attributes_digest(ATTRIBUTES + b"\xff" * 9) == hashlib.sha256(ATTRIBUTES[14:]).digest()


def altered(at: int, to: int) -> bytes:
    return ATTRIBUTES[:at] + bytes([to]) + ATTRIBUTES[at + 1 :]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\x20",
        altered(1, 0x21),  # another file
        altered(2, 0x66),  # longer than it is
        altered(2, 0x64),  # shorter
        altered(7, 0x0F),  # a name that would stand elsewhere
        altered(15, 0x26),  # DF26 in the place of DF22
        altered(0x11, 0xFF),  # no UTF-8
        ATTRIBUTES[:0x59] + ATTRIBUTES[0x64:],  # no birth date
        encode_tlv(0xFF20, ATTRIBUTES[3:] + ATTRIBUTES[14:]),  # everything twice
    ],
    ids=["nothing", "head", "tag", "long", "short", "offset", "member", "text", "missing", "twice"],
)
def test_other_attributes_are_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        parse_attributes(data)


def rsa_objects(public: rsa.RSAPublicKey) -> bytes:
    numbers = public.public_numbers()
    size = (numbers.n.bit_length() + 7) // 8
    return encode_tlv(0x90, numbers.e.to_bytes(3, "big")) + encode_tlv(0x91, numbers.n.to_bytes(size, "big"))


def make_cvc(issuer: bytes = CA_ID, *, signer: str = "cv ca", more: bytes = b"") -> bytes:
    body = issuer + SUBJECT_ID + rsa_objects(key("municipality").public_key()) + more
    signature = key(signer).sign(body, padding.PKCS1v15(), hashes.SHA256())
    return encode_tlv(0x7F21, encode_tlv(0x5F4E, body) + encode_tlv(0x5F37, signature))


def spki(public: object) -> bytes:
    encoded: bytes = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined]
    return encoded


def table(
    key_id: bytes = CA_ID, environment: Environment = Environment.PRODUCTION, material: bytes | None = None
) -> CardTrust:
    material = material if material is not None else spki(key("cv ca").public_key())
    return CardTrust(anchors=(TrustAnchor(scheme=SCHEME, environment=environment, material=material, key_id=key_id),))


def test_a_certificate_by_the_table() -> None:
    certified = verify_cvc(parse_cvc(make_cvc()), table())
    assert certified.public_key.public_numbers() == key("municipality").public_key().public_numbers()
    assert certified.environment is Environment.PRODUCTION
    assert parse_cvc(make_cvc()).subject == SUBJECT_ID


def test_an_empty_table_believes_nobody() -> None:
    with pytest.raises(CertificateRejected) as caught:
        verify_cvc(parse_cvc(make_cvc()), CardTrust())
    assert caught.value.check == "unknown_ca"
    with pytest.raises(CertificateRejected, match="table"):
        verify_cvc(parse_cvc(make_cvc(TEST_CA_ID)), table())


def test_another_keys_signature() -> None:
    with pytest.raises(CertificateRejected) as caught:
        verify_cvc(parse_cvc(make_cvc(signer="municipality")), table())
    assert caught.value.check == "bad_signature"


def test_the_test_hierarchy_is_known_by_its_digit() -> None:
    """Whatever the table says of it."""
    assert verify_cvc(parse_cvc(make_cvc(TEST_CA_ID)), table(TEST_CA_ID)).environment is Environment.TEST
    assert verify_cvc(parse_cvc(make_cvc()), table(environment=Environment.TEST)).environment is Environment.TEST


@pytest.mark.parametrize("material", [b"", spki(ec_key("table").public_key())], ids=["nothing", "elliptic"])
def test_a_table_with_something_else_in_it(material: bytes) -> None:
    with pytest.raises(Misconfigured):
        verify_cvc(parse_cvc(make_cvc()), table(material=material))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        encode_tlv(0x7F21, b""),
        encode_tlv(0x7F21, encode_tlv(0x5F4E, bytes(297)) + encode_tlv(0x5F37, bytes(256))),
        make_cvc(more=b"\x92\x01\x00"),
        make_cvc()[:-1],
        encode_tlv(0x7F21, parse_cvc(make_cvc()).signed),
    ],
    ids=["nothing", "empty", "zeros", "more", "cut", "bare"],
)
def test_other_certificates_are_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        parse_cvc(data)


@pytest.mark.parametrize(
    "data",
    [
        encode_tlv(0x90, b"\x01\x00\x01") + encode_tlv(0x91, b"\x7f" + bytes(254) + b"\x01"),  # 2047 bits
        encode_tlv(0x90, b"\x03") + encode_tlv(0x91, b"\xff" * 256),
        encode_tlv(0x90, b"\x01\x00\x02") + encode_tlv(0x91, b"\xff" * 256),  # an even exponent
        rsa_objects(key("large", 3072).public_key()),
    ],
    ids=["small", "exponent", "even", "large"],
)
def test_other_keys_are_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        parse_public_key(data)


def make_face(
    *, photo: bytes = b"\x00\x00\x00\x0cjP  photo", expiry: bytes = b"20350217", signer: str = "municipality"
) -> bytes:
    """File 0002 of the surface application, signed."""
    groups = [
        [(0xDF22, b"19800217"), (0xDF23, b"1"), (0xDF24, rsa_objects(key("card").public_key()))],
        [(0xDF25, b"name picture"), (0xDF26, b"address picture")],
        [(0xDF27, photo)],
    ]
    written = [b"".join(encode_tlv(tag, value) for tag, value in group) for group in groups]
    digests = b"".join(hashlib.sha256(part).digest() for part in written)
    info = bytes.fromhex("3071300d060960864801650304020105000460") + digests
    private = key(signer)
    padded = b"\x00\x01" + b"\xff" * (256 - 3 - len(info)) + b"\x00" + info
    numbers = private.private_numbers()
    signature = pow(int.from_bytes(padded, "big"), numbers.d, numbers.public_numbers.n).to_bytes(256, "big")
    objects = [encode_tlv(tag, value) for group in groups for tag, value in group]
    objects += [encode_tlv(0xDF28, signature), encode_tlv(0xDF29, expiry), encode_tlv(0xDF2A, b"code picture")]
    at, offsets = 5 + 3 + 2 * len(objects), b""
    for one in objects:
        offsets += at.to_bytes(2, "big")
        at += len(one)
    return encode_tlv(0xFF20, encode_tlv(0xDF21, offsets) + b"".join(objects))


ISSUER = key("municipality").public_key()


def test_a_face_is_signed_over_three_digests() -> None:
    face = make_face()
    assert is_face_signed(face, ISSUER)
    assert parse_face(face).photo.endswith(b"photo")
    assert "photo" not in repr(parse_face(face))
    assert not is_face_signed(face, key("card").public_key())
    assert not is_face_signed(make_face(signer="card"), ISSUER)


@pytest.mark.parametrize(
    "part", [b"19800217", b"name picture", b"address picture", b"photo"], ids=["birth", "name", "address", "photo"]
)
def test_every_signed_part_counts(part: bytes) -> None:
    face = make_face()
    assert face.count(part) == 1
    assert not is_face_signed(face.replace(part, part[:-1] + b"#"), ISSUER)


def test_the_expiry_stands_outside() -> None:
    face = make_face()
    other = face.replace(b"20350217", b"20990217")
    assert is_face_signed(other, ISSUER)
    assert parse_face(other).expiry == b"20990217"


def test_a_signature_of_another_length_is_none() -> None:
    face = make_face()
    at = face.index(b"\xdf\x28\x82\x01\x00")
    cut = face[: at + 2] + b"\x82\x00\xff" + face[at + 6 :]
    with pytest.raises(Malformed):
        is_face_signed(cut, ISSUER)  # the record's own length is wrong now
    assert not is_face_signed(encode_tlv(0xFF20, cut[5:]), ISSUER)


def test_records_are_signed_as_certificates_are() -> None:
    data = b"record"
    signature = key("municipality").sign(data, padding.PKCS1v15(), hashes.SHA256())
    assert is_signed(ISSUER, data, signature)
    assert not is_signed(ISSUER, data + b"x", signature)
    assert not is_signed(ISSUER, data, signature[:-1])


@pytest.mark.parametrize("label", [b"JPKIAPICCTOKEN2", b"JPKIAPICCTOKEN"], ids=["plastic", "juki"])
def test_a_tokens_label(label: bytes) -> None:
    assert read_label(label.ljust(32) + bytes(128)) == label.decode()


@pytest.mark.parametrize(
    "token", [b"", b"JPKIAPICCTOKEN2", b" " * 160, b"\xff" * 160], ids=["none", "short", "blank", "filler"]
)
def test_no_label(token: bytes) -> None:
    with pytest.raises(Malformed):
        read_label(token)
