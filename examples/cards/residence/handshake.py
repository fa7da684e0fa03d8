"""The mutual authentication of residence cards, the card's side (在留カード等仕様書 1.5 別添1; 第2世代 1.1 別添1).

Both generations do the same with another cipher: two-key 3DES with the retail MAC, then AES-128 with CMAC over the cryptogram as it is.
Everything is CBC with an IV of zeros, padding is 80 00 … 00, and one key, made of the printed number, enciphers and authenticates.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field

from examples.cards.passport.ciphers import CipherSuite

KEY_SIZE = 16
NONCE_SIZE = 8
MAC_SIZE = 8
CRYPTOGRAM_SIZE = NONCE_SIZE + NONCE_SIZE + KEY_SIZE


class HandshakeFailed(Exception):
    """What the terminal sent was not made with this card's number, or not for this challenge."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """answer: E_ICC ‖ M_ICC for the terminal. session_key: KSenc."""

    answer: bytes
    session_key: bytes = field(repr=False)


def access_key(number: bytes) -> bytes:
    """Kenc and Kmac at once: the first 16 octets of SHA-1 over the twelve characters. DES parity is left as it falls."""
    return hashlib.sha1(number, usedforsecurity=False).digest()[:KEY_SIZE]


def session_key(terminal: bytes, card: bytes) -> bytes:
    """KSenc of K.IFD and K.ICC."""
    mixed = bytes(a ^ b for a, b in zip(terminal, card, strict=True))
    return hashlib.sha1(mixed + (1).to_bytes(4, "big"), usedforsecurity=False).digest()[:KEY_SIZE]


def agree(suite: CipherSuite, number: bytes, challenge: bytes, received: bytes, key_part: bytes) -> Agreed:
    """Answers E_IFD ‖ M_IFD. challenge: RND.ICC, given out just before. key_part: K.ICC. Raises HandshakeFailed."""
    key = access_key(number)
    cryptogram, mac = received[:CRYPTOGRAM_SIZE], received[CRYPTOGRAM_SIZE:]
    if len(cryptogram) != CRYPTOGRAM_SIZE or not hmac.compare_digest(mac, suite.mac(key, cryptogram)):
        raise HandshakeFailed
    plain = suite.decipher(key, cryptogram)
    nonce, echoed, theirs = plain[:8], plain[8:16], plain[16:]
    if not hmac.compare_digest(echoed, challenge):
        raise HandshakeFailed
    answer = suite.encipher(key, challenge + nonce + key_part)
    return Agreed(answer + suite.mac(key, answer), session_key(theirs, key_part))
