"""Our three programs on a stage of their own, for other people's software to meet."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.interop.node import FOLDER
from tests.stories.stage import Stage, open_stage, set_up


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    assert (FOLDER / "node_modules").is_dir(), "./dev test installs the npm packages of tests/interop"
    running = set_up(tmp_path_factory.mktemp("interop"))
    yield open_stage(running)
    running.stop()
