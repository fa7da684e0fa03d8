"""Bytes → command APDU, as strictly as can be: only the one form that our own encoder writes. ISO/IEC 7816-3 §12.1. Pure.

A command that could be read in two ways might be judged in one and carried out in the other. So what is parsed is written again, and has
to be the same bytes.
"""

from __future__ import annotations

from msgspec.structs import replace

from common.cards.apdu import EXTENDED_ANSWER, SHORT_ANSWER, Command, encode
from common.errors import Malformed

_HEADER = 4
_LONGEST = _HEADER + 3 + 65535 + 2


def parse_command(raw: bytes) -> Command:
    """Raises Malformed("command_malformed") for everything that `common.cards.apdu.encode` would not have written."""
    if not _HEADER <= len(raw) <= _LONGEST:
        raise _malformed()
    command = _read(Command(raw[0], raw[1], raw[2], raw[3]), raw[_HEADER:])
    if command is None or encode(command) != raw:
        raise _malformed()
    return command


def _read(header: Command, body: bytes) -> Command | None:
    if not body:
        return header
    if len(body) == 1:
        return replace(header, le=body[0] or SHORT_ANSWER)
    if body[0]:
        data, rest = body[1 : 1 + body[0]], body[1 + body[0] :]
        le = None if not rest else rest[0] or SHORT_ANSWER
        return replace(header, data=data, le=le) if len(data) == body[0] and len(rest) <= 1 else None
    if len(body) == 3:
        return replace(header, le=int.from_bytes(body[1:], "big") or EXTENDED_ANSWER)
    size = int.from_bytes(body[1:3], "big")
    data, rest = body[3 : 3 + size], body[3 + size :]
    if len(data) != size or len(rest) not in (0, 2):
        return None
    return replace(header, data=data, le=None if not rest else int.from_bytes(rest, "big") or EXTENDED_ANSWER)


def _malformed() -> Malformed:
    return Malformed("command_malformed", "not a command APDU, or not in its shortest form")
