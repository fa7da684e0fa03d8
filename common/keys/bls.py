"""BLS12-381 keys for BBS signatures: public keys in G2 as bytes and as Multikey (W3C CID 1.0 §2.2.2, multicodec ``bls12_381-g2-pub``).

The arithmetic is arkworks' and is not known to run in constant time. Whoever can time many signatures of one key closely may learn
of it, so sign with it where only the issuer's own work is timed. Verifying and deriving, which most do, hold no secret of the issuer.
"""

from __future__ import annotations

import secrets
from functools import lru_cache
from typing import Protocol, runtime_checkable

from multiformats import multicodec, varint
from py_arkworks_bls12381 import G1Point, G2Point, Scalar

from common.errors import Malformed
from common.keys.expand_message import hash_to_scalar
from common.keys.multikey import base58btc_decode, base58btc_encode

ALG = "BBS"
PUBLIC_BYTES = 96
SECRET_BYTES = 32
POINT_BYTES = 48
"""A point of G1, compressed."""
_PREFIX = varint.encode(multicodec.get("bls12_381-g2-pub").code)
_CIPHERSUITE = b"BBS_BLS12381G1_XMD:SHA-256_SSWU_RO_"
_KEYGEN_DST = _CIPHERSUITE + b"H2G_HM2S_KEYGEN_DST_"
_BASE = G2Point()
_IDENTITY = G2Point.identity()


@runtime_checkable
class BbsSigner(Protocol):
    """A BLS12-381 private key that never leaves its home. Not the common `Signer`: BBS signs a point, not bytes."""

    @property
    def kid(self) -> str: ...

    @property
    def alg(self) -> str:
        """``BBS``."""

    @property
    def public_bytes(self) -> bytes:
        """The public key: a point of G2, compressed, 96 bytes."""

    @property
    def public_multibase(self) -> str:
        """The same as Multikey: ``zUC7…``."""

    def sign_point(self, point: G1Point, transcript: bytes, dst: bytes) -> bytes:
        """The 80-byte signature A ‖ e over a commitment to the messages (BBS draft §3.6.1, steps 2, 4 and 5).

        transcript: message scalars and domain as 32 bytes each; e is the hash of the secret key before it.
        """


class BbsKey:
    """A private key in memory, a `BbsSigner`. Its repr names the kid only; ``private_bytes`` is the one way out, for sealing."""

    __slots__ = ("_kid", "_multibase", "_public", "_secret")

    def __init__(self, secret: bytes, kid: str | None = None) -> None:
        """secret: the scalar, 32 bytes, big-endian. kid: the public key's multibase text unless given. Raises Malformed."""
        self._secret = _read_secret(secret)
        self._public = (_BASE * self._secret).to_compressed_bytes()
        self._multibase = encode_multikey(self._public)
        self._kid = kid or self._multibase

    @classmethod
    def generate(cls, kid: str | None = None) -> BbsKey:
        return cls.from_key_material(secrets.token_bytes(SECRET_BYTES), kid=kid)

    @classmethod
    def from_key_material(
        cls, material: bytes, info: bytes = b"", *, dst: bytes = _KEYGEN_DST, kid: str | None = None
    ) -> BbsKey:
        """KeyGen (BBS draft §3.4.1). material: at least 32 secret random bytes; info: tells apart keys of one material."""
        if len(material) < SECRET_BYTES or len(info) > 65535:
            raise ValueError("key material has at least 32 bytes, and key info at most 65535")
        scalar = hash_to_scalar(material + len(info).to_bytes(2, "big") + info, dst)
        return cls(scalar.to_be_bytes(), kid)

    @property
    def kid(self) -> str:
        return self._kid

    @property
    def alg(self) -> str:
        return ALG

    @property
    def public_bytes(self) -> bytes:
        return self._public

    @property
    def public_multibase(self) -> str:
        return self._multibase

    def private_bytes(self) -> bytes:
        """The secret scalar, 32 bytes: to be sealed (`common.keys.sealed`) before it goes anywhere."""
        return self._secret.to_be_bytes()

    def sign_point(self, point: G1Point, transcript: bytes, dst: bytes) -> bytes:
        e = hash_to_scalar(self._secret.to_be_bytes() + transcript, dst)
        divisor = self._secret + e
        if e.is_zero() or divisor.is_zero():  # one chance in 2^255; such a signature would be invalid
            raise ValueError("these messages cannot be signed with this key")
        return (point * divisor.inverse()).to_compressed_bytes() + e.to_be_bytes()

    def __repr__(self) -> str:
        return f"BbsKey({self._kid!r})"


def _read_secret(secret: bytes) -> Scalar:
    try:
        scalar = Scalar.from_be_bytes(secret)
    except ValueError:
        raise Malformed("bad_private_key", "a BLS12-381 private key is a scalar of 32 bytes below the order") from None
    if scalar.is_zero():
        raise Malformed("bad_private_key", "a BLS12-381 private key is not zero")
    return scalar


@lru_cache(maxsize=1024)
def parse_public_key(data: bytes) -> G2Point:
    """96 bytes → a point of the subgroup G2, not the identity (BBS draft §4.2.4.6). Raises Malformed. Cached with a bound."""
    try:
        point = G2Point.from_compressed_bytes(data)
    except ValueError:
        raise Malformed("bad_bls_key", "not a compressed point of the group G2 of BLS12-381") from None
    if point == _IDENTITY or point.to_compressed_bytes() != data:
        raise Malformed("bad_bls_key", "the identity is no public key, and there is one encoding of each other point")
    return point


def parse_g1_point(data: bytes) -> G1Point:
    """48 bytes → a point of the subgroup G1, not the identity. Raises Malformed; only the one canonical encoding is read."""
    try:
        point = G1Point.from_compressed_bytes(data)
    except ValueError:
        raise Malformed("bad_bls_point", "not a compressed point of the group G1 of BLS12-381") from None
    if point == _G1_IDENTITY or point.to_compressed_bytes() != data:
        raise Malformed("bad_bls_point", "the identity, or a second encoding of a point")
    return point


_G1_IDENTITY = G1Point.identity()


def encode_multikey(public: bytes) -> str:
    """96 bytes of a public key → ``zUC7…``, which is also the method-specific part of its did:key."""
    return "z" + base58btc_encode(_PREFIX + public)


def decode_multikey(text: str) -> bytes:
    """``zUC7…`` → the 96 bytes of a public key that was found to be a point of G2. Raises Malformed."""
    if text[:1] != "z":
        raise Malformed("bad_multikey", "a multikey here is base58btc: it begins with z")
    data = base58btc_decode(text[1:])
    if not data.startswith(_PREFIX) or len(data) != len(_PREFIX) + PUBLIC_BYTES:
        raise Malformed("unsupported_key", "not a BLS12-381 G2 public key of 96 bytes")
    public = data[len(_PREFIX) :]
    parse_public_key(public)
    return public


def is_multikey(text: str) -> bool:
    """Whether the text begins as every BLS12-381 G2 multikey of the right length does; it is not decoded."""
    return text.startswith("zUC7")
