"""Chip authentication: a key agreement with the chip's static key, whose session then works. ICAO Doc 9303-11 §6.2, BSI TR-03110-1 §3.4.

It proves the chip if DG14, which holds the key, is in a verified SOD; and it proves it to who made the terminal's key, and to nobody else:
afterwards anybody could make up the same conversation. The proof is the first protected answer under the new keys.
"""

from __future__ import annotations

from dataclasses import dataclass

from common.cards.apdu import SHORT_ANSWER, Command, Response, parse_response
from common.cards.channel import CardChannel, Messaging
from common.cards.drivers.passport.curve import encode_point
from common.cards.drivers.passport.key_agreement import Random, agree, draw_private_key, public_point
from common.cards.drivers.passport.key_derivation import Cipher, SessionKeys, session_keys
from common.cards.drivers.passport.object_identifier import encode_oid
from common.cards.drivers.passport.public_key import EcKey, parse_public_key
from common.cards.drivers.passport.security_infos import CHIP_AUTHENTICATION_ECDH, SecurityInfos
from common.cards.reading import Exchange
from common.cards.status_words import DONE
from common.cards.tlv import encode_tlv
from common.errors import CardError, CardRemoved, Malformed, Rejected, TegataError, Unsupported

_CIPHERS = {
    f"{CHIP_AUTHENTICATION_ECDH}.1": Cipher.TRIPLE_DES,
    f"{CHIP_AUTHENTICATION_ECDH}.2": Cipher.AES_128,
    f"{CHIP_AUTHENTICATION_ECDH}.3": Cipher.AES_192,
    f"{CHIP_AUTHENTICATION_ECDH}.4": Cipher.AES_256,
}
_UNNAMED = f"{CHIP_AUTHENTICATION_ECDH}.1"
"""What a key without any ChipAuthenticationInfo is for: documents of 2009 to 2013 (France) leave that out."""
PROOF_BYTES = 8
_PROOF = Command(0x00, 0xB0, 0x80 | 0x0E, 0x00, le=PROOF_BYTES)
"""The first command under the new keys: the beginning of DG14 once more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChipKey:
    """One way to authenticate the chip that can be run here. key_id: told to the chip where it has several keys."""

    protocol: str
    cipher: Cipher
    key: EcKey
    key_id: int | None

    def session_keys(self, private: int) -> SessionKeys:
        """Of the terminal's private key and the chip's static key. §6.2.1 steps 3 and 4."""
        return session_keys(agree(self.key.curve, private, self.key.point), self.cipher)


def choose_chip_key(infos: SecurityInfos) -> ChipKey:
    """The strongest cipher among those whose key can be read. Raises Unsupported("chip_authentication") where there is none."""
    named = [(info.protocol, info.key_id) for info in infos.chip_authentication] or [(_UNNAMED, None)]
    found = [
        ChipKey(protocol=protocol, cipher=_CIPHERS[protocol], key=key, key_id=key_id)
        for protocol, key_id in named
        if protocol in _CIPHERS and (key := _key(infos, key_id)) is not None
    ]
    if not found:
        raise Unsupported("chip_authentication", known=("ECDH",))
    return max(found, key=lambda one: (one.cipher is not Cipher.TRIPLE_DES, one.cipher.key_bytes))


def _key(infos: SecurityInfos, key_id: int | None) -> EcKey | None:
    for one in infos.chip_keys:
        if key_id is None or one.key_id == key_id or len(infos.chip_keys) == 1:
            try:
                key = parse_public_key(one.key)
            except (Malformed, Unsupported):
                continue
            if isinstance(key, EcKey):
                return key
    return None


class _Recording:
    """Passes everything on, and keeps the first protected answer: it is the proof."""

    def __init__(self, messaging: Messaging) -> None:
        self._messaging = messaging
        self.answer: Response | None = None

    def protect(self, command: Command) -> Command:
        return self._messaging.protect(command)

    def unprotect(self, response: Response) -> Response:
        if self.answer is None:
            self.answer = response
        return self._messaging.unprotect(response)

    def room(self, limit: int) -> int:
        return self._messaging.room(limit)


def run_chip_authentication(channel: CardChannel, chip: ChipKey, random: Random) -> Exchange:
    """MSE and key agreement under the session so far, then one command under the new keys. The channel goes on under those.

    The exchange: the terminal's private key, of this one session, and the chip's protected answer as it came; empty where the chip could
    not make one. Nothing is judged here. Raises CardRemoved, Unavailable.
    """
    curve = chip.key.curve
    private = draw_private_key(curve, random)
    ours = public_point(curve, private)
    recording = _Recording(chip.session_keys(private).messaging())
    try:
        _agree(channel, chip, encode_point(curve, ours))
        channel.secure = recording
        channel.send(_PROOF)
    except CardRemoved:
        raise
    except (
        CardError
    ):  # a chip without the key breaks off, or answers under other keys: that is what the exchange then shows
        pass
    answer = b"" if recording.answer is None else recording.answer.data + recording.answer.sw.to_bytes(2, "big")
    return Exchange(challenge=private.to_bytes(curve.order_bytes, "big"), answer=answer)


def _agree(channel: CardChannel, chip: ChipKey, point: bytes) -> None:
    """§6.2.4. 3DES: the key goes with MSE:Set KAT, which some chips refuse for the other way. AES: MSE:Set AT, GENERAL AUTHENTICATE."""
    reference = b"" if chip.key_id is None else encode_tlv(0x84, _integer(chip.key_id))
    if chip.cipher is Cipher.TRIPLE_DES:
        command = Command(0x00, 0x22, 0x41, 0xA6, encode_tlv(0x91, point) + reference)
        if channel.send(command, expect=None).sw == DONE:
            return
    name = encode_tlv(0x80, encode_oid(chip.protocol)) + reference
    channel.send(Command(0x00, 0x22, 0x41, 0xA4, name), what="begin chip authentication")
    body = encode_tlv(0x7C, encode_tlv(0x80, point))
    channel.send(Command(0x00, 0x86, 0x00, 0x00, body, le=SHORT_ANSWER), what="agree on a key")


def verify_chip_authentication(chip: ChipKey, exchange: Exchange, dg14: bytes) -> None:
    """The chip's answer is protected under keys that only the holder of the static key can have, and says what DG14 begins with.

    chip: of a DG14 whose digest was verified; that is the caller's. Raises Rejected("bad_signature").
    """
    private = int.from_bytes(exchange.challenge, "big")
    if not 0 < private < chip.key.curve.n:
        raise Rejected("bad_signature", "no key of the terminal's")
    messaging = chip.session_keys(private).messaging()
    try:
        messaging.protect(_PROOF)
        said = messaging.unprotect(parse_response(exchange.answer)).data
    except TegataError as error:
        raise Rejected("bad_signature", "the chip does not know the key that its issuer signed") from error
    if not said or said != dg14[: len(said)]:
        raise Rejected("bad_signature", "the chip answered something else")


def _integer(value: int) -> bytes:
    return value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big")
