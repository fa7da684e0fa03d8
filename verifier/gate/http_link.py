"""The hub over HTTPS, from a gate on the same LAN. The deadline holds for the whole answer, not for each part of it.

A request whose answer comes too late is not called back: the hub may have granted it, and it is the gate's own entry that it granted.
"""

from __future__ import annotations

import ssl
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from pathlib import Path

import httpx

from common.encoding import parse_json_object
from common.errors import Malformed, NotFound, Refused, TegataError, Unavailable
from common.gate.exchange import MAX_BODY
from common.gate.signed import MEDIA_TYPE as CBOR


class HttpHub:
    """address: of the hub, with its scheme. root: PEM file of the authority that its certificate is from, where the system knows it not."""

    def __init__(self, address: str, *, root: Path | None = None) -> None:
        verify: ssl.SSLContext | bool = True
        if root is not None:
            verify = ssl.create_default_context(cafile=str(root))
        self._client = httpx.Client(
            base_url=address.rstrip("/"),
            verify=verify,
            timeout=httpx.Timeout(10.0, connect=2.0),
            follow_redirects=False,
            trust_env=False,
        )
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="hub")

    def admit(self, event: str, request: bytes, *, seconds: float) -> bytes:
        return self._ask("POST", f"/gate/{event}/admit", request, seconds)

    def exchange(self, event: str, body: bytes, *, seconds: float) -> bytes:
        return self._ask("POST", f"/gate/{event}/exchange", body, seconds)

    def enrol(self, event: str, body: bytes, *, seconds: float = 10.0) -> bool:
        """True where the organiser took the device in; False where the hub will tell him as soon as it reaches him."""
        return self._answer("POST", f"/gate/{event}/enrol", body, seconds).status_code == 201

    def pack(self, event: str, *, seconds: float = 10.0) -> bytes:
        return self._ask("GET", f"/gate/{event}/pack", b"", seconds)

    def delta(self, event: str, serial: int, *, seconds: float = 10.0) -> bytes:
        """What changed since that pack; nothing where it is the newest. Raises NotFound: the whole pack is to be taken."""
        return self._ask("GET", f"/gate/{event}/delta?from={serial}", b"", seconds)

    def events(self, *, seconds: float = 5.0) -> bytes:
        """JSON: [{event, names, serial}]."""
        return self._ask("GET", "/gate/events", b"", seconds)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._client.close()

    def _ask(self, method: str, path: str, body: bytes, seconds: float) -> bytes:
        return self._answer(method, path, body, seconds).content

    def _answer(self, method: str, path: str, body: bytes, seconds: float) -> httpx.Response:
        answer: Future[httpx.Response] = self._threads.submit(self._send, method, path, body)
        try:
            response = answer.result(timeout=seconds)
        except (TooLate, httpx.HTTPError, OSError) as error:
            answer.cancel()
            raise Unavailable("no_answer", "the hub does not answer") from error
        if response.status_code >= 500:
            raise Unavailable("no_answer", "the hub cannot answer now")
        if response.status_code >= 300:
            raise _error(response)
        return response

    def _send(self, method: str, path: str, body: bytes) -> httpx.Response:
        with self._client.stream(
            method, path, content=body or None, headers={"Content-Type": CBOR} if body else None
        ) as response:
            content = bytearray()
            for part in response.iter_bytes():
                content += part
                if len(content) > 2 * MAX_BODY:
                    raise httpx.TransportError("more than a hub sends")
            return httpx.Response(response.status_code, content=bytes(content))


def _error(response: httpx.Response) -> TegataError:
    """The problem document of a hub that says no."""
    try:
        problem = parse_json_object(response.content)
    except Malformed:
        problem = {}
    code = str(problem.get("code") or "hub_refused")[:64]
    kind = NotFound if response.status_code == 404 else Refused
    return kind(code, f"the hub says no: {code}")
