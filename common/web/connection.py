"""One HTTP connection, as uvicorn with httptools speaks it, with bounds that uvicorn lacks.

They are: how slowly and how large a head may come, and how long the rest of a body that nobody reads. Without them a client could open
connections, send a byte now and then, and hold them for ever. A body that is read is `body_limit`'s concern.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from starlette.requests import HTTPConnection
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_BYTES = 65_536
_ENDING = "tegata.ending"


def is_ending(request: HTTPConnection) -> bool:
    """Whether the server wants to end, and waits for the answer to this: for those who hold one back."""
    return bool(request.scope.get(_ENDING))


class Connection(HttpToolsProtocol):
    """What the server makes for each accepted socket.

    The setting ``idle_seconds`` (uvicorn's keep-alive time) bounds the wait for a head too: from the opening of the connection, or from
    the first byte of a further request, to the end of the headers.
    """

    _timer: asyncio.TimerHandle | None = None
    _head_bytes = 0
    _body_ends: asyncio.TimerHandle | None = None
    _in_body = False

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_arrived()
        self._body_arrived()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._head_bytes += len(data)
        super().data_received(data)
        if self._timer is not None and self._head_bytes > HEAD_BYTES:
            self._refuse(431, "Request Header Fields Too Large", "headers_too_large", f"at most {HEAD_BYTES} bytes")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._expect_head()

    def on_headers_complete(self) -> None:
        self._head_arrived()
        self._in_body = True
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._body_arrived()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """The answer is sent, perhaps before a body that nobody read: its rest may come for a while, so that the answer is heard.

        uvicorn would take that rest in, and forget it, for as long as a byte comes now and then.
        """
        super().on_response_complete()
        if self._in_body and self._body_ends is None and not self.transport.is_closing():
            self._body_ends = self.loop.call_later(self.timeout_keep_alive, self.transport.close)

    def shutdown(self) -> None:
        """Called by uvicorn when the server begins to end."""
        super().shutdown()
        if self.cycle is not None:
            scope: Any = self.cycle.scope
            scope[_ENDING] = True

    def send_400_response(self, msg: str) -> None:
        """Called by uvicorn for bytes that are not HTTP."""
        self._refuse(400, "Bad Request", "invalid_http", msg)

    def _expect_head(self) -> None:
        if self._timer is None:
            self._head_bytes = 0
            self._timer = self.loop.call_later(self.timeout_keep_alive, self._too_slow)

    def _head_arrived(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _body_arrived(self) -> None:
        self._in_body = False
        if self._body_ends is not None:
            self._body_ends.cancel()
            self._body_ends = None

    def _too_slow(self) -> None:
        self._refuse(
            408, "Request Timeout", "too_slow", f"no complete request within {self.timeout_keep_alive} seconds"
        )

    def _refuse(self, status: int, title: str, code: str, detail: str) -> None:
        """Answers below the app, with a problem document all the same, and closes."""
        self._head_arrived()
        if self.transport.is_closing():
            return
        body = json.dumps(
            {"type": "about:blank", "title": title, "status": status, "code": code, "detail": detail}
        ).encode()
        head = (
            f"HTTP/1.1 {status} {title}\r\ncontent-type: application/problem+json\r\ncontent-length: {len(body)}\r\n"
            "cache-control: no-store\r\nx-content-type-options: nosniff\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode("ascii") + body)
        self.transport.close()
