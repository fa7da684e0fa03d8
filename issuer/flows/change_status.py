"""Revokes, suspends and reinstates: the credential's row, its status entry and the list's version move in one transaction.

Only the status list tells the world. It may be cached for ``status_ttl`` seconds, so that long a verifier may still see the old status.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal

from common.adapters.database import changed, transaction
from common.errors import Conflict, NotFound
from common.status.allocation import permute
from issuer.flows.desk import Desk
from issuer.flows.status_indices import shape_of
from issuer.store.audit import record
from issuer.store.tables import Credential, StatusEntry, StatusList

VALID, INVALID, SUSPENDED = 0, 1, 2
"""Status types of Token Status List draft-20 §7.1."""
State = Literal["valid", "suspended", "revoked"]
_VALUES: dict[State, int] = {"valid": VALID, "suspended": SUSPENDED, "revoked": INVALID}
_FROM: dict[State, tuple[State, ...]] = {
    "valid": ("suspended",),
    "suspended": ("valid",),
    "revoked": ("valid", "suspended"),
}


def move_credentials(
    tenant: str, rows: Sequence[Any], to: State, *, why: str = "", superseded_by: str = ""
) -> tuple[str, ...]:
    """Moves rows of `Credential` to a state, inside the caller's transaction; answers the ids that moved. Others stay as they are."""
    moved: list[str] = []
    lists: Counter[str] = Counter()
    for row in sorted(
        rows, key=lambda one: str(one.id)
    ):  # one order for all, so that two transactions cannot wait for each other
        mine = (Credential.tenant == tenant) & (Credential.id == row.id) & Credential.state.in_(_FROM[to])
        if not changed(Credential.update(state=to, ended_by=why, superseded_by=superseded_by).where(mine)):
            continue
        _set_entry(tenant, row.list_id, row.list_index, _VALUES[to])
        lists[row.list_id] += 1
        moved.append(row.id)
    for list_id in sorted(lists):
        if to == "revoked":
            _move_decoys(tenant, list_id, lists[list_id])
        StatusList.update(version=StatusList.version + 1).where(
            StatusList.tenant == tenant, StatusList.id == list_id
        ).execute()
    return tuple(moved)


def change_status(desk: Desk, tenant: str, credential_id: str, to: State, *, actor: str) -> tuple[str, ...]:
    """Moves one issued credential with its whole batch of copies: they are one certificate.

    Answers the ids that moved. Raises NotFound("no_such_credential"), Conflict where it is not in a state to be moved from.
    """
    one = Credential.get_or_none(Credential.tenant == tenant, Credential.id == credential_id)
    if one is None:
        raise NotFound("no_such_credential", "no such credential was issued here")
    with transaction(desk.database, "change_status"):
        rows = list(Credential.select().where(Credential.tenant == tenant, Credential.batch_id == one.batch_id))
        moved = move_credentials(tenant, rows, to, why=to if to != "valid" else "")
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


def _set_entry(tenant: str, list_id: str, index: int, value: int) -> None:
    StatusEntry.insert(tenant=tenant, list_id=list_id, list_index=index, value=value).on_conflict(
        conflict_target=[StatusEntry.tenant, StatusEntry.list_id, StatusEntry.list_index],
        update={StatusEntry.value: value},
    ).execute()


def _move_decoys(tenant: str, list_id: str, revoked: int) -> None:
    """For each revocation a coin is thrown whether a decoy falls too, so that the list does not count withdrawals for the world."""
    falling = sum(secrets.randbelow(2) for _ in range(revoked))
    if not falling:
        return
    row = StatusList.get(StatusList.tenant == tenant, StatusList.id == list_id)
    shape = shape_of(row.size)
    for _ in range(falling):
        position = shape.capacity + secrets.randbelow(shape.decoys)
        _set_entry(tenant, list_id, permute(position, size=row.size, key=bytes(row.permutation_key)), INVALID)
