"""ASGI middleware that records every exchange in the sandbox's wire log (`common.adapters.wire_log`)."""

from __future__ import annotations

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from common.adapters.wire_log import WireLog

_KEPT_BYTES = 65_536
_UNTOLD = ("/static/", "/health/", "/metrics")


class Wire:
    """Keeps at most 64 KiB of each body for the preview."""

    def __init__(self, app: ASGIApp, *, log: WireLog, public_url: str) -> None:
        self.app = app
        self.log = log
        self.public_url = public_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(_UNTOLD):
            await self.app(scope, receive, send)
            return
        asked, answered = bytearray(), bytearray()
        sizes = [0, 0]
        status = 0
        answer_type = ""
        began = time.perf_counter()

        async def hear() -> Message:
            message = await receive()
            _keep(asked, message.get("body", b""), sizes, 0)
            return message

        async def tell(message: Message) -> None:
            nonlocal status, answer_type
            if message["type"] == "http.response.start":
                status = message["status"]
                answer_type = _media_type(message.get("headers", ()))
            else:
                _keep(answered, message.get("body", b""), sizes, 1)
            await send(message)

        try:
            await self.app(scope, hear, tell)
        finally:
            query = scope["query_string"].decode("latin-1")
            self.log.write(
                "in",
                scope["method"],
                self.public_url + scope["path"] + (f"?{query}" if query else ""),
                status,
                request=(_media_type(scope["headers"]), bytes(asked)),
                response=(answer_type, bytes(answered)),
                sizes=(sizes[0], sizes[1]),
                seconds=time.perf_counter() - began,
            )


def _keep(kept: bytearray, part: bytes, sizes: list[int], which: int) -> None:
    sizes[which] += len(part)
    kept += part[: max(0, _KEPT_BYTES - len(kept))]


def _media_type(headers: object) -> str:
    assert isinstance(headers, (list, tuple))
    return next((value.decode("latin-1") for name, value in headers if name.lower() == b"content-type"), "")
