"""Secure messaging of travel documents: every command and answer encrypted, counted and under a MAC. ICAO 9303-11 §9.8. Pure.

`TripleDesMessaging` after BAC (and PACE or chip authentication with 3DES), `AesMessaging` after PACE or chip authentication with AES.
Where the keys come from is the protocols' business. Residence cards and the My Number card have messaging of their own, without a
MAC, beside their drivers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Final

from common.cards.apdu import EXTENDED_ANSWER, SHORT_ANSWER, Command, Response
from common.cards.block_cipher import (
    AES_BLOCK,
    DES_BLOCK,
    MAC_BYTES,
    aes_mac,
    decrypt_aes,
    decrypt_triple_des,
    encrypt_aes,
    encrypt_aes_block,
    encrypt_triple_des,
    pad,
    retail_mac_of_blocks,
    same,
    unpad,
)
from common.cards.tlv import Tlv, encode_tlv, parse_tlv
from common.errors import CardError, TegataError

PROTECTED: Final = 0x0C
"""Of the class byte: secure messaging, the header authenticated. ISO/IEC 7816-4 §5.4.1."""
_PADDED, _PADDED_ODD = 0x87, 0x85
_LE, _STATUS, _MAC = 0x97, 0x99, 0x8E
_WITH_PADDING = b"\x01"
_STATUS_AND_MAC = 4 + 2 + MAC_BYTES


class _IcaoMessaging(ABC):
    """What both ciphers share. One command, one answer, in turn; whatever else happens ends the session for good.

    ssc: the send sequence counter as the key agreement left it; it counts up before every command and every answer.
    """

    block: int

    def __init__(self, k_enc: bytes, k_mac: bytes, ssc: bytes) -> None:
        if len(ssc) != self.block:
            raise ValueError("the send sequence counter is one block")
        self._k_enc, self._k_mac = k_enc, k_mac
        self._ssc = int.from_bytes(ssc, "big")
        self._dead = False
        self._awaited: int | None = None  # the tag that the answer's data must have, while one is awaited

    def __repr__(self) -> str:
        return f"{type(self).__name__}({'dead' if self._dead else '…'})"

    @property
    def is_dead(self) -> bool:
        return self._dead

    def protect(self, command: Command) -> Command:
        """The command in objects 87 (85 where INS is odd), 97 and 8E. Raises CardError("secure_messaging_dead")."""
        if self._dead or self._awaited is not None:
            self._die()
            raise CardError("secure_messaging_dead", "the protected session with the card has ended")
        counter = self._count()
        odd = command.ins & 1
        header = bytes((command.cla | PROTECTED, command.ins, command.p1, command.p2))
        objects = b""
        if command.data:
            hidden = self._encrypt(counter, pad(command.data, self.block))
            objects = encode_tlv(_PADDED_ODD, hidden) if odd else encode_tlv(_PADDED, _WITH_PADDING + hidden)
        if command.le is not None:
            objects += encode_tlv(_LE, _written_le(command.le))
        # The header is a block by itself; where no object follows, nothing is left to be padded (ISO/IEC 7816-4 §10.3.3).
        covered = counter + pad(header, self.block) + (pad(objects, self.block) if objects else b"")
        self._awaited = _PADDED_ODD if odd else _PADDED
        return Command(
            command.cla | PROTECTED,
            command.ins,
            command.p1,
            command.p2,
            objects + encode_tlv(_MAC, self._mac(covered)),
            SHORT_ANSWER if self._protected_size(command.le or 0) <= SHORT_ANSWER else EXTENDED_ANSWER,
        )

    def unprotect(self, response: Response) -> Response:
        """The answer's plain data and its protected status word.

        1. The objects are data (at most one, of the tag that belongs to the command), status, MAC, in this order and nothing else.
        2. The MAC is ours, over the counter and all before it. 3. The protected status word is the one outside.
        4. The padding is there.
        Raises CardError("secure_messaging_failed") for anything else, a bare status word among it (then with its ``sw``); from then
        on the session is dead and its keys are gone.
        """
        try:
            return self._unprotect(response)
        except CardError:
            self._die()
            raise
        except TegataError as error:
            self._die()
            raise _failed("its objects cannot be read") from error

    def room(self, limit: int) -> int:
        """How many bytes of plain data fit into a protected answer of ``limit`` bytes of data."""
        left = limit - _STATUS_AND_MAC
        for length_bytes, most in ((1, 0x7F), (2, 0xFF), (3, 0xFFFF), (4, 0xFFFFFF)):
            value = min(left - 1 - length_bytes, most)
            if value < most:
                break
        return max(0, (value - 1) // self.block * self.block - 1)

    def _unprotect(self, response: Response) -> Response:
        tag, self._awaited = self._awaited, None
        if self._dead or tag is None:
            raise CardError("secure_messaging_dead", "the protected session with the card has ended")
        if not response.data:
            raise CardError("secure_messaging_failed", "the card answered without protection", sw=response.sw)
        counter = self._count()
        # 1.
        *data, status, mac = _answer_objects(response.data, tag)
        # 2.
        covered = b"".join(each.raw for each in (*data, status))
        if not same(self._mac(counter + pad(covered, self.block)), mac.value):
            raise _failed("its MAC is not right")
        # 3.
        if int.from_bytes(status.value, "big") != response.sw:
            raise _failed("its status word is not the protected one")
        # 4.
        return Response(self._plain(counter, data[0]) if data else b"", response.sw)

    def _plain(self, counter: bytes, data: Tlv) -> bytes:
        hidden = data.value
        if data.tag == _PADDED:
            if hidden[:1] != _WITH_PADDING:
                raise _failed("its data is padded in another way")
            hidden = hidden[1:]
        if not hidden or len(hidden) % self.block:
            raise _failed("its data is not in whole blocks")
        return unpad(self._decrypt(counter, hidden), self.block)

    def _protected_size(self, plain: int) -> int:
        hidden = (plain // self.block + 1) * self.block + 1
        return 1 + (1 if hidden < 0x80 else 2 if hidden < 0x100 else 3) + hidden + _STATUS_AND_MAC

    def _count(self) -> bytes:
        self._ssc = (self._ssc + 1) % (1 << 8 * self.block)
        return self._ssc.to_bytes(self.block, "big")

    def _die(self) -> None:
        self._dead, self._awaited = True, None
        self._k_enc = self._k_mac = b""

    @abstractmethod
    def _encrypt(self, counter: bytes, data: bytes, /) -> bytes: ...

    @abstractmethod
    def _decrypt(self, counter: bytes, data: bytes, /) -> bytes: ...

    @abstractmethod
    def _mac(self, padded: bytes) -> bytes: ...


class TripleDesMessaging(_IcaoMessaging):
    """Two-key triple DES, zero IV, retail MAC. k_enc, k_mac: 16 bytes each; ssc: 8. ICAO 9303-11 §9.8.5, §9.8.6.2."""

    block = DES_BLOCK

    def _encrypt(self, _counter: bytes, data: bytes, /) -> bytes:
        return encrypt_triple_des(self._k_enc, data)

    def _decrypt(self, _counter: bytes, data: bytes, /) -> bytes:
        return decrypt_triple_des(self._k_enc, data)

    def _mac(self, padded: bytes) -> bytes:
        return retail_mac_of_blocks(self._k_mac, padded)


class AesMessaging(_IcaoMessaging):
    """AES, IV from the counter, CMAC cut to 8 bytes. k_enc, k_mac: 16, 24 or 32 bytes each; ssc: 16. ICAO 9303-11 §9.8.6.1."""

    block = AES_BLOCK

    def __init__(self, k_enc: bytes, k_mac: bytes, ssc: bytes = bytes(AES_BLOCK)) -> None:
        super().__init__(k_enc, k_mac, ssc)

    def _encrypt(self, counter: bytes, data: bytes, /) -> bytes:
        return encrypt_aes(self._k_enc, data, encrypt_aes_block(self._k_enc, counter))

    def _decrypt(self, counter: bytes, data: bytes, /) -> bytes:
        return decrypt_aes(self._k_enc, data, encrypt_aes_block(self._k_enc, counter))

    def _mac(self, padded: bytes) -> bytes:
        return aes_mac(self._k_mac, padded)


def _answer_objects(data: bytes, tag: int) -> tuple[Tlv, ...]:
    objects = parse_tlv(data, filler=False, max_objects=3)
    tags = [each.tag for each in objects]
    if tags not in ([_STATUS, _MAC], [tag, _STATUS, _MAC]):
        raise _failed("its objects are not those of an answer")
    if len(objects[-2].value) != 2 or len(objects[-1].value) != MAC_BYTES:
        raise _failed("an object in it has a wrong length")
    return objects


def _written_le(le: int) -> bytes:
    return bytes((le % SHORT_ANSWER,)) if le <= SHORT_ANSWER else (le % EXTENDED_ANSWER).to_bytes(2, "big")


def _failed(why: str) -> CardError:
    return CardError("secure_messaging_failed", f"the card's protected answer is not to be believed: {why}")
