"""JSON Canonicalization Scheme, RFC 8785: one byte string for one JSON value."""

from __future__ import annotations

from typing import Any

import rfc8785

from common.errors import Malformed


def canonicalize_json(value: Any) -> bytes:
    """JSON value → its canonical bytes. Raises Malformed for what RFC 8785 (I-JSON) cannot write: integers beyond 2^53 - 1,
    infinite numbers, half of a surrogate pair, anything that is not JSON.
    """
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeError, RecursionError) as error:
        raise Malformed("not_canonicalizable", "the JSON value has no canonical form (RFC 8785)") from error
