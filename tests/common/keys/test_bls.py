"""BLS12-381 keys: the multikeys of the specification and its vectors, their did:key, and what is refused."""

from __future__ import annotations

import pytest
from multiformats import multicodec, varint

from common.did.resolve import Resolver
from common.errors import Malformed
from common.keys import bls
from common.keys.bls import BbsKey
from common.keys.expand_message import expand_message_xmd
from common.keys.multikey import base58btc_encode
from tests.fakes.clock import FixedClock
from tests.fakes.fetch import FakeFetch

# vc-di-bbs 1.0 §2.1.1, and its test vectors (appendix A.1)
EXAMPLE = (
    "zUC7EK3ZakmukHhuncwkbySmomv3FmrkmS36E4Ks5rsb6VQSRpoCrx6"
    "Hb8e2Nk6UvJFSdyw9NK1scFXJp21gNNYFjVWNgaqyGnkyhtagagCpQb5B7tagJu3HDbjQ8h"
    "5ypoHjwBb"
)
SECRET = bytes.fromhex("66d36e118832af4c5e28b2dfe1b9577857e57b042a33e06bdea37b811ed09ee0")
PUBLIC = bytes.fromhex(
    "a4ef1afa3da575496f122b9b78b8c24761531a8a093206ae7c45b80759c168ba4f7a260f9c3367b6c019b4677841104b"
    "10665edbe70ba3ebe7d9cfbffbf71eb016f70abfbb163317f372697dc63efd21fc55764f63926a8f02eaea325a2a888f"
)
MULTIKEY = (
    "zUC7DerdEmfZ8f4pFajXgGwJoMkV1ofMTmEG5UoNvnWiPiLuGKNeqgRpLH2TV4Xe5mJ2cXV76gRN7LFQ"
    "wapF1VFu6x2yrr5ci1mXqC1WNUrnHnLgvfZfMH7h6xP6qsf9EKRQrPQ"
)


def test_the_specifications_keys() -> None:
    key = BbsKey(SECRET)
    assert key.public_bytes == PUBLIC
    assert key.public_multibase == MULTIKEY
    assert key.alg == "BBS"
    assert key.kid == MULTIKEY
    assert bls.decode_multikey(MULTIKEY) == PUBLIC
    assert bls.encode_multikey(bls.decode_multikey(EXAMPLE)) == EXAMPLE
    assert bls.is_multikey(EXAMPLE)


def test_a_key_goes_out_and_comes_back_only_by_its_private_bytes() -> None:
    key = BbsKey.generate("https://issuer.example/#bbs")
    again = BbsKey(key.private_bytes(), key.kid)
    assert again.public_bytes == key.public_bytes
    assert repr(again) == "BbsKey('https://issuer.example/#bbs')"


def test_did_key() -> None:
    document = Resolver(FakeFetch(), FixedClock()).resolve(f"did:key:{MULTIKEY}")
    (method,) = document["verificationMethod"]
    assert method["publicKeyMultibase"] == MULTIKEY
    assert method["type"] == "Multikey"


@pytest.mark.parametrize("secret", [bytes(32), b"\xff" * 32, bytes(31), b""])
def test_private_keys_are_scalars_of_the_group(secret: bytes) -> None:
    with pytest.raises(Malformed, match="bad_private_key"):
        BbsKey(secret)


_PREFIX = varint.encode(multicodec.get("bls12_381-g2-pub").code)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "u" + MULTIKEY[1:],
        MULTIKEY + "1",
        MULTIKEY[:-1],
        "zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv",
        "z" + base58btc_encode(_PREFIX + b"\xc0" + bytes(95)),
        "z" + base58btc_encode(_PREFIX + PUBLIC[:48]),
        "z" + base58btc_encode(_PREFIX + bytes(96)),
    ],
    ids=["empty", "multibase", "long", "short", "P-256", "identity", "half", "zero"],
)
def test_other_multikeys_are_refused(text: str) -> None:
    with pytest.raises(Malformed):
        bls.decode_multikey(text)


# RFC 9380 appendix K.1: SHA-256, short tag
@pytest.mark.parametrize(
    ("message", "expanded"),
    [
        (b"", "68a985b87eb6b46952128911f2a4412bbc302a9d759667f87f7a21d803f07235"),
        (b"abc", "d8ccab23b5985ccea865c6c97b6e5b8350e794e603b4b97902f53a8a0d605615"),
    ],
)
def test_expand_message(message: bytes, expanded: str) -> None:
    assert expand_message_xmd(message, b"QUUX-V01-CS02-with-expander-SHA256-128", 32).hex() == expanded


@pytest.mark.parametrize(("dst", "length"), [(b"", 32), (b"x" * 256, 32), (b"x", 0), (b"x", 255 * 32 + 1)])
def test_expand_message_keeps_to_its_limits(dst: bytes, length: int) -> None:
    with pytest.raises(ValueError, match="expand_message_xmd"):
        expand_message_xmd(b"", dst, length)
