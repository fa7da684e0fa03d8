"""A client of an app in this process, for tests that knock ten thousand times.

Starlette's own client runs the app in another thread and goes there and back eight times for each request, which takes several times as
long as most answers. Here the app runs in the caller's thread, in an event loop that lives as long as the request.
"""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import unquote

import httpx

Message = dict[str, Any]


class AppClient(httpx.Client):
    """Like `starlette.testclient.TestClient`, for apps that need no start and no end, and answers that come whole.

    raise_server_exceptions: what the app does not catch is raised here; otherwise it is a 500.
    """

    def __init__(
        self,
        app: Any,
        *,
        base_url: str = "http://testserver",
        raise_server_exceptions: bool = True,
        follow_redirects: bool = True,
        cookies: dict[str, str] | None = None,
    ) -> None:
        self.app = app
        super().__init__(
            base_url=base_url,
            headers={"user-agent": "testclient"},
            follow_redirects=follow_redirects,
            cookies=cookies,
            transport=_InThisThread(app, raises=raise_server_exceptions),
        )


class _InThisThread(httpx.BaseTransport):
    def __init__(self, app: Any, *, raises: bool) -> None:
        self._app, self._raises = app, raises

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        body, said = request.read(), list[Message]()
        try:
            asyncio.run(self._run(_scope(request), body, said))
        except Exception:
            if self._raises:
                raise
        starts = [one for one in said if one["type"] == "http.response.start"]
        if not starts:
            assert not self._raises, "the app did not answer"
            return httpx.Response(500, request=request)
        (start,) = starts
        content = b"".join(bytes(one.get("body", b"")) for one in said if one["type"] == "http.response.body")
        # a stream, as from a network: the length is what the app said, and nothing of it is worked out here
        stream = httpx.ByteStream(b"" if request.method == "HEAD" else content)
        return httpx.Response(start["status"], headers=start.get("headers", []), stream=stream, request=request)

    async def _run(self, scope: Message, body: bytes, said: list[Message]) -> None:
        """What the app says goes into ``said``, also when it fails afterwards."""
        unread, complete = [body], asyncio.Event()

        async def receive() -> Message:
            if unread:
                return {"type": "http.request", "body": unread.pop()}
            await complete.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            said.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                complete.set()

        await self._app(scope, receive, send)


def _scope(request: httpx.Request) -> Message:
    url = request.url
    host = [] if "host" in request.headers else [(b"host", url.netloc)]
    return {
        "type": "http",
        "http_version": "1.1",
        "method": request.method,
        "path": unquote(url.path),
        "raw_path": url.raw_path.partition(b"?")[0],
        "root_path": "",
        "scheme": url.scheme,
        "query_string": url.query,
        # as sent over a wire: names in lower case, values in latin-1 or whatever bytes the test chose
        "headers": host + [(name.lower(), value) for name, value in request.headers.raw],
        "client": ["testclient", 50000],
        "server": [url.host, url.port or {"http": 80, "https": 443}[url.scheme]],
        "extensions": {},
        "state": {},
    }
