"""A venue with two gates, closed afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.verifier.gate.venue import Venue


@pytest.fixture(autouse=True)
def _hubs_answer_at_once(hubs_answer_at_once: None) -> None:
    """In all tests here."""


@pytest.fixture
def venue_of(tmp_path: Path) -> Iterator[Callable[..., Venue]]:
    made: list[Venue] = []

    def make(*gates: str, **changes: Any) -> Venue:
        made.append(Venue(tmp_path, gates or ("a", "b"), **changes))
        return made[-1]

    yield make
    for venue in made:
        venue.database.close_all()


@pytest.fixture
def venue(venue_of: Callable[..., Venue]) -> Venue:
    return venue_of()
