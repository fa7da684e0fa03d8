"""Writes the vectors beside it. Knows the wire tables of common/README.md and imports nothing of ours: a third opinion.

    .venv/bin/python -m tests.vectors.gate.generate [--check]

Keys are derived from names and ECDSA is deterministic (RFC 6979), so every run writes the same bytes; ``--check`` says whether it would.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.vectors.gate.malformed import malformed_passes
from tests.vectors.gate.packs import index_sets, journal, packs
from tests.vectors.gate.passes import good_passes, rejected_passes
from tests.vectors.gate.wire import EVENT, ISSUER, NOW, OLD_ISSUER, Case

HERE = Path(__file__).parent


def passes() -> Case:
    keys = [(ISSUER, NOW - 1000, NOW + 1000), (OLD_ISSUER, NOW - 9000, NOW)]
    return {
        "event": EVENT,
        "now": NOW,
        "issuer_keys": [{"point": key.point.hex(), "not_before": begin, "not_after": end} for key, begin, end in keys],
        "cases": [*good_passes(), *rejected_passes(), *malformed_passes()],
    }


def files() -> dict[str, str]:
    made = {"passes": passes(), "index_sets": index_sets(), "packs": packs(), "journal": journal()}
    return {f"{name}.json": json.dumps(content, ensure_ascii=False, indent=1) + "\n" for name, content in made.items()}


def main() -> int:
    stale = [name for name, text in files().items() if not (HERE / name).exists() or (HERE / name).read_text() != text]
    if "--check" in sys.argv[1:]:
        print("\n".join(f"{name} would be written anew" for name in stale))
        return bool(stale)
    for name, text in files().items():
        (HERE / name).write_text(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
