"""Data elements as JSON values, which is how claims are matched and shown. OpenID4VP 1.0 §6.4.1, RFC 8949 §6.1."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from common.cbor import Tagged
from common.encoding import b64url_encode
from common.errors import Malformed

_JSON_SAFE = (str, bool, int, type(None))


def to_claim(value: Any) -> Any:
    """CBOR value → JSON value: bytes become base64url text, tags are dropped (a date is its text), numeric keys become text.

    Raises Malformed for what JSON has no word for (undefined, simple values), and where two keys would become one.
    """
    if isinstance(value, _JSON_SAFE):
        return value
    if isinstance(value, Tagged):
        return to_claim(value.value)
    if isinstance(value, bytes):
        return b64url_encode(value)
    if isinstance(value, list):
        return [to_claim(element) for element in value]
    if isinstance(value, Mapping):
        found = {_key(key): to_claim(member) for key, member in value.items()}
        if len(found) != len(value):
            raise Malformed("bad_element", "two members of a data element have the same name")
        return found
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    raise Malformed("bad_element", "a data element holds a value that has no meaning here")


def _key(key: Any) -> str:
    if isinstance(key, str):
        return key
    if isinstance(key, bytes):
        return b64url_encode(key)
    if type(key) is int:
        return str(key)
    raise Malformed("bad_element", "members of a data element are named by texts, bytes or numbers")
