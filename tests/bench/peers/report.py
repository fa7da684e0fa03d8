"""The side-by-side table as Markdown, with the machine that it was measured on, and where it is kept."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

from cryptography import __version__ as cryptography_version
from cryptography.hazmat.backends.openssl import backend

from tests.bench.peers.compare import Comparison, Measured, Row

README = Path(__file__).parents[1] / "README.md"
BEGIN, END = "<!-- begin: ./dev bench --peers --write -->", "<!-- end: ./dev bench --peers --write -->"


def markdown(found: Comparison) -> str:
    lines = [
        "| job | unit | must be | Tegata | peers |",
        "|---|---|---|---|---|",
        *(_line(row) for row in found.rows),
        "",
        *(f"- {note}" for note in _notes(found)),
        "",
        *_machine(found),
    ]
    return "\n".join(lines)


def _line(row: Row) -> str:
    peers = "; ".join(_cell(peer) for peer in sorted(row.peers, key=lambda each: each.ratio or float("inf")))
    bound = f"≤ {row.ours.bound:g}" if row.ours.bound is not None else ""
    return f"| {row.job.title} | {row.job.unit} | {bound} | **{_number(row.ours.value)}** | {peers} |"


def _number(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:.0f}"


def _cell(peer: Measured) -> str:
    if peer.ratio is None:
        return f"{peer.peer} cannot"
    own = f" ({_number(peer.node_ratio)} over Node's own)" if peer.node_ratio is not None else ""
    return f"{peer.peer} {_number(peer.ratio)}{own}{'*' if peer.note else ''}"


def _notes(found: Comparison) -> list[str]:
    return [
        f"{row.job.name}: {peer.peer} {'leaves out' if peer.ratio is not None else 'cannot'}: {peer.note}"
        for row in found.rows
        for peer in row.peers
        if peer.note
    ]


def _machine(found: Comparison) -> list[str]:
    raw = ", ".join(f"{name} {value:.0f} µs" for name, value in found.raw.items())
    node_raw = ", ".join(f"{name} {value:.0f} µs" for name, value in found.node_raw.items())
    own = {"node", "openssl", "cryptography"}
    peers = ", ".join(f"{name} {version}" for name, version in found.versions.items() if name not in own)
    return [
        f"Machine: {_cpu()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.2f} at the end of the run; Python "
        f"{platform.python_version()}, cryptography {cryptography_version} ({backend.openssl_version_text()}; peers "
        f"{found.versions['cryptography']}), Node {found.versions['node']} (OpenSSL {found.versions['openssl']}).",
        "",
        f"Raw operations: cryptography: {raw}; Node: {node_raw}.",
        "",
        f"Peers: {peers}.",
    ]


def _cpu() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine() or sys.platform


def write(text: str) -> None:
    """Puts the table into the README in place of the last one. Raises ValueError where its two marks are not there."""
    page = README.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError(f"{README} lacks the marks around the table")
    README.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")
