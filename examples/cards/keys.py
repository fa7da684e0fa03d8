"""RSA keys by name, made when they are first asked for: a ring that is made once serves many cards."""

from __future__ import annotations

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import NoDigestInfo

from examples.cards.tlv import tlv

DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
"""What stands before a SHA-256 digest in a PKCS #1 v1.5 signature (RFC 8017 §9.2 note 1)."""


class KeyRing:
    """RSA-2048 keys. The same name is the same key, so cards of one ring that share a name share a key."""

    def __init__(self) -> None:
        self._keys: dict[str, rsa.RSAPrivateKey] = {}

    def rsa(self, name: str) -> rsa.RSAPrivateKey:
        if name not in self._keys:
            self._keys[name] = rsa.generate_private_key(65537, 2048)
        return self._keys[name]


def sign(key: rsa.RSAPrivateKey, message: bytes) -> bytes:
    """PKCS #1 v1.5 with SHA-256."""
    return key.sign(message, padding.PKCS1v15(), hashes.SHA256())


def sign_padded(key: rsa.RSAPrivateKey, payload: bytes) -> bytes:
    """PKCS #1 v1.5 padding around ``payload`` as it is, 1 to 245 bytes: nobody hashes, nobody says with what was hashed."""
    return key.sign(payload, padding.PKCS1v15(), NoDigestInfo())


def modulus(key: rsa.RSAPrivateKey) -> bytes:
    return key.public_key().public_numbers().n.to_bytes(256, "big")


def public_objects(key: rsa.RSAPrivateKey) -> bytes:
    """The public half as these cards write it: ``90`` exponent, ``91`` modulus. 265 bytes."""
    return tlv(0x90, bytes.fromhex("010001")) + tlv(0x91, modulus(key))
