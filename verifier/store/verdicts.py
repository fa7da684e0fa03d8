"""Verdicts, without personal data, and beside them what was disclosed: sealed, and forgotten as soon as the policy says."""

from __future__ import annotations

import peewee

from verifier.store.base import JsonField, Row, TimeField


class VerdictRow(Row):
    """tree: `Verdict.as_json`, no claims in it."""

    session = peewee.CharField(max_length=64, primary_key=True)
    question = peewee.CharField(max_length=64)
    answer = peewee.CharField(max_length=16)
    tree = JsonField()
    judged_at = TimeField()
    forget_at = TimeField(index=True)

    class Meta:
        table_name = "verdict"


class DisclosedRow(Row):
    """sealed: JSON array of {query_id, claims}, the asked claims only, of an accepted answer."""

    session = peewee.CharField(max_length=64, primary_key=True)
    sealed = peewee.BlobField()
    forget_at = TimeField(index=True)

    class Meta:
        table_name = "disclosed"


def find_verdict(tenant: str, session: str) -> VerdictRow | None:
    found: VerdictRow | None = VerdictRow.get_or_none(VerdictRow.tenant == tenant, VerdictRow.session == session)
    return found


def find_disclosed(tenant: str, session: str, *, now: int) -> bytes | None:
    """The sealed claims, while they may be kept."""
    row: DisclosedRow | None = DisclosedRow.get_or_none(
        (DisclosedRow.tenant == tenant) & (DisclosedRow.session == session) & (DisclosedRow.forget_at > now)
    )
    return bytes(row.sealed) if row else None
