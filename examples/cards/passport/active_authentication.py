"""Active Authentication, the chip's side (ICAO 9303-11 §6.1): the chip signs the terminal's challenge with the key of DG15."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

TRAILERS = {"sha1": "bc", "sha224": "38cc", "sha256": "34cc", "sha384": "36cc", "sha512": "35cc"}
"""ISO/IEC 9796-2 §8.4: one octet for the implicit SHA-1, two that name the hash."""
PLAIN_ECDSA = {
    name: f"0.4.0.127.0.7.1.1.4.1.{arc}" for arc, name in enumerate(("sha1", "sha224", "sha256", "sha384", "sha512"), 1)
}
"""ecdsa-plain-SHA…: how DG14 names the hash (BSI TR-03111 §5.2.1.1)."""
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha1": hashes.SHA1(),
    "sha224": hashes.SHA224(),
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


class ActiveKey(Protocol):
    def public_info(self) -> bytes:
        """SubjectPublicKeyInfo, the content of DG15."""

    def answer(self, challenge: bytes, random: Callable[[int], bytes]) -> bytes: ...


def _public_info(key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


@dataclass(frozen=True, slots=True, kw_only=True)
class RsaActiveKey:
    """ISO/IEC 9796-2 signature scheme 1 with partial recovery: 6A ‖ M1 ‖ H(M1 ‖ challenge) ‖ trailer, to the private exponent."""

    key: rsa.RSAPrivateKey = field(repr=False)
    hash_name: str

    def public_info(self) -> bytes:
        return _public_info(self.key.public_key())

    def answer(self, challenge: bytes, random: Callable[[int], bytes]) -> bytes:
        trailer = bytes.fromhex(TRAILERS[self.hash_name])
        size = self.key.key_size // 8
        m1 = random(size - 1 - hashlib.new(self.hash_name).digest_size - len(trailer))
        digest = hashlib.new(self.hash_name, m1 + challenge).digest()
        return self._power(b"\x6a" + m1 + digest + trailer).to_bytes(size, "big")

    def _power(self, message: bytes) -> int:
        """The bare RSA operation, with the two primes apart."""
        numbers = self.key.private_numbers()
        representative = int.from_bytes(message, "big")
        left = pow(representative, numbers.dmp1, numbers.p)
        right = pow(representative, numbers.dmq1, numbers.q)
        return right + (left - right) * numbers.iqmp % numbers.p * numbers.q


@dataclass(frozen=True, slots=True, kw_only=True)
class EcdsaActiveKey:
    """r ‖ s, each as long as the order. der: some documents answer SEQUENCE {r, s} against the specification."""

    key: ec.EllipticCurvePrivateKey = field(repr=False)
    hash_name: str
    der: bool = False

    def public_info(self) -> bytes:
        return _public_info(self.key.public_key())

    def answer(self, challenge: bytes, random: Callable[[int], bytes]) -> bytes:  # noqa: ARG002 - the library has its own
        signature = self.key.sign(challenge, ec.ECDSA(_HASHES[self.hash_name]))
        if self.der:
            return signature
        size = (self.key.curve.key_size + 7) // 8
        return b"".join(number.to_bytes(size, "big") for number in decode_dss_signature(signature))
