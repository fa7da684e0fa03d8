"""Revokes, suspends and reinstates: the credential's row, its status entry and the list's version move in one transaction.

Only the status list tells the world. It may be cached for ``status_ttl`` seconds, so that long a verifier may still see the old status.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from peewee import EXCLUDED

from common.adapters.database import changed, transaction
from common.errors import Conflict, NotFound
from common.status.allocation import permute
from common.status.contract import REFRESH, REVOKED, SUSPENDED, VALID
from issuer.flows.desk import Desk
from issuer.flows.status_indices import shape_of
from issuer.store.audit import record
from issuer.store.event_tables import Event
from issuer.store.tables import Credential, StatusEntry, StatusList

State = Literal["valid", "suspended", "revoked"]
_VALUES: dict[State, int] = {"valid": VALID, "suspended": SUSPENDED, "revoked": REVOKED}
_FROM: dict[State, tuple[State, ...]] = {
    "valid": ("suspended",),
    "suspended": ("valid",),
    "revoked": ("valid", "suspended"),
}
_ROWS_AT_ONCE = 500


def move_credentials(
    tenant: str, rows: Sequence[Any], to: State, *, at: int, why: str = "", superseded_by: str = ""
) -> tuple[str, ...]:
    """Moves rows of `Credential` to a state, inside the caller's transaction; answers the ids that moved. Others stay as they are.

    at: seconds since 1970. What a newer credential supersedes is also marked so, for those who look for a refresh.
    """
    moved: list[str] = []
    lists: defaultdict[str, list[int]] = defaultdict(list)
    for row in sorted(
        rows, key=lambda one: str(one.id)
    ):  # one order for all, so that two transactions cannot wait for each other
        mine = (Credential.tenant == tenant) & (Credential.id == row.id) & Credential.state.in_(_FROM[to])
        if not changed(Credential.update(state=to, ended_by=why, superseded_by=superseded_by).where(mine)):
            continue
        lists[row.list_id].append(row.list_index)
        moved.append(row.id)
    value = _VALUES[to] | (REFRESH if superseded_by else 0)
    for list_id, indices in sorted(lists.items()):
        version = _next_version(tenant, list_id, at)
        decoys = _moving_decoys(tenant, list_id, to, sum(secrets.randbelow(2) for _ in indices))
        _set_entries(tenant, list_id, dict.fromkeys((*indices, *decoys), value), version)
    if lists:  # a gate pass stands in its event's own list: the gates are told by the next pack
        Event.update(serial=Event.serial + 1).where(Event.tenant == tenant, Event.list_id.in_(sorted(lists))).execute()
    return tuple(moved)


def announce_refresh(tenant: str, rows: Sequence[Any], *, at: int) -> int:
    """Inside the caller's transaction: says of these rows of `Credential` that a newer one can be had. Their state stays; how many."""
    lists: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for row in rows:
        lists[row.list_id][row.list_index] = _VALUES[row.state] | REFRESH
    for list_id, entries in sorted(lists.items()):
        _set_entries(tenant, list_id, entries, _next_version(tenant, list_id, at))
    return len(rows)


def change_status(desk: Desk, tenant: str, credential_id: str, to: State, *, actor: str) -> tuple[str, ...]:
    """Moves one issued credential with its whole batch of copies: they are one certificate.

    Answers the ids that moved. Raises NotFound("no_such_credential"), Conflict where it is not in a state to be moved from.
    """
    one = Credential.get_or_none(Credential.tenant == tenant, Credential.id == credential_id)
    if one is None:
        raise NotFound("no_such_credential", "no such credential was issued here")
    with transaction(desk.database, "change_status"):
        rows = list(Credential.select().where(Credential.tenant == tenant, Credential.batch_id == one.batch_id))
        moved = move_credentials(tenant, rows, to, at=desk.now, why=to if to != "valid" else "")
        if moved:
            record(tenant, at=desk.now, actor=actor, act=f"credential_{to}", subject=one.batch_id, copies=len(moved))
    if not moved:
        raise Conflict("already_moved", f"the credential cannot become {to} from its present state")
    return moved


def live_credentials(tenant: str, person_id: str, *, types: Sequence[str] = ()) -> list[Any]:
    """Rows of the person's credentials that are not revoked, of these types (empty: all)."""
    query = Credential.select().where(
        Credential.tenant == tenant, Credential.person_id == person_id, Credential.state != "revoked"
    )
    return list(query.where(Credential.type_name.in_(list(types))) if types else query)


def _next_version(tenant: str, list_id: str, at: int) -> int:
    """Counts one change. From here to the caller's commit the list is ours: whoever changes it next gets a later version.

    So every entry of a version is there when the version is, and *changed since* leaves out nothing.
    """
    mine = (StatusList.tenant == tenant) & (StatusList.id == list_id)
    StatusList.update(version=StatusList.version + 1, changed_at=at).where(mine).execute()
    return int(StatusList.select(StatusList.version).where(mine).scalar())


def _set_entries(tenant: str, list_id: str, entries: Mapping[int, int], version: int) -> None:
    """index → value. A refresh mark that an entry has stays."""
    rows = [
        {"tenant": tenant, "list_id": list_id, "list_index": index, "value": value, "version": version}
        for index, value in sorted(entries.items())
    ]
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        StatusEntry.insert_many(rows[start : start + _ROWS_AT_ONCE]).on_conflict(
            conflict_target=[StatusEntry.tenant, StatusEntry.list_id, StatusEntry.list_index],
            update={
                StatusEntry.value: EXCLUDED.value.bin_or(StatusEntry.value.bin_and(REFRESH)),
                StatusEntry.version: EXCLUDED.version,
            },
        ).execute()


def _moving_decoys(tenant: str, list_id: str, to: State, count: int) -> Iterable[int]:
    """Decoys that move with the credentials: for each of those a coin was thrown. So the list does not count withdrawals for the world.

    They move as credentials do: to revoked for good, to suspended and back, and from revoked nowhere.
    """
    if not count:
        return ()
    known = StatusEntry.select(StatusEntry.list_index).where(
        StatusEntry.tenant == tenant, StatusEntry.list_id == list_id
    )
    if to == "valid":
        held = Credential.select(Credential.list_index).where(
            Credential.tenant == tenant, Credential.list_id == list_id
        )
        suspended = known.where(StatusEntry.value == SUSPENDED, StatusEntry.list_index.not_in(held))
        return [index for (index,) in suspended.limit(count).tuples()]
    row = StatusList.get(StatusList.tenant == tenant, StatusList.id == list_id)
    shape, key = shape_of(row.size), bytes(row.permutation_key)
    chosen = {permute(shape.capacity + secrets.randbelow(shape.decoys), size=row.size, key=key) for _ in range(count)}
    revoked = known.where(StatusEntry.value == REVOKED, StatusEntry.list_index.in_(sorted(chosen)))
    return chosen - {index for (index,) in revoked.tuples()}
