"""How a residence card and its reader agree on a key: both know the number that is printed on the card. 仕様書 §3.5.2 and 別添 1.

The number is a secret of the reader's side only as far as nobody saw the card. It needs no random of the issuer, so all of this can run at
the holder's side; what is handed on is the session (`messaging.ResidenceMessaging.export`), never the number.

The card counts no tries. Whoever lets people type numbers has to: `attempts`.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import unicodedata
from collections.abc import Callable

from common.cards.apdu import Command
from common.cards.channel import CardChannel
from common.cards.drivers.residence_card.ciphers import KEY_BYTES, MAC_BYTES, Generation, decrypt, encrypt, mac, pad
from common.cards.drivers.residence_card.messaging import CARD_TYPES, ResidenceMessaging
from common.cards.secret import Secret
from common.errors import CardError, Malformed

NUMBER = r"[A-Z]{2}[0-9]{8}[A-Z]{2}"
"""A residence card's number, as `re.fullmatch` knows it."""
CHALLENGE_BYTES = 8
_SENT = 2 * CHALLENGE_BYTES + KEY_BYTES
_GET_CHALLENGE = Command(0x00, 0x84, 0x00, 0x00, le=CHALLENGE_BYTES)


def read_number(typed: str) -> Secret:
    """What a person typed → the number: full width, small letters, blanks and hyphens are forgiven.

    Raises Malformed("card_number_malformed").
    """
    number = re.sub(r"[\s‐-―−ー-]", "", unicodedata.normalize("NFKC", typed[:64])).upper()
    if not re.fullmatch(NUMBER, number):
        raise Malformed(
            "card_number_malformed", "a residence card's number is two letters, eight digits and two letters"
        )
    return Secret(number)


def access_key(number: Secret) -> bytes:
    """The key of both cipher and MAC: the first 16 bytes of the number's SHA-1 (別添 1)."""
    return hashlib.sha1(number.reveal(), usedforsecurity=False).digest()[:KEY_BYTES]


def build_authentication(generation: Generation, key: bytes, *, rnd_icc: bytes, rnd_ifd: bytes, k_ifd: bytes) -> bytes:
    """The data of MUTUAL AUTHENTICATE, 40 bytes: E_IFD ‖ M_IFD."""
    encrypted = encrypt(generation, key, rnd_ifd + rnd_icc + k_ifd)
    return encrypted + mac(generation, key, encrypted)


def agree_session_key(
    generation: Generation, key: bytes, answer: bytes, *, rnd_icc: bytes, rnd_ifd: bytes, k_ifd: bytes
) -> bytes:
    """The card's answer, E_ICC ‖ M_ICC → KSenc, 16 bytes.

    Raises CardError("mutual_authentication_failed") unless it was made for this challenge by who knows the number.
    """
    encrypted, check = answer[:_SENT], answer[_SENT:]
    if len(answer) != _SENT + MAC_BYTES or not hmac.compare_digest(mac(generation, key, encrypted), check):
        raise CardError("mutual_authentication_failed", "the card's half of the handshake does not hold")
    plain = decrypt(generation, key, encrypted)
    if not hmac.compare_digest(plain[: 2 * CHALLENGE_BYTES], rnd_icc + rnd_ifd):
        raise CardError("mutual_authentication_failed", "the card's half of the handshake is of another one")
    shared = bytes(ours ^ theirs for ours, theirs in zip(k_ifd, plain[2 * CHALLENGE_BYTES :], strict=True))
    return hashlib.sha1(shared + b"\0\0\0\x01", usedforsecurity=False).digest()[:KEY_BYTES]


def build_number_check(generation: Generation, session_key: bytes, number: Secret) -> Command:
    """VERIFY of the number, encrypted under the session key: ``08 20 00 86 13 86 11 01`` and 16 bytes (§4.2.2)."""
    padded = pad(Generation.SECOND, number.reveal())  # to 16 bytes in both generations
    return Command(0x08, 0x20, 0x00, 0x86, b"\x86\x11\x01" + encrypt(generation, session_key, padded))


def open_session(
    channel: CardChannel, number: Secret, card_type: str, *, random: Callable[[int], bytes] = secrets.token_bytes
) -> ResidenceMessaging:
    """The whole handshake with a card of type 1, 2, 05 or 06, up to the card's yes to its number.

    The channel's messaging is left as it was: most files of these cards are read in the clear. Raises PinWrong(None) for a wrong
    number (nothing is blocked by it), CardError("mutual_authentication_failed"), what the channel raises.
    """
    generation = CARD_TYPES[card_type]
    key = access_key(number)
    rnd_icc = channel.send(_GET_CHALLENGE, what="give a challenge").data
    if len(rnd_icc) != CHALLENGE_BYTES:
        raise CardError("mutual_authentication_failed", "the card gave no challenge of eight bytes")
    rnd_ifd, k_ifd = random(CHALLENGE_BYTES), random(KEY_BYTES)
    data = build_authentication(generation, key, rnd_icc=rnd_icc, rnd_ifd=rnd_ifd, k_ifd=k_ifd)
    answer = channel.send(Command(0x00, 0x82, 0x00, 0x00, data, le=256), what="agree on a key", pin=True).data
    session_key = agree_session_key(generation, key, answer, rnd_icc=rnd_icc, rnd_ifd=rnd_ifd, k_ifd=k_ifd)
    channel.send(build_number_check(generation, session_key, number), what="check the card's number", pin=True)
    return ResidenceMessaging(card_type, session_key, extended=channel.extended is True)
