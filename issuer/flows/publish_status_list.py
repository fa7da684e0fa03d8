"""The status list as signed documents, made anew when it changed or grew old, and kept in between: one table, several renderings.

All processes say the same of a list at one time: when it counts as made follows from the clock and its last change alone. So the
``ETag`` is the same everywhere and stays while nothing changes, though signatures may differ from process to process.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from common.cache import FreshCache
from common.errors import NotFound
from common.status.bitstring_status_list import PURPOSES
from common.status.changes import MAX_CHANGES, build_status_changes
from common.status.contract import STATE, ListIssuer, ListTimes, Rendering
from common.status.registry import renderings_of
from common.status.renderings import pack_states
from issuer.flows.desk import Desk
from issuer.flows.key_ring import Identity
from issuer.flows.status_table import StatusTables
from issuer.store.tables import StatusList

_CAPACITY = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedList:
    """etag: weak, changes with every change and every renewal. max_age: seconds. made_at: seconds since 1970."""

    body: bytes = field(repr=False)
    etag: str
    max_age: int
    made_at: int


class StatusListPublisher:
    """Remembers the newest documents of each list in this process."""

    def __init__(self) -> None:
        self._tables = StatusTables()
        self._cache: FreshCache[PublishedList] = FreshCache(_CAPACITY)

    def publish(
        self, desk: Desk, tenant: str, list_id: str, *, rendering: Rendering | None = None, purpose: str = ""
    ) -> PublishedList:
        """One rendering of the list; None: the first that goes with the purpose, as `renderings_at` names them.

        Raises NotFound("no_such_list"), also for a purpose that lists here do not have.
        """
        rendering = rendering or renderings_at(purpose)[0]
        now, settings = desk.now, desk.settings
        table = self._tables.read(tenant, list_id, now=now)
        times = self._times(desk, table.changed_at)
        identity, at = desk.keys.identity(tenant), desk.addresses
        kid = identity.signer.kid  # after a rotation, or worse, what the old key signed is not handed out any more
        name = (tenant, list_id, rendering.name, purpose, table.version, times.issued_at, kid)
        if (remembered := self._cache.get(name, now=now)) is not None:
            return remembered.value
        bitstring = rendering.family == "bitstring"
        body = rendering.render(
            table,
            uri=at.status_purpose(tenant, list_id, purpose) if bitstring else at.status(tenant, list_id),
            purpose=purpose,
            issuer=did_issuer(desk, identity) if bitstring else https_issuer(desk, identity),
            times=times,
            aggregation_uri=at.status_aggregation(tenant),
        )
        made = PublishedList(
            body=body,
            etag=f'W/"{table.version}-{times.issued_at}-{rendering.name}-{kid[:8]}"',
            max_age=settings.status_ttl,
            made_at=times.issued_at,
        )
        return self._cache.put(name, made, now=now, ttl=times.expires_at - now).value

    def changes(self, desk: Desk, tenant: str, list_id: str, since: int) -> PublishedList:
        """What changed after version ``since``, signed now. Raises NotFound: no such list or version, or too much has changed since."""
        now, settings = desk.now, desk.settings
        table, found = self._tables.changed_since(tenant, list_id, since, now=now)
        identity = desk.keys.identity(tenant)
        name = (tenant, list_id, "changes", since, table.version, identity.signer.kid)
        if (remembered := self._cache.get(name, now=now)) is not None:
            return remembered.value
        if len(found) > MAX_CHANGES:
            raise NotFound("too_many_changes", "too much has changed since that version: fetch the whole list")
        text = build_status_changes(
            {index: value & STATE for index, value in found.items()},
            pack_states(table, bits=2),
            identity.signer,
            uri=desk.addresses.status(tenant, list_id),
            since=since,
            version=table.version,
            size=table.size,
            issued_at=now,
            expires_at=now + settings.status_seconds,
            x5c=identity.x5c,
        )
        made = PublishedList(
            body=text.encode("ascii"),
            etag=f'W/"{since}-{table.version}-{now}"',
            max_age=settings.status_ttl,
            made_at=now,
        )
        return self._cache.put(name, made, now=now, ttl=settings.status_ttl).value

    def aggregate(self, desk: Desk, tenant: str) -> dict[str, Any]:
        """All lists of the institution (draft-20 §9.3), in the order in which they were opened. Raises NotFound for a stranger."""
        desk.keys.identity(tenant)
        rows = StatusList.select(StatusList.id).where(StatusList.tenant == tenant)
        ordered = rows.order_by(StatusList.created_at, StatusList.id).tuples()
        return {"status_lists": [desk.addresses.status(tenant, list_id) for (list_id,) in ordered]}

    def _times(self, desk: Desk, changed_at: int) -> ListTimes:
        """A list is renewed when half of its life is over, everywhere at the same second; after a change it is new at once."""
        now, life = desk.now, desk.settings.status_seconds
        begun = now - now % (life // 2)
        issued_at = max(begun, min(changed_at, now))
        return ListTimes(issued_at=issued_at, expires_at=issued_at + life, ttl=desk.settings.status_ttl)


def _short(kid: str) -> str:
    return sha256(kid.encode("utf-8")).hexdigest()[:8]


def renderings_at(purpose: str) -> Sequence[Rendering]:
    """What can be had at the address of a list (empty) or of one of its purposes. Raises NotFound."""
    if purpose and purpose not in PURPOSES:
        raise NotFound("no_such_list", "no such status list here")
    return renderings_of("bitstring" if purpose else "token_status_list")


def https_issuer(desk: Desk, identity: Identity) -> ListIssuer:
    """The institution by its credential issuer identifier."""
    return ListIssuer(
        id=desk.addresses.issuer(identity.tenant),
        key_id=identity.signer.kid,
        signer=identity.signer,
        x5c=identity.x5c,
    )


def did_issuer(desk: Desk, identity: Identity) -> ListIssuer:
    """The institution by its DID, as W3C credentials name it."""
    did = desk.addresses.did(identity.tenant)
    return ListIssuer(id=did, key_id=f"{did}#{identity.signer.kid}", signer=identity.signer)
