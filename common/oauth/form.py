"""application/x-www-form-urlencoded bodies and query strings, strictly (RFC 6749 §3.1, §3.2, appendix B)."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

from common.errors import Malformed

FORM = "application/x-www-form-urlencoded"
MAX_FIELDS = 64


def parse_form(body: bytes | str, *, max_bytes: int = 1 << 18, code: str = "invalid_request") -> dict[str, str]:
    """Form text → name to value.

    A parameter named twice is refused, one without a value counts as absent (RFC 6749 §3.2). Raises Malformed(code).
    """
    if len(body) > max_bytes:
        raise Malformed(code, f"more than {max_bytes} bytes")
    try:
        text = body if isinstance(body, str) else body.decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, encoding="utf-8", errors="strict", max_num_fields=MAX_FIELDS)
    except (UnicodeDecodeError, ValueError):
        raise Malformed(code, "not form-encoded UTF-8 text") from None
    found: dict[str, str] = {}
    seen: set[str] = set()
    for name, value in pairs:
        if name in seen:
            raise Malformed(code, "a parameter is given twice")
        seen.add(name)
        if value:
            found[name] = value
    return found


def build_form(parameters: Mapping[str, str | None]) -> bytes:
    """Name to value → form body; None leaves a parameter out."""
    return urlencode({name: value for name, value in parameters.items() if value is not None}).encode("ascii")
