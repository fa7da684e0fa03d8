"""Keys and signatures as passports write them: OpenSSL makes them, and says the same."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

import pytest
from asn1crypto import algos, core
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from common.cards.drivers.passport.curve import encode_point
from common.cards.drivers.passport.domain_parameters import BY_NAME, CURVES
from common.cards.drivers.passport.public_key import EcKey, RsaKey, parse_public_key
from common.cards.drivers.passport.signature import Scheme, parse_scheme, split_plain, verify_signature
from common.cards.tlv import encode_tlv
from common.errors import Malformed, Rejected, Unsupported
from tests.common.cards.passport.test_curve import OPENSSL_NAMES


def openssl(folder: Path, *words: str) -> None:
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


@pytest.mark.parametrize("form", ["named_curve", "explicit"])
@pytest.mark.parametrize("curve", CURVES, ids=lambda curve: curve.name)
def test_openssl_s_keys_and_signatures(curve, form: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    name = OPENSSL_NAMES.get(curve.name, curve.name)
    openssl(tmp_path, "ecparam", "-name", name, "-genkey", "-noout", "-out", "k.pem")
    openssl(tmp_path, "ec", "-in", "k.pem", "-pubout", "-param_enc", form, "-outform", "DER", "-out", "k.der")
    (tmp_path / "m").write_bytes(b"message")
    openssl(tmp_path, "dgst", "-sha256", "-sign", "k.pem", "-out", "s", "m")
    key = parse_public_key((tmp_path / "k.der").read_bytes())
    assert isinstance(key, EcKey)
    assert key.curve is curve
    signature = (tmp_path / "s").read_bytes()
    scheme = Scheme(kind="ecdsa", hash_name="sha256")
    verify_signature(key, scheme, signature, b"message")
    for altered, data in ((signature, b"massage"), (signature[:-1], b"message"), (b"", b"message")):
        with pytest.raises(Rejected):
            verify_signature(key, scheme, altered, data)


def key_info(algorithm: str, parameters: bytes, material: bytes) -> bytes:
    inner = encode_tlv(0x30, core.ObjectIdentifier(algorithm).dump() + parameters)
    return encode_tlv(0x30, inner + encode_tlv(0x03, b"\x00" + material))


ODD = 1 << 2047 | 1
EC_KEY = "1.2.840.10045.2.1"
P256 = BY_NAME["P-256"]
POINT = encode_point(P256, P256.generator)


@pytest.mark.parametrize(
    "info",
    [
        key_info("0.4.0.127.0.7.1.2", core.Integer(12).dump(), POINT),
        key_info(EC_KEY, core.ObjectIdentifier(P256.oid).dump(), POINT),
        key_info("1.3.132.1.12", core.ObjectIdentifier(P256.oid).dump(), POINT),
    ],
    ids=["standardised", "named", "ecdh"],
)
def test_ways_to_name_a_curve(info: bytes) -> None:
    assert parse_public_key(info) == EcKey(curve=P256, point=P256.generator)


def test_a_curve_that_the_context_names() -> None:
    for nothing in (b"", b"\x05\x00"):
        assert parse_public_key(key_info(EC_KEY, nothing, POINT), curve=P256) == EcKey(curve=P256, point=P256.generator)
        with pytest.raises(Malformed):
            parse_public_key(key_info(EC_KEY, nothing, POINT))


def spelled_out(**changed: int) -> bytes:
    """ECParameters of P-256, with some of its numbers replaced."""
    value = {
        "p": P256.p,
        "a": P256.a,
        "b": P256.b,
        "x": P256.generator[0],
        "y": P256.generator[1],
        "n": P256.n,
        "h": 1,
    } | changed
    field = encode_tlv(0x30, core.ObjectIdentifier("1.2.840.10045.1.1").dump() + core.Integer(value["p"]).dump())
    equation = encode_tlv(0x30, b"".join(encode_tlv(0x04, value[one].to_bytes(32, "big")) for one in "ab"))
    base = encode_tlv(0x04, b"\x04" + value["x"].to_bytes(32, "big") + value["y"].to_bytes(32, "big"))
    end = core.Integer(value["n"]).dump() + core.Integer(value["h"]).dump()
    return encode_tlv(0x30, core.Integer(1).dump() + field + equation + base + end)


def test_only_published_curves_count() -> None:
    """A curve of the card's own choice (CVE-2020-0601: another generator, the same key) is refused, whatever it differs in."""
    assert parse_public_key(key_info(EC_KEY, spelled_out(), POINT)) == EcKey(curve=P256, point=P256.generator)
    other = P256.generator[0], P256.p - P256.generator[1]
    for changed in ({"x": other[0], "y": other[1]}, {"b": 7}, {"a": 0}, {"n": P256.n - 2}, {"h": 2}, {"p": P256.p - 2}):
        with pytest.raises(Unsupported):
            parse_public_key(key_info(EC_KEY, spelled_out(**changed), POINT))


@pytest.mark.parametrize(
    "info",
    [
        key_info("0.4.0.127.0.7.1.2", core.Integer(1).dump(), POINT),
        key_info("0.4.0.127.0.7.1.2", core.Integer(7).dump(), POINT),
        key_info(EC_KEY, core.ObjectIdentifier("1.3.132.0.10").dump(), POINT),
        key_info("1.3.101.112", b"", bytes(32)),
        key_info("1.2.840.10040.4.1", b"\x05\x00", bytes(32)),
    ],
    ids=["modulo a prime", "unassigned", "secp256k1", "Ed25519", "DSA"],
)
def test_keys_of_other_kinds(info: bytes) -> None:
    with pytest.raises(Unsupported):
        parse_public_key(info)


@pytest.mark.parametrize(
    ("n", "e"),
    [(1 << 1022 | 1, 65537), (1 << 8192 | 1, 65537), (1 << 2047, 65537), (ODD, 1), (ODD, 4), (ODD, 1 << 65 | 1)],
    ids=["short", "long", "even", "e is 1", "e is even", "e is long"],
)  # fmt: skip
def test_rsa_keys_that_are_none(n: int, e: int) -> None:
    """A long exponent would make every verification long."""
    material = encode_tlv(0x30, core.Integer(n).dump() + core.Integer(e).dump())
    with pytest.raises(Malformed):
        parse_public_key(key_info("1.2.840.113549.1.1.1", b"\x05\x00", material))


# --- schemes


@cache
def rsa_pair() -> tuple[rsa.RSAPrivateKey, RsaKey]:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    info = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    key = parse_public_key(info)
    assert isinstance(key, RsaKey)
    return private, key


def test_pss_with_its_own_parameters(tmp_path: Path) -> None:
    private, key = rsa_pair()
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    pss = padding.PSS(padding.MGF1(hashes.SHA1()), 20)
    signature = private.sign(b"message", pss, hashes.SHA256())
    scheme = Scheme(kind="pss", hash_name="sha256", mgf_hash_name="sha1", salt=20)
    verify_signature(key, scheme, signature, b"message")
    for other in (
        Scheme(kind="pss", hash_name="sha256", mgf_hash_name="sha256", salt=20),
        Scheme(kind="pss", hash_name="sha256", mgf_hash_name="sha1", salt=32),
        Scheme(kind="pkcs1", hash_name="sha256"),
        Scheme(kind="ecdsa", hash_name="sha256"),
    ):
        with pytest.raises(Rejected):
            verify_signature(key, other, signature, b"message")


def test_a_key_for_pss_alone() -> None:
    private, key = rsa_pair()
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    signature = private.sign(b"message", padding.PKCS1v15(), hashes.SHA256())
    scheme = Scheme(kind="pkcs1", hash_name="sha256")
    verify_signature(key, scheme, signature, b"message")
    with pytest.raises(Rejected):
        verify_signature(RsaKey(n=key.n, e=key.e, restricted_to_pss=True), scheme, signature, b"message")


def algorithm(oid: str, parameters: bytes = b"") -> algos.SignedDigestAlgorithm:
    return algos.SignedDigestAlgorithm.load(encode_tlv(0x30, core.ObjectIdentifier(oid).dump() + parameters))


@pytest.mark.parametrize(
    ("oid", "digest", "expected"),
    [
        ("1.2.840.113549.1.1.11", None, ("pkcs1", "sha256")),
        ("1.2.840.113549.1.1.5", None, ("pkcs1", "sha1")),
        ("1.2.840.113549.1.1.1", "sha384", ("pkcs1", "sha384")),
        ("1.2.840.10045.4.3.4", None, ("ecdsa", "sha512")),
        ("1.2.840.10045.2.1", "sha224", ("ecdsa", "sha224")),
        ("0.4.0.127.0.7.1.1.4.1.3", None, ("ecdsa_plain", "sha256")),
        ("1.2.840.113549.1.1.10", "sha256", ("pss", "sha256")),
        ("1.2.840.113549.1.1.10", None, ("pss", "sha1")),
    ],
)
def test_schemes_by_name(oid: str, digest: str | None, expected: tuple[str, str]) -> None:
    scheme = parse_scheme(algorithm(oid), digest=digest)
    assert (scheme.kind, scheme.hash_name) == expected


def test_pss_parameters_as_written() -> None:
    hashed = encode_tlv(0x30, core.ObjectIdentifier("2.16.840.1.101.3.4.2.2").dump())
    mask = encode_tlv(0x30, core.ObjectIdentifier("1.2.840.113549.1.1.8").dump() + hashed)
    values = encode_tlv(0xA0, hashed) + encode_tlv(0xA1, mask) + encode_tlv(0xA2, core.Integer(48).dump())
    scheme = parse_scheme(algorithm("1.2.840.113549.1.1.10", encode_tlv(0x30, values)))
    assert scheme == Scheme(kind="pss", hash_name="sha384", mgf_hash_name="sha384", salt=48)
    default = parse_scheme(algorithm("1.2.840.113549.1.1.10", b"\x30\x00"))
    assert default == Scheme(kind="pss", hash_name="sha1", mgf_hash_name="sha1", salt=20)


@pytest.mark.parametrize("oid", ["1.2.840.113549.1.1.4", "1.2.840.113549.2.5", "1.3.101.112", "1.2.840.113549.1.1.1"])
def test_schemes_that_are_not_taken(oid: str) -> None:
    """MD5 among them; and a bare key's name where no digest stands beside it."""
    with pytest.raises(Unsupported):
        parse_scheme(algorithm(oid))


def test_plain_signatures_have_one_length() -> None:
    assert split_plain(P256, bytes(31) + b"\x01" + bytes(31) + b"\x02") == (1, 2)
    for length in (0, 62, 63, 65, 66):
        with pytest.raises(ValueError, match="two numbers"):
            split_plain(P256, bytes(length))


def test_signatures_of_zero_by_hand_and_by_the_library() -> None:
    for name in ("brainpoolP224r1", "P-256"):
        curve = BY_NAME[name]
        key = EcKey(curve=curve, point=curve.generator)
        size = curve.order_bytes
        for signature in (bytes(2 * size), curve.n.to_bytes(size, "big") * 2, b"\xff" * (2 * size)):
            with pytest.raises(Rejected):
                verify_signature(key, Scheme(kind="ecdsa_plain", hash_name="sha224"), signature, b"message")


def test_the_library_s_curves_are_the_same_by_hand() -> None:
    """Where a build of OpenSSL leaves a curve out, the same signature is verified by hand."""
    from cryptography.hazmat.primitives import hashes

    from common.cards.drivers.passport.signature import _ecdsa_by_hand

    private = ec.derive_private_key(77, ec.SECP384R1())
    numbers = private.public_key().public_numbers()
    key = EcKey(curve=BY_NAME["P-384"], point=(numbers.x, numbers.y))
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    for digest, name in ((hashes.SHA256(), "sha256"), (hashes.SHA512(), "sha512")):
        r, s = decode_dss_signature(private.sign(b"message", ec.ECDSA(digest)))
        assert _ecdsa_by_hand(key, name, r, s, b"message")
        assert not _ecdsa_by_hand(key, name, r, s, b"massage")
        assert not _ecdsa_by_hand(key, name, s, r, b"message")
