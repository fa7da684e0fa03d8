"""The gate's browser code, bundled once and run by the Node that builds it: cases in, answers out, many in one process."""

from __future__ import annotations

import atexit
import json
import subprocess
import tempfile
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
_NODE = ROOT / ".cache/node/bin/node"
_ESBUILD = ROOT / "node_modules/.bin/esbuild"
_DRIVERS = Path(__file__).parent


@lru_cache
def _bundle(driver: str) -> Path:
    made = Path(tempfile.mkdtemp(prefix="gate-ts-")) / f"{driver}.mjs"
    command = [
        str(_ESBUILD),
        str(_DRIVERS / f"{driver}.ts"),
        "--bundle",
        "--format=esm",
        "--target=es2022",
        f"--outfile={made}",
    ]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={"PATH": f"{_NODE.parent}:/usr/bin:/bin"}
    )
    assert done.returncode == 0, done.stderr
    return made


@lru_cache
def _process(driver: str) -> subprocess.Popen[str]:
    """One Node for the whole run: most of the time of so many small jobs would be its start."""
    process = subprocess.Popen(
        [_NODE, _bundle(driver)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8", cwd=ROOT
    )
    atexit.register(process.kill)
    return process


def run(cases: Sequence[dict[str, Any]], driver: str = "driver") -> list[dict[str, Any]]:
    """For each case {"ok": answer}, or {"error": "malformed" | "rejected", "reason": …}."""
    process = _process(driver)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(list(cases)) + "\n")
    process.stdin.flush()
    line = process.stdout.readline()
    assert line, "the driver ended: what it says stands above"
    answers = json.loads(line)
    assert isinstance(answers, list)
    assert len(answers) == len(cases)
    return answers
