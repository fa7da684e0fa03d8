"""The guarded WebSocket: whom it may reach, and that every wait ends whatever the other side does."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from websockets.sync.server import ServerConnection, serve

from common.adapters import websocket
from common.adapters.websocket import open_websocket
from common.errors import Refused, TooMany, Unavailable
from common.web.server import names_no_path, websocket_options

PROTOCOL = "example.v1"


def connect(port: int, **changed: Any) -> websocket.WebSocket:
    options: dict[str, Any] = {"subprotocol": PROTOCOL, "headers": {}, "max_frame": 1000, "sandbox": True, **changed}
    return open_websocket(f"http://localhost:{port}/door", **options)


@contextlib.contextmanager
def serving(handle: Callable[[ServerConnection], None], **options: Any) -> Iterator[int]:
    with serve(handle, "127.0.0.1", 0, subprotocols=[PROTOCOL], **options) as server:  # type: ignore[list-item]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.socket.getsockname()[1]
        server.shutdown()
        thread.join(10)


@contextlib.contextmanager
def answering(answer: bytes) -> Iterator[int]:
    """A server that says one thing to everybody, and goes."""
    listening = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        with contextlib.suppress(OSError):
            while True:
                line, _ = listening.accept()
                with line:
                    line.recv(4096)
                    line.sendall(answer)

    threading.Thread(target=run, daemon=True).start()
    yield listening.getsockname()[1]
    listening.close()


def echo(line: ServerConnection) -> None:
    for frame in line:
        line.send(frame)


def test_text_and_bytes_go_and_come() -> None:
    with serving(echo) as port, connect(port) as line:
        for frame in ("text", b"bytes", "漢字"):
            line.send(frame)
            assert line.receive(5) == frame


def test_what_is_too_large_ends_it() -> None:
    with serving(lambda line: line.send(b"x" * 1001)) as port, connect(port) as line:
        with pytest.raises(Unavailable, match="link_lost"):
            line.receive(5)
        with pytest.raises(Unavailable, match="link_lost"):
            line.send("more")


def test_silence_is_slow_and_an_end_is_an_end() -> None:
    gone = threading.Event()

    def wait(_: ServerConnection) -> None:
        gone.wait(10)

    with serving(wait) as port, connect(port) as line:
        with pytest.raises(Unavailable, match="link_slow"):
            line.receive(0.05)
        gone.set()
        with pytest.raises(Unavailable, match="link_lost"):
            line.receive(5)
        line.close()
        line.close()
        with pytest.raises(Unavailable, match="link_lost"):
            line.send("more")
        with pytest.raises(Unavailable, match="link_lost"):
            line.receive(5)


@pytest.mark.parametrize(
    ("status", "error", "code"),
    [
        (403, Refused, "not_let_in"),
        (404, Refused, "not_let_in"),
        (429, TooMany, "door_is_full"),
        (503, TooMany, "door_is_full"),
    ],
)
def test_a_closed_door(status: int, error: type[Exception], code: str) -> None:
    answer = f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
    with answering(answer) as port, pytest.raises(error, match=code):
        connect(port)


def test_nobody_is_sent_elsewhere() -> None:
    """A redirect, within the machine or to the world, is a closed door."""
    reached: list[str] = []
    with serving(lambda _: reached.append("there")) as there:
        answer = f"HTTP/1.1 302 Found\r\nLocation: ws://localhost:{there}/\r\nContent-Length: 0\r\n\r\n".encode()
        with answering(answer) as port, pytest.raises(Refused, match="not_let_in"):
            connect(port)
    assert reached == []


@pytest.mark.parametrize(
    "answer", [b"", b"SSH-2.0-x\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", b"\xff" * 9999]
)
def test_who_speaks_otherwise(answer: bytes) -> None:
    with answering(answer) as port, pytest.raises((Unavailable, Refused)):
        connect(port)


def test_who_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket, "CONNECT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as listening, pytest.raises(Unavailable, match="no_answer"):
        connect(listening.getsockname()[1])


def test_nobody_is_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(Unavailable, match="no_answer"):
        connect(port)


def test_another_protocol() -> None:
    with serving(echo) as port, pytest.raises((Unavailable, Refused)):
        connect(port, subprotocol="other.v1")


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:1/x",
        "http://issuer.example/x",
        "https://10.0.0.1/x",
        "ftp://issuer.example/x",
        "wss://issuer.example",
    ],
)
def test_only_public_https_outside_a_sandbox(url: str) -> None:
    with pytest.raises(Refused, match="address_not_allowed"):
        open_websocket(url, subprotocol=PROTOCOL, headers={}, max_frame=1000, sandbox=False)


def test_no_path_of_a_websocket_is_logged() -> None:
    told = [
        logging.LogRecord("uvicorn.error", 20, "", 0, text, ("1.2.3.4", "/x", 403), None)
        for text in ('%s - "WebSocket %s" %d', "started")
    ]
    assert [names_no_path(record) for record in told] == [False, True]


def test_a_program_without_websockets_has_none() -> None:
    assert websocket_options(0) == {"ws": "none"}
    assert websocket_options(5)["ws_max_size"] == 5
