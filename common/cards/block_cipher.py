"""The block-cipher work of identity cards: CBC, retail MAC, CMAC, padding. ICAO 9303-11 §9.8, ISO/IEC 9797-1. Pure.

Triple DES is here since passports (BAC) and residence cards of the first generation have nothing else. Nothing but cards uses it.
"""

from __future__ import annotations

from hmac import compare_digest

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB
from cryptography.hazmat.primitives.cmac import CMAC

from common.errors import CardError

DES_BLOCK = 8
AES_BLOCK = 16
MAC_BYTES = 8
_PAD = 0x80


def pad(data: bytes, block: int) -> bytes:
    """ISO/IEC 9797-1 padding method 2: 80, then zeros up to a whole block; always at least the 80."""
    return data + b"\x80" + bytes(-(len(data) + 1) % block)


def unpad(data: bytes, block: int) -> bytes:
    """Raises CardError("card_answer_malformed") where no such padding stands at the end."""
    end = len(data) - 1
    last = max(0, len(data) - block)
    while end >= last and data[end] == 0:
        end -= 1
    if len(data) % block or end < last or data[end] != _PAD:
        raise CardError("card_answer_malformed", "the card's answer is not padded as it should be")
    return data[:end]


def two_key(key: bytes) -> TripleDES:
    """Two-key triple DES from 16 bytes. One key for all three parts (8 bytes) is single DES."""
    if len(key) == DES_BLOCK:
        return TripleDES(key * 3)
    if len(key) != 2 * DES_BLOCK:
        raise ValueError("a key of triple DES has 16 bytes here")
    return TripleDES(key + key[:DES_BLOCK])


def encrypt_triple_des(key: bytes, data: bytes) -> bytes:
    """Two-key triple DES, CBC with a zero IV. Data in whole blocks."""
    cipher = Cipher(two_key(key), CBC(bytes(DES_BLOCK))).encryptor()
    return cipher.update(data) + cipher.finalize()


def decrypt_triple_des(key: bytes, data: bytes) -> bytes:
    """As `encrypt_triple_des`."""
    cipher = Cipher(two_key(key), CBC(bytes(DES_BLOCK))).decryptor()
    return cipher.update(data) + cipher.finalize()


def retail_mac(key: bytes, data: bytes) -> bytes:
    """ISO/IEC 9797-1 MAC algorithm 3 with padding method 2, as BAC and residence cards take it. 8 bytes."""
    return retail_mac_of_blocks(key, pad(data, DES_BLOCK))


def retail_mac_of_blocks(key: bytes, padded: bytes) -> bytes:
    """The same over what is padded already: DES-CBC under the first half of the key, the last block under both."""
    if not padded or len(padded) % DES_BLOCK:
        raise ValueError("a MAC is taken over whole blocks")
    before, last = padded[:-DES_BLOCK], padded[-DES_BLOCK:]
    link = bytes(DES_BLOCK)
    if before:
        cipher = Cipher(two_key(key[:DES_BLOCK]), CBC(link)).encryptor()
        link = cipher.update(before)[-DES_BLOCK:]
    # E(K1, D(K2, E(K1, x))) of the last block is two-key triple DES, so the output transformation costs nothing more.
    return Cipher(two_key(key), CBC(link)).encryptor().update(last)


def encrypt_aes(key: bytes, data: bytes, iv: bytes = bytes(AES_BLOCK)) -> bytes:
    """AES-CBC. Data in whole blocks."""
    cipher = Cipher(AES(key), CBC(iv)).encryptor()
    return cipher.update(data) + cipher.finalize()


def decrypt_aes(key: bytes, data: bytes, iv: bytes = bytes(AES_BLOCK)) -> bytes:
    """As `encrypt_aes`."""
    cipher = Cipher(AES(key), CBC(iv)).decryptor()
    return cipher.update(data) + cipher.finalize()


def encrypt_aes_block(key: bytes, block: bytes) -> bytes:
    """One block under AES as it is."""
    return Cipher(AES(key), ECB()).encryptor().update(block)  # noqa: S305 one block: the IV of ICAO 9303-11 §9.8.6.1


def aes_mac(key: bytes, data: bytes) -> bytes:
    """AES-CMAC (NIST SP 800-38B), its first 8 bytes, as cards use it."""
    mac = CMAC(AES(key))
    mac.update(data)
    return mac.finalize()[:MAC_BYTES]


def same(left: bytes, right: bytes) -> bool:
    """Compared in a time that tells nothing."""
    return compare_digest(left, right)
