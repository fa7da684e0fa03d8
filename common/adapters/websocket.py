"""A WebSocket to somebody we do not trust, as the card relay needs it: RFC 6455. Guarded like every other way to the network.

The address is checked as `common.adapters.http` checks it, the name is resolved once and every address of it has to be allowed. Frames are
bounded, nothing is compressed, no redirect is followed, no proxy asked, and every wait ends.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import httpcore
from anyio.from_thread import start_blocking_portal
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.typing import Subprotocol

from common.adapters.guarded_network import GuardedNetwork, deadline
from common.adapters.http import USER_AGENT, check_url, tls_context
from common.errors import Refused, TegataError, TooMany, Unavailable

CONNECT_SECONDS: Final = 10.0
SIGN_OF_LIFE: Final = 15.0
"""Between two signs of life; as long again until a silent peer is given up."""
_QUEUE: Final = 16


class _Direct(connect):
    """Goes where it was sent, and nowhere else."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


class WebSocket:
    """A conversation of text and binary frames. Close it, or use it with ``with``.

    The line has a thread of its own, which alone reads and writes it. (Two threads on one TLS connection, one that waits for frames and one
    that sends, is what OpenSSL does not allow: where the server's session tickets came just then, what was sent stayed here for ever.)
    """

    def __init__(self, opening: connect) -> None:
        with ExitStack() as ends:
            self._portal = ends.enter_context(start_blocking_portal())
            self._connection: ClientConnection = self._portal.call(opening.connect)
            ends.callback(lambda: self._portal.call(self._connection.close))
            self._ends = ends.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def speaks(self) -> str | None:
        """The subprotocol that was agreed on."""
        return self._connection.subprotocol

    def send(self, frame: str | bytes) -> None:
        """Raises Unavailable("link_lost")."""
        try:
            self._portal.call(self._connection.send, frame)
        except (WebSocketException, OSError, RuntimeError):  # RuntimeError: closed on this side
            raise _lost() from None

    def receive(self, seconds: float) -> str | bytes:
        """The next frame. Raises Unavailable: "link_slow" where none came in time, "link_lost" where none will come."""
        try:
            return self._portal.call(self._next, seconds)
        except TimeoutError:
            raise Unavailable("link_slow", "the other side did not answer in time") from None
        except (WebSocketException, OSError, RuntimeError):
            raise _lost() from None

    def close(self) -> None:
        """A second time does nothing."""
        self._ends.close()

    async def _next(self, seconds: float) -> str | bytes:
        async with asyncio.timeout(seconds):
            return await self._connection.recv()


def open_websocket(
    url: str,
    *,
    subprotocol: str,
    headers: Mapping[str, str],
    max_frame: int,
    sandbox: bool,
    private_hosts: frozenset[str] = frozenset(),
    addresses: Mapping[str, str] | None = None,
    extra_roots: tuple[Path, ...] = (),
) -> WebSocket:
    """url: https (a sandbox may also speak http to this machine); it is spoken to as wss or ws. max_frame: bytes of one message.

    private_hosts, addresses, extra_roots: as in `GuardedFetch`. Raises Refused("address_not_allowed" | "not_let_in"),
    TooMany("door_is_full"), Unavailable("no_answer").
    """
    address = check_url(url, sandbox=sandbox)
    is_tls = address.scheme == "https"
    network = GuardedNetwork(sandbox=sandbox, private_hosts=private_hosts, addresses=addresses)
    try:
        with deadline(CONNECT_SECONDS):
            allowed = network.allowed_addresses(address.host)
    except (httpcore.TimeoutException, httpcore.NetworkError) as cause:
        raise _no_answer() from cause
    finally:
        network.close()
    line = _connect(allowed, address.port or (443 if is_tls else 80))
    try:
        opened = WebSocket(
            _Direct(
                ("wss" if is_tls else "ws") + url[len(address.scheme) :],
                sock=line,
                ssl=tls_context(extra_roots) if is_tls else None,
                subprotocols=[Subprotocol(subprotocol)],
                compression=None,
                additional_headers=dict(headers),
                user_agent_header=USER_AGENT,
                proxy=None,
                open_timeout=CONNECT_SECONDS,
                ping_interval=SIGN_OF_LIFE,
                ping_timeout=SIGN_OF_LIFE,
                close_timeout=2,
                max_size=max_frame,
                max_queue=_QUEUE,
            )
        )
    except InvalidStatus as refused:
        line.close()
        raise _refused(refused.response.status_code) from None
    except (WebSocketException, TimeoutError, OSError) as cause:
        line.close()
        raise _no_answer() from cause
    if opened.speaks != subprotocol:
        opened.close()
        raise Unavailable("no_answer", "the other side speaks another protocol")
    return opened


def _connect(addresses: list[str], port: int) -> socket.socket:
    for address in addresses:
        try:
            return socket.create_connection((address, port), timeout=CONNECT_SECONDS)
        except OSError:
            continue
    raise _no_answer()


def _refused(status: int) -> TegataError:
    if status in (429, 503):
        return TooMany("door_is_full", "too many are there at once; try again in a minute")
    return Refused("not_let_in", f"the other side did not let us in ({status}): the link may be over")


def _lost() -> Unavailable:
    return Unavailable("link_lost", "the link to the other side broke off")


def _no_answer() -> Unavailable:
    return Unavailable("no_answer", "the other side did not answer in time, or not as a WebSocket")
