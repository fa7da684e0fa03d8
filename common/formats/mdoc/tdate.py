"""Times in an mdoc: ``tdate`` (tag 0, RFC 3339) in seconds since 1970. ISO/IEC 18013-5 §7.2.1, §9.1.2.4: UTC, whole seconds."""

from __future__ import annotations

import re
import time
from datetime import datetime
from functools import lru_cache

from common.cbor import Tagged, encode_tagged, encode_text
from common.errors import Malformed

_RFC3339 = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)
_REMEMBERED = 1024
_LATEST = 253_402_300_799
"""9999-12-31T23:59:59Z."""


@lru_cache(maxsize=_REMEMBERED)
def encode_tdate(seconds: int) -> bytes:
    """Seconds → encoded tdate. Raises ValueError before 1970 and after the year 9999."""
    if not 0 <= seconds <= _LATEST:
        raise ValueError("a time between 1970 and 9999 is needed")
    return encode_tagged(0, encode_text(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))))


def parse_tdate(value: object) -> int:
    """Decoded tdate → seconds; a fraction is cut off, an offset is followed (others write them). Raises Malformed."""
    text = value.value if isinstance(value, Tagged) and value.tag == 0 else None
    return parse_rfc3339(text if isinstance(text, str) else "")


@lru_cache(maxsize=_REMEMBERED)
def parse_rfc3339(text: str) -> int:
    """Raises Malformed. Credentials of one issuer share their times, so they are remembered."""
    found = _RFC3339.fullmatch(text)
    if found is None:
        raise Malformed("bad_tdate", "a time in an mdoc is text with tag 0, as in 2026-01-31T09:00:00Z")
    try:
        return int(datetime.fromisoformat(found[1] + found[2]).timestamp())
    except (ValueError, OverflowError):
        raise Malformed("bad_tdate", "a time in an mdoc that does not exist") from None
