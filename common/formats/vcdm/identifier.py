"""URLs as identifiers. VCDM 2.0 §4.4 (one URL, the URL standard's sense), §4.7 (issuer), §4.13 (holder)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from common.errors import Malformed

MAX_URL = 8192
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20\x7f<>\"{}|\\^`\u00a0\u2028\u2029]+")
"""A scheme, and after it nothing that RFC 3986 (or 3987, since the field writes letters of all scripts) must encode."""


def is_url(value: object) -> bool:
    """Whether the value is an absolute URL: text with a scheme, without white space."""
    return isinstance(value, str) and len(value) <= MAX_URL and _URL.fullmatch(value) is not None


def read_id(value: object, what: str) -> str:
    """The identifier of an issuer or holder: a URL, or an object with one as its ``id``. Raises Malformed."""
    found = value.get("id") if value.__class__ is dict or isinstance(value, Mapping) else value
    if not isinstance(found, str) or not is_url(found):
        raise Malformed(f"bad_{what}", f"{what} is a URL, or an object with one as its id")
    return found
