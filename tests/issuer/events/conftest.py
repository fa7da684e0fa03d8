"""One school for the tests of a file: each makes events of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.issuer.school import School, open_school


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    folder = tmp_path_factory.mktemp("events")
    made = open_school(f"sqlite:///{folder / 'issuer.sqlite3'}", folder, pack_seconds=1)
    yield made
    made.deps.database.close_all()
