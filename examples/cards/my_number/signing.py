"""COMPUTE SIGNATURE as the My Number card has it: ``80 2A P1 P2``, P1 the scheme, P2 the key. cards.md §3.2, §3.4."""

from __future__ import annotations

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from examples.cards.command import Answer, Command, Refusal
from examples.cards.keys import DIGEST_INFO, sign, sign_padded

AS_IT_IS, DIGEST_GIVEN, HASHED_HERE, PSS_DIGEST_GIVEN, PSS_HASHED_HERE = 0x00, 0x02, 0x03, 0x04, 0x05
SALT = padding.PSS(padding.MGF1(hashes.SHA256()), 32)


def is_compute_signature(command: Command) -> bool:
    return (command.cla, command.ins) == (0x80, 0x2A)


def compute_signature(key: rsa.RSAPrivateKey, command: Command) -> Answer:
    """256 bytes. As it is: 1 to 245 bytes are padded, whatever they are, so that a bare hash makes a signature that no verifier accepts."""
    data, scheme = command.data, command.p1
    digest = scheme in {DIGEST_GIVEN, PSS_DIGEST_GIVEN}
    if scheme not in {AS_IT_IS, DIGEST_GIVEN, HASHED_HERE, PSS_DIGEST_GIVEN, PSS_HASHED_HERE}:
        raise Refusal(0x6A86)
    if not command.ne or not data or len(data) > 245 or (digest and len(data) != 32):
        raise Refusal(0x6700)
    match scheme:
        case 0x00:
            return sign_padded(key, data), 0x9000
        case 0x02:
            return sign_padded(key, DIGEST_INFO + data), 0x9000
        case 0x03:
            return sign(key, data), 0x9000
        case 0x04:
            return key.sign(data, SALT, Prehashed(hashes.SHA256())), 0x9000
    return key.sign(data, SALT, hashes.SHA256()), 0x9000
