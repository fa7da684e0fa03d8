"""What a card's key signs for us, and the challenges made of it: one statement, written in one place, for both ends of a relay.

A key that signs whatever it is handed signs contracts too. So the message opens with words of its own, names the issuer that asked and the
session that asks, and the holder's side builds it by itself from these parts, signs nothing else, and never takes it ready-made.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

LABEL = b"tegata-possession-v1"
MIN_NONCE, MAX_NONCE = 16, 64
MAX_PART = 512
_SHA256_DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")


@dataclass(frozen=True, slots=True, kw_only=True)
class PossessionChallenge:
    """origin: the issuer's ("https://issuer.example"). session: its name for this reading.

    nonce: 16 to 64 bytes of its server's, used once.
    """

    origin: str
    session: str
    nonce: bytes

    def __post_init__(self) -> None:
        if not MIN_NONCE <= len(self.nonce) <= MAX_NONCE:
            raise ValueError(f"a nonce has {MIN_NONCE} to {MAX_NONCE} bytes")
        for part in (self.origin, self.session):
            if not part or len(part) > MAX_PART or not part.isascii() or not part.isprintable():
                raise ValueError("origin and session are printable ASCII")


def build_possession(challenge: PossessionChallenge) -> bytes:
    """The message: label ‖ origin ‖ session ‖ nonce, each after its length (2 bytes, big-endian), so that no two challenges share one."""
    parts = (LABEL, challenge.origin.encode(), challenge.session.encode(), challenge.nonce)
    return b"".join(len(part).to_bytes(2, "big") + part for part in parts)


def derive_challenge(challenge: PossessionChallenge, purpose: str, length: int) -> bytes:
    """A challenge of ``length`` bytes (1 to 32) for a card that takes short ones: of server state, never of the reader's choice.

    purpose: a word for what it is put to ("active_authentication"), so that two answers of one session are answers to two questions.
    """
    if not 1 <= length <= 32:
        raise ValueError("1 to 32 bytes")
    word = purpose.encode("ascii")
    return hashlib.sha256(build_possession(challenge) + len(word).to_bytes(2, "big") + word).digest()[:length]


def build_digest_info(message: bytes) -> bytes:
    """What a card that pads and nothing else is given to sign: DigestInfo of SHA-256. RFC 8017 §9.2 note 1."""
    return _SHA256_DIGEST_INFO + hashlib.sha256(message).digest()
