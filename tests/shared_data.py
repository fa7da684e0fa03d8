"""Where vectors that other people made lie: beside the project, read in place. Their origin and licence stand in their SOURCE.md."""

from __future__ import annotations

from pathlib import Path

import pytest

_VECTORS = Path(__file__).resolve().parents[2] / "shared" / "vectors"


def shared_vectors(name: str) -> Path:
    """The folder of that name. Skips the test, saying so, only where the whole folder of vectors is absent (CI always has it)."""
    if not _VECTORS.is_dir():
        pytest.skip(f"no shared vectors beside the project, so {name} cannot be tested", allow_module_level=True)
    folder = _VECTORS / name
    assert folder.is_dir(), f"the shared vectors lack {name}"
    return folder
