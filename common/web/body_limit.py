"""How much a client may send, and how slowly. 413 for too much (announced or not), 408 for too slow."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from common.web.problems import problem


class BodyLimit:
    """ASGI middleware. larger: pattern of a path → its own limit in bytes (imports); everything else gets ``max_body``."""

    def __init__(self, app: ASGIApp, *, max_body: int, seconds: float, larger: Mapping[str, int] | None = None) -> None:
        self.app = app
        self.max_body = max_body
        self.seconds = seconds
        self.larger = [(re.compile(pattern), limit) for pattern, limit in (larger or {}).items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        limit = next((limit for pattern, limit in self.larger if pattern.fullmatch(scope["path"])), self.max_body)
        length = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if not length.isdigit() or int(length) > limit:
            await _too_large(limit)(scope, receive, send)
            return
        await self.app(scope, self._bounded(receive, limit), send)

    def _bounded(self, receive: Receive, limit: int) -> Receive:
        """The same ``receive``, counting bytes and time until the body is complete. Raised inside, both become problem documents."""
        received = 0
        complete = False
        end = time.monotonic() + self.seconds

        async def bounded() -> Message:
            nonlocal received, complete
            if complete:
                return await receive()  # from here on it only reports that the client went away
            try:
                async with asyncio.timeout(max(0.0, end - time.monotonic())):
                    message = await receive()
            except TimeoutError:
                detail = f"the body did not arrive within {self.seconds:g} seconds"
                raise HTTPException(408, detail, headers={"Connection": "close"}) from None
            received += len(message.get("body", b""))
            complete = not message.get("more_body", False)
            if received > limit:
                raise HTTPException(413, f"at most {limit} bytes", headers={"Connection": "close"})
            return message

        return bounded


def _too_large(limit: int) -> ASGIApp:
    return problem(413, "content_too_large", f"at most {limit} bytes", headers={"Connection": "close"})
