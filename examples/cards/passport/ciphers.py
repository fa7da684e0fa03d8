"""The two cipher families of an e-passport and the keys made for them (ICAO 9303-11 §9.7–9.8).

`TRIPLE_DES`: two-key 3DES, retail MAC (ISO/IEC 9797-1 algorithm 3). `AES_128`, `AES_192`, `AES_256`: AES-CBC, CMAC. All MACs are cut to
8 octets and all padding is method 2 (80 00 … 00).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher as _Library
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB
from cryptography.hazmat.primitives.cmac import CMAC


class BadPadding(ValueError):
    """What was deciphered does not end in 80 00 … 00."""


def pad(octets: bytes, block: int) -> bytes:
    """Method 2: always at least one octet."""
    return octets + b"\x80" + bytes(-(len(octets) + 1) % block)


def unpad(octets: bytes) -> bytes:
    """Raises BadPadding."""
    stripped = octets.rstrip(b"\x00")
    if not stripped or stripped[-1] != 0x80:
        raise BadPadding
    return stripped[:-1]


def odd_parity(key: bytes) -> bytes:
    """DES keys have an odd number of ones in each octet: the lowest bit sees to it."""
    return bytes(octet & 0xFE | (octet >> 1).bit_count() % 2 ^ 1 for octet in key)


@dataclass(frozen=True, slots=True, kw_only=True)
class CipherSuite:
    """One of the four; `number` is the last arc of the PACE and chip-authentication identifiers."""

    name: str
    number: int
    block: int
    key_size: int

    def derive(self, secret: bytes, counter: int) -> bytes:
        """KDF of §9.7.1: counter 1 enciphers, 2 authenticates, 3 is the key of a password."""
        digest = (hashlib.sha1 if self.key_size == 16 else hashlib.sha256)(secret + counter.to_bytes(4, "big")).digest()
        key = digest[: self.key_size]
        return odd_parity(key) if self.block == 8 else key

    def encipher(self, key: bytes, octets: bytes, iv: bytes | None = None) -> bytes:
        """CBC over whole blocks; without an IV it is zero."""
        run = self._library(key, iv).encryptor()
        return run.update(octets) + run.finalize()

    def decipher(self, key: bytes, octets: bytes, iv: bytes | None = None) -> bytes:
        """Raises ValueError where the octets are not whole blocks."""
        run = self._library(key, iv).decryptor()
        return run.update(octets) + run.finalize()

    def block_cipher(self, key: bytes, block: bytes) -> bytes:
        """One block in ECB: how AES messaging makes its IV."""
        run = _Library(AES(key), ECB()).encryptor()
        return run.update(block) + run.finalize()

    def mac(self, key: bytes, octets: bytes) -> bytes:
        """8 octets over the octets as they are: retail MAC pads by itself, so does the caller for CMAC where the protocol says so."""
        if self.block == 16:
            cmac = CMAC(AES(key))
            cmac.update(octets)
            return cmac.finalize()[:8]
        return retail_mac(key, octets)

    def _library(self, key: bytes, iv: bytes | None) -> _Library[CBC]:
        algorithm = TripleDES(key + key[:8]) if self.block == 8 else AES(key)
        return _Library(algorithm, CBC(iv if iv is not None else bytes(self.block)))


def retail_mac(key: bytes, octets: bytes) -> bytes:
    """ISO/IEC 9797-1 MAC algorithm 3 with DES, padding method 2: single DES in a chain under one half, the last block undone and redone."""
    padded = pad(octets, 8)
    first, second = key[:8], key[8:16]
    chain = _Library(TripleDES(first * 3), CBC(bytes(8))).encryptor()
    last = (chain.update(padded) + chain.finalize())[-8:]
    undo = _Library(TripleDES(second * 3), ECB()).decryptor()
    middle = undo.update(last) + undo.finalize()
    redo = _Library(TripleDES(first * 3), ECB()).encryptor()
    return redo.update(middle) + redo.finalize()


TRIPLE_DES = CipherSuite(name="3DES", number=1, block=8, key_size=16)
AES_128 = CipherSuite(name="AES-128", number=2, block=16, key_size=16)
AES_192 = CipherSuite(name="AES-192", number=3, block=16, key_size=24)
AES_256 = CipherSuite(name="AES-256", number=4, block=16, key_size=32)
CIPHERS = (TRIPLE_DES, AES_128, AES_192, AES_256)
