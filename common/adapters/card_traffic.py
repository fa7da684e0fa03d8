"""What goes between a reader and a card, line by line, at the level TRAFFIC: off by default, for who looks for a fault with a test card.

A line says which command went and what became of it, never what was in it: the header, how much data, the status word, how much came back.
Data is told of SELECT in the clear alone, which names an application or a file. So no PIN (nor how long it is), no key, no cryptogram,
nothing under secure messaging and nothing of a person is in any line, whatever the card or the command.
"""

from __future__ import annotations

import logging
from typing import Final

TRAFFIC: Final = 5
"""Below DEBUG."""
logging.addLevelName(TRAFFIC, "TRAFFIC")
_SELECT: Final = 0xA4
_OF_SECRETS: Final = frozenset({0x20, 0x21, 0x24, 0x2C})
"""VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER (ISO/IEC 7816-4 §11.5): even the length of what they carry is told to nobody."""
_MOST = 16
_log = logging.getLogger("common.cards.traffic")


def trace(command: bytes, answer: bytes) -> None:
    """Writes one exchange, if anybody wants it."""
    if _log.isEnabledFor(TRAFFIC):
        _log.log(TRAFFIC, tell_exchange(command, answer))


def tell_exchange(command: bytes, answer: bytes) -> str:
    """One exchange without what was in it: "00A4040C Lc=10 D392F000260100000001 -> 9000 +0"."""
    header, body = command[:4], command[4:]
    return f"{header.hex().upper()}{_body(header, body)} -> {answer[-2:].hex().upper()} +{max(0, len(answer) - 2)}"


def _body(header: bytes, body: bytes) -> str:
    if len(header) == 4 and header[1] in _OF_SECRETS:
        return " …" if body else ""
    if (
        len(header) == 4
        and header[:2] == bytes((0, _SELECT))
        and 1 < len(body) <= _MOST + 2
        and 0 < body[0] <= len(body) - 1
    ):
        return f" Lc={body[0]} {body[1 : 1 + body[0]].hex().upper()}"
    return f" {len(body)} bytes" if body else ""
