"""From `./dev demo` to three healthy programs, on a machine where everything is installed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from examples.demo.programs import NAMES, ROOT, bare_environment
from tests.bench.figure import Figure

BOUND_SECONDS = 8.0
RUNS = 3


def measure() -> list[Figure]:
    """One figure: wall time from the start of the process to the line that names the last of the three addresses.

    The process is the one that `./dev demo` becomes. It writes the addresses once all programs answered /health/ready; before that it
    has made keys, certificates, databases, an institution and a relying party. Its story is broken off.
    """
    seconds = min(_start() for _ in range(RUNS))
    return [
        Figure(
            name="from ./dev demo to three healthy programs",
            value=round(seconds, 2),
            unit="s",
            bound=BOUND_SECONDS,
            ok=seconds <= BOUND_SECONDS,
            note=f"least of {RUNS} starts, {os.cpu_count()} processors",
        )
    ]


def _start() -> float:
    with tempfile.TemporaryDirectory(prefix="tegata-bench-") as folder:
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "examples.demo", "--data", str(Path(folder) / "data")],
            cwd=ROOT,
            env=bare_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            return _until_healthy(process) - began
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)


def _until_healthy(process: subprocess.Popen[str]) -> float:
    """When the last address stood there. Raises RuntimeError where the process ends before."""
    assert process.stdout is not None
    told, missing = [], set(NAMES)
    for line in process.stdout:
        told.append(line)
        words = line.split()
        if len(words) == 2 and words[1].startswith("http"):
            missing.discard(words[0])
        if not missing:
            return time.perf_counter()
    raise RuntimeError("the programs did not start:\n" + "".join(told))
