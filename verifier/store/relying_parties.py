"""Who asks: the relying parties of this deployment, their keys (sealed), what they may ask and what they demand of an answer."""

from __future__ import annotations

import peewee

from common.adapters.database import across_tenants
from common.cache import FreshCache
from common.errors import Malformed, NotFound
from common.ids import is_slug
from verifier.store.base import JsonField, Row, TimeField, database

RESERVED = frozenset(
    {"static", "health", "metrics", "openapi.json", "docs", ".well-known", "types", "login", "api", "gate"}
)
REMEMBERED_SECONDS = 5
"""How long a process may act on a relying party's row as it was."""


class RelyingPartyRow(Row):
    """One relying party. tenant: its slug, the first segment of its addresses.

    prefix: client identifier prefix of its requests. sealed_key: private JWK, sealed. x5c: certificates in base64, leaf first, or [].
    questions: names it may ask. forgive: checks that may be undetermined. *_seconds: how long things live.
    """

    tenant = peewee.CharField(max_length=64, unique=True)
    name_ja = peewee.CharField(max_length=200)
    name_en = peewee.CharField(max_length=200)
    did = peewee.CharField(max_length=500)
    prefix = peewee.CharField(max_length=40)
    sealed_key = peewee.BlobField()
    public_jwk = JsonField()
    x5c = JsonField()
    questions = JsonField()
    forgive = JsonField()
    max_status_age = peewee.IntegerField()
    session_seconds = peewee.IntegerField()
    max_open_sessions = peewee.IntegerField()
    keep_claims_seconds = peewee.IntegerField()
    keep_verdict_seconds = peewee.IntegerField()
    created_at = TimeField()

    class Meta:
        table_name = "relying_party"


def check_slug(slug: str) -> str:
    """The slug, if it may name a relying party. Raises Malformed."""
    if not is_slug(slug) or slug in RESERVED:
        raise Malformed(
            "bad_slug", "a slug has up to 63 of a–z, 0–9 and -, does not begin with -, and is no reserved word"
        )
    return slug


def require_slug(tenant: str) -> str:
    """The tenant of a path, if it could be one. Raises NotFound: what is no slug (a zero byte …) never reaches the database."""
    if not is_slug(tenant):
        raise NotFound("unknown_relying_party", "no such relying party here")
    return tenant


def list_relying_parties() -> tuple[str, ...]:
    """All slugs, in order: for jobs and the command line."""
    with across_tenants("list of relying parties"):
        return tuple(str(row.tenant) for row in RelyingPartyRow.select().order_by(RelyingPartyRow.tenant))


def find_relying_party(tenant: str) -> RelyingPartyRow:
    """Raises NotFound."""
    require_slug(tenant)
    row: RelyingPartyRow | None = RelyingPartyRow.get_or_none(RelyingPartyRow.tenant == tenant)
    if row is None:
        raise NotFound("unknown_relying_party", "no such relying party here")
    return row


_remembered: FreshCache[RelyingPartyRow] = FreshCache(256)


def recall_relying_party(tenant: str, *, now: int) -> RelyingPartyRow:
    """The same, read once in a few seconds: every request of every wallet needs it, and it hardly ever changes. Not to be written to."""
    key = (database.obj, tenant)
    if (remembered := _remembered.get(key, now=now)) is not None:
        return remembered.value
    return _remembered.put(key, find_relying_party(tenant), now=now, ttl=REMEMBERED_SECONDS).value
