"""Where tests put their files: in memory, where there is enough of it.

A commit waits for the disk, some ten thousand times in a run, until it has what would survive a cut of the power. Tests kill processes
and never the machine, so none of them could tell. On a disk of somebody's choice: ``TMPDIR=/var/tmp ./dev test``, where pytest keeps the
files of the last three runs.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from multiprocessing.util import Finalize
from pathlib import Path

MEMORY = Path("/dev/shm")
NEEDED = 3 << 30
"""Bytes that have to be free; a whole run takes less than a third of it."""

LAST = -1000
"""After the files of `multiprocessing` itself, which go at -100."""


def go_to_memory(at: Path = MEMORY, *, needed: int = NEEDED) -> Path | None:
    """Makes a folder there, the temporary folder of this process and its children until it ends; None where nothing was changed.

    To be called before anybody asks for a temporary file, and once: worker processes find it in their environment.
    """
    if "TMPDIR" in os.environ or not at.is_dir() or shutil.disk_usage(at).free < needed or not os.access(at, os.W_OK):
        return None
    folder = Path(tempfile.mkdtemp(prefix="tegata-tests-", dir=at))
    folder.chmod(0o755)  # PostgreSQL runs as its own user
    Finalize(None, shutil.rmtree, (folder, True), exitpriority=LAST)
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
    return folder
