"""Active authentication: Doc 9303-11 App. F's message under a key of ours, every trailer, plain and DER ECDSA, and what is none of them."""

from __future__ import annotations

import hashlib
from functools import cache

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from common.cards.channel import CardChannel
from common.cards.drivers.passport.active_authentication import (
    DER,
    ISO_9796_2,
    PLAIN,
    ask_signature,
    parse_dg15,
    verify_active_authentication,
)
from common.cards.drivers.passport.domain_parameters import BY_NAME
from common.cards.drivers.passport.public_key import EcKey, RsaKey
from common.cards.drivers.passport.security_infos import ActiveAuthenticationInfo, SecurityInfos
from common.cards.tlv import encode_tlv
from common.errors import CardError, Malformed, Rejected, Unsupported
from tests.common.cards.scripted import Script

CHALLENGE = bytes.fromhex("F173589974BF40C6")
M1 = bytes.fromhex(
    "9D2784A67F8E7C659973EA1AEA25D95B6C8F91E5002F369F0FBDCE8A3CEC1991B543F1696546C5524CF23A5303CD6C98"
    "599F40B79F377B5F3A1406B3B4D8F96784D23AA88DB7E1032A405E69325FA91A6E86F5C71AEA978264C4A207446DAD4E"
    "7292E2DCDA3024B47DA8"
)
"""App. F: 106 bytes, for a key of 1024 bits and SHA-1. The text gives no key, so the signature is made with one of ours."""
DIGEST = bytes.fromhex("C063AA1E6D22FBD976AB0FE73D94D2D9C6D88127")
NO_INFOS = SecurityInfos()
TRAILERS = {"sha1": "bc", "sha224": "38cc", "sha256": "34cc", "sha384": "36cc", "sha512": "35cc"}


@cache
def rsa_key() -> tuple[RsaKey, int]:
    made = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    numbers = made.private_numbers()
    return RsaKey(n=numbers.public_numbers.n, e=65537), numbers.d


def sign(recovered: bytes) -> bytes:
    key, d = rsa_key()
    return pow(int.from_bytes(recovered, "big"), d, key.n).to_bytes(128, "big")


def message(name: str, challenge: bytes = CHALLENGE) -> bytes:
    """F of ISO/IEC 9796-2 scheme 1 for a key of 1024 bits."""
    trailer = bytes.fromhex(TRAILERS[name])
    size = hashlib.new(name).digest_size
    m1 = (M1 * 2)[: 128 - 1 - size - len(trailer)]
    return b"\x6a" + m1 + hashlib.new(name, m1 + challenge).digest() + trailer


def test_the_example_of_the_text() -> None:
    assert hashlib.sha1(M1 + CHALLENGE).digest() == DIGEST
    recovered = b"\x6a" + M1 + DIGEST + b"\xbc"
    assert recovered == message("sha1")
    assert verify_active_authentication(rsa_key()[0], NO_INFOS, CHALLENGE, sign(recovered)) == ISO_9796_2


@pytest.mark.parametrize("name", TRAILERS)
def test_every_trailer(name: str) -> None:
    key, _ = rsa_key()
    signature = sign(message(name))
    verify_active_authentication(key, NO_INFOS, CHALLENGE, signature)
    with pytest.raises(Rejected, match="bad_signature"):
        verify_active_authentication(key, NO_INFOS, bytes(8), signature)


def test_the_smaller_of_two_roots() -> None:
    """ISO/IEC 9796-2 lets the signer take min(s, n − s)."""
    key, _ = rsa_key()
    s = int.from_bytes(sign(message("sha256")), "big")
    verify_active_authentication(key, NO_INFOS, CHALLENGE, (key.n - s).to_bytes(128, "big"))


@pytest.mark.parametrize(
    "recovered",
    [
        b"\x4a" + message("sha256")[1:],
        b"\x6b" + message("sha256")[1:],
        b"\x00\x6a" + message("sha256")[2:],
        message("sha256")[:-2] + b"\x33\xcc",
        message("sha256")[:-2] + b"\x34\xbc",
        message("sha256")[:-1] + b"\xcd",
        message("sha256")[:-3] + b"\x00\x34\xcc",
        message("sha1")[:-1] + b"\xcc",
        b"\x6a" + bytes(124) + b"\x34\xcc",
        b"\x6a\x34\xcc",
        b"\x6a\xbc",
        b"\x0c",
    ],
    ids=[
        "full recovery", "other header", "shifted", "unknown hash", "mixed trailer", "no trailer", "other digest",
        "sha1 under two bytes", "zeros", "nothing but frame", "short", "nothing",
    ],
)  # fmt: skip
def test_what_opens_to_something_else(recovered: bytes) -> None:
    with pytest.raises(Rejected, match="bad_signature"):
        verify_active_authentication(rsa_key()[0], NO_INFOS, CHALLENGE, sign(recovered))


@pytest.mark.parametrize("signature", [b"", b"\x00" * 128, b"\xff" * 128, b"\x01" * 129, b"\x01"])
def test_what_is_no_number_of_the_key(signature: bytes) -> None:
    with pytest.raises(Rejected, match="bad_signature"):
        verify_active_authentication(rsa_key()[0], NO_INFOS, CHALLENGE, signature)


def test_no_flipped_bit_passes() -> None:
    key, _ = rsa_key()
    signature = sign(message("sha256"))
    for place in range(0, 1024, 31):
        altered = bytearray(signature)
        altered[place // 8] ^= 1 << place % 8
        with pytest.raises(Rejected):
            verify_active_authentication(key, NO_INFOS, CHALLENGE, bytes(altered))


# --- ECDSA

OIDS = {f"sha{bits}": f"0.4.0.127.0.7.1.1.4.1.{n}" for n, bits in ((2, 224), (3, 256), (4, 384), (5, 512))}
HASHES = {"sha224": hashes.SHA224(), "sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}


def infos(*names: str) -> SecurityInfos:
    named = tuple(ActiveAuthenticationInfo(signature_algorithm=OIDS.get(name, name)) for name in names)
    return SecurityInfos(active_authentication=named)


@cache
def ec_key(name: str) -> tuple[ec.EllipticCurvePrivateKey, EcKey]:
    library = {"P-256": ec.SECP256R1(), "P-521": ec.SECP521R1(), "brainpoolP384r1": ec.BrainpoolP384R1()}[name]
    private = ec.derive_private_key(0x1234567, library)
    numbers = private.public_key().public_numbers()
    return private, EcKey(curve=BY_NAME[name], point=(numbers.x, numbers.y))


def plain(der: bytes, length: int) -> bytes:
    r, s = decode_dss_signature(der)
    return r.to_bytes(length, "big") + s.to_bytes(length, "big")


@pytest.mark.parametrize("name", ["P-256", "P-521", "brainpoolP384r1"])
@pytest.mark.parametrize("digest", HASHES)
def test_ecdsa_with_the_hash_that_dg14_names(name: str, digest: str) -> None:
    private, key = ec_key(name)
    der = private.sign(CHALLENGE, ec.ECDSA(HASHES[digest]))
    short = plain(der, key.curve.order_bytes)
    assert verify_active_authentication(key, infos(digest), CHALLENGE, short) == PLAIN
    assert verify_active_authentication(key, infos(digest), CHALLENGE, der) == DER
    for signature in (short, der):
        with pytest.raises(Rejected):
            verify_active_authentication(key, infos(digest), bytes(8), signature)
        with pytest.raises(Rejected):
            verify_active_authentication(key, infos(digest), CHALLENGE, signature[:-1])


@pytest.mark.parametrize(("name", "digest"), [("P-256", "sha256"), ("P-521", "sha512"), ("brainpoolP384r1", "sha384")])
def test_ecdsa_where_dg14_names_no_hash(name: str, digest: str) -> None:
    private, key = ec_key(name)
    signature = plain(private.sign(CHALLENGE, ec.ECDSA(HASHES[digest])), key.curve.order_bytes)
    assert verify_active_authentication(key, NO_INFOS, CHALLENGE, signature) == PLAIN


def test_two_hashes_or_an_unknown_one() -> None:
    _, key = ec_key("P-256")
    for named in (infos("sha256", "sha384"), infos("1.2.840.113549.1.1.11")):
        with pytest.raises(Unsupported):
            verify_active_authentication(key, named, CHALLENGE, bytes(64))


# --- the command, the key


def test_the_command() -> None:
    script = Script("AABB9000")
    assert ask_signature(CardChannel(script), CHALLENGE, rsa_key()[0]) == b"\xaa\xbb"
    assert script.sent == [bytes.fromhex("0088000008") + CHALLENGE + b"\x00"]
    with pytest.raises(CardError):
        ask_signature(CardChannel(Script("6982")), CHALLENGE, rsa_key()[0])
    with pytest.raises(ValueError, match="8 bytes"):
        ask_signature(CardChannel(Script()), bytes(7), rsa_key()[0])


def test_a_long_key_asks_for_a_long_answer() -> None:
    script = Script("AA9000")
    ask_signature(CardChannel(script), CHALLENGE, RsaKey(n=1 << 4095 | 1, e=3))
    assert script.sent == [bytes.fromhex("00880000000008") + CHALLENGE + b"\x02\x00"]


def test_dg15() -> None:
    private, key = ec_key("P-256")
    info = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert parse_dg15(encode_tlv(0x6F, info)) == key
    for wrong in (b"", info, encode_tlv(0x6E, info), encode_tlv(0x6F, info[:-1]), encode_tlv(0x6F, b"")):
        with pytest.raises(Malformed):
            parse_dg15(wrong)
