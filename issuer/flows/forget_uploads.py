"""Removes uploaded rolls that nobody took in, and the reports of those that were: they hold personal data, and are for an hour's use."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

KEEP = 3600.0
"""Seconds since the last thing happened to an upload."""


def forget_uploads(folder: Path, tenant: str) -> int:
    """folder: of all uploads, with a folder per institution in it. Answers how many were removed."""
    removed = 0
    for home in (folder / tenant).glob("*"):
        try:
            old = time.time() - home.stat().st_mtime > KEEP
        except OSError:  # another process was first
            continue
        if old:
            shutil.rmtree(home, ignore_errors=True)
            removed += 1
    return removed
