"""The audit record in a database: written with the act, sealed once, and any later change is found. On both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from common.adapters.audit_table import AuditLog, audit_tables
from common.adapters.database import TenantRow, across_tenants, open_database, transaction
from common.errors import Malformed
from tests.forks import Forks

TABLES = audit_tables(TenantRow)
ROW, BATCH = TABLES
NOW = 1_790_000_000


def note(log: AuditLog, count: int, tenant: str = "a") -> None:
    for number in range(count):
        log.record(
            tenant, at=NOW + number, actor="job:test", act="thing.done", subject=f"t{number}", number=number, ok=True
        )


@pytest.fixture
def log(database_url: str) -> Iterator[AuditLog]:
    database = open_database(database_url)
    database.bind(TABLES)
    database.create_tables(TABLES)
    yield AuditLog(TABLES)
    database.close_all()


def test_entries_are_sealed_per_tenant_and_the_chain_is_whole(log: AuditLog) -> None:
    note(log, 3)
    note(log, 2, tenant="b")
    assert log.unsealed("a") == 3
    first = log.seal("a", now=NOW + 10)
    assert first is not None
    assert (first.number, first.count) == (1, 3)
    note(log, 2)
    assert log.seal_all("a", now=NOW + 5) == 2, "a clock set back does not break the chain"
    assert log.seal("a", now=NOW + 20) is None
    report = log.verify("a", known_head=first.head)
    assert (report.whole, report.batches, report.entries) == (True, 2, 5)
    assert log.unsealed("b") == 2


def test_an_act_that_fails_leaves_no_entry(log: AuditLog) -> None:
    def act() -> None:
        with transaction(ROW._meta.database, "act"):
            note(log, 1)
            raise RuntimeError("undone")

    with pytest.raises(RuntimeError, match="undone"):
        act()
    assert log.unsealed("a") == 0


def test_personal_data_does_not_fit(log: AuditLog) -> None:
    for bad in ({"actor": "桜川花子"}, {"subject": "hanako@example.jp"}, {"reason": "she moved away"}):
        with pytest.raises(Malformed):
            log.record("a", **{"at": NOW, "actor": "x", "act": "y", "subject": "z", **bad})  # type: ignore[arg-type]  # mixed on purpose


TAMPERING: dict[str, Callable[[], Any]] = {
    "changed": lambda: ROW.update(subject="other").where(ROW.tenant == "a", ROW.subject == "t1").execute(),
    "dropped": lambda: ROW.delete().where(ROW.tenant == "a", ROW.subject == "t1").execute(),
    "added": lambda: ROW.insert(tenant="a", at=1, actor="x", act="y", subject="z", batch=1).execute(),
    "batch dropped": lambda: BATCH.delete().where(BATCH.tenant == "a", BATCH.number == 1).execute(),
    "batch rewritten": lambda: BATCH.update(count=9).where(BATCH.tenant == "a", BATCH.number == 2).execute(),
    "end cut off": lambda: BATCH.delete().where(BATCH.tenant == "a", BATCH.number == 2).execute(),
}


@pytest.mark.parametrize("tamper", TAMPERING.values(), ids=TAMPERING.keys())
def test_whatever_is_done_to_it_shows(log: AuditLog, tamper: Callable[[], Any]) -> None:
    note(log, 3)
    log.seal("a", now=NOW)
    note(log, 3)
    last = log.seal("a", now=NOW)
    assert last is not None
    tamper()
    assert not log.verify("a", known_head=last.head).whole


def test_old_entries_may_be_forgotten_and_the_chain_still_holds(log: AuditLog) -> None:
    note(log, 3)
    log.seal("a", now=NOW)
    note(log, 2)
    last = log.seal("a", now=NOW + 100)
    assert last is not None
    assert log.forget("a", before=NOW + 1) == 3
    report = log.verify("a", known_head=last.head)
    assert (report.whole, report.entries, report.without_entries) == (True, 2, 1)


def _seal(url: str, gate: Any, answers: Any) -> None:
    database = open_database(url)
    database.bind(TABLES)
    gate.wait()
    answers.put(sum(AuditLog(TABLES).seal("a", now=NOW) is not None for _ in range(5)))
    database.close_all()


def test_processes_that_seal_at_once_never_seal_twice(log: AuditLog, database_url: str) -> None:
    note(log, 50)
    gate, answers = Forks.Barrier(3), Forks.Queue()
    sealers = [Forks.Process(target=_seal, args=(database_url, gate, answers)) for _ in range(3)]
    for sealer in sealers:
        sealer.start()
    made = sum(answers.get(timeout=60) for _ in sealers)
    for sealer in sealers:
        sealer.join(30)
    assert made == 1
    report = log.verify("a")
    assert (report.whole, report.batches, report.entries) == (True, 1, 50)
    with across_tenants("looking"):
        assert ROW.select().where(ROW.batch == 0).count() == 0
