"""What the vectors are written with: base45, deterministic CBOR, keys from names, signatures. RFC 9285, 8949 §4.2.1, 9052 §4.4, 6979."""

from __future__ import annotations

import hashlib
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

EVENT = "hanabi-2026-x7k2"
NOW = 1_786_000_000
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
Case = dict[str, Any]

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


def base45(data: bytes) -> str:
    text = ""
    for at in range(0, len(data) - 1, 2):
        number = data[at] * 256 + data[at + 1]
        text += _ALPHABET[number % 45] + _ALPHABET[number // 45 % 45] + _ALPHABET[number // 2025]
    if len(data) % 2:
        text += _ALPHABET[data[-1] % 45] + _ALPHABET[data[-1] // 45]
    return text


class Raw(bytes):
    """CBOR already written."""


def head(major: int, number: int) -> bytes:
    if number < 24:
        return bytes([major << 5 | number])
    for code, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 1 << 8 * size:
            return bytes([major << 5 | code]) + number.to_bytes(size, "big")
    raise ValueError(number)


def cbor(value: Any) -> bytes:
    match value:
        case Raw():
            return bytes(value)
        case None:
            return b"\xf6"
        case bool():
            return b"\xf5" if value else b"\xf4"
        case int():
            return head(0, value) if value >= 0 else head(1, -1 - value)
        case bytes():
            return head(2, len(value)) + value
        case str():
            return head(3, len(value.encode())) + value.encode()
        case list():
            return head(4, len(value)) + b"".join(map(cbor, value))
        case dict():
            pairs = sorted((cbor(name), cbor(member)) for name, member in value.items())
            return head(5, len(pairs)) + b"".join(name + member for name, member in pairs)
    raise TypeError(type(value))


class Key:
    def __init__(self, name: str) -> None:
        number = int.from_bytes(hashlib.sha512(name.encode()).digest(), "big") % (ORDER - 1) + 1
        self._private = ec.derive_private_key(number, ec.SECP256R1())
        public = self._private.public_key().public_numbers()
        self.x, self.odd = public.x.to_bytes(32, "big"), bool(public.y & 1)
        self.point = (b"\x03" if self.odd else b"\x02") + self.x
        self.digest = hashlib.sha256(self.point).digest()

    def sign(self, protected: bytes, payload: bytes, aad: bytes, *, high: bool | None = None) -> bytes:
        covered = cbor(["Signature1", protected, aad, payload])
        der = self._private.sign(covered, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
        r, s = decode_dss_signature(der)
        if high is not None and (s > ORDER // 2) != high:
            s = ORDER - s
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def sign1(self, protected: dict[int, Any], payload: bytes, aad: bytes, **how: Any) -> bytes:
        written = cbor(protected)
        return cbor([written, {}, payload, self.sign(written, payload, aad, **how)])


ISSUER, OTHER_ISSUER, OLD_ISSUER = Key("issuer"), Key("another issuer"), Key("issuer of last year")
HOLDERS = [Key(f"holder {number}") for number in range(6)]
EVEN = next(key for key in HOLDERS if not key.odd)
ODD = next(key for key in HOLDERS if key.odd)
ORGANISER, NEXT_ORGANISER = Key("organiser"), Key("next organiser")
GATE, HUB = Key("gate"), Key("hub")


def aad(event: str) -> bytes:
    return b"TG1" + event.encode()


def audience(event: str, klass: int) -> bytes:
    return hashlib.sha256(b"TG1\0" + event.encode() + b"\0" + str(klass).encode()).digest()[:4]
