"""Times as DID documents and logs write them: ISO 8601 / RFC 3339 with a zone (DID Core 1.0 §7.1.3, CID 1.0 §2.2)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from common.errors import Malformed

_TIMESTAMP = re.compile(r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def parse_timestamp(text: object, *, utc: bool = False) -> int:
    """Text → microseconds since 1970. utc: only ``Z`` or ``+00:00`` will do. Raises Malformed("bad_time")."""
    matched = _TIMESTAMP.fullmatch(text) if isinstance(text, str) else None
    if matched is None or (utc and matched[3] not in ("Z", "+00:00")):
        raise Malformed("bad_time", "a time is written as 2026-03-31T09:00:00Z")
    try:
        parsed = datetime.fromisoformat(f"{matched[1]}{matched[2] or ''}{matched[3].replace('Z', '+00:00')}")
        return (parsed - _EPOCH) // _MICROSECOND
    except (ValueError, OverflowError):
        raise Malformed("bad_time", "no such time") from None


def write_timestamp(seconds: int) -> str:
    """Seconds since 1970 → ``2026-03-31T09:00:00Z``."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
