"""A status list as its table, read from the database: whole once, then only what changed since."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.cache import FreshCache
from common.errors import NotFound, Unavailable
from common.status.contract import StatusTable
from issuer.store.tables import StatusEntry, StatusList

_REMEMBERED = 64
_SECONDS = 86_400
_TRIES = 20


class StatusTables:
    """Remembers the newest table of each list in this process. One look at the list's version per question keeps it honest."""

    def __init__(self) -> None:
        self._tables: FreshCache[StatusTable] = FreshCache(_REMEMBERED)

    def read(self, tenant: str, list_id: str, *, now: int) -> StatusTable:
        """The list as it stands, consistently: a version with exactly its entries. Raises NotFound("no_such_list").

        The newest version always has entries of its own, committed together with it. So a reading of entries that brought none newer than
        the version read before it is of that version; else somebody came between, and it is read again.
        """
        name = (tenant, list_id)
        for _ in range(_TRIES):
            row = _row(tenant, list_id)
            known = self._tables.get(name, now=now)
            table = known.value if known is not None else None
            if table is not None and table.version == row.version:
                return table
            since = table.version if table is not None and table.version < row.version else -1
            found, newest = _entries(tenant, list_id, since=since)
            if newest > row.version:
                continue
            values = {**(table.values if table is not None and since >= 0 else {}), **found}
            made = StatusTable(size=row.size, values=values, version=row.version, changed_at=row.changed_at)
            return self._tables.put(name, made, now=now, ttl=_SECONDS).value
        raise _busy()

    def changed_since(
        self, tenant: str, list_id: str, since: int, *, now: int
    ) -> tuple[StatusTable, Mapping[int, int]]:
        """The table, and its entries that changed after version ``since``: index → value. Raises NotFound, also for a version to come."""
        for _ in range(_TRIES):
            table = self.read(tenant, list_id, now=now)
            if since > table.version:
                raise NotFound("no_such_version", "the status list has no such version yet")
            found, newest = _entries(tenant, list_id, since=since)
            if newest <= table.version:
                return table, found
        raise _busy()


def _busy() -> Unavailable:
    return Unavailable(
        "status_list_busy", "the status list changes too fast to be read; try again shortly", retry_after=1
    )


def _row(tenant: str, list_id: str) -> Any:
    row = (
        StatusList.select(StatusList.version, StatusList.size, StatusList.changed_at)
        .where(StatusList.tenant == tenant, StatusList.id == list_id)
        .first()
    )
    if row is None:
        raise NotFound("no_such_list", "no such status list here")
    return row


def _entries(tenant: str, list_id: str, *, since: int) -> tuple[dict[int, int], int]:
    """index → value of the entries newer than ``since``, and the newest version among them."""
    query = StatusEntry.select(StatusEntry.list_index, StatusEntry.value, StatusEntry.version).where(
        StatusEntry.tenant == tenant, StatusEntry.list_id == list_id, StatusEntry.version > since
    )
    values: dict[int, int] = {}
    newest = 0
    for index, value, version in query.tuples():
        values[index] = value
        newest = max(newest, version)
    return values, newest
