"""What a command under secure messaging of travel documents says, for who stands between: the keys are known here. ICAO 9303-11 §9.8. Pure.

The handshake ran at this side, so that each command of the issuer can be opened before it goes to the card. It is then protected again by
our own messaging, and has to come out as the same bytes: MAC, counter, padding, lengths. So what is judged is what the card carries out.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from msgspec.structs import replace as replace_command

from common.cards.apdu import EXTENDED_ANSWER, SHORT_ANSWER, Command
from common.cards.block_cipher import decrypt_aes, decrypt_triple_des, encrypt_aes_block, unpad
from common.cards.drivers.passport.key_derivation import Cipher
from common.cards.tlv import find, parse_tlv
from common.errors import CardError, Malformed
from wallet_agent.reading.rules import Session

_DATA, _DATA_ODD, _LE = 0x87, 0x85, 0x97
_INDICATOR: Final = {_DATA: 1, _DATA_ODD: 0}
"""Bytes before the cryptogram that say how it is padded."""


def open_command(session: Session, command: Command) -> tuple[Command, Session]:
    """The plain command, and the session as it stands once the card has answered. Raises Malformed("command_malformed")."""
    try:
        plain = _open(session, command)
        block = session.keys.cipher.block_bytes
        again = replace(session.keys, ssc=session.counter.to_bytes(block, "big")).messaging().protect(plain)
    except (CardError, Malformed, ValueError) as broken:
        raise _malformed() from broken
    if (
        replace_command(again, le=command.le) != command
    ):  # the outer length is under no MAC, and only says how much fits
        raise _malformed()
    return plain, replace(session, counter=_after(session, 2))


def _open(session: Session, command: Command) -> Command:
    objects = parse_tlv(command.data, filler=False, max_objects=3)
    data = b""
    for tag, skipped in _INDICATOR.items():
        if (found := find(objects, tag)) is not None:
            data = _decrypt(session, found.value[skipped:])
    le = find(objects, _LE)
    wanted = None if le is None else int.from_bytes(le.value, "big") or _most(le.value)
    return Command(0x00, command.ins, command.p1, command.p2, data, wanted)


def _decrypt(session: Session, hidden: bytes) -> bytes:
    keys = session.keys
    if not hidden or len(hidden) % keys.cipher.block_bytes:
        raise _malformed()
    if keys.cipher is Cipher.TRIPLE_DES:
        return unpad(decrypt_triple_des(keys.encryption, hidden), keys.cipher.block_bytes)
    counter = _after(session, 1).to_bytes(keys.cipher.block_bytes, "big")
    return unpad(decrypt_aes(keys.encryption, hidden, encrypt_aes_block(keys.encryption, counter)), len(counter))


def _most(le: bytes) -> int:
    return SHORT_ANSWER if len(le) == 1 else EXTENDED_ANSWER


def _after(session: Session, steps: int) -> int:
    return (session.counter + steps) % (1 << 8 * session.keys.cipher.block_bytes)


def _malformed() -> Malformed:
    return Malformed("command_malformed", "a protected command does not hold")
