"""Keys of test authorities and how they sign: RSA PKCS #1 v1.5, RSA-PSS, ECDSA with named and with explicit curve parameters (9303-12 §4).

Keys are made when they are first asked for, once in a process, and are the same for who asks by the same name. They protect nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cache

from asn1crypto.algos import DigestAlgorithm, SignedDigestAlgorithm
from asn1crypto.keys import PublicKeyInfo
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from examples.cards.passport.curves import (
    BRAINPOOL_P256R1,
    BRAINPOOL_P384R1,
    BRAINPOOL_P512R1,
    P256,
    P384,
    P521,
    Curve,
)
from examples.cards.passport.security_infos import public_info

NAMED = {curve.name: curve for curve in (P256, P384, P521, BRAINPOOL_P256R1, BRAINPOOL_P384R1, BRAINPOOL_P512R1)}
HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha1": hashes.SHA1(),
    "sha224": hashes.SHA224(),
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


@cache
def rsa_key(name: str, bits: int) -> rsa.RSAPrivateKey:  # noqa: ARG001 - the cache knows it by name
    """The name tells keys of one size apart."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


@cache
def ec_scalar(name: str, curve_name: str) -> int:
    """A private key that depends on nothing but the names: the same in every run."""
    curve = NAMED[curve_name]
    seed = hashlib.shake_256(f"tegata virtual passport {name} {curve_name}".encode()).digest(curve.scalar_size + 8)
    return int.from_bytes(seed, "big") % (curve.n - 1) + 1


def digest_algorithm(hash_name: str) -> DigestAlgorithm:
    return DigestAlgorithm({"algorithm": hash_name})


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """kind: "rsa", "pss" or "ecdsa"; key: bits of RSA, name of a curve. explicit: the certificate spells the curve out."""

    kind: str
    key: int | str
    hash_name: str = "sha256"
    explicit: bool = False

    def algorithm(self) -> SignedDigestAlgorithm:
        if self.kind == "pss":
            parameters = {
                "hash_algorithm": {"algorithm": self.hash_name},
                "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": {"algorithm": self.hash_name}},
                "salt_length": HASHES[self.hash_name].digest_size,
            }
            return SignedDigestAlgorithm({"algorithm": "rsassa_pss", "parameters": parameters})
        return SignedDigestAlgorithm({"algorithm": f"{self.hash_name}_{'ecdsa' if self.kind == 'ecdsa' else 'rsa'}"})


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key by name in a style."""

    name: str = field(repr=False)
    style: Style

    def public_info(self) -> PublicKeyInfo:
        return PublicKeyInfo.load(self._public_der())

    def _public_der(self) -> bytes:
        if self.style.kind == "ecdsa":
            scalar = ec_scalar(self.name, str(self.style.key))
            return public_info(self._curve(), scalar, form="explicit" if self.style.explicit else "named")
        public = rsa_key(self.name, int(self.style.key)).public_key()
        return public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)

    def identifier(self) -> bytes:
        """SHA-1 of the key's bits (RFC 5280 §4.2.1.2)."""
        return hashlib.sha1(bytes(self.public_info()["public_key"])).digest()

    def sign(self, octets: bytes) -> bytes:
        algorithm = HASHES[self.style.hash_name]
        if self.style.kind == "ecdsa":
            scalar = ec_scalar(self.name, str(self.style.key))
            return ec.derive_private_key(scalar, self._curve().named()).sign(octets, ec.ECDSA(algorithm))
        key = rsa_key(self.name, int(self.style.key))
        if self.style.kind == "pss":
            return key.sign(octets, padding.PSS(padding.MGF1(algorithm), algorithm.digest_size), algorithm)
        return key.sign(octets, padding.PKCS1v15(), algorithm)

    def _curve(self) -> Curve:
        return NAMED[str(self.style.key)]
