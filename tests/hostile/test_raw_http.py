"""Bytes on a socket of the real servers: heads that are no HTTP, bodies that never end, clients that dawdle.

Every one is answered with a 4xx problem document, or the connection is closed; within a bound; and the server goes on serving others.
"""

from __future__ import annotations

import contextlib
import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from examples.demo.cast import SHOP, UNIVERSITY, Cast, make_cast
from examples.demo.programs import NAMES

IDLE = 2
"""Seconds that the servers of this module give a client, for its head and for its body."""
BOUND = 12.0
"""Seconds after which a connection counts as hanging, on a busy machine."""
POST = {"issuer": f"/{UNIVERSITY}/token", "verifier": f"/{SHOP}/response/x", "wallet": "/hanako/api/unlock"}
QUICK = {"issuer": f"/{UNIVERSITY}/nonce", "verifier": f"/{SHOP}/did.json", "wallet": "/health/live"}
"""Paths that answer without reading a body."""


@pytest.fixture(scope="module")
def cast(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cast]:
    folder: Path = tmp_path_factory.mktemp("raw")
    shared = {"idle_seconds": str(IDLE), "body_seconds": str(IDLE), "guess_limit": "1000000/minute"}
    made = make_cast(folder, shared=shared)
    made.introduce()
    made.start(seconds=120)
    yield made
    made.stop()


@dataclass
class Heard:
    """What came back on a connection, and whether the server closed it."""

    data: bytes
    closed: bool
    seconds: float

    @property
    def status(self) -> int:
        return int(self.data.split(b" ", 2)[1]) if self.data.startswith(b"HTTP/1.1 ") else 0

    @property
    def body(self) -> bytes:
        return self.data.partition(b"\r\n\r\n")[2]


def connect(cast: Cast, name: str) -> socket.socket:
    port = urlsplit(cast.programs[name].url).port
    assert port
    return socket.create_connection(("127.0.0.1", port), timeout=BOUND)


def listen(line: socket.socket, began: float, until_closed: bool = True) -> Heard:
    """Reads until the server closes, or (until_closed=False) until something whole may have come."""
    data = b""
    line.settimeout(0.2)
    while time.monotonic() - began < BOUND:
        try:
            piece = line.recv(65536)
        except TimeoutError:
            if data and not until_closed:
                return Heard(data, False, time.monotonic() - began)
            continue
        except OSError:
            return Heard(data, True, time.monotonic() - began)
        if not piece:
            return Heard(data, True, time.monotonic() - began)
        data += piece
    return Heard(data, False, time.monotonic() - began)


def say(cast: Cast, name: str, text: bytes) -> Heard:
    began = time.monotonic()
    with connect(cast, name) as line:
        with contextlib.suppress(OSError):  # refused before all of it was sent
            line.sendall(text)
        return listen(line, began)


def check_refused(name: str, heard: Heard, *, may_be_silent: bool = False) -> None:
    assert heard.closed, f"{name}: still open after {heard.seconds:.0f} s"
    if may_be_silent and not heard.data:
        return
    assert 400 <= heard.status < 500, (name, heard.data[:300])
    problem = json.loads(heard.body)
    assert problem["status"] == heard.status
    assert b"application/problem+json" in heard.data


def check_alive(cast: Cast) -> None:
    for program in cast.programs.values():
        assert httpx.get(f"{program.url}/health/ready", timeout=BOUND).status_code == 200
        assert "Traceback" not in program.last_words(20_000)


NOT_HTTP = {
    "zeros": b"\0" * 200,
    "tls": bytes.fromhex("16030100c8010000c40303") + b"\x11" * 190,
    "words": b"hello, is anybody there?\r\n\r\n",
    "http 9": b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
    "no target": b"GET  HTTP/1.1\r\nHost: x\r\n\r\n",
    "space in a name": b"GET / HTTP/1.1\r\nHo st: x\r\n\r\n",
    "nul in a header": b"GET / HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n",
    "bare line feed": b"GET / HTTP/1.1\r\nHost: x\r\nX: a\nb c\r\n\r\n",
    "connect": b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
    "open bracket": b"GET http://[::1 HTTP/1.1\r\nHost: x\r\n\r\n",
    "two lengths": b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "length and chunks": b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "negative length": b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
    "endless length": b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: " + b"9" * 400 + b"\r\n\r\n",
    "wrong chunk": b"POST %s HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "huge header": b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 200_000,
    "many headers": b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-A: b\r\n" * 20_000 + b"\r\n",
    "long target": b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
}


@pytest.mark.parametrize("case", NOT_HTTP)
def test_what_is_no_http_is_refused_and_the_line_closed(cast: Cast, case: str) -> None:
    for name in NAMES:
        text = NOT_HTTP[case].replace(b"%s", POST[name].encode())
        check_refused(name, say(cast, name, text), may_be_silent=True)


TARGETS = (
    "/%00", "/%ff%fe", "/%0d%0aX-Evil:%20x", "/..%2f..%2f..%2fetc%2fpasswd", "/static/..%2f..%2fapp.py", "/static/%00",
    "/static/..", "//evil.example/staff", "/%5cevil.example/staff/roll", "/\xff\xfe", "/?" + "a&" * 9000, "/%", "/%zz", "*",
    "/static/" + "a" * 5000, "/" + "%F0%9F%98%80" * 100 + "/login", "http://evil.example/", "/;/", "/a/../../b", "/.well-known/",
    "/%ed%a0%80/did.json", f"/{'x' * 3000}/status/{'y' * 3000}",
)  # fmt: skip


def test_strange_addresses(cast: Cast) -> None:
    """None is a 500, none reads a file, none sends a browser to another host."""
    for name in NAMES:
        for target in TARGETS:
            raw = target.encode("latin-1")
            head = b" HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\nConnection: close\r\n\r\n"
            heard = say(cast, name, b"GET " + raw + head)
            assert heard.closed, (name, target)
            assert 200 <= heard.status < 500, (name, target, heard.data[:300])
            assert b"root:" not in heard.body
            assert b"\r\nX-Evil" not in heard.data
            for line in heard.data.split(b"\r\n\r\n")[0].split(b"\r\n"):
                if line.lower().startswith(b"location:"):
                    place = line.split(b":", 1)[1].strip()
                    assert place.startswith(b"/"), (name, target, line)
                    assert not place.startswith((b"//", b"/\\")), (name, target, line)
    check_alive(cast)


def test_truncated_requests_end(cast: Cast) -> None:
    """A request cut off anywhere, and the client waits: a 4xx and a closed line within the bound."""
    whole = b'POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"a":'
    cuts = [1, 10, 30, len(whole) // 2, len(whole) - 3, len(whole)]

    def one(where: tuple[str, int]) -> tuple[str, Heard]:
        name, cut = where
        return name, say(cast, name, whole.replace(b"%s", POST[name].encode())[: cut + len(POST[name]) - 2])

    with ThreadPoolExecutor(18) as many:
        for name, heard in many.map(one, [(name, cut) for name in NAMES for cut in cuts]):
            check_refused(name, heard)
    check_alive(cast)


def drip(cast: Cast, name: str, first: bytes, again: bytes, pause: float = 0.25) -> Heard:
    """Sends the beginning, then a little again and again, for as long as the server lets us."""
    began, data = time.monotonic(), b""
    with connect(cast, name) as line:
        line.sendall(first)
        line.settimeout(pause)
        while time.monotonic() - began < BOUND:
            try:
                piece = line.recv(65536)
                if not piece:
                    return Heard(data, True, time.monotonic() - began)
                data += piece
            except TimeoutError:
                pass
            except OSError:
                return Heard(data, True, time.monotonic() - began)
            try:
                line.sendall(again)
            except OSError:
                return Heard(data + _rest(line), True, time.monotonic() - began)
    return Heard(data, False, time.monotonic() - began)


def _rest(line: socket.socket) -> bytes:
    try:
        return line.recv(65536)
    except OSError:
        return b""


CHUNKED = b"Host: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
DRIPS = {
    "a head without end": (b"GET / HTTP/1.1\r\nHost: x\r\n", b"X-A: b\r\n"),
    "a request line without end": (b"GET /", b"a"),
    "a body without end": (b"POST %post HTTP/1.1\r\n" + CHUNKED, b"1\r\na\r\n"),
    "a body nobody reads": (b"POST %quick HTTP/1.1\r\n" + CHUNKED, b"1\r\na\r\n"),
    "a body on a GET": (b"GET %quick HTTP/1.1\r\n" + CHUNKED, b"1\r\na\r\n"),
    "a body at no such page": (b"POST /a/b/c/d HTTP/1.1\r\n" + CHUNKED, b"1\r\na\r\n"),
    "a length that never comes": (b"POST %quick HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\n", b"a"),
    "empty lines": (b"", b"\r\n"),
}


def test_who_dawdles_is_shown_out(cast: Cast) -> None:
    """Slow-loris in every form: no connection outlives its bound by sending a byte now and then."""

    def one(where: tuple[str, str]) -> tuple[str, str, Heard]:
        name, case = where
        first, again = DRIPS[case]
        first = first.replace(b"%post", POST[name].encode()).replace(b"%quick", QUICK[name].encode())
        return name, case, drip(cast, name, first, again)

    with ThreadPoolExecutor(24) as many:
        outcome = list(many.map(one, [(name, case) for name in NAMES for case in DRIPS]))
    still_open = [(name, case) for name, case, heard in outcome if not heard.closed]
    assert not still_open
    assert all(heard.status < 500 for _, _, heard in outcome)
    check_alive(cast)


def test_too_large_bodies_are_refused_early(cast: Cast) -> None:
    for name in NAMES:
        head = f"POST {POST[name]} HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\n\r\n".encode()
        check_refused(name, say(cast, name, head))
        chunk = b"10000\r\n" + b"a" * 65536 + b"\r\n"
        head = f"POST {POST[name]} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
        check_refused(name, say(cast, name, head + chunk * 40), may_be_silent=True)
    check_alive(cast)


def test_many_idle_connections_keep_nobody_out(cast: Cast) -> None:
    lines = [connect(cast, name) for name in NAMES for _ in range(150)]
    try:
        check_alive(cast)
    finally:
        for line in lines:
            line.close()
