"""Import of a large roll by `tegata issuer import`, as a registrar would run it: wall time, and memory that does not grow with the roll."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from examples.demo.cast import UNIVERSITY, make_cast
from examples.demo.programs import ROOT, Program
from tests.bench.figure import Figure
from tests.bench.programs.town import write_roll

ROWS, FEW_ROWS = 30_000, 3_000
BOUND_SECONDS = 20.0
BOUND_GROWTH = 1.25
"""Flat: ten times the rows may need so much more of peak memory, which leaves room for the set of student numbers seen."""


def measure() -> list[Figure]:
    """Two figures, each over a fresh database. Wall time is from the start of the process to its end."""
    _, little = _import(FEW_ROWS)
    seconds, much = _import(ROWS)
    growth = much / little
    return [
        Figure(
            name="import of 30,000 rows with validation",
            value=round(seconds, 2),
            unit="s",
            bound=BOUND_SECONDS,
            ok=seconds <= BOUND_SECONDS,
            note="the whole process, from its start to its end",
        ),
        Figure(
            name="peak memory of importing 30,000 rows",
            value=round(growth, 3),
            unit="× that of 3,000 rows",
            bound=BOUND_GROWTH,
            ok=growth <= BOUND_GROWTH,
            note=f"{little / 1024:.0f} MB → {much / 1024:.0f} MB",
        ),
    ]


def _import(rows: int) -> tuple[float, int]:
    """(seconds, peak resident memory in KiB) of importing a roll of that many rows."""
    with tempfile.TemporaryDirectory(prefix="tegata-bench-") as name:
        folder = Path(name)
        issuer = make_cast(folder).issuer
        issuer.command("new-institution", UNIVERSITY, "--name-ja", "桜川大学", "--name-en", "Sakuragawa University")
        write_roll(folder / "roll.csv", rows)
        began = time.perf_counter()
        told, peak = _run(issuer, "import", str(folder / "roll.csv"), "--json")
        seconds = time.perf_counter() - began
    report = json.loads(told)
    assert (report["rows"], report["added"], report["wrong"]) == (rows, rows, 0), told[:400]
    return seconds, peak


def _run(program: Program, *words: str) -> tuple[str, int]:
    """Standard output of `tegata NAME words…` and its peak resident memory in KiB."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tegata", program.name, *words],
        cwd=ROOT,
        env=program.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    with process.stdout as told:
        text = told.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"the import ended with {process.returncode}: {text[:400]}"
    return text, used.ru_maxrss
