"""Pages that a service worker keeps, so that they open with no network: the list of what is kept, and the version that it is all of.

The page carries the version (``data-version`` of its body) and the list a digest for each file. The worker keeps all of one version or
nothing: while a server is being renewed, a page of the one and a script of the other never come together.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from common.pages.static_files import STATIC_FOLDER, static_url


def page_version(template: Path, worker: str, words: str, names: Sequence[str]) -> str:
    """Of the page's template, its worker, its texts and its files: whatever changes one of them changes the version."""
    parts = [
        template.read_bytes(),
        static_url(worker).encode(),
        words.encode(),
        *(static_url(name).encode() for name in names),
    ]
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()[:16]


def worker_script(worker: str, names: Sequence[str], **listed: object) -> str:
    """``built/gate/worker.js`` with what it keeps in front of it. listed: what else it is told, its version among it."""
    files = {static_url(name): digest_of(name) for name in names}
    kept = json.dumps({**listed, "files": files})
    return f"self.TEGATA_KEPT={kept};\n{_read(worker).decode()}"


@lru_cache(maxsize=64)
def digest_of(name: str) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(_read(name)).hexdigest()


def _read(name: str) -> bytes:
    return (STATIC_FOLDER / name).read_bytes()
