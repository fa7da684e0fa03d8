"""Content negotiation. RFC 9110 §12.5.1."""

from __future__ import annotations

import re
from collections.abc import Iterable

_QUALITY = re.compile(r"(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\Z", re.ASCII)


def choose_media_type(accept: str, offered: Iterable[str]) -> str | None:
    """The offered type that the client likes best, the earlier of two that it likes equally; None where it takes none of them.

    accept: the header, empty where there is none. What cannot be read in it asks for nothing.
    """
    if not accept.strip():
        return next(iter(offered), None)
    wanted = [_read(part) for part in accept.split(",")[:64]]
    best, best_quality = None, 0.0
    for media_type in offered:
        quality = _quality_of(media_type, wanted)
        if quality > best_quality:
            best, best_quality = media_type, quality
    return best


def _read(part: str) -> tuple[str, float]:
    name, *parameters = (piece.strip().lower() for piece in part.split(";"))
    for parameter in parameters:
        if parameter.startswith("q="):
            return name, float(parameter[2:]) if _QUALITY.match(parameter[2:]) else 0.0
    return name, 1.0


def _quality_of(media_type: str, wanted: Iterable[tuple[str, float]]) -> float:
    """The most specific range decides (§12.5.1)."""
    ranges = {"*/*": 0, f"{media_type.partition('/')[0]}/*": 1, media_type: 2}
    found, quality = -1, 0.0
    for name, asked in wanted:
        rank = ranges.get(name, -1)
        if rank > found:
            found, quality = rank, asked
    return quality
