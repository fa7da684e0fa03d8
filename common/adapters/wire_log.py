"""What went over the wire, for the sandbox: one JSON object a line, secrets shortened. The demo's story is told from this file.

A line: ``at`` (seconds, fractional), ``program``, ``direction`` ("in": asked of us; "out": asked by us), ``method``, ``url``,
``status``, ``request`` and ``response`` (each: ``type``, ``size`` in bytes, ``preview``), ``ms``. Production refuses the setting.
"""

from __future__ import annotations

import json
import re
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

PREVIEW = 400
"""Characters of a body that are shown."""
KEPT = 6
"""Characters of a secret that are shown: enough to follow it from line to line."""

_SECRETS = frozenset(
    {
        "pre-authorized_code",
        "tx_code",
        "access_token",
        "refresh_token",
        "c_nonce",
        "nonce",
        "jwt",
        "proof",
        "proofs",
        "vp_token",
        "id_token",
        "response",
        "response_code",
        "credential",
        "credentials",
        "code",
        "token",
        "csrf_token",
        "wallet_nonce",
        "request",
        "state",
        "notification_id",
        "transaction_id",
        "cookie",
    }
)
_HIDDEN = frozenset({"passphrase", "password", "token", "csrf_token", "pin", "tx_code"})
_LONG_SEGMENT = re.compile(
    r"(?!([a-z]+-)+[a-z]+\Z)[A-Za-z0-9_-]{20,}(\.[A-Za-z0-9_-]+)*"
)  # well-known names are words, secrets are not


class WireLog:
    """Appends lines to one file; several processes may share it (a line is one write)."""

    def __init__(self, path: Path, program: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.program = program
        self._lock = threading.Lock()

    def write(
        self,
        direction: str,
        method: str,
        url: str,
        status: int,
        *,
        request: tuple[str, bytes],
        response: tuple[str, bytes],
        sizes: tuple[int, int] | None = None,
        seconds: float = 0.0,
    ) -> None:
        """request, response: (media type, body or its beginning). sizes: true sizes of both, where the bodies given are cut."""
        ask_size, answer_size = sizes or (len(request[1]), len(response[1]))
        line = {
            "at": round(time.time(), 3),
            "program": self.program,
            "direction": direction,
            "method": method,
            "url": shorten_url(url),
            "status": status,
            "request": {"type": request[0], "size": ask_size, "preview": shorten_body(*request)},
            "response": {"type": response[0], "size": answer_size, "preview": shorten_body(*response)},
            "ms": round(seconds * 1000, 1),
        }
        text = json.dumps(line, ensure_ascii=False) + "\n"
        with self._lock, self.path.open("a", encoding="utf-8", errors="replace") as file:
            file.write(text)


def shorten_body(media_type: str, body: bytes) -> str:
    """The beginning of a body, with the values of secrets cut to a few characters. Empty for what is not text."""
    kind = media_type.partition(";")[0].strip().lower()
    if not body:
        return ""
    if kind == "application/json" or kind.endswith("+json"):
        try:
            return json.dumps(_shorten(json.loads(body)), ensure_ascii=False)[:PREVIEW]
        except (ValueError, RecursionError):
            return f"({len(body)} bytes that are not JSON)"
    if kind == "application/x-www-form-urlencoded":
        return _shorten_query(body.decode("utf-8", "replace"))[:PREVIEW]
    if "jwt" in kind or kind == "application/jose":
        return body[:12].decode("ascii", "replace") + "…"
    if kind == "text/html":
        return "(a page)"
    return ""


def shorten_url(url: str) -> str:
    """The address with long path segments (they carry secrets) and secret parameters cut."""
    parts = urlsplit(url)
    path = "/".join(_cut(part) if _LONG_SEGMENT.fullmatch(part) else part for part in parts.path.split("/"))
    return urlunsplit((parts.scheme, parts.netloc, path, _shorten_query(parts.query), ""))


def _shorten_query(text: str) -> str:
    pairs = parse_qsl(text, keep_blank_values=True)
    return "&".join(f"{quote(name)}={_shorten_value(name, value)}" for name, value in pairs)


def _shorten_value(name: str, value: str) -> str:
    if name in _HIDDEN:
        return "…"
    shown = _cut(value) if name in _SECRETS or len(value) > 80 else value
    return quote(shown.removesuffix("…"), safe=":/") + ("…" if shown.endswith("…") else "")


def _shorten(value: Any, secret: bool = False) -> Any:
    if isinstance(value, dict):
        return {
            key: "…"
            if key in _HIDDEN and not isinstance(one, (dict, list))
            else _shorten(one, secret or key in _SECRETS)
            for key, one in value.items()
        }
    if isinstance(value, list):
        return [_shorten(one, secret) for one in value]
    if isinstance(value, str) and (secret or len(value) > 80):
        return _cut(value)
    return value


def _cut(value: str) -> str:
    return value if len(value) <= KEPT else value[:KEPT] + "…"
