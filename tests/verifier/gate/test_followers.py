"""Of many events, a question is kept open at the organisers of those whose packs came last; nobody else's thread stays."""

from __future__ import annotations

from collections import Counter
from typing import Any, cast

import pytest

from common.errors import Unavailable
from tests.verifier.gate.test_follow import until
from verifier.gate import follow
from verifier.gate.follow import Followers
from verifier.gate.organiser import Organiser

NEW, OLD, OLDEST, NEWEST = (("venue", name) for name in ("new", "old", "oldest", "newest"))


class Away:
    """An organiser that nobody reaches. asked: how often each event was asked for."""

    def __init__(self) -> None:
        self.asked: Counter[tuple[str, str]] = Counter()

    def question(self, tenant: str, event: str) -> Any:
        self.asked[tenant, event] += 1
        raise Unavailable("no_answer", "away")


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"MOST_EVENTS": 2, "LOOK_SECONDS": 0.01, "FIRST_PAUSE": 0.01, "LONGEST_PAUSE": 0.01}.items():
        monkeypatch.setattr(follow, name, value)


def test_an_event_that_newer_ones_push_out_is_asked_for_no_more() -> None:
    organiser, known = Away(), [NEW, OLD, OLDEST]
    followers = Followers(cast(Organiser, organiser), lambda: known, lambda: 0, every=1)
    followers.start()
    try:
        until(lambda: organiser.asked[NEW] > 3 < organiser.asked[OLD])
        assert organiser.asked[OLDEST] == 0
        known.insert(0, NEWEST)
        until(lambda: organiser.asked[NEWEST] > 3)
        asked, so_far = organiser.asked[OLD], organiser.asked[NEW]
        until(lambda: organiser.asked[NEW] > so_far + 5)
        assert (organiser.asked[OLD], organiser.asked[OLDEST]) == (asked, 0)
    finally:
        followers.stop()
