"""Presentations that were shown in person and accepted: each once per relying party, as long as it could be accepted again."""

from __future__ import annotations

import peewee

from verifier.store.base import Row, TimeField


class ShownRow(Row):
    """digest: SHA-256 of what the holder signed. forget_at: when it is too old to be accepted anyway."""

    digest = peewee.BlobField()
    forget_at = TimeField(index=True)

    class Meta:
        table_name = "shown"
        primary_key = peewee.CompositeKey("tenant", "digest")


def use_shown(tenant: str, digest: bytes, *, forget_at: int) -> bool:
    """Inside the caller's transaction. True for the first caller of all; of two racing ones the second waits, and hears False."""
    inserted = (
        ShownRow.insert(tenant=tenant, digest=digest, forget_at=forget_at).on_conflict_ignore().as_rowcount().execute()
    )
    return bool(inserted == 1)


def is_shown(tenant: str, digest: bytes) -> bool:
    """Whether it was accepted before."""
    return bool(ShownRow.select().where((ShownRow.tenant == tenant) & (ShownRow.digest == digest)).exists())
