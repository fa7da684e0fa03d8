"""The verifier's world, on both databases where a test asks for ``world`` and on SQLite where it asks for ``small_world``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.verifier.world import World, make_world


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    made = make_world(database_url, tmp_path)
    yield made
    made.deps.database.close_all()


@pytest.fixture
def small_world(tmp_path: Path) -> Iterator[World]:
    made = make_world(f"sqlite:///{tmp_path / 'test.sqlite3'}", tmp_path)
    yield made
    made.deps.database.close_all()
