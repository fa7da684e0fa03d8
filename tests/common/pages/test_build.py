"""What the browser loads is small, and the lock file names no download address."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

ROOT = Path(__file__).parents[3]
BUILT = ROOT / "common/pages/static/built"
FIRST_LOAD_BYTES = 100_000


def test_the_lock_file_names_no_address() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text())
    assert [name for name, entry in lock["packages"].items() if "resolved" in entry] == []
    assert all("integrity" in entry for name, entry in lock["packages"].items() if name)


def test_the_first_load_is_small_and_everything_is_built() -> None:
    first = sum(len(gzip.compress((BUILT / name).read_bytes())) for name in ("pages.js", "pages.css"))
    assert first + 10_000 < FIRST_LOAD_BYTES  # 10 kB are left for the page itself
    assert (BUILT / "scan.js").exists()
    assert (BUILT / "zxing_reader.wasm").read_bytes()[:4] == b"\0asm"


def test_no_address_of_another_origin_is_loaded() -> None:
    assert "@import" not in (BUILT / "pages.css").read_text()
    assert "url(" not in (BUILT / "pages.css").read_text()
