"""Keys out of shared secrets. ICAO Doc 9303-11 §9.7.1. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from hashlib import sha1, sha256

from common.cards.secure_messaging import AesMessaging, TripleDesMessaging


class Cipher(Enum):
    """A block cipher with its length of key: how PACE and chip authentication name their secure messaging. Values: bytes of a key."""

    TRIPLE_DES = "3des", 16
    AES_128 = "aes128", 16
    AES_192 = "aes192", 24
    AES_256 = "aes256", 32

    @property
    def key_bytes(self) -> int:
        return self.value[1]

    @property
    def block_bytes(self) -> int:
        return 8 if self is Cipher.TRIPLE_DES else 16


class Purpose(Enum):
    """The counter that goes behind the secret. §9.7.1"""

    ENCRYPTION = 1
    MAC = 2
    PASSWORD = 3


def derive_key(secret: bytes, purpose: Purpose, cipher: Cipher) -> bytes:
    """KDF(K, c): the leftmost bytes of a hash over secret ‖ counter; of two-key 3DES with odd parity."""
    hashed = sha1 if cipher in (Cipher.TRIPLE_DES, Cipher.AES_128) else sha256  # SHA-1 is prescribed for 128 bits
    key = hashed(secret + purpose.value.to_bytes(4, "big")).digest()[: cipher.key_bytes]
    return bytes(map(_odd, key)) if cipher is Cipher.TRIPLE_DES else key


def _odd(byte: int) -> int:
    return byte & 0xFE | (1 - (byte >> 1).bit_count() % 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionKeys:
    """All that secure messaging starts from: this alone is handed over where the handshake ran somewhere else. Prints no key.

    ssc: the send sequence counter, of one block of the cipher.
    """

    cipher: Cipher
    encryption: bytes = field(repr=False)
    mac: bytes = field(repr=False)
    ssc: bytes = field(repr=False)

    def messaging(self) -> TripleDesMessaging | AesMessaging:
        kind = TripleDesMessaging if self.cipher is Cipher.TRIPLE_DES else AesMessaging
        return kind(self.encryption, self.mac, self.ssc)


def session_keys(secret: bytes, cipher: Cipher, *, ssc: bytes | None = None) -> SessionKeys:
    """K_S.Enc and K_S.MAC of a shared secret. ssc: zero unless given (only BAC gives one)."""
    return SessionKeys(
        cipher=cipher,
        encryption=derive_key(secret, Purpose.ENCRYPTION, cipher),
        mac=derive_key(secret, Purpose.MAC, cipher),
        ssc=bytes(cipher.block_bytes) if ssc is None else ssc,
    )
