"""Queries that are written once: the same rows as peewee's own, on both databases, and never without a tenant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import peewee
import pytest

from common.adapters.database import TenantMissing, TenantRow, open_database
from common.adapters.prepared import prepared_insert, prepared_select
from common.errors import Malformed

GATE = b"\x00gate\xff"


class _Entry(TenantRow):
    gate = peewee.BlobField()
    sequence = peewee.BigIntegerField()
    note = peewee.TextField(null=True)

    class Meta:
        table_name = "prepared_entry"
        primary_key = peewee.CompositeKey("tenant", "gate", "sequence")


class _Flagged(TenantRow):
    flag = peewee.BooleanField()

    class Meta:
        table_name = "prepared_flagged"


@pytest.fixture
def database(database_url: str) -> Iterator[Any]:
    opened = open_database(database_url)
    _Entry.bind(opened)
    opened.create_tables([_Entry])
    yield opened
    opened.close_all()


def test_what_was_put_in_is_found(database: Any) -> None:
    insert = prepared_insert(_Entry, _Entry.note, _Entry.tenant, _Entry.sequence, _Entry.gate)
    for sequence in (1, 2, 1 << 40):
        insert(database, None if sequence == 2 else f"note {sequence}", "hub", sequence, GATE)
    insert(database, "another's", "other", 9, GATE)
    whole = prepared_select(_Entry, _Entry.sequence, _Entry.note, by=(_Entry.gate, _Entry.tenant))
    assert sorted(whole(database, GATE, "hub").fetchall()) == [(1, "note 1"), (2, None), (1 << 40, f"note {1 << 40}")]
    newest = prepared_select(
        _Entry, _Entry.sequence, _Entry.gate, by=(_Entry.tenant, _Entry.gate), newest=_Entry.sequence
    )
    assert newest(database, "hub", GATE).fetchall() == [(1 << 40, GATE)]
    assert newest(database, "nobody", GATE).fetchone() is None
    assert _Entry.get(_Entry.tenant == "other").note == "another's"


def test_a_query_without_its_tenant_is_never_written(database: Any) -> None:
    with pytest.raises(TenantMissing):
        prepared_select(_Entry, _Entry.note, by=(_Entry.gate,))(database, GATE)
    with pytest.raises(TenantMissing):
        prepared_insert(_Entry, _Entry.gate, _Entry.sequence)(database, GATE, 1)


def test_what_no_database_holds_is_malformed(database: Any) -> None:
    insert = prepared_insert(_Entry, _Entry.tenant, _Entry.gate, _Entry.sequence)
    with pytest.raises(Malformed):
        insert(database, "hub", GATE, 1 << 70)


def test_values_that_are_converted_on_their_way_are_not_for_it() -> None:
    with pytest.raises(TypeError, match="flag"):
        prepared_select(_Flagged, _Flagged.tenant, by=(_Flagged.tenant, _Flagged.flag))
