"""Check digits of machine readable zones: weights 7, 3, 1, sum modulo 10. ICAO Doc 9303-3 §4.9. Pure."""

from __future__ import annotations

_WEIGHTS = (7, 3, 1)


def check_digit(text: str) -> str:
    """One digit over ``0-9 A-Z <``. Raises ValueError for other characters."""
    return str(sum(_value(character) * _WEIGHTS[place % 3] for place, character in enumerate(text)) % 10)


def is_checked(text: str, digit: str, *, may_be_empty: bool = False) -> bool:
    """Whether ``digit`` fits ``text``. may_be_empty: a field of fillers only may have a filler for its digit, too (Doc 9303-4 §4.2.2.2)."""
    return digit == check_digit(text) or (may_be_empty and digit == "<" and not text.strip("<"))


def _value(character: str) -> int:
    if character == "<":
        return 0
    if "0" <= character <= "9":
        return ord(character) - ord("0")
    if "A" <= character <= "Z":
        return ord(character) - ord("A") + 10
    raise ValueError("a character that no machine readable zone holds")
