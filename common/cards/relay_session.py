"""What the holder's side hands over after a handshake: session keys as bytes, and back. Nothing that opened the card is in them. Pure."""

from __future__ import annotations

from typing import Final

from common.cards.channel import Messaging
from common.cards.drivers.passport.key_derivation import Cipher, SessionKeys
from common.cards.drivers.residence_card.messaging import ResidenceMessaging
from common.cards.drivers.residence_card.read import restore_session
from common.cards.drivers.residence_card.specified import SpecifiedMessaging
from common.errors import Malformed

_CIPHERS: Final = (Cipher.TRIPLE_DES, Cipher.AES_128, Cipher.AES_192, Cipher.AES_256)


def export_keys(keys: SessionKeys) -> bytes:
    """Of a travel document: number of the cipher (1 byte, 1 to 4: 3DES, AES-128, -192, -256), encryption key, MAC key, counter."""
    return bytes((1 + _CIPHERS.index(keys.cipher),)) + keys.encryption + keys.mac + keys.ssc


def restore_keys(session: bytes) -> SessionKeys:
    """Raises Malformed("card_session_malformed")."""
    number = session[0] if session else 0
    if not 1 <= number <= len(_CIPHERS):
        raise _malformed()
    cipher = _CIPHERS[number - 1]
    size = cipher.key_bytes
    if len(session) != 1 + 2 * size + cipher.block_bytes:
        raise _malformed()
    return SessionKeys(
        cipher=cipher,
        encryption=session[1 : 1 + size],
        mac=session[1 + size : 1 + 2 * size],
        ssc=session[1 + 2 * size :],
    )


def restore_messaging(driver: str, session: bytes) -> Messaging:
    """For a channel of the issuer's, by the driver that goes on with it. Raises Malformed("card_session_malformed")."""
    if driver == "residence_card":
        found: ResidenceMessaging | SpecifiedMessaging = restore_session(session)
        return found
    return restore_keys(session).messaging()


def _malformed() -> Malformed:
    return Malformed("card_session_malformed", "not a session of a travel document")
