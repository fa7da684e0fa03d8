"""Texts with a language and a direction. VCDM 2.0 §11.1."""

from __future__ import annotations

import re
from collections.abc import Mapping

from common.errors import Malformed

_TAG = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*", re.ASCII)
_MEMBERS = frozenset({"@value", "@language", "@direction"})


def language_values(texts: Mapping[str, str]) -> list[dict[str, str]]:
    """Language tag → text, as language value objects."""
    return [{"@value": text, "@language": language} for language, text in texts.items()]


def check_text(value: object, what: str) -> None:
    """Text, a language value object, or an array of such objects. Raises Malformed for anything else, other members included."""
    if isinstance(value, str):
        return
    objects = value if isinstance(value, list) else [value]
    if not objects or not all(_is_language_value(entry) for entry in objects):
        raise Malformed(
            "bad_text", f"{what} is text, or language value objects with @value, @language and @direction alone"
        )


def _is_language_value(value: object) -> bool:
    if not isinstance(value, Mapping) or not value.keys() <= _MEMBERS or not isinstance(value.get("@value"), str):
        return False
    language, direction = value.get("@language", "en"), value.get("@direction", "ltr")
    return isinstance(language, str) and _TAG.fullmatch(language) is not None and direction in ("ltr", "rtl")
