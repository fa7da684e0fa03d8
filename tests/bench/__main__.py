"""`./dev bench`: measures every figure that the README states, and prints it beside its bound.

Figures are ratios within one run, or server CPU per transaction scaled to a machine that verifies a raw P-256 signature in 95 µs.
`--json FILE` also writes [{name, value, unit, bound, ok, note, at_least}]. Exit status 1 when a figure misses its bound.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import json
import multiprocessing
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench.figure import Figure, measured_by

BENCHES = (
    "tests.bench.cards.reading",
    "tests.bench.formats.data_integrity",
    "tests.bench.formats.json_ld",
    "tests.bench.formats.jwt",
    "tests.bench.formats.mdoc",
    "tests.bench.formats.sd_jwt_vc",
    "tests.bench.formats.selective",
    "tests.bench.formats.status",
    "tests.bench.gate.decision",
    "tests.bench.gate.browser",
    "tests.bench.gate.gate_pack",
    "tests.bench.gate.gate_pass",
    "tests.bench.gate.merge",
    "tests.bench.gate.reading",
    "tests.bench.programs.issuance",
    "tests.bench.programs.presentation",
    "tests.bench.programs.roll_import",
    "tests.bench.programs.start_up",
    "tests.bench.programs.status_indices",
)


def show(figures: Sequence[Figure], console: Console) -> None:
    table = Table(title="Tegata: figures of this run")
    for heading in ("what", "measured", "bound", "", "note"):
        table.add_column(heading)
    for figure in figures:
        mark = "[green]held[/]" if figure.ok else "[red]missed[/]"
        table.add_row(
            figure.name,
            f"{figure.value:.3g} {figure.unit}",
            "" if figure.bound is None else f"{'≥' if figure.at_least else '≤'} {figure.bound:g} {figure.unit}",
            "" if figure.bound is None else mark,
            figure.note,
        )
    console.print(table)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="./dev bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as JSON too")
    parser.add_argument("--only", metavar="WORD", help="only benches whose name holds this word")
    parser.add_argument("--peers", action="store_true", help="others' implementations at the same jobs instead")
    parser.add_argument("--write", action="store_true", help="with --peers: keep the table in tests/bench/README.md")
    options = parser.parse_args()
    if options.peers:
        return _peers(write=options.write)
    figures: list[Figure] = []
    for name in BENCHES:
        if options.only and options.only not in name:
            continue
        print(f"· measuring {name.removeprefix('tests.bench.')}", file=sys.stderr)
        with ProcessPoolExecutor(max_workers=1, mp_context=multiprocessing.get_context("spawn")) as fresh:
            figures += fresh.submit(measured_by, name).result()
    show(figures, Console())
    if options.json:
        options.json.write_text(
            json.dumps([dataclasses.asdict(figure) for figure in figures], indent=1, ensure_ascii=False) + "\n"
        )
    return 0 if figures and all(figure.ok for figure in figures) else 1


def _peers(*, write: bool) -> int:
    """Imported where it is asked for: `./dev` has installed the peers then."""
    compare, report = (importlib.import_module(f"tests.bench.peers.{name}") for name in ("compare", "report"))
    text = report.markdown(compare.compare())
    print(text)
    if write:
        report.write(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
