"""The keys with which a relying party signs its requests, in the order of their use. The first one stands in the party's own row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import peewee

from common.cache import FreshCache
from verifier.store.base import JsonField, Row, TimeField, database
from verifier.store.relying_parties import REMEMBERED_SECONDS, RelyingPartyRow, find_relying_party


class PartyKeyRow(Row):
    """A successor. active_from: it signs what is asked from then on. x5c: certificates in base64, leaf first, or []."""

    kid = peewee.CharField(max_length=64)
    sealed_key = peewee.BlobField()
    public_jwk = JsonField()
    x5c = JsonField()
    created_at = TimeField()
    active_from = TimeField()

    class Meta:
        table_name = "relying_party_key"
        primary_key = peewee.CompositeKey("tenant", "kid")


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyKey:
    """what: for which thing ``sealed`` was sealed. Times in seconds since 1970."""

    what: str
    public_jwk: Mapping[str, Any]
    sealed: bytes = field(repr=False)
    x5c: tuple[str, ...]
    active_from: int


def read_keys(party: RelyingPartyRow) -> tuple[PartyKey, ...]:
    """All of them, oldest first."""
    tenant = str(party.tenant)
    first = PartyKey(
        what=tenant,
        public_jwk=dict(party.public_jwk),
        sealed=bytes(party.sealed_key),
        x5c=tuple(party.x5c),
        active_from=int(party.created_at),
    )
    rows = PartyKeyRow.select().where(PartyKeyRow.tenant == tenant).order_by(PartyKeyRow.active_from, PartyKeyRow.kid)
    later = [
        PartyKey(
            what=f"{tenant}/{row.kid}",
            public_jwk=dict(row.public_jwk),
            sealed=bytes(row.sealed_key),
            x5c=tuple(row.x5c),
            active_from=row.active_from,
        )
        for row in rows
    ]
    return (first, *later)


_remembered: FreshCache[tuple[PartyKey, ...]] = FreshCache(256)


def recall_keys(tenant: str, *, now: int) -> tuple[PartyKey, ...]:
    """The same, read once in `REMEMBERED_SECONDS`."""
    key = (database.obj, tenant)
    if (remembered := _remembered.get(key, now=now)) is not None:
        return remembered.value
    return _remembered.put(key, read_keys(find_relying_party(tenant)), now=now, ttl=REMEMBERED_SECONDS).value


def key_at(keys: Sequence[PartyKey], at: int) -> PartyKey:
    """The one that signs what is asked at that time: a session keeps its key to its end, as its link may name a certificate."""
    return max((key for key in keys if key.active_from <= at), key=lambda key: key.active_from, default=keys[0])
