"""An institution in a fresh database, on SQLite and on PostgreSQL, with a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.issuer.school import School, open_school


@pytest.fixture
def school(tmp_path: Path) -> Iterator[School]:
    """On SQLite."""
    made = open_school(f"sqlite:///{tmp_path / 'issuer.sqlite3'}", tmp_path)
    yield made
    made.deps.database.close_all()


@pytest.fixture
def any_school(database_url: str, tmp_path: Path) -> Iterator[School]:
    """Once on SQLite, once on PostgreSQL."""
    made = open_school(database_url, tmp_path)
    yield made
    made.deps.database.close_all()
