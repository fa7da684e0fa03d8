"""The sockets under `common.adapters.http`: resolve a name once, check every address, connect to a checked one, keep to a deadline.

Name and address are settled in one step, below the HTTP client, so a name server that answers differently the second time (DNS
rebinding) finds no second time. TLS still checks the certificate against the *name*.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import httpcore

from common.adapters.addresses import check_address

_LOOPBACK = ("127.0.0.1", "::1")
_deadline: ContextVar[float] = ContextVar("fetch_deadline")


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Everything that happens on the network inside this block ends after so many seconds, however slowly bytes drip."""
    token = _deadline.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)


def remaining(timeout: float | None = None) -> float:
    """Seconds left, at most ``timeout``. Raises httpcore.ReadTimeout when none are."""
    left = _deadline.get() - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the whole exchange took too long")
    return left if timeout is None else min(left, timeout)


def is_localhost(host: str) -> bool:
    """``localhost`` and names below it never leave this machine (RFC 6761 §6.3), so no name server is asked for them."""
    return host == "localhost" or host.endswith(".localhost")


class GuardedNetwork(httpcore.NetworkBackend):
    """Implements httpcore's backend, for TCP alone.

    private_hosts: names, in lower case, that may lie on a private network. addresses: names of our own whose address is known here,
    so that no name server is asked; the address is checked all the same.
    """

    def __init__(
        self,
        *,
        sandbox: bool,
        private_hosts: frozenset[str] = frozenset(),
        addresses: Mapping[str, str] | None = None,
    ) -> None:
        self._sandbox = sandbox
        self._private_hosts = private_hosts
        self._addresses = dict(addresses or {})
        self._sockets = httpcore.SyncBackend()
        self._resolvers = ThreadPoolExecutor(max_workers=8, thread_name_prefix="resolve")

    def close(self) -> None:
        self._resolvers.shutdown(wait=False, cancel_futures=True)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connects to the first address that answers, once *all* addresses of the name are allowed."""
        failure: Exception = httpcore.ConnectError("the name has no address")
        for address in self.allowed_addresses(host):
            try:
                stream = self._sockets.connect_tcp(
                    address, port, remaining(timeout), local_address=local_address, socket_options=socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as cause:
                failure = cause
                continue
            return _TimedStream(stream)
        raise failure

    def allowed_addresses(self, host: str) -> list[str]:
        """Name → its addresses. Raises Refused("address_not_allowed") if any one of them may not be asked."""
        name = host.lower().rstrip(".")
        addresses = [self._addresses[name]] if name in self._addresses else self._lookup(name)
        private = name in self._private_hosts
        return [str(check_address(text, sandbox=self._sandbox, private_allowed=private)) for text in addresses]

    def _lookup(self, name: str) -> list[str]:
        if is_localhost(name):
            return list(_LOOPBACK)
        # getaddrinfo cannot be interrupted, so it runs beside us and is left behind when it is too slow.
        asked = self._resolvers.submit(socket.getaddrinfo, name, None, type=socket.SOCK_STREAM)
        try:
            found = asked.result(timeout=remaining())
        except FutureTimeout:
            asked.cancel()
            raise httpcore.ConnectTimeout("the name server did not answer in time") from None
        except (OSError, UnicodeError) as cause:
            raise httpcore.ConnectError("the name has no address") from cause
        return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class _TimedStream(httpcore.NetworkStream):
    """A connection that minds the deadline of whoever is using it just now."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, remaining(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, remaining(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, remaining(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
