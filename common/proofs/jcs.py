"""JSON Canonicalization Scheme, RFC 8785: one byte string for one JSON value.

A guarded fast path for what nearly every credential is, ``rfc8785`` for the rest; a property test holds the two together. The
standard library's encoder with sorted keys writes the canonical form of texts, booleans, null, integers below 2^53 and plain decimal
fractions. It differs where floats are integral, very large or very small, and in the order of member names when a character beyond
the Basic Multilingual Plane (two UTF-16 units from U+D800) meets one from U+E000 on.
"""

from __future__ import annotations

import json
from typing import Any

import rfc8785

from common.errors import Malformed

_encode = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=False
).encode
_LARGEST = 2**53 - 1
_join = "".join


def canonicalize_json(value: Any) -> bytes:
    """JSON value → its canonical bytes. Raises Malformed for what RFC 8785 (I-JSON) cannot write: integers beyond 2^53 - 1,
    infinite numbers, half of a surrogate pair, anything that is not JSON, nesting of many hundred levels.
    """
    try:
        if is_simple(value):
            text = _encode(value)
            # As many UTF-16 units as characters: none lies beyond the Basic Multilingual Plane, code points sort as units do.
            if text.isascii() or len(text.encode("utf-16-le")) == 2 * len(text):
                return text.encode()
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeError, RecursionError, TypeError, ValueError) as error:
        raise Malformed("not_canonicalizable", "the JSON value has no canonical form (RFC 8785)") from error


def is_simple(value: Any) -> bool:
    """Whether the standard encoder writes the value canonically, but perhaps for the order of names beyond the BMP."""
    kind = value.__class__
    if kind is dict:
        _join(value)  # a TypeError for a name that is not a text, which the encoder would turn into one
        value = value.values()
    elif kind is not list:
        return _is_simple_scalar(value)
    for each in value:
        kind = each.__class__
        if kind is not str and not (is_simple(each) if kind is dict or kind is list else _is_simple_scalar(each)):
            return False
    return True


def _is_simple_scalar(value: Any) -> bool:
    kind = value.__class__
    if kind is int:
        return abs(int(value)) <= _LARGEST
    if kind is float:
        # Here repr() writes the shortest digits without an exponent, as ECMAScript does, and both need a fraction.
        return 1e-4 <= abs(float(value)) < 1e16 and not float.is_integer(value)
    return kind is str or kind is bool or value is None
