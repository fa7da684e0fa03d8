"""The ciphers of the two generations: two-key triple DES with a retail MAC, AES-128 with a CMAC; CBC with an IV of zeros. Pure.

Source: 在留カード等仕様書 1.5 別添 1 (first generation); 第2世代在留カード等仕様書 1.1, appendix 1 (second), as cited in cards.md §6.
"""

from __future__ import annotations

from enum import Enum

from common.cards import block_cipher
from common.errors import CardError

KEY_BYTES = 16
MAC_BYTES = block_cipher.MAC_BYTES


class Generation(Enum):
    """Which ciphers a card speaks. 特定在留カード (on a My Number card) share those of the second, and have a handshake of their own."""

    FIRST = 1
    SECOND = 2

    @property
    def block(self) -> int:
        """Bytes of a cipher block."""
        return block_cipher.DES_BLOCK if self is Generation.FIRST else block_cipher.AES_BLOCK


def encrypt(generation: Generation, key: bytes, data: bytes) -> bytes:
    """Data in whole blocks, no padding added."""
    if generation is Generation.FIRST:
        return block_cipher.encrypt_triple_des(key, data)
    return block_cipher.encrypt_aes(key, data)


def decrypt(generation: Generation, key: bytes, data: bytes) -> bytes:
    """The reverse of `encrypt`. Raises CardError("secure_messaging_failed") for what is not a whole number of blocks."""
    if len(data) % generation.block:
        raise CardError("secure_messaging_failed", "the card's answer is not made of whole cipher blocks")
    if generation is Generation.FIRST:
        return block_cipher.decrypt_triple_des(key, data)
    return block_cipher.decrypt_aes(key, data)


def mac(generation: Generation, key: bytes, data: bytes) -> bytes:
    """8 bytes. First generation: ISO/IEC 9797-1 algorithm 3, padding method 2. Second: the head of an AES-CMAC, nothing added."""
    return (block_cipher.retail_mac if generation is Generation.FIRST else block_cipher.aes_mac)(key, data)


def pad(generation: Generation, data: bytes) -> bytes:
    """``80``, then ``00`` up to the next whole block."""
    return block_cipher.pad(data, generation.block)


def unpad(generation: Generation, data: bytes) -> bytes:
    """Raises CardError where the padding is not as it has to be: the key, or the answer, is another."""
    return block_cipher.unpad(data, generation.block)
