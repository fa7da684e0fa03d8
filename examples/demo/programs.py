"""Three programs, each its own process with its own database, over one data folder.

The demo, the browser tests, the crash tests and the benchmarks all start the programs through this file.
"""

from __future__ import annotations

import functools
import os
import random
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("issuer", "wallet", "verifier")
ANY_PORTS = "TEGATA_TEST_ANY_PORTS"
"""In the environment of tests that run beside each other, the test process's number/count: no two casts want the same ports, and none takes
what another has drawn and not bound yet."""


class DidNotStart(RuntimeError):
    """A program ended, or stayed silent, before it was healthy; the message has the end of its log."""


@dataclass(kw_only=True)
class Program:
    """One program: how to run it, where it listens, and its process while it runs."""

    name: str
    url: str
    folder: Path
    environment: dict[str, str]
    verify: str | bool = True
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}.log"

    def command(self, *words: str, extra: Mapping[str, str] | None = None, quiet: bool = True) -> str:
        """Runs `tegata NAME words…` to its end. Its standard output; raises CalledProcessError with what it said on failure."""
        done = subprocess.run(
            [sys.executable, "-m", "tegata", self.name, *words],
            cwd=ROOT,
            env=self.environment | dict(extra or {}),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if quiet else None,
            text=True,
            check=False,
        )
        if done.returncode:
            raise subprocess.CalledProcessError(done.returncode, done.args, done.stdout, done.stderr)
        return done.stdout

    def start(self, *, extra: Mapping[str, str] | None = None) -> None:
        """Starts serving; `wait` tells when it is healthy."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tegata", self.name, "serve"],
                cwd=ROOT,
                env=self.environment | dict(extra or {}),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait(self, seconds: float = 30.0) -> None:
        """Returns once /health/ready answers 200. Raises DidNotStart."""
        end = time.monotonic() + seconds
        with self.client(timeout=2.0) as client:
            while time.monotonic() < end:
                if self.process is not None and self.process.poll() is not None:
                    break
                try:
                    if client.get("/health/ready").status_code == 200:
                        return
                except httpx.TransportError:
                    pass
                time.sleep(0.03)
        raise DidNotStart(f"{self.name} did not become healthy; the end of its log:\n{self.last_words()}")

    def client(self, *, token: str = "", timeout: float = 30.0) -> httpx.Client:
        """A client for this program's pages and API, from this machine: its name need not be known to any name server."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        transport = _OnThisMachine(verify=self.verify)
        return httpx.Client(base_url=self.url, headers=headers, transport=transport, timeout=timeout)

    def stop(self, how: signal.Signals = signal.SIGTERM, seconds: float = 15.0) -> int:
        """Ends the process (and its workers) and returns its exit status."""
        if self.process is None:
            return 0
        group = self.process.pid
        if self.process.poll() is None:
            os.kill(group, how) if how is signal.SIGTERM else os.killpg(group, how)
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(group, signal.SIGKILL)
            status = self.process.wait(5)
        self.process = None
        return status

    def last_words(self, characters: int = 2000) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")[-characters:] if self.log.exists() else "(no log)"

    def cpu_seconds(self) -> float:
        """User and system time of the process and its living children so far (Linux)."""
        if self.process is None:
            return 0.0
        total, ticks = 0, os.sysconf("SC_CLK_TCK")
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(stat.parent.name) == self.process.pid or int(fields[1]) == self.process.pid:
                total += int(fields[11]) + int(fields[12])
        return total / ticks


class _OnThisMachine(httpx.HTTPTransport):
    """Connects to loopback whatever the name says; TLS still checks the certificate against the name."""

    def __init__(self, *, verify: str | bool) -> None:
        if isinstance(verify, str):
            super().__init__(verify=ssl.create_default_context(cafile=verify))
        else:
            super().__init__(verify=verify and _public_roots())

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.extensions = {**request.extensions, "sni_hostname": request.url.host}
        request.url = request.url.copy_with(host="127.0.0.1")
        return super().handle_request(request)


@functools.cache
def _public_roots() -> ssl.SSLContext:
    """Read once: the file takes a twentieth of a second, and a client is made at every start of a program."""
    return httpx.create_ssl_context()


def free_ports(wanted: tuple[int, ...]) -> tuple[int, ...]:
    """The wanted ports if all are free on loopback, others otherwise."""
    try:
        return _bindable(wanted)
    except OSError:
        return draw_ports(len(wanted))


def draw_ports(count: int) -> tuple[int, ...]:
    """Free ports below those that outgoing connections take, so that a program finds its port again when it is started anew."""
    number, processes = map(int, os.environ.get(ANY_PORTS, "0/1").split("/"))
    ours = range(10_000 + number, 20_000, processes)
    for _ in range(20):
        with suppress(OSError):
            return _bindable(tuple(random.SystemRandom().sample(ours, count)))
    raise OSError("no free ports on loopback")


def _bindable(ports: tuple[int, ...]) -> tuple[int, ...]:
    held = []
    try:
        for port in ports:
            probe = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            held.append(probe)
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
        return tuple(probe.getsockname()[1] for probe in held)
    finally:
        for probe in held:
            probe.close()


def bare_environment() -> dict[str, str]:
    """The environment without settings of ours that the caller happens to have."""
    return {name: value for name, value in os.environ.items() if not name.startswith("TEGATA_")}
