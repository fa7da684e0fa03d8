"""An internet in memory: addresses answered in memory, with a record of every request."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from common.errors import Unavailable
from common.ports import Fetched

Answer = bytes | Fetched | Callable[[bytes], Fetched]


class FakeFetch:
    """Implements common.ports.Fetch. ``pages`` maps an address to its body, its answer, or a function of the posted body."""

    def __init__(self, pages: Mapping[str, Answer] | None = None) -> None:
        self.pages: dict[str, Answer] = dict(pages or {})
        self.requests: list[tuple[str, str]] = []

    def _answer(self, method: str, url: str, body: bytes) -> Fetched:
        self.requests.append((method, url))
        page = self.pages.get(url)
        if page is None:
            raise Unavailable("no_answer", f"nobody answers at {url}")
        if isinstance(page, bytes):
            return Fetched(url=url, status=200, body=page)
        return page if isinstance(page, Fetched) else page(body)

    def get(self, url: str, *, accept: str = "*/*", headers: Mapping[str, str] | None = None) -> Fetched:
        return self._answer("GET", url, b"")

    def post(
        self, url: str, *, body: bytes, content_type: str, accept: str = "*/*", headers: Mapping[str, str] | None = None
    ) -> Fetched:
        return self._answer("POST", url, body)
