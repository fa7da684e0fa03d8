"""Secure messaging of residence cards: class 08, what is read comes encrypted. 仕様書 §3.4.2, §4.2.5.

Nothing is authenticated: no MAC protects a command or an answer after the handshake. Whoever stands on the line can alter what he cannot
read, so all that is read this way counts by its signature only.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from common.cards.apdu import EXTENDED_ANSWER, SHORT_ANSWER, Command, Response
from common.cards.drivers.residence_card.ciphers import KEY_BYTES, Generation, decrypt, encrypt, pad, unpad
from common.cards.status_words import DONE, END_OF_FILE
from common.cards.tlv import encode_tlv, need, parse_tlv
from common.errors import CardError, Malformed

CARD_TYPES: Final = {
    "1": Generation.FIRST,
    "2": Generation.FIRST,
    "05": Generation.SECOND,
    "06": Generation.SECOND,
}
"""What MF/EF02 says: 在留カード and 特別永住者証明書 of either generation. The types 07 and 08 are 特定在留カード, `specified`."""
PADDED = b"\x01"
"""The padding indicator that stands before every cryptogram."""
_CRYPTOGRAM, _LE = 0x86, 0x96


class ResidenceMessaging:
    """The key of one session. It can be handed from who ran the handshake to who reads (`export`, `restore`).

    extended: whether the card is spoken to in extended length; then always, as its specification writes these commands.
    """

    def __init__(self, card_type: str, key: bytes, *, extended: bool) -> None:
        self.card_type = card_type
        self.extended = extended
        self._generation = CARD_TYPES[card_type]
        self._key: bytes | None = key

    def __repr__(self) -> str:
        return f"ResidenceMessaging({self.card_type!r})"

    def protect(self, command: Command) -> Command:
        """``86`` around the data, ``96`` for what is expected. Raises CardError("secure_messaging_dead") after a failure."""
        key = self._alive()
        data = b""
        if command.data:
            data += encode_tlv(
                _CRYPTOGRAM, PADDED + encrypt(self._generation, key, pad(self._generation, command.data))
            )
        if command.le is None:
            return replace(command, cla=0x08, data=data)
        # 0000 asks for all there is, as the specification's own example does.
        wanted = 0 if command.le >= self.room(EXTENDED_ANSWER) else command.le
        data += encode_tlv(_LE, wanted.to_bytes(2, "big"))
        return replace(command, cla=0x08, data=data, le=EXTENDED_ANSWER if self.extended else SHORT_ANSWER)

    def unprotect(self, response: Response) -> Response:
        """An error comes in the clear and stays one. Raises CardError("secure_messaging_failed") for data that was not encrypted."""
        key = self._alive()
        if not response.data and response.sw not in (DONE, END_OF_FILE):
            return response
        try:
            value = need(parse_tlv(response.data, filler=False), _CRYPTOGRAM).value
            if value[:1] != PADDED:
                raise CardError("secure_messaging_failed", "the card's answer is padded in an unknown way")
            return Response(unpad(self._generation, decrypt(self._generation, key, value[1:])), response.sw)
        except (CardError, Malformed) as broken:
            self._key = None
            raise CardError("secure_messaging_failed", "the card's answer was not protected as agreed") from broken

    def room(self, limit: int) -> int:
        """At least one byte of the last block is padding."""
        header = 3 if limit < 0x80 else 4 if limit < 0x100 else 5
        blocks = (limit - header) // self._generation.block
        return blocks * self._generation.block - 1

    def export(self) -> bytes:
        """The session as bytes, for who reads on: a secret as long as the card lies there."""
        return bytes((len(self.card_type),)) + self.card_type.encode("ascii") + bytes((self.extended,)) + self._alive()

    @classmethod
    def restore(cls, session: bytes) -> ResidenceMessaging:
        """The reverse of `export`. Raises Malformed("card_session_malformed")."""
        length = session[0] if session else 0
        card_type = session[1 : 1 + length].decode("latin-1")
        extended, key = session[1 + length : 2 + length], session[2 + length :]
        if card_type not in CARD_TYPES or extended not in (b"\0", b"\x01") or len(key) != KEY_BYTES:
            raise Malformed("card_session_malformed", "not a session of a residence card")
        return cls(card_type, key, extended=extended == b"\x01")

    def _alive(self) -> bytes:
        if self._key is None:
            raise CardError("secure_messaging_dead", "the session with the card has ended")
        return self._key
