"""The audit record in a program's database: a row with each act, in the act's own transaction, sealed into a hash chain later.

The rules of the chain are pure and live in ``common/audit``; this module keeps its rows. Sealing is apart from acting because a chain
that every act had to extend would put all acts of a tenant in one queue.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import peewee

from common.adapters.database import TenantRow, transaction
from common.audit.chain import Batch, ChainReport, seal_batch, verify_chain
from common.audit.entry import AuditEntry
from common.encoding import compact_json

LARGEST_BATCH = 1000
"""Entries sealed at a time; bounds the transaction and what `verify` holds in memory."""


def audit_tables(base: type[TenantRow]) -> tuple[type[Any], type[Any]]:
    """The two tables of this module, (audit_row, audit_batch), on a program's base row."""

    class AuditRow(base):  # type: ignore[valid-type,misc]  # the program's own base row
        """Something that was done. batch: number of the batch that holds it; 0: not sealed yet. facts: JSON."""

        id = peewee.BigAutoField()
        at = peewee.BigIntegerField()
        actor = peewee.CharField(max_length=200)
        act = peewee.CharField(max_length=64)
        subject = peewee.CharField(max_length=200)
        facts = peewee.TextField(default="{}")
        batch = peewee.BigIntegerField(default=0)

        class Meta:
            table_name = "audit_row"
            indexes = ((("tenant", "batch", "id"), False),)

    class AuditBatch(base):  # type: ignore[valid-type,misc]  # the program's own base row
        """A sealed batch; the columns are those of `common.audit.chain.Batch`."""

        number = peewee.BigIntegerField()
        count = peewee.IntegerField()
        previous_head = peewee.CharField(max_length=64)
        entries_digest = peewee.CharField(max_length=64)
        head = peewee.CharField(max_length=64)
        sealed_at = peewee.BigIntegerField()

        class Meta:
            table_name = "audit_batch"
            primary_key = peewee.CompositeKey("tenant", "number")

    return AuditRow, AuditBatch


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordView:
    """The record as a page shows it.

    latest: newest first. unsealed: entries that no batch holds yet. sealed_at: seconds; 0 where nothing is sealed.
    """

    latest: tuple[AuditEntry, ...]
    unsealed: int
    batches: int
    head: str
    sealed_at: int


class AuditLog:
    """The audit record of one program. tables: what `audit_tables` made."""

    def __init__(self, tables: tuple[type[Any], type[Any]]) -> None:
        self.rows, self.batches = tables

    def record(self, tenant: str, *, at: int, actor: str, act: str, subject: str, **facts: str | int | bool) -> None:
        """Notes what was done; call it inside the act's transaction. facts: codes and numbers.

        Raises Malformed("bad_audit_entry") for anything that could be personal: only codes and opaque ids fit into an entry.
        """
        detail = {name: _word(value) for name, value in facts.items()}
        entry = AuditEntry(at=at, actor=actor, act=act, subject=subject, detail=detail)
        self.rows.insert(
            tenant=tenant, at=at, actor=actor, act=act, subject=subject, facts=compact_json(dict(entry.detail)).decode()
        ).execute()

    def seal(self, tenant: str, *, now: int) -> Batch | None:
        """Seals the oldest open entries into the next batch. None: nothing is open, or another process is sealing them."""
        rows, batches = self.rows, self.batches
        database = rows._meta.database
        try:
            with transaction(database, "seal_audit"):
                open_rows = list(
                    rows.select().where(rows.tenant == tenant, rows.batch == 0).order_by(rows.id).limit(LARGEST_BATCH)
                )
                if not open_rows:
                    return None
                last = batches.select().where(batches.tenant == tenant).order_by(batches.number.desc()).first()
                previous = None if last is None else _batch(last)
                sealed_at = max(now, previous.sealed_at if previous else 0)  # a clock set back does not break the chain
                batch = seal_batch(previous, [_entry(row) for row in open_rows], tenant=tenant, sealed_at=sealed_at)
                keys = [row.id for row in open_rows]
                taken = (
                    rows.update(batch=batch.number)
                    .where(rows.tenant == tenant, rows.batch == 0, rows.id.in_(keys))
                    .execute()
                )
                if taken != len(keys):
                    raise _Raced
                batches.insert(
                    tenant=tenant,
                    number=batch.number,
                    count=batch.count,
                    previous_head=batch.previous_head,
                    entries_digest=batch.entries_digest,
                    head=batch.head,
                    sealed_at=batch.sealed_at,
                ).execute()
                return batch
        except (
            _Raced,
            peewee.IntegrityError,
        ):  # the same number twice: another process was first, all of ours is undone
            return None

    def seal_all(self, tenant: str, *, now: int) -> int:
        """Seals until nothing is open. Answers how many entries. For the job."""
        sealed = 0
        while (batch := self.seal(tenant, now=now)) is not None:
            sealed += batch.count
        return sealed

    def verify(self, tenant: str, *, known_head: str | None = None) -> ChainReport:
        """Inspects the tenant's whole chain. known_head: one that was kept elsewhere. Never raises for a broken chain."""
        return verify_chain(self._chain(tenant), tenant=tenant, known_head=known_head)

    def view(self, tenant: str, *, limit: int) -> RecordView:
        """The newest ``limit`` entries, and how far the record is sealed."""
        rows, batches = self.rows, self.batches
        latest = rows.select().where(rows.tenant == tenant).order_by(rows.id.desc()).limit(limit)
        last = batches.select().where(batches.tenant == tenant).order_by(batches.number.desc()).first()
        return RecordView(
            latest=tuple(_entry(row) for row in latest),
            unsealed=self.unsealed(tenant),
            batches=last.number if last else 0,
            head=last.head if last else "",
            sealed_at=last.sealed_at if last else 0,
        )

    def unsealed(self, tenant: str) -> int:
        """Entries that no batch holds yet."""
        return int(self.rows.select().where(self.rows.tenant == tenant, self.rows.batch == 0).count())

    def forget(self, tenant: str, *, before: int) -> int:
        """Deletes the entries of batches sealed before ``before`` (seconds); their batches stay and still verify. Answers how many."""
        rows, batches = self.rows, self.batches
        old = batches.select(batches.number).where(batches.tenant == tenant, batches.sealed_at < before)
        return int(rows.delete().where(rows.tenant == tenant, rows.batch > 0, rows.batch.in_(old)).execute())

    def _chain(self, tenant: str) -> Iterator[tuple[Batch, Sequence[AuditEntry] | None]]:
        rows, batches = self.rows, self.batches
        for line in batches.select().where(batches.tenant == tenant).order_by(batches.number).iterator():
            kept = list(rows.select().where(rows.tenant == tenant, rows.batch == line.number).order_by(rows.id))
            yield _batch(line), [_entry(row) for row in kept] or None


class _Raced(Exception):
    """Another process sealed the same entries."""


def _word(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _entry(row: Any) -> AuditEntry:
    return AuditEntry(at=row.at, actor=row.actor, act=row.act, subject=row.subject, detail=json.loads(row.facts))


def _batch(row: Any) -> Batch:
    return Batch(
        tenant=row.tenant,
        number=row.number,
        previous_head=row.previous_head,
        count=row.count,
        sealed_at=row.sealed_at,
        entries_digest=row.entries_digest,
        head=row.head,
    )
