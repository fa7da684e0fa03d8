"""A private key in memory, a `common.ports.Signer` for ES256, ES384, ES512 and EdDSA (Ed25519). RFC 7518 §3.4, RFC 8037 §3.1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from common.encoding import b64url_decode, b64url_encode, parse_json_object
from common.errors import Malformed, Unsupported
from common.jose.jwk import CURVES, Curve, export_public_jwk, parse_public_jwk, public_part, thumbprint

ALGS = ("ES256", "ES384", "ES512", "EdDSA")
_CURVE_OF = {curve.alg: curve for curve in CURVES.values() if curve.alg in ALGS}


class SoftwareKey:
    """One signing key. Its repr names the kid only; ``private_jwk`` is the one way out, for sealing."""

    __slots__ = ("_curve", "_key", "_kid", "_public")

    def __init__(self, key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey, kid: str | None = None) -> None:
        self._key = key
        public = export_public_jwk(key.public_key())
        self._curve: Curve | None = CURVES[public["crv"]] if public["kty"] == "EC" else None
        if self._curve is not None and self._curve.alg not in ALGS:
            raise Unsupported("unknown_signature_algorithm", known=ALGS)
        self._kid = kid or thumbprint(public)
        alg = self._curve.alg if self._curve else "EdDSA"
        self._public = {**public, "kid": self._kid, "alg": alg}

    @classmethod
    def generate(cls, alg: str = "ES256", kid: str | None = None) -> SoftwareKey:
        """A new key. kid: the RFC 7638 thumbprint unless given. Raises Unsupported for an algorithm not in `ALGS`."""
        if alg == "EdDSA":
            return cls(ed25519.Ed25519PrivateKey.generate(), kid)
        if alg not in _CURVE_OF:
            raise Unsupported("unknown_signature_algorithm", known=ALGS)
        return cls(ec.generate_private_key(_CURVE_OF[alg].curve), kid)

    @classmethod
    def from_private_jwk(cls, jwk: Mapping[str, Any]) -> SoftwareKey:
        """What ``private_jwk`` gave. Raises Malformed when it is no private key, or its public half belongs to another."""
        public = parse_public_jwk(public_part(jwk))
        secret = b64url_decode(jwk["d"]) if isinstance(jwk.get("d"), str) else b""
        key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
        try:
            if public.alg == "EdDSA":
                key = ed25519.Ed25519PrivateKey.from_private_bytes(secret)
            else:
                key = ec.derive_private_key(int.from_bytes(secret, "big"), CURVES[public.jwk["crv"]].curve)
        except ValueError:
            raise Malformed("bad_jwk", "not a private key") from None
        if key.public_key() != public.key:
            raise Malformed("bad_jwk", "the private and the public half do not belong together")
        return cls(key, public.kid)

    @classmethod
    def from_file_content(cls, content: bytes) -> SoftwareKey:
        """A private key as people keep it in files: PEM (PKCS#8 or SEC 1, not encrypted), or a private JWK.

        Raises Malformed, Unsupported for a kind of key that cannot sign here.
        """
        if content.lstrip().startswith(b"{"):
            return cls.from_private_jwk(parse_json_object(content))
        try:
            key = serialization.load_pem_private_key(content, None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise Malformed("bad_private_key", "not a private key: PEM without a passphrase, or a JWK") from None
        if not isinstance(key, ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey):
            raise Unsupported("unknown_signature_algorithm", known=ALGS)
        return cls(key)

    @property
    def kid(self) -> str:
        return self._kid

    @property
    def alg(self) -> str:
        return str(self._public["alg"])

    def public_jwk(self) -> dict[str, Any]:
        return dict(self._public)

    def private_jwk(self) -> dict[str, Any]:
        """The whole key, secret included: to be sealed (`common.keys.sealed`) before it goes anywhere."""
        if isinstance(self._key, ed25519.Ed25519PrivateKey):
            secret = self._key.private_bytes_raw()
        else:
            size = self._curve.size if self._curve else 32
            secret = self._key.private_numbers().private_value.to_bytes(size, "big")
        return {**self._public, "d": b64url_encode(secret)}

    def private_key(self) -> ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey:
        """The ``cryptography`` object, for TLS servers and certificate signing."""
        return self._key

    def sign(self, data: bytes) -> bytes:
        """The signature as JOSE writes it."""
        if isinstance(self._key, ed25519.Ed25519PrivateKey):
            return self._key.sign(data)
        assert self._curve is not None
        return ecdsa_from_der(self._key.sign(data, self._curve.scheme), self._curve.size)

    def __repr__(self) -> str:
        return f"SoftwareKey({self._kid!r}, {self.alg})"


def ecdsa_from_der(der: bytes, size: int) -> bytes:
    """A DER signature that we made ourselves → r ‖ s, each of ``size`` bytes (RFC 7518 §3.4)."""
    position = 2 if der[1] < 0x80 else 3
    parts = []
    for _ in range(2):
        length = der[position + 1]
        number = der[position + 2 : position + 2 + length]
        parts.append(number[-size:].rjust(size, b"\0"))
        position += 2 + length
    return parts[0] + parts[1]
