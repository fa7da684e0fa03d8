"""An internet of functions: each address is answered by a function of the whole request. Implements common.ports.Fetch."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from common.errors import Unavailable
from common.ports import Fetched


@dataclass(frozen=True)
class Asked:
    method: str
    url: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Handler = Callable[[Asked], Fetched]


def answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Fetched:
    body = (
        value if isinstance(value, bytes) else value.encode() if isinstance(value, str) else json.dumps(value).encode()
    )
    return Fetched(url="", status=status, body=body, headers=dict(headers or {}))


class Internet:
    """``broken``: addresses that fail; ``heard``: every request, in order."""

    def __init__(self) -> None:
        self.handlers: dict[str, Handler] = {}
        self.heard: list[Asked] = []
        self.broken: set[str] = set()

    def serve(self, url: str, handler: Handler) -> None:
        self.handlers[url] = handler

    def _answer(self, asked: Asked) -> Fetched:
        self.heard.append(asked)
        handler = self.handlers.get(asked.url)
        if handler is None or asked.url in self.broken:
            raise Unavailable("no_answer", f"nobody answers at {asked.url}")
        return handler(asked)

    def get(self, url: str, *, accept: str = "*/*", headers: Mapping[str, str] | None = None) -> Fetched:
        return self._answer(Asked("GET", url, b"", {"accept": accept, **(headers or {})}))

    def post(
        self, url: str, *, body: bytes, content_type: str, accept: str = "*/*", headers: Mapping[str, str] | None = None
    ) -> Fetched:
        return self._answer(
            Asked("POST", url, body, {"content-type": content_type, "accept": accept, **(headers or {})})
        )
