"""JSON Canonicalization Scheme, RFC 8785: one byte string for one JSON value.

A guarded fast path for what nearly every credential is, ``rfc8785`` for the rest; a property test holds the two together. msgspec with
sorted keys writes the canonical form of texts, booleans, null, integers below 2^53 and plain decimal fractions. It differs where floats
are integral, very large or very small, and in the order of member names when a character beyond the Basic Multilingual Plane (two
UTF-16 units from U+D800) meets one from U+E000 on.
"""

from __future__ import annotations

from typing import Any

import msgspec
import rfc8785

from common.errors import Malformed

_encode = msgspec.json.Encoder(order="sorted").encode
_LARGEST = 2**53 - 1
_MOST_CONTAINERS = 100_000
"""Objects and arrays; what has more, or holds itself, is for ``rfc8785``."""
_FOUR_BYTES = tuple(bytes([first]) for first in range(0xF0, 0xF5))
"""What UTF-8 begins a character beyond the Basic Multilingual Plane with."""
_join = "".join


def canonicalize_json(value: Any) -> bytes:
    """JSON value → its canonical bytes. Raises Malformed for what RFC 8785 (I-JSON) cannot write: integers beyond 2^53 - 1,
    infinite numbers, half of a surrogate pair, anything that is not JSON, nesting of many hundred levels.
    """
    try:
        if is_simple(value):
            data = _sorted(value)
            if data is not None:
                return data
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeError, RecursionError, TypeError, ValueError) as error:
        raise Malformed("not_canonicalizable", "the JSON value has no canonical form (RFC 8785)") from error


def _sorted(value: Any) -> bytes | None:
    """By msgspec; None where it gives up (half of a surrogate pair, deep nesting) or code points may sort otherwise than units."""
    try:
        data = _encode(value)
    except (UnicodeEncodeError, RecursionError):
        return None
    if not data.isascii():
        for first in _FOUR_BYTES:
            if first in data:
                return None
    return data


def is_simple(value: Any) -> bool:
    """Whether msgspec writes the value canonically, but perhaps for the order of names beyond the BMP."""
    kind = value.__class__
    if kind is not dict and kind is not list:
        return _is_simple_scalar(value)
    waiting = [value]
    for item in waiting:  # which grows meanwhile
        members = item
        if item.__class__ is dict:
            _join(item)  # a TypeError for a name that is not a text
            members = item.values()
        for each in members:
            kind = each.__class__
            if kind is dict or kind is list:
                waiting.append(each)
            elif kind is not str and not _is_simple_scalar(each):
                return False
        if len(waiting) > _MOST_CONTAINERS:
            return False
    return True


def _is_simple_scalar(value: Any) -> bool:
    kind = value.__class__
    if kind is int:
        return abs(int(value)) <= _LARGEST
    if kind is float:
        # Here msgspec writes the shortest digits without an exponent, as ECMAScript does, which has no point without a fraction.
        return 1e-4 <= abs(float(value)) < 1e16 and not float.is_integer(value)
    return kind is str or kind is bool or value is None
