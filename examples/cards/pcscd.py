"""A pcscd of one's own, with one virtual reader of two slots, beside whatever the machine runs.

pcscd's socket has a fixed place, but it takes a listening one from who starts it (as systemd does, sd_listen_fds(3)); programs find
it by PCSCLITE_CSOCK_NAME. The virtual reader's driver listens on all interfaces of the machine: whoever reaches the ports can put a
virtual card of his own into it, so this is for tests and sandboxes.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from examples.cards.chip import Card
from examples.cards.plug import Plugged, plug

DRIVER = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
_START = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3); os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid()));"
    "os.execv(sys.argv[2], sys.argv[2:])"
)
"""LISTEN_PID must be pcscd's own process id, which only the process that becomes it knows; the socket must be descriptor 3."""


def pcscd_path() -> str | None:
    return shutil.which("pcscd") or shutil.which("pcscd", path="/usr/sbin:/usr/local/sbin")


def why_not() -> str | None:
    """Why there can be no pcscd here, in one sentence; None where there can."""
    if pcscd_path() is None:
        return "pcscd is not installed"
    if not DRIVER.exists():
        return "the virtual reader (vsmartcard-vpcd) is not installed"
    return "pcscd needs to be started by root" if os.geteuid() else None


class Pcscd:
    """One daemon. Raises RuntimeError where it does not come up. Two slots: cards go into 0 and 1.

    socket: where it listens; somewhere of its own without. A process that uses PC/SC looks for the socket once in its life.
    """

    def __init__(self, *, socket: Path | None = None, log: Path | None = None) -> None:
        self._home = tempfile.TemporaryDirectory(prefix="tegata-pcscd-")
        self.home = Path(self._home.name)
        self.socket = socket or self.home / "pcscd.comm"
        self.log = log or self.home / "log"
        self.environment = {"PCSCLITE_CSOCK_NAME": str(self.socket)}
        try:
            self._run()
        except BaseException:
            self._clean()
            raise

    def __enter__(self) -> Pcscd:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def readers(self) -> tuple[str, str]:
        """The names under which programs see the two slots."""
        return f"Virtual PCD {self.port} 00 00", f"Virtual PCD {self.port} 00 01"

    def insert(self, card: Card, *, slot: int = 0) -> Plugged:
        """Puts a card into a slot. Programs see it within half a second.

        Leave a slot empty for as long before the next card: pcscd must have seen that the first one is gone, or it never sees another.
        """
        return plug(card, port=self.port + slot)

    def stop(self) -> None:
        """Ends the daemon; clients must have let go of it before."""
        self._client.close()
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(5)
        self._clean()

    def _clean(self) -> None:
        self.socket.unlink(missing_ok=True)
        self._home.cleanup()

    def _run(self) -> None:
        self.port = _two_free_ports()
        configuration = self.home / "readers"
        configuration.mkdir()
        (configuration / "virtual").write_text(
            f'FRIENDLYNAME "Virtual PCD {self.port}"\nDEVICENAME /dev/null:{self.port}\n'
            f"LIBPATH {DRIVER}\nCHANNELID {self.port:#06x}\n"
        )
        with socket.socket(socket.AF_UNIX) as listener, self.log.open("wb") as log:
            listener.bind(str(self.socket))
            listener.listen(16)
            words = [sys.executable, "-SEc", _START, str(listener.fileno())]
            words += [pcscd_path() or "pcscd", "--foreground", "--auto-exit", "--config", str(configuration)]
            self._process = subprocess.Popen(
                words, pass_fds=(listener.fileno(),), stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        self._wait()
        # It ends by itself a minute after its last client is gone. We are one as long as we live, however we end.
        self._client = socket.socket(socket.AF_UNIX)
        self._client.connect(str(self.socket))

    def _wait(self) -> None:
        """Until both slots listen: then the daemon has read its configuration."""
        deadline = time.monotonic() + 10
        for port in (self.port, self.port + 1):
            while not listens(port):
                if self._process.poll() is not None or time.monotonic() > deadline:
                    self._process.kill()
                    self._process.wait(5)
                    raise RuntimeError(f"pcscd did not start: {self.log.read_text(errors='replace')[-500:]}")
                time.sleep(0.02)


def _two_free_ports() -> int:
    """The first of two neighbours that nobody listens on, outside the range that the system gives away by itself."""
    start = 20000 + os.getpid() * 2 % 8000
    for port in range(start, start + 2000, 2):
        try:
            with socket.socket() as first, socket.socket() as second:
                first.bind(("", port))
                second.bind(("", port + 1))
        except OSError:
            continue
        return port
    raise RuntimeError("no two free ports for a virtual reader")


def listens(port: int) -> bool:
    """Without connecting, which would be a card: the system's table of listening sockets."""
    wanted = f":{port:04X}"
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        if any(words[1].endswith(wanted) and words[3] == "0A" for words in map(str.split, lines)):
            return True
    return False
