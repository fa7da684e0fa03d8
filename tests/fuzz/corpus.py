"""The kept inputs of a target: one JSON file of base64 texts, so that a thousand small inputs are not a thousand files."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable
from pathlib import Path

FOLDER = Path(__file__).parent / "corpus"
MAX_INPUTS, MAX_BYTES = 200, 40_000
"""Of one target's file: inputs, and their bytes together. The shortest are kept."""


def read_corpus(name: str) -> tuple[bytes, ...]:
    path = FOLDER / f"{name}.json"
    return tuple(b64decode(text) for text in json.loads(path.read_bytes())) if path.exists() else ()


def write_corpus(name: str, inputs: Iterable[bytes]) -> int:
    """The number kept."""
    kept: list[bytes] = []
    for data in sorted(set(inputs), key=lambda one: (len(one), one)):
        if len(kept) < MAX_INPUTS and sum(map(len, kept)) + len(data) <= MAX_BYTES:
            kept.append(data)
    FOLDER.mkdir(exist_ok=True)
    lines = ",\n".join(json.dumps(b64encode(data).decode()) for data in kept)
    (FOLDER / f"{name}.json").write_text(f"[\n{lines}\n]\n")
    return len(kept)
