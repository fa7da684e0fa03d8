"""Wrong numbers of cards in a database: growing waits, for each subject by itself, for all processes together. On both databases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from common.adapters.card_attempts import CardAttempts, attempt_table
from common.adapters.database import TenantRow, across_tenants, open_database
from common.cards.drivers.residence_card.attempts import FREE, MEMORY, WAITS
from common.errors import TooMany
from tests.fakes.clock import FixedClock
from tests.forks import Forks

TABLE = attempt_table(TenantRow)
KIOSK = ("token:kiosk-1", "reader 1")
RACERS, TRIES_EACH = 2, 6


@pytest.fixture
def attempts(database_url: str) -> Iterator[CardAttempts]:
    database = open_database(database_url)
    database.bind((TABLE,))
    database.create_tables((TABLE,))
    yield CardAttempts(FixedClock(), TABLE)
    database.close_all()


def clock_of(attempts: CardAttempts) -> FixedClock:
    clock = attempts._clock
    assert isinstance(clock, FixedClock)
    return clock


def fail(attempts: CardAttempts, times: int, tenant: str = "a", subject: tuple[str, ...] = KIOSK) -> None:
    for _ in range(times):
        attempts.begin(tenant, *subject)


def test_waits_grow_with_every_wrong_number(attempts: CardAttempts) -> None:
    clock = clock_of(attempts)
    fail(attempts, FREE)
    for wait in (*WAITS, WAITS[-1]):
        with pytest.raises(TooMany) as refused:
            attempts.begin("a", *KIOSK)
        assert (refused.value.code, refused.value.retry_after) == ("card_number_attempts", wait)
        clock.time += wait
        fail(attempts, 1)


def test_each_person_and_reader_by_itself(attempts: CardAttempts) -> None:
    fail(attempts, FREE)
    for tenant, subject in (("a", ("token:kiosk-1", "reader 2")), ("a", ("token:kiosk-2", "reader 1")), ("b", KIOSK)):
        attempts.begin(tenant, *subject)
    with pytest.raises(TooMany):
        attempts.begin("a", *KIOSK)
    with across_tenants("test"):
        assert [len(row.subject) for row in TABLE.select()] == [64] * 4, "hashes"


def test_what_was_right_counts_no_more(attempts: CardAttempts) -> None:
    clock = clock_of(attempts)
    for _ in range(3 * FREE):
        attempts.release("a", *KIOSK, at=attempts.begin("a", *KIOSK))
        clock.time += 1
    fail(attempts, FREE - 1)
    attempts.release("a", *KIOSK, at=clock.time - 1)
    attempts.release("a", "nobody", at=clock.time)
    fail(attempts, 1)
    with pytest.raises(TooMany):
        attempts.begin("a", *KIOSK)


def test_old_ones_are_forgotten(attempts: CardAttempts) -> None:
    clock = clock_of(attempts)
    fail(attempts, FREE)
    clock.time += MEMORY - 1
    assert attempts.sweep("a") == 0
    clock.time += 1
    assert attempts.sweep("b") == 0
    assert attempts.sweep("a") == 1
    attempts.begin("a", *KIOSK)


def _try(url: str, gate: Any, answers: Any) -> None:
    database = open_database(url)
    database.bind((TABLE,))
    mine = CardAttempts(FixedClock(), TABLE)
    gate.wait(30)
    begun = 0
    for _ in range(TRIES_EACH):
        try:
            mine.begin("a", *KIOSK)
        except TooMany:
            continue
        begun += 1
    answers.put(begun)
    database.close_all()


def test_two_processes_share_one_count(attempts: CardAttempts, database_url: str) -> None:
    TABLE._meta.database.close_all()
    gate, answers = Forks.Barrier(RACERS), Forks.Queue()
    racers = [Forks.Process(target=_try, args=(database_url, gate, answers)) for _ in range(RACERS)]
    for racer in racers:
        racer.start()
    begun = [answers.get(timeout=60) for _ in racers]
    for racer in racers:
        racer.join(30)
    assert sum(begun) == FREE
