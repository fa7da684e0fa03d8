"""`./dev bench --peers`: Tegata and others' implementations at the same jobs, in one run on one machine.

Every job's figure is its time over the raw signature operations in it. For peers in Python the raw operations are those of
``cryptography`` in the peer's own process; for peers in JavaScript those of Python too, with the ratio to Node's own beside it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.figure import Figure
from tests.bench.formats import data_integrity, jwt, mdoc, sd_jwt_vc, selective
from tests.bench.peers.inputs import make_inputs
from tests.bench.peers.jobs import Job
from tests.bench.peers.node_peer import ROOT, NodePeer

PYTHON = ROOT / ".cache" / "peers" / "python" / "bin" / "python"
_RUN = Path(__file__).parent / "python" / "run.py"
_OURS = (jwt, sd_jwt_vc, mdoc, data_integrity, selective)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One peer at one job. ratio None: it cannot, and ``note`` says why. node_ratio: over Node's own raw operations."""

    peer: str
    ratio: float | None
    node_ratio: float | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    job: Job
    ours: Figure
    peers: tuple[Measured, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """raw: microseconds of raw operations by ``cryptography`` and by Node. versions: of all that took part."""

    rows: tuple[Row, ...]
    raw: dict[str, float]
    node_raw: dict[str, float]
    versions: dict[str, str]


def compare() -> Comparison:
    """Takes some minutes. Raises RuntimeError when a peer's process does not answer at all."""
    inputs, jobs = make_inputs()
    print("· measuring Tegata", file=sys.stderr)
    ours = [figure for module in _OURS for figure in module.measure()]
    python = _ask_python(inputs)
    with NodePeer("jobs.mjs") as peer:
        node = peer.ask("run", inputs=inputs)
    return Comparison(
        rows=tuple(Row(job=job, ours=_figure_of(job, ours), peers=_peers_at(job, python, node)) for job in jobs),
        raw=python["raw"],
        node_raw=node["raw"],
        versions={**python["versions"], **node["versions"]},
    )


def _ask_python(inputs: dict[str, Any]) -> Any:
    with tempfile.TemporaryDirectory(prefix="tegata-peers-") as folder:
        file = Path(folder) / "inputs.json"
        file.write_text(json.dumps(inputs))
        answer = subprocess.run([PYTHON, _RUN, file], stdout=subprocess.PIPE, text=True, check=False)
    if answer.returncode != 0:
        raise RuntimeError("the peers written in Python ended with an error")
    return json.loads(answer.stdout)


def _figure_of(job: Job, figures: list[Figure]) -> Figure:
    (found,) = (figure for figure in figures if figure.name.startswith(job.figure) and figure.unit.startswith("×"))
    return found


def _peers_at(job: Job, python: dict[str, Any], node: dict[str, Any]) -> tuple[Measured, ...]:
    found = [
        Measured(
            peer=each["peer"], ratio=each.get("ratio"), node_ratio=None, note=each.get("why") or each["leaves_out"]
        )
        for each in python["results"]
        if each["job"] == job.name
    ]
    for each in node["results"]:
        if each["job"] == job.name:
            took = each.get("microseconds")
            found.append(
                Measured(
                    peer=each["peer"],
                    ratio=took / python["raw"][job.operation] / job.count if took is not None else None,
                    node_ratio=took / node["raw"][job.operation] / job.count if took is not None else None,
                    note=each.get("why") or each["leaves_out"],
                )
            )
    return tuple(found)
