"""The hash chain over a tenant's audit entries. Entries are written with the act itself and sealed later, in batches. Pure.

    entries_digest = SHA-256 over the entries' bytes, each with its length before it
    head           = SHA-256 over (tenant, number, previous head, count, sealed_at, entries_digest)

A head stands for everything before it: to change, drop, add or reorder an entry anywhere changes every later head. Keep a head elsewhere
(print it, mail it, sign it) and nobody with the database can rewrite what came before. Once the retention period is over the entries
of a batch may be deleted; its line stays, and the chain still verifies.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from common.audit.entry import AuditEntry
from common.encoding import compact_json

GENESIS = "0" * 64
"""The head before the first batch."""
_DOMAIN = "tegata audit batch v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One sealed batch: all of it is stored, none of it is personal.

    number counts from 1. Digests are lower-case hex. sealed_at: seconds since 1970.
    """

    tenant: str
    number: int
    previous_head: str
    count: int
    sealed_at: int
    entries_digest: str
    head: str


Break = Literal["number", "previous_head", "count", "entries", "head", "tenant", "time"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainReport:
    """What an inspection found. broken_at: number of the first batch that is wrong, None for a whole chain; why: what is wrong with it.

    head: of the last good batch. entries: number that were looked at; without_entries: batches whose entries have been deleted.
    """

    whole: bool
    batches: int
    entries: int
    without_entries: int
    head: str
    broken_at: int | None = None
    why: Break | None = None


def seal_batch(previous: Batch | None, entries: Sequence[AuditEntry], *, tenant: str, sealed_at: int) -> Batch:
    """The batch that follows ``previous`` (None: the tenant's first). entries: in the order of writing, at least one.

    The store keeps the batch only if nobody else sealed in between: its number is unique per tenant.
    """
    if not entries:
        raise ValueError("a batch holds at least one entry")
    if previous is not None and previous.tenant != tenant:
        raise ValueError("a chain belongs to one tenant")
    number = previous.number + 1 if previous else 1
    previous_head = previous.head if previous else GENESIS
    digest = _digest(entries)
    head = _head(tenant, number, previous_head, len(entries), sealed_at, digest)
    return Batch(
        tenant=tenant,
        number=number,
        previous_head=previous_head,
        count=len(entries),
        sealed_at=sealed_at,
        entries_digest=digest,
        head=head,
    )


def verify_chain(
    batches: Iterable[tuple[Batch, Sequence[AuditEntry] | None]], *, tenant: str, known_head: str | None = None
) -> ChainReport:
    """Inspects a tenant's chain from its first batch on. Reads one batch at a time, so ``batches`` may be a generator.

    1. each batch is this tenant's, follows the one before (number, previous head, time), and its head is the hash of its line
    2. its entries, where they are still kept (None: deleted), are as many as it says and hash to its digest
    3. known_head, kept elsewhere, stands somewhere in the chain: else the end was cut off, or all was rewritten

    Never raises for a broken chain: it tells where. Stops at the first break.
    """
    seen = looked_at = deleted = 0
    head, sealed_at, met = GENESIS, 0, known_head in (None, GENESIS)
    for batch, entries in batches:
        why = _break(batch, entries, tenant=tenant, number=seen + 1, previous_head=head, sealed_after=sealed_at)
        if why is not None:
            return ChainReport(
                whole=False,
                batches=seen,
                entries=looked_at,
                without_entries=deleted,
                head=head,
                broken_at=seen + 1,
                why=why,
            )
        seen, head, sealed_at = seen + 1, batch.head, batch.sealed_at
        looked_at += len(entries or ())
        deleted += entries is None
        met = met or head == known_head
    return ChainReport(
        whole=met,
        batches=seen,
        entries=looked_at,
        without_entries=deleted,
        head=head,
        broken_at=None if met else seen + 1,
        why=None if met else "head",
    )


def _break(
    batch: Batch,
    entries: Sequence[AuditEntry] | None,
    *,
    tenant: str,
    number: int,
    previous_head: str,
    sealed_after: int,
) -> Break | None:
    # 1
    if batch.tenant != tenant:
        return "tenant"
    if batch.number != number:
        return "number"
    if batch.previous_head != previous_head:
        return "previous_head"
    if batch.sealed_at < sealed_after:
        return "time"
    if batch.head != _head(tenant, number, previous_head, batch.count, batch.sealed_at, batch.entries_digest):
        return "head"

    # 2
    if entries is None:
        return None
    if len(entries) != batch.count:
        return "count"
    return None if _digest(entries) == batch.entries_digest else "entries"


def _digest(entries: Iterable[AuditEntry]) -> str:
    digest = hashlib.sha256()
    for entry in entries:
        encoded = entry.to_bytes()
        digest.update(len(encoded).to_bytes(4, "big") + encoded)
    return digest.hexdigest()


def _head(tenant: str, number: int, previous_head: str, count: int, sealed_at: int, entries_digest: str) -> str:
    line = compact_json([_DOMAIN, tenant, number, previous_head, count, sealed_at, entries_digest])
    return hashlib.sha256(line).hexdigest()
