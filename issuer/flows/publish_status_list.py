"""The status list as a signed token (Token Status List draft-20 §5.1), made anew when it changed or grew old, and kept in between."""

from __future__ import annotations

from dataclasses import dataclass, field

from common.cache import FreshCache
from common.errors import NotFound
from common.status.bits import StatusList as Bits
from common.status.token_status_list import build_status_list_token
from issuer.flows.desk import Desk
from issuer.store.tables import StatusEntry, StatusList

BITS = 2
"""Valid, invalid, suspended: §7.1 needs two bits."""
_CAPACITY = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedList:
    """etag: changes with every change and every renewal. max_age: seconds."""

    token: str = field(repr=False)
    etag: str
    max_age: int


class StatusListPublisher:
    """Remembers the newest token of each list in this process. One look at the list's version per request keeps it honest."""

    def __init__(self) -> None:
        self._cache: FreshCache[PublishedList] = FreshCache(_CAPACITY)

    def publish(self, desk: Desk, tenant: str, list_id: str) -> PublishedList:
        """Raises NotFound("no_such_list")."""
        now = desk.now
        row = (
            StatusList.select(StatusList.version, StatusList.size)
            .where(StatusList.tenant == tenant, StatusList.id == list_id)
            .first()
        )
        if row is None:
            raise NotFound("no_such_list", "no such status list here")
        name = f"{tenant}/{list_id}/{row.version}"
        if (remembered := self._cache.get(name, now=now)) is not None:
            return remembered.value
        identity = desk.keys.identity(tenant)
        entries = StatusEntry.select().where(StatusEntry.tenant == tenant, StatusEntry.list_id == list_id)
        life = desk.settings.status_seconds
        token = build_status_list_token(
            Bits.of_size(row.size, bits=BITS, statuses={entry.list_index: entry.value for entry in entries}),
            identity.signer,
            uri=desk.addresses.status(tenant, list_id),
            issued_at=now,
            expires_at=now + life,
            ttl=desk.settings.status_ttl,
            x5c=identity.x5c,
        )
        made = PublishedList(token=token, etag=f'"{row.version}-{now}"', max_age=desk.settings.status_ttl)
        self._cache.put(name, made, now=now, ttl=life // 2)
        return made
