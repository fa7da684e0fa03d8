"""The server as processes: several workers, an orderly end, kill -9 and restart, TLS, proxies, clients that dawdle."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.common.adapters.certificate import make_certificate
from tests.ports import free_port

ROOT = Path(__file__).parents[3]


class Running:
    """A server process on a free port."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.port = free_port()
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("TEGATA_")},
            "TEGATA_ENVIRONMENT": "sandbox",
            "TEGATA_DATA_DIR": str(folder),
            **{f"TEGATA_ISSUER_{name.upper()}": value for name, value in environment.items()},
        }
        self.output = folder / "output"
        self.errors = folder / "errors"
        with self.output.open("ab") as output, self.errors.open("ab") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.common.web.served", str(self.port)],
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=errors,
            )
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=20, verify=False)

    def wait(self) -> None:
        deadline = time.monotonic() + 60
        while True:
            try:
                self.client.get("/health/live")
                return
            except httpx.TransportError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise RuntimeError(self.errors.read_text()) from None
                time.sleep(0.05)

    def is_answering(self) -> bool:
        """On a connection of its own: the kept one may lead to a worker that is dead."""
        try:
            return httpx.get(f"{self.client.base_url}/pid", verify=False).status_code == 200
        except httpx.TransportError:
            return False

    def stop(self, how: int = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(timeout=30)


@contextmanager
def running(folder: Path, *, wait: bool = True, **environment: str) -> Iterator[Running]:
    server = Running(folder, **environment)
    try:
        if wait:
            server.wait()
        yield server
    finally:
        server.client.close()
        if server.process.poll() is None:
            server.stop()


def until(condition: Any) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_several_workers_share_a_port_and_their_metrics(tmp_path: Path) -> None:
    with running(tmp_path, workers="2") as server:
        pids: set[int] = set()

        def ask() -> bool:
            with httpx.Client(base_url=server.client.base_url) as fresh:
                pids.add(fresh.get("/pid").json())
            return len(pids) == 2

        until(ask)
        asked = sum(server.client.post("/count").json() for _ in range(10))
        assert asked == 10
        lines = server.client.get("/metrics").text.splitlines()
        (line,) = [line for line in lines if line.startswith("tegata_http_requests_total") and 'route="/count"' in line]
        assert float(line.rsplit(" ", 1)[1]) == 10
        os.kill(pids.pop(), signal.SIGKILL)
        until(lambda: server.is_answering())
        assert server.stop() == 0
    assert server.output.read_text().count("stopped") >= 1


def test_a_request_in_work_is_finished_before_the_end(tmp_path: Path) -> None:
    with (
        running(tmp_path) as server,
        subprocess.Popen(
            [
                sys.executable,
                "-c",
                f"import httpx; print(httpx.get('http://127.0.0.1:{server.port}/slow?seconds=1', timeout=9).text)",
            ],
            stdout=subprocess.PIPE,
        ) as asking,
    ):
        until(lambda: "working" in server.output.read_text())
        assert server.stop() == 0
        assert asking.stdout is not None
        assert asking.stdout.read().strip() == b'"done"'
    assert "stopped" in server.output.read_text()


def test_a_held_back_answer_is_given_when_the_server_ends(tmp_path: Path) -> None:
    with running(tmp_path, shutdown_seconds="60") as server, ThreadPoolExecutor() as threads:
        asked = threads.submit(server.client.get, "/held")
        until(lambda: "working" in server.output.read_text())
        assert server.stop() == 0
        assert asked.result().json() == "let go"


def test_a_request_that_never_ends_does_not_hold_the_end_for_ever(tmp_path: Path) -> None:
    with (
        running(tmp_path, shutdown_seconds="1") as server,
        subprocess.Popen(
            [
                sys.executable,
                "-c",
                f"import httpx; httpx.get('http://127.0.0.1:{server.port}/slow?seconds=100', timeout=120)",
            ],
            stderr=subprocess.DEVNULL,
        ) as asking,
    ):
        until(lambda: "working" in server.output.read_text())
        server.stop()  # waits for its end 30 seconds at most, far less than the request would take
        asking.kill()


def test_killed_at_a_commit_it_starts_again_and_nothing_is_half(tmp_path: Path) -> None:
    for at, kept in (("count.before_commit", 0), ("count.after_commit", 1)):
        with running(tmp_path, fail_at=at) as server:
            with pytest.raises(httpx.TransportError):
                server.client.post("/count")
            assert server.process.wait(10) == -signal.SIGKILL
        with running(tmp_path, fail_trace=str(tmp_path / "trace")) as server:
            assert server.client.post("/count").json() is True
            assert (tmp_path / "trace").read_text().split()[-2:] == ["count.before_commit", "count.after_commit"]
        with sqlite3.connect(tmp_path / "issuer.sqlite3") as database:
            assert database.execute("SELECT count(*) FROM counter").fetchone() == (kept + 1,)
            database.execute("DELETE FROM counter")


def test_only_a_known_proxy_is_believed(tmp_path: Path) -> None:
    forwarded = {"x-forwarded-for": "203.0.113.9"}
    with running(tmp_path) as server:
        assert server.client.get("/peer", headers=forwarded).json() == "127.0.0.1"
    with running(tmp_path, forwarded_from="127.0.0.1") as server:
        assert server.client.get("/peer", headers=forwarded).json() == "203.0.113.9"
    with running(tmp_path, forwarded_from="10.0.0.1") as server:
        assert server.client.get("/peer", headers=forwarded).json() == "127.0.0.1"


def test_https_with_a_certificate_of_ones_own(tmp_path: Path) -> None:
    cert, key = make_certificate(tmp_path)
    options = {"tls_cert": str(cert), "tls_key": str(key), "public_url": "https://127.0.0.1"}
    with running(tmp_path, wait=False, **options) as server:
        server.client = httpx.Client(
            base_url=f"https://127.0.0.1:{server.port}", verify=ssl.create_default_context(cafile=cert), timeout=20
        )
        server.wait()
        assert "max-age" in server.client.get("/pid").headers["strict-transport-security"]


def test_logs_are_json_with_request_ids(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        server.client.get("/pid", headers={"x-request-id": "abcdefgh1"})
        server.client.get("/peer?mail=hanako@example.jp")
    lines = [json.loads(line) for line in server.errors.read_text().splitlines()]
    (line,) = [line for line in lines if line.get("request_id") == "abcdefgh1"]
    assert (line["route"], line["status"], line["program"], line["level"]) == ("/pid", 200, "issuer", "info")
    assert "hanako" not in server.errors.read_text()


@pytest.mark.parametrize(
    ("opening", "status"),
    [
        (b"", b"408"),
        (b"GET /pid HTTP/1.1\r\nhos", b"408"),
        (b"GET /pid HTTP/1.1\r\nhost: x\r\n\r\nGET /pid HT", b"200"),
        (b"POST /count HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nab", b"200"),
        (b"POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nab", b"408"),
        (b"GET /pid HTTP/1.1\r\nx: " + b"y" * 300_000, b"431"),
        (b"\x16\x03\x01\x00\x01", b"400"),
        (b"GET /\xff HTTP/1.1\r\nhost: x\r\n\r\n", b"400"),
    ],
)
def test_a_client_that_dawdles_or_babbles_is_cut_off(dawdled: Running, opening: bytes, status: bytes) -> None:
    with socket.create_connection(("127.0.0.1", dawdled.port), timeout=25) as slow:
        answer = bytearray()
        with contextlib.suppress(ConnectionError):
            slow.sendall(opening)
        with contextlib.suppress(ConnectionError):
            while part := slow.recv(4096):
                answer += part
    assert answer.startswith(b"HTTP/1.1 " + status) or (status == b"431" and not answer), bytes(answer)
    assert dawdled.is_answering()


@pytest.fixture(scope="module")
def dawdled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("slow"), body_seconds="1", idle_seconds="1") as server:
        yield server


def test_two_mistakes_at_the_start_are_told_in_one_line_without_a_trace(tmp_path: Path) -> None:
    with running(tmp_path, wait=False, prot="1") as server:
        assert server.process.wait(30) != 0
    assert "TEGATA_ISSUER_PROT" in server.errors.read_text()
