"""Wrong card numbers, where no card counts them, in the program's database: a restart frees nobody, and two processes share one count.

The times of what went wrong stand in one row for each subject (a person, or who answers for them, *and* a reader), which is moved by one
conditional UPDATE. A number is counted before it is tried, and taken back when it was right: who is killed between, or takes the card out,
has spent it. How long to wait is `common.cards.drivers.residence_card.attempts`'.
"""

from __future__ import annotations

import hashlib
from typing import Any

import peewee

from common.adapters.database import TenantRow, changed
from common.cards.drivers.residence_card.attempts import MEMORY, check_attempt
from common.encoding import compact_json, parse_json
from common.errors import TooMany
from common.ports import Clock

_RACES = 32


def attempt_table(base: type[TenantRow]) -> type[Any]:
    """The table ``card_attempt`` on a program's base row. failed_at: JSON, seconds; expires_at: when none of them counts any more."""

    class CardAttempt(base):  # type: ignore[valid-type,misc]  # the program's own base row
        subject = peewee.CharField(max_length=64)
        failed_at = peewee.TextField(default="[]")
        expires_at = peewee.BigIntegerField(index=True)

        class Meta:
            table_name = "card_attempt"
            indexes = ((("tenant", "subject"), True),)

    return CardAttempt


class CardAttempts:
    """table: what `attempt_table` made. subject: who tries and at which reader; kept as a hash only."""

    def __init__(self, clock: Clock, table: type[Any]) -> None:
        self._clock, self._table = clock, table

    def begin(self, tenant: str, *subject: str) -> int:
        """Counts a number that is about to be tried. Returns its time, for `release`. Raises TooMany("card_number_attempts")."""
        digest = _digest(subject)
        for _ in range(_RACES):
            now = self._clock.now()
            before = self._read(tenant, digest)
            times = _times(before)
            check_attempt(times, now)
            counted = [at for at in times if at > now - MEMORY]
            if self._move(tenant, digest, before, [*counted, now], now + MEMORY):
                return now
        raise TooMany("card_number_attempts", "too many numbers are tried at once", retry_after=1)

    def release(self, tenant: str, *subject: str, at: int) -> None:
        """Takes one back, begun at ``at``: the number was right, or was never sent. What is not there (any more) is no error."""
        digest = _digest(subject)
        for _ in range(_RACES):
            before = self._read(tenant, digest)
            times = _times(before)
            if at not in times:
                return
            times.remove(at)
            if self._move(tenant, digest, before, times, max(times, default=at) + MEMORY):
                return

    def sweep(self, tenant: str) -> int:
        """Deletes the tenant's rows in which nothing counts any more. For the retention job."""
        rows = self._table
        return int(rows.delete().where(rows.tenant == tenant, rows.expires_at <= self._clock.now()).execute())

    def _read(self, tenant: str, digest: str) -> str | None:
        rows = self._table
        row = rows.get_or_none(rows.tenant == tenant, rows.subject == digest)
        return None if row is None else str(row.failed_at)

    def _move(self, tenant: str, digest: str, before: str | None, times: list[int], expires_at: int) -> bool:
        """Whether the row was still as it was read."""
        rows, after = self._table, compact_json(times).decode()
        if before is None:
            made = rows.insert(tenant=tenant, subject=digest, failed_at=after, expires_at=expires_at)
            return bool(list(made.on_conflict_ignore().returning(rows.subject).execute()))
        moved = rows.update(failed_at=after, expires_at=expires_at)
        return changed(moved.where(rows.tenant == tenant, rows.subject == digest, rows.failed_at == before))


def _times(kept: str | None) -> list[int]:
    return [] if kept is None else [int(at) for at in parse_json(kept)]


def _digest(subject: tuple[str, ...]) -> str:
    return hashlib.sha256("\x1f".join(subject).encode()).hexdigest()
