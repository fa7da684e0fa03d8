"""Strict text encodings: base64url without padding (RFC 7515 §2). Exactly one text decodes to one byte string."""

from __future__ import annotations

import binascii
import json
import math
import re
import secrets
from collections.abc import Callable
from typing import Any

import msgspec
import pybase64

from common.errors import Malformed

_TO_STANDARD = bytes.maketrans(b"-_+/=", b"+/!!!")
"""To the standard alphabet; what is foreign to ours becomes foreign to that one too."""
_LAST_CHARACTERS = {2: frozenset(b"AQgw"), 3: frozenset(b"AEIMQUYcgkosw048")}
"""By length modulo 4: the characters whose unused bits are zero."""
_PADDING = (b"", b"", b"==", b"=")
_SURROGATE = re.compile("\\\\u[dD][89a-fA-F]")
_TEXTS: frozenset[type] = frozenset({str})
_URL = b"-_"


def b64url_encode(data: bytes) -> str:
    """Bytes → base64url text without padding."""
    return pybase64.b64encode_as_string(data, _URL).rstrip("=")


def b64url_decode(text: str | bytes) -> bytes:
    """Base64url text without padding → bytes.

    Raises Malformed on padding, white space, the standard alphabet, an impossible length, or unused bits that are not zero
    (else two texts would decode to the same bytes, and a signed text could be changed without notice).
    """
    try:
        raw = text.encode("ascii") if isinstance(text, str) else text
        rest = len(raw) % 4
        if rest and (rest == 1 or raw[-1] not in _LAST_CHARACTERS[rest]):
            raise Malformed("bad_base64url", "not base64url text without padding, or its last unused bits are not zero")
        return pybase64.b64decode(raw.translate(_TO_STANDARD) + _PADDING[rest], None, True)
    except (UnicodeEncodeError, binascii.Error):
        raise Malformed("bad_base64url", "not base64url text without padding") from None


def random_token(n_bytes: int = 32) -> str:
    """An unguessable URL-safe text of n_bytes of entropy; without a dash in front, where a command line would take it for an option."""
    while (text := b64url_encode(secrets.token_bytes(n_bytes))).startswith("-"):
        pass
    return text


def _refuse_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("duplicate_member", "a JSON object names one member twice")
    return found


def _refuse_constant(name: str) -> Any:
    raise Malformed("bad_json", f"{name} is not JSON")


def _read_float(text: str) -> float:
    value = float(text)
    if math.isinf(value):  # nothing could write it out again
        raise Malformed("bad_json", "a number is too large")
    return value


_DECODER = json.JSONDecoder(
    object_pairs_hook=_refuse_duplicates, parse_constant=_refuse_constant, parse_float=_read_float
)
_scan: Callable[[str, int], tuple[Any, int]] = vars(_DECODER)["scan_once"]
_decode_compact, _encode_compact = msgspec.json.Decoder().decode, msgspec.json.Encoder().encode
_ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False)


MAX_DEPTH = 64
"""Levels of nesting. Far below what exhausts the stack of those who walk, copy or write the value later."""


def parse_json(data: str | bytes, *, max_bytes: int = 1 << 20, max_depth: int = MAX_DEPTH) -> Any:
    """JSON text (UTF-8) → value.

    Raises Malformed on duplicate members, NaN, infinite numbers, wrong UTF-8, deep nesting, or more than max_bytes.
    """
    length = len(data)
    if length > max_bytes:
        raise Malformed("too_large", f"more than {max_bytes} bytes")
    try:
        raw = data if isinstance(data, bytes) else data.encode()
    except UnicodeEncodeError:
        raise Malformed("bad_json", "not UTF-8 text, or half of a surrogate pair") from None
    value = _read_compact(raw)
    if value is None:
        value = _read_strictly(raw)
    if length > max_depth and raw.count(b"[") + raw.count(b"{") > max_depth and too_deep(value, limit=max_depth):
        raise Malformed("bad_json", "nested too deeply")
    return value


def _read_compact(raw: bytes) -> Any:
    """The value of JSON as machines write it; None: to be read with more care. Three times as fast as `_read_strictly`, never different.

    The reader is lax (of two members with one name it takes the last, large numbers it rounds). But where its value, written out again,
    is the same text to the byte, the text was the only one of its value, and nothing was lost in reading it.
    """
    try:
        value = _decode_compact(raw)
        if value.__class__ is list and _TEXTS.issuperset(map(type, value)):  # an array of texts has nothing to lose
            return value
        return value if _encode_compact(value) == raw else None
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


def _read_strictly(raw: bytes) -> Any:
    try:
        text = raw.decode()
        try:
            value, end = _scan(text, 0)
        except StopIteration:
            end = -1
        if end != len(text):  # white space around the value, or no JSON at all
            value = _DECODER.decode(text)
        # half of a pair is no character (RFC 7493 §2.1): nothing could write it out again. Decoded UTF-8 holds none but by an escape.
        if b"\\" in raw and _SURROGATE.search(text):
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeError:
        raise Malformed("bad_json", "not UTF-8 text, or half of a surrogate pair") from None
    except RecursionError:
        raise Malformed("bad_json", "nested too deeply") from None
    except ValueError:
        raise Malformed("bad_json", "not JSON text") from None
    return value


def too_deep(value: Any, *, limit: int = MAX_DEPTH) -> bool:
    """Whether a JSON value is nested deeper than limit levels (walked without recursion)."""
    level = [value]
    for _ in range(limit):
        level = [
            child
            for item in level
            if isinstance(item, (dict, list))
            for child in (item.values() if isinstance(item, dict) else item)
            if isinstance(child, (dict, list))
        ]
        if not level:
            return False
    return True


def parse_json_object(data: str | bytes, *, max_bytes: int = 1 << 20, max_depth: int = MAX_DEPTH) -> dict[str, Any]:
    """Like parse_json, and the value must be an object."""
    value = parse_json(data, max_bytes=max_bytes, max_depth=max_depth)
    if not isinstance(value, dict):
        raise Malformed("not_an_object", "a JSON object is needed here")
    return value


def compact_json(value: Any) -> bytes:
    """Value → JSON without white space, UTF-8, members in the order given. Raises TypeError and ValueError for what JSON has not.

    The fast writer writes much that JSON has not (bytes, dates, not-a-number, each as something else): it is believed where its text,
    read again, is the value.
    """
    try:
        text = _encode_compact(value)
        if _decode_compact(text) == value:
            return text
    except (TypeError, ValueError, OverflowError, RecursionError):
        pass  # the strict writer knows better, or says what is wrong
    return _ENCODER.encode(value).encode()


def json_text(value: Any) -> str:
    """Value → the same as text: where JSON is put together from parts."""
    return compact_json(value).decode()
