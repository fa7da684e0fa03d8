"""The challenge that keys of a My Number card answer, in all its applications: asking, and judging the answer. cards.md §3.2, §3.4."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from common.cards.apdu import Command
from common.cards.channel import CardChannel
from common.cards.evidence import Finding, failed, proven
from common.cards.possession import PossessionChallenge, build_digest_info, build_possession
from common.cards.reading import Exchange

DEFAULT_KEY = 0x00
"""P2 for the key that an application has of its own, which no secret guards."""
_OWN_CLASS, _SIGN = 0x80, 0x2A
_SIGNATURE_BYTES = 256


def sign(channel: CardChannel, message: bytes, p2: int) -> bytes:
    """The card's signature of a message, RSASSA-PKCS1-v1_5 with SHA-256: the card pads the DigestInfo that it is given.

    p2: `DEFAULT_KEY`, or 80 + the key's short identifier, so that the command itself tells which key signs.
    """
    command = Command(_OWN_CLASS, _SIGN, 0x00, p2, build_digest_info(message), _SIGNATURE_BYTES)
    return channel.send(command, what="sign a challenge").data


def judge_answer(key: rsa.RSAPublicKey, exchange: Exchange, challenge: PossessionChallenge, by: str) -> Finding:
    """Whether the holder of ``key`` signed *our* challenge, whatever the reading says it was asked."""
    message = build_possession(challenge)
    if exchange.challenge != message:
        return failed(by, "other_challenge")
    try:
        key.verify(exchange.answer, message, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, ValueError):
        return failed(by, "bad_signature")
    return proven(by)
