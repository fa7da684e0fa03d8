"""Numbers, limits and derived names of a gate pass. RFC 8392 §4, RFC 8747 §3.1, RFC 9052 §3.1, RFC 9053 §7, RFC 9528."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

from common.errors import Malformed

PREFIX = "TG1:"
AAD_START = b"TG1"
MAX_TEXT = 600
"""Characters of a QR code, looked at before anything is decoded."""
MAX_BYTES = 400
MAX_TIME = (1 << 53) - 1
"""Seconds or milliseconds: the largest whole number that a browser holds exactly."""
MAX_INDEX = (1 << 32) - 1
MAX_CLASS = 255

ALG, KID, KCWT = 1, 4, 13
ES256 = -7
AUD, EXP, NBF, IAT, CTI, CNF, CNONCE = 3, 4, 5, 6, 7, 8, 39
COSE_KEY = 1
TICKET = -65537
"""The one private claim (RFC 8392 leaves those below -65536 to private use): [class, status index, flags]."""

CHIP_VERIFIED, OVER_18, OVER_20, NAME_MATCHES = 1, 2, 4, 8
"""Flags: what was proved at the purchase. Numbers above have no meaning yet and are carried."""

_EVENT = re.compile(r"[a-z0-9-]{1,64}", re.ASCII)


def check_event(event: str) -> str:
    """The event's identifier, which is safe in addresses and file names. Raises Malformed."""
    if not _EVENT.fullmatch(event):
        raise Malformed("bad_event", "an event's identifier has 1 to 64 of the characters a-z, 0-9 and -")
    return event


@lru_cache(64)
def aad_of(event: str) -> bytes:
    """What both signatures of a pass cover besides it (RFC 9052 §4.3): a pass is worth nothing at another event. Raises Malformed."""
    return AAD_START + check_event(event).encode("ascii")


@lru_cache(4096)
def audience_of(event: str, klass: int) -> bytes:
    """Whom the holder's proof is for: the first 4 bytes of SHA-256("TG1" 00 event 00 class in decimal). Raises Malformed."""
    return hashlib.sha256(b"%b\0%b\0%d" % (AAD_START, check_event(event).encode("ascii"), klass)).digest()[:4]
