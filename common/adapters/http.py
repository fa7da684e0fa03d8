"""The guarded way to the network: the Fetch port over httpx. What an address may be, whom it may reach, how much and how long.

- https only; a sandbox may also speak http to this machine, and only to it
- public addresses only, checked at the moment of connecting (`guarded_network`); redirects are checked like first addresses
- bounds on time (whole exchange), size (on the wire and inflated) and redirects
- no cookies, no proxies from the environment, no credentials in addresses
"""

from __future__ import annotations

import re
import ssl
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from typing import Self

import httpcore
import httpx

from common.adapters.addresses import check_address
from common.adapters.guarded_network import GuardedNetwork, deadline, is_localhost
from common.errors import Misconfigured, Refused, Unavailable
from common.failpoints import hit
from common.ports import Fetched

USER_AGENT = "Tegata/1"
MAX_ADDRESS = 4096
_ADDRESS = re.compile(r"https?://[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+")
_CROSS_ORIGIN_DROPPED = frozenset({"authorization", "cookie", "dpop"})
_INFLATE_WINDOW = 16 + zlib.MAX_WBITS  # gzip only


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and its answer as they went over the wire, for the sandbox's wire log. milliseconds: from sending to the last byte."""

    method: str
    url: str
    request_headers: Mapping[str, str]
    request_body: bytes = field(repr=False)
    status: int
    response_headers: Mapping[str, str]
    response_body: bytes = field(repr=False)
    milliseconds: float


class GuardedFetch:
    """Implements common.ports.Fetch. Safe between threads. Close it, or use it as a context manager.

    sandbox: http(s) to loopback is allowed too. private_hosts: names that may lie on a private network (an institution's own), https
    only. addresses: of such names, where no name server knows them. extra_roots: PEM files of authorities for TLS beside the system's.
    timeout: seconds for an exchange with all its redirects. max_bytes: of an answer's body. request_id: gives the X-Request-Id of what
    is being served just now. on_exchange: sees everything that is sent and received, so it is for sandboxes only.
    """

    def __init__(
        self,
        *,
        sandbox: bool = False,
        timeout: float = 10.0,
        connect_timeout: float = 4.0,
        max_bytes: int = 2 << 20,
        max_redirects: int = 3,
        private_hosts: frozenset[str] = frozenset(),
        addresses: Mapping[str, str] | None = None,
        extra_roots: tuple[Path, ...] = (),
        request_id: Callable[[], str | None] | None = None,
        on_exchange: Callable[[Exchange], None] | None = None,
    ) -> None:
        if on_exchange is not None and not sandbox:
            raise Misconfigured("wire_log_not_allowed", "only a sandbox may record what goes over the wire")
        self._sandbox = sandbox
        self._timeout = timeout
        self._max_bytes = max_bytes
        self._max_redirects = max_redirects
        self._request_id = request_id
        self._on_exchange = on_exchange
        network = GuardedNetwork(
            sandbox=sandbox,
            private_hosts=frozenset(host.lower() for host in private_hosts),
            addresses={host.lower(): address for host, address in (addresses or {}).items()},
        )
        self._transport = _Transport(network, tls_context(extra_roots))
        self._client = httpx.Client(
            transport=self._transport,
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "gzip"},
            timeout=httpx.Timeout(timeout, connect=connect_timeout),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            follow_redirects=False,
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections that were kept."""
        self._client.close()

    def get(self, url: str, *, accept: str = "*/*", headers: Mapping[str, str] | None = None) -> Fetched:
        """Follows redirects, each checked like the first address; across origins without the caller's credentials.

        Raises Refused("address_not_allowed" | "too_many_redirects"), Unavailable.
        """
        sent = {**(headers or {}), "Accept": accept}
        with deadline(self._timeout):
            for _ in range(self._max_redirects + 1):
                answer, target = self._exchange("GET", url, b"", sent)
                if target is None:
                    return answer
                if httpx.URL(target).netloc != httpx.URL(url).netloc:
                    sent = {name: value for name, value in sent.items() if name.lower() not in _CROSS_ORIGIN_DROPPED}
                url = target
        raise Refused("too_many_redirects", f"more than {self._max_redirects} redirects")

    def post(
        self, url: str, *, body: bytes, content_type: str, accept: str = "*/*", headers: Mapping[str, str] | None = None
    ) -> Fetched:
        """Never follows a redirect: what was meant for one receiver is not handed to another. Raises as `get` does."""
        sent = {**(headers or {}), "Accept": accept, "Content-Type": content_type}
        with deadline(self._timeout):
            return self._exchange("POST", url, body, sent)[0]

    def _exchange(self, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> tuple[Fetched, str | None]:
        """One request. Returns the answer, and where it redirects to."""
        address = check_url(url, sandbox=self._sandbox)
        sent = dict(headers)
        request_id = self._request_id() if self._request_id else None
        if request_id:
            sent["X-Request-Id"] = request_id
        hit("fetch.before_send")
        started = time.monotonic()
        try:
            with self._client.stream(method, address, content=body or None, headers=sent) as response:
                received = b"".join(self._bounded(response))
                target = str(response.next_request.url) if response.next_request else None
        except httpx.HTTPError as cause:
            raise Unavailable("no_answer", "the other side did not answer in time, or not in HTTP") from cause
        except (httpx.InvalidURL, ValueError) as cause:
            raise Refused("address_not_allowed", "it redirects to something that is no address") from cause
        hit("fetch.after_receive")
        names = {name.lower(): value for name, value in response.headers.items()}
        if self._on_exchange is not None:
            self._on_exchange(
                Exchange(
                    method=method,
                    url=url,
                    request_headers=dict(response.request.headers),
                    request_body=body,
                    status=response.status_code,
                    response_headers=names,
                    response_body=received,
                    milliseconds=(time.monotonic() - started) * 1000,
                )
            )
        return Fetched(url=url, status=response.status_code, headers=names, body=received), target

    def _bounded(self, response: httpx.Response) -> Iterator[bytes]:
        """The body, inflated if it is gzip, never more than max_bytes of it in memory."""
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        if encoding not in ("identity", "gzip", ""):
            raise Unavailable("encoding_not_allowed", "the answer is packed in a way that was not asked for")
        inflater = zlib.decompressobj(_INFLATE_WINDOW) if encoding == "gzip" else None
        left = self._max_bytes
        wire_left = self._max_bytes
        for chunk in response.iter_raw():
            wire_left -= len(chunk)
            try:
                piece = inflater.decompress(chunk, left + 1) if inflater else chunk
            except zlib.error as cause:
                raise Unavailable("no_answer", "the answer is not the gzip that it claims to be") from cause
            left -= len(piece)
            if left < 0 or wire_left < 0:
                raise Unavailable("answer_too_large", f"the answer is larger than {self._max_bytes} bytes")
            yield piece
        if inflater is not None and not inflater.eof:
            raise Unavailable("no_answer", "the answer is cut off")


def check_url(url: str, *, sandbox: bool) -> httpx.URL:
    """Text → address that may be tried; the host's network address is checked when connecting. Raises Refused("address_not_allowed").

    The scheme in lower case, ASCII only (an international name comes as punycode), no user, and http only where nothing leaves the machine.
    """
    if len(url) > MAX_ADDRESS or not _ADDRESS.fullmatch(url):
        raise Refused("address_not_allowed", "not an https address")
    try:
        address = httpx.URL(url)
        host, user, port = address.host, address.userinfo, address.port
    except (httpx.InvalidURL, ValueError, UnicodeError):
        raise Refused("address_not_allowed", "not an https address") from None
    authority = url.split("/", 3)[2]
    if not host or user or "@" in authority or "%" in authority or (port is not None and not 0 < port < 65536):
        raise Refused("address_not_allowed", "an address here has a host, perhaps a port, and no user or password")
    if address.scheme == "http" and not (sandbox and _is_this_machine(host)):
        raise Refused("address_not_allowed", "only https addresses are asked")
    return address.copy_with(fragment=None)


def _is_this_machine(host: str) -> bool:
    if is_localhost(host.lower().rstrip(".")):
        return True
    try:
        return check_address(host, sandbox=True).is_loopback
    except Refused:
        return False


def tls_context(extra_roots: tuple[Path, ...]) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    for path in extra_roots:
        try:
            context.load_verify_locations(cafile=path)
        except (OSError, ssl.SSLError) as cause:
            raise Misconfigured("bad_root", f"{path.name} holds no certificate") from cause
    return context


class _Transport(httpx.BaseTransport):
    """httpx on top of httpcore's pool on top of our network."""

    def __init__(self, network: GuardedNetwork, tls: ssl.SSLContext) -> None:
        self._network = network
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls,
            network_backend=network,
            max_connections=100,
            max_keepalive_connections=20,
            keepalive_expiry=30.0,
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        try:
            response = self._pool.handle_request(
                httpcore.Request(
                    method=request.method,
                    url=httpcore.URL(
                        scheme=request.url.raw_scheme,
                        host=request.url.raw_host,
                        port=request.url.port,
                        target=request.url.raw_path,
                    ),
                    headers=request.headers.raw,
                    content=request.read(),
                    extensions=request.extensions,
                )
            )
        except _CORE_ERRORS as cause:
            raise httpx.TransportError("no answer", request=request) from cause
        return httpx.Response(
            status_code=response.status,
            headers=response.headers,
            stream=_Stream(response),
            extensions=response.extensions,
        )

    def close(self) -> None:
        self._pool.close()
        self._network.close()


_CORE_ERRORS = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
    httpcore.ConnectionNotAvailable,
)


class _Stream(httpx.SyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._response.iter_stream()
        except _CORE_ERRORS as cause:
            raise httpx.ReadError("the answer broke off") from cause

    def close(self) -> None:
        self._response.close()
