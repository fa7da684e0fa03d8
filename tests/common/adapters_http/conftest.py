"""A real server on this machine whose answers are rude on request."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

BOMB = gzip.compress(bytes(50 << 20))


@dataclass
class RudeServer:
    """address: http://localhost:<port>. requests: (method, target, headers, body) as received."""

    address: str
    requests: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    record: RudeServer

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Not on the test's output."""

    def reply(self, body: bytes, *, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.record.requests.append((self.command, self.path, headers, sent))
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        getattr(self, "on_" + url.path.strip("/"), self.on_missing)(query)

    def on_hello(self, query: dict[str, str]) -> None:
        self.reply(b"hello", Content_Type="text/plain", Set_Cookie="track=me")

    def on_missing(self, query: dict[str, str]) -> None:
        self.reply(b"nothing here", status=404)

    def on_large(self, query: dict[str, str]) -> None:
        self.reply(b"x" * int(query["size"]))

    def on_endless(self, query: dict[str, str]) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"2710\r\n" + b"x" * 10_000 + b"\r\n")
        except OSError:
            self.close_connection = True

    def on_bomb(self, query: dict[str, str]) -> None:
        self.reply(BOMB, Content_Encoding="gzip")

    def on_gzip(self, query: dict[str, str]) -> None:
        self.reply(gzip.compress(b"packed"), Content_Encoding="gzip")

    def on_cut_gzip(self, query: dict[str, str]) -> None:
        self.reply(gzip.compress(b"packed" * 100)[:-9], Content_Encoding="gzip")

    def on_brotli(self, query: dict[str, str]) -> None:
        self.reply(b"??", Content_Encoding="br")

    def on_drip_body(self, query: dict[str, str]) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self._drip(b"x" * 1000)

    def on_drip_head(self, query: dict[str, str]) -> None:
        self._drip(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"y" * 1000 + b"\r\nContent-Length: 0\r\n\r\n")

    def _drip(self, data: bytes) -> None:
        self.close_connection = True
        try:
            for byte in data:
                self.wfile.write(bytes((byte,)))
                self.wfile.flush()
                time.sleep(0.1)
        except OSError:
            return

    def on_garbage(self, query: dict[str, str]) -> None:
        self.close_connection = True
        self.wfile.write(b"not HTTP at all\r\n\r\n")

    def on_to(self, query: dict[str, str]) -> None:
        self.reply(b"", status=int(query.get("status", "302")), Location=query["url"])

    def on_again(self, query: dict[str, str]) -> None:
        left = int(query["left"])
        self.reply(b"", status=302, Location=f"/again?left={left - 1}" if left else "/hello")


@pytest.fixture
def server() -> Iterator[RudeServer]:
    listening = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    listening.daemon_threads = True
    rude = RudeServer(f"http://localhost:{listening.server_port}")
    listening.RequestHandlerClass = type("Handler", (_Handler,), {"record": rude})
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield rude
    listening.shutdown()
    listening.server_close()
    thread.join()
