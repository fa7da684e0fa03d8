"""A peer written in JavaScript: its script runs beside the packages that ``node/package.json`` pins, in a scratch folder.

``./dev bench --peers`` installs them, and so does ``npm ci`` beside copies of package.json and package-lock.json.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

HERE = Path(__file__).parent / "node"
ROOT = HERE.parents[3]
SCRATCH = ROOT / ".cache" / "peers" / "node"
NODE = ROOT / ".cache" / "node" / "bin" / "node"


def is_installed(*packages: str) -> bool:
    """Whether Node and the packages are there."""
    return NODE.exists() and all(
        (SCRATCH / "node_modules" / package / "package.json").is_file() for package in packages
    )


class NodePeer:
    """A script that answers one JSON object a line for each one it gets. One thread does its signatures, as one does ours."""

    def __init__(self, script: str) -> None:
        # Node looks for packages beside the script, whatever the working directory.
        self._script = shutil.copy(HERE / script, SCRATCH / script)
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [NODE, self._script],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "UV_THREADPOOL_SIZE": "1"},
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        process.stdin.close()
        process.wait(timeout=30)

    def ask(self, command: str, **arguments: Any) -> Any:
        """Raises RuntimeError when the script failed."""
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps({"command": command, **arguments}) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
        answer = json.loads(line) if line else {"failed": "no answer"}
        if "failed" in answer:
            raise RuntimeError(f"the peer failed: {answer['failed']}")
        return answer
