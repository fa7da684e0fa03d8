"""特定在留カード (types 07, 08): the residence application of a My Number card. 特定在留カード等仕様書 1.1, as far as open sources tell it.

What they tell (cards.md §6.3): the reader sends a session key under RSA-OAEP and a published delivery key, then messages are AES-128-CBC
with a CMAC and a message counter. **How exactly is not public in any source that we found.** What had to be assumed stands in this file
alone, after the text application of the same card (§3.8), each assumption at its place and marked [I]; none has met a real card.

There is no proof of the card in this handshake: whoever answers 9000 may be anybody. Its genuineness comes from the JPKI of the same card.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from typing import Final

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from common.cards.apdu import EXTENDED_ANSWER, SHORT_ANSWER, Command, Response
from common.cards.block_cipher import (
    AES_BLOCK,
    MAC_BYTES,
    aes_mac,
    decrypt_aes,
    encrypt_aes,
    encrypt_aes_block,
    pad,
    unpad,
)
from common.cards.channel import CardChannel
from common.cards.drivers.residence_card.ciphers import KEY_BYTES
from common.cards.drivers.residence_card.messaging import PADDED
from common.cards.secret import Secret
from common.cards.status_words import DONE, END_OF_FILE
from common.cards.tlv import encode_tlv, need, parse_tlv
from common.errors import CardError, Malformed, Misconfigured

SPECIFIED_TYPES: Final = ("07", "08")
_CRYPTOGRAM, _LE, _STATUS, _MAC = 0x86, 0x96, 0x99, 0x8E
_SECURED = 0x08


def read_delivery_key(material: bytes) -> rsa.RSAPublicKey:
    """The agency's delivery key as a SubjectPublicKeyInfo in DER (it publishes two, for use and for tests). Raises Misconfigured."""
    try:
        key = serialization.load_der_public_key(material)
    except ValueError:
        key = None
    if not isinstance(key, rsa.RSAPublicKey):
        raise Misconfigured(
            "delivery_key", "the delivery key of 特定在留カード is not an RSA key in DER (SubjectPublicKeyInfo)"
        )
    return key


def build_key_delivery(key: rsa.RSAPublicKey, seed: bytes) -> Command:
    """SET SESSION KEY. [I] after cards.md §3.8: OAEP with SHA-256 over ``A0 22 80 20`` and 32 random bytes."""
    message = encode_tlv(0xA0, encode_tlv(0x80, seed))
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    return Command(0x80, 0xAE, 0x00, 0x00, key.encrypt(message, oaep))


def open_specified_session(
    channel: CardChannel,
    number: Secret,
    card_type: str,
    key: rsa.RSAPublicKey,
    *,
    random: Callable[[int], bytes] = secrets.token_bytes,
) -> SpecifiedMessaging:
    """Delivers a key and presents the number under it. The residence application is selected. Raises PinWrong(None), CardError."""
    seed = random(2 * KEY_BYTES)
    channel.send(build_key_delivery(key, seed), what="take a session key")
    messaging = SpecifiedMessaging(card_type, seed, extended=channel.extended is True)
    before, channel.secure = channel.secure, messaging
    try:
        channel.send(Command(0x00, 0x20, 0x00, 0x86, number.reveal()), what="check the card's number", pin=True)
    finally:
        channel.secure = before
    return messaging


class SpecifiedMessaging:
    """AES-128-CBC, CMAC and a counter. seed: the 32 bytes that were delivered.

    [I] The first half is the cipher's key, the second the MAC's; the counter starts at 0 and counts up before every protected command
    and every answer to one; the IV is the counter under the key; the MAC is over counter, header and objects; an answer's MAC covers its
    status word as an object ``99`` that is not sent.
    """

    def __init__(self, card_type: str, seed: bytes, *, extended: bool, counter: int = 0) -> None:
        self.card_type = card_type
        self.extended = extended
        self._seed: bytes | None = seed
        self._counter = counter

    def __repr__(self) -> str:
        return f"SpecifiedMessaging({self.card_type!r})"

    def protect(self, command: Command) -> Command:
        """Raises CardError("secure_messaging_dead") after a failure."""
        counter, cipher_key, mac_key = self._next()
        data = b""
        if command.data:
            iv = encrypt_aes_block(cipher_key, counter)
            data += encode_tlv(_CRYPTOGRAM, PADDED + encrypt_aes(cipher_key, pad(command.data, AES_BLOCK), iv))
        if command.le is not None:
            wanted = 0 if command.le >= self.room(EXTENDED_ANSWER) else command.le
            data += encode_tlv(_LE, wanted.to_bytes(2, "big"))
        header = bytes((_SECURED, command.ins, command.p1, command.p2))
        data += encode_tlv(_MAC, aes_mac(mac_key, counter + header + data))
        le = EXTENDED_ANSWER if self.extended else SHORT_ANSWER
        return Command(_SECURED, command.ins, command.p1, command.p2, data, le)

    def unprotect(self, response: Response) -> Response:
        """An error comes in the clear and stays one. Raises CardError("secure_messaging_failed") where cryptogram or MAC do not hold."""
        counter, cipher_key, mac_key = self._next()
        if not response.data and response.sw not in (DONE, END_OF_FILE):
            return response
        try:
            objects = parse_tlv(response.data, filler=False)
            status = encode_tlv(_STATUS, response.sw.to_bytes(2, "big"))
            covered = b"".join(each.raw for each in objects if each.tag != _MAC) + status
            if not hmac.compare_digest(need(objects, _MAC).value, aes_mac(mac_key, counter + covered)):
                raise CardError("secure_messaging_failed", "the card's answer was altered")
            if len(objects) == 1:
                return Response(b"", response.sw)
            value = need(objects, _CRYPTOGRAM).value
            if value[:1] != PADDED or len(value) % AES_BLOCK != 1:
                raise CardError("secure_messaging_failed", "the card's answer is padded in an unknown way")
            plain = decrypt_aes(cipher_key, value[1:], encrypt_aes_block(cipher_key, counter))
            return Response(unpad(plain, AES_BLOCK), response.sw)
        except (CardError, Malformed) as broken:
            self._seed = None
            raise CardError("secure_messaging_failed", "the card's answer was not protected as agreed") from broken

    def room(self, limit: int) -> int:
        """Beside the cryptogram stand its MAC and at least one byte of padding."""
        header = 3 if limit < 0x80 else 4 if limit < 0x100 else 5
        return (limit - header - 2 - MAC_BYTES) // AES_BLOCK * AES_BLOCK - 1

    def export(self) -> bytes:
        """As `ResidenceMessaging.export`, with the counter: nobody sends on by the old one."""
        if self._seed is None:
            raise CardError("secure_messaging_dead", "the session with the card has ended")
        return self.card_type.encode("ascii") + bytes((self.extended,)) + self._counter.to_bytes(8, "big") + self._seed

    @classmethod
    def restore(cls, session: bytes) -> SpecifiedMessaging:
        """The reverse of `export`. Raises Malformed("card_session_malformed")."""
        card_type, extended = session[:2].decode("latin-1"), session[2:3]
        if card_type not in SPECIFIED_TYPES or extended not in (b"\0", b"\x01") or len(session) != 11 + 2 * KEY_BYTES:
            raise Malformed("card_session_malformed", "not a session of a 特定在留カード")
        counter = int.from_bytes(session[3:11], "big")
        return cls(card_type, session[11:], extended=extended == b"\x01", counter=counter)

    def _next(self) -> tuple[bytes, bytes, bytes]:
        if self._seed is None:
            raise CardError("secure_messaging_dead", "the session with the card has ended")
        self._counter += 1
        return self._counter.to_bytes(AES_BLOCK, "big"), self._seed[:KEY_BYTES], self._seed[KEY_BYTES:]
