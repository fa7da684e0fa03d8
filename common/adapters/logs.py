"""Structured logs: one JSON object a line on standard error, with the request's id, without secrets and without personal data.

Call sites name things (`log.info("offer_made", tenant=…, offer=…)`), never people. The redaction below is a net under that rule, not
a replacement for it: keys that hold secrets are blanked whatever a call site does.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import re
import sys
from collections.abc import MutableMapping
from functools import lru_cache
from typing import Any, TextIO, cast

import structlog

from common.adapters.card_traffic import TRAFFIC

_SECRET = re.compile(
    r"(?i)(.*_)?(pin|passphrase|password|secret|token|authorization|cookie|proofs?|nonce|private_key|credential|e?mail)"
    r"|(tx|claim|response|authorization|user|device)_code|pre-authorized_code"
)


_ENCODER = json.JSONEncoder(ensure_ascii=False, default=str)


def redact(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: blanks the value of every key that names a secret."""
    for key in event:
        if _names_a_secret(key):
            event[key] = "…"
    return event


@lru_cache(maxsize=1024)
def _names_a_secret(key: str) -> bool:
    return _SECRET.fullmatch(key) is not None


def set_up_logs(level: str = "info", program: str = "") -> None:
    """Sends structlog and the standard library's loggers (uvicorn's too) to one JSON renderer. Call once, at the start.

    level: traffic (what goes to and from cards, `common.adapters.card_traffic`), debug, info, warning, error. A second call replaces the
    first.
    """
    weight = TRAFFIC if level == "traffic" else getattr(logging, level.upper())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        redact,
    ]
    finish: list[Any] = [
        _Named(program),
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(_write_json),
    ]
    structlog.configure(  # our own lines do not go by the standard library, which would take as long again
        processors=[*shared, *finish],
        logger_factory=structlog.WriteLoggerFactory(cast(TextIO, _Unfailing(sys.stderr))),
        wrapper_class=structlog.make_filtering_bound_logger(max(weight, logging.DEBUG)),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *finish],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(weight)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers[:] = []
        logger.propagate = True
    access = logging.getLogger("uvicorn.access")  # its lines carry whole paths; `common.web.edge` writes ours
    access.propagate, access.disabled = False, True
    for chatty in ("httpx", "httpcore", "peewee", "asyncio"):  # their lines carry addresses and parameters
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _write_json(event: MutableMapping[str, Any], **_: Any) -> str:
    return _ENCODER.encode(event)


class _Unfailing(io.TextIOBase):
    """A stream that drops what it cannot write: a full disk, or a terminal that was closed, fails no request and ends no thread. (The
    standard library's handlers look after this themselves.)"""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError, ValueError):  # ValueError: a stream that was closed on this side
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._stream.flush()


class _Named:
    """Writes the program's name into every line."""

    def __init__(self, program: str) -> None:
        self.program = program

    def __call__(self, _: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        if self.program:
            event["program"] = self.program
        return event
