"""Wrong numbers of cards at one's own reader: a restart frees nobody, and a right one costs nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.adapters.card_attempts import CardAttempts
from common.adapters.migrations import migrate
from common.cards.drivers.residence_card.attempts import FREE, MEMORY, WAITS
from common.errors import TooMany
from tests.fakes.clock import FixedClock
from wallet_agent.holder.retention import sweep
from wallet_agent.reading.numbers import KeptNumbers
from wallet_agent.store.base import bind
from wallet_agent.store.guessed_names import NOBODY
from wallet_agent.store.migrations import MIGRATIONS
from wallet_agent.store.tables import CardAttempt

KIND = "residence_card_number"


def start(folder: Path, clock: FixedClock) -> KeptNumbers:
    """The program, started (again)."""
    database = bind(f"sqlite:///{folder / 'wallet.sqlite3'}")
    migrate(database, MIGRATIONS, now=clock.now())
    return KeptNumbers(CardAttempts(clock, CardAttempt), NOBODY)


def test_a_restart_frees_nobody(tmp_path: Path) -> None:
    clock = FixedClock()
    for _ in range(FREE):
        start(tmp_path, clock).begin(KIND)
    with pytest.raises(TooMany) as refused:
        start(tmp_path, clock).begin(KIND)
    assert refused.value.retry_after == WAITS[0]
    start(tmp_path, clock).begin("passport_mrz")
    clock.advance(WAITS[0])
    start(tmp_path, clock).begin(KIND)
    with pytest.raises(TooMany) as again:
        start(tmp_path, clock).begin(KIND)
    assert again.value.retry_after == WAITS[1]
    clock.advance(MEMORY)
    sweep(clock=clock, offer_seconds=60, request_seconds=60)
    assert CardAttempt.select().where(CardAttempt.tenant == NOBODY).count() == 0


def test_right_numbers_are_not_counted(tmp_path: Path) -> None:
    numbers = start(tmp_path, FixedClock())
    for _ in range(2 * FREE):
        numbers.release(KIND, numbers.begin(KIND))
