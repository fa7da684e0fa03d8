"""DER that a card sends, read within bounds by asn1crypto: whatever it holds, the answer is an object or Malformed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from common.errors import Malformed

MAX_BYTES = 1 << 16
"""Of one object off a card; the largest in the field (an SOD with its certificate) has some 4 kB."""
_NOT_DER = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError)
"""What asn1crypto raises, now and at each later look, for bytes that are not what they should be."""


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Turns whatever asn1crypto raises inside into Malformed("bad_der", …). what: English, for the sentence."""
    try:
        yield
    except _NOT_DER as error:
        raise Malformed("bad_der", f"not {what}") from error


def load(kind: Any, data: bytes, what: str, *, max_bytes: int = MAX_BYTES) -> Any:
    """One object of an asn1crypto class and nothing after it. Its parts are read lazily: look at them inside `reading`."""
    if len(data) > max_bytes:
        raise Malformed("too_large", f"{what} has at most {max_bytes} bytes")
    with reading(what):
        return kind.load(data, strict=True)


def dotted(identifier: Any) -> str:
    """An object identifier in dotted form, whatever name asn1crypto has for it."""
    return str(identifier.dotted)
