"""No query reaches a tenant's rows without naming the tenant, however it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import peewee
import pytest

from common.adapters.database import SystemRow, TenantMissing, TenantRow, across_tenants, open_database


class Offer(TenantRow):
    code = peewee.CharField(unique=True)
    student = peewee.IntegerField(default=1)

    class Meta:
        table_name = "guarded_offer"


class Student(TenantRow):
    name = peewee.CharField()

    class Meta:
        table_name = "guarded_student"


class Place(SystemRow):
    name = peewee.CharField()

    class Meta:
        table_name = "open_place"


@pytest.fixture(autouse=True)
def database(tmp_path: Path) -> Iterator[Any]:
    opened = open_database(f"sqlite:///{tmp_path / 'g.sqlite3'}")
    opened.bind([Offer, Student, Place])
    opened.create_tables([Offer, Student, Place])
    for tenant in ("a", "b"):
        Student.create(tenant=tenant, name=tenant)
        Offer.create(tenant=tenant, code=tenant, student=1 if tenant == "a" else 2)
    yield opened
    opened.close_all()


Other = Offer.alias()

FORBIDDEN: dict[str, Callable[[], Any]] = {
    "everything": lambda: list(Offer.select()),
    "by another column": lambda: Offer.get_or_none(Offer.code == "b"),
    "by key": lambda: Offer.get_by_id(2),
    "or": lambda: list(Offer.select().where((Offer.tenant == "a") | (Offer.code == "b"))),
    "not": lambda: list(Offer.select().where(~(Offer.tenant == "a"))),
    "unequal": lambda: list(Offer.select().where(Offer.tenant != "a")),
    "several": lambda: list(Offer.select().where(Offer.tenant.in_(["a", "b"]))),
    "no tenant": lambda: list(Offer.select().where(Offer.tenant == None)),  # noqa: E711  # peewee's way to say IS NULL
    "empty tenant": lambda: list(Offer.select().where(Offer.tenant == "")),
    "itself": lambda: list(Offer.select().where(Offer.tenant == Offer.tenant)),
    "another model's tenant": lambda: list(Offer.select().where(Student.tenant == "a")),
    "count": lambda: Offer.select().count(),
    "exists": lambda: Offer.select().where(Offer.code == "b").exists(),
    "alias": lambda: list(Other.select().where(Offer.tenant == "a")),
    "join": lambda: list(Offer.select().join(Student, on=Student.id == Offer.student).where(Offer.tenant == "a")),
    "left join that ties its left side only in ON": lambda: list(
        Offer.select().join(Student, peewee.JOIN.LEFT_OUTER, on=(Offer.tenant == "a") & (Student.tenant == "a"))
    ),
    "subquery": lambda: list(
        Student.select().where(Student.tenant == "a", Student.id.in_(Offer.select(Offer.student)))
    ),
    "subquery that leans on itself": lambda: list(
        Offer.select().where(Offer.tenant == "a", peewee.fn.EXISTS(Other.select().where(Other.tenant == Other.tenant)))
    ),
    "selected subquery": lambda: list(Place.select(Place.name, Offer.select(peewee.fn.COUNT(Offer.id)))),
    "from subquery": lambda: list(peewee.Select([Offer.select()], [peewee.SQL("*")]).bind(Offer._meta.database)),
    "union": lambda: list(Offer.select().where(Offer.tenant == "a") | Offer.select()),
    "cte": lambda: list((cte := Offer.select(Offer.code).cte("x")).select_from(cte.c.code)),
    "update": lambda: Offer.update(code="z").where(Offer.code == "b").execute(),
    "delete": lambda: Offer.delete().execute(),
    "move": lambda: Offer.update(tenant="a").where(Offer.tenant == "b").execute(),
    "create": lambda: Offer.create(code="c"),
    "create empty": lambda: Offer.create(code="c", tenant=""),
    "many": lambda: Offer.insert_many([{"tenant": "a", "code": "1"}, {"code": "2"}]).execute(),
    "many from a generator": lambda: Offer.insert_many({"code": str(n)} for n in range(3)).execute(),
    "many as tuples": lambda: Offer.insert_many([("1",)], fields=[Offer.code]).execute(),
    "insert from": lambda: Offer.insert_from(
        Student.select(Student.tenant, Student.name), [Offer.tenant, Offer.code]
    ).execute(),
    "replace": lambda: Offer.replace(tenant="a", code="b").execute(),
    "upsert over another's row": lambda: (
        Offer.insert(tenant="a", code="b")
        .on_conflict(conflict_target=[Offer.code], update={Offer.student: 9})
        .execute()
    ),
    "raw": lambda: list(Offer.raw("SELECT * FROM guarded_offer")),
    "text": lambda: Offer._meta.database.execute_sql('SELECT * FROM "guarded_offer"'),
    "text inside": lambda: list(Place.select().where(peewee.SQL("EXISTS (SELECT 1 FROM guarded_offer)"))),
    "bare table": lambda: list(peewee.Table("guarded_offer").bind(Offer._meta.database).select()),
}


@pytest.mark.parametrize("query", FORBIDDEN.values(), ids=FORBIDDEN.keys())
def test_refused(query: Callable[[], Any]) -> None:
    with pytest.raises(TenantMissing):
        query()
    with across_tenants("looking"):
        assert {(row.tenant, row.code, row.student) for row in Offer.select()} == {("a", "a", 1), ("b", "b", 2)}


ALLOWED: dict[str, Callable[[], Any]] = {
    "by tenant": lambda: Offer.get(Offer.tenant == "a", Offer.code == "a"),
    "filter": lambda: Offer.filter(tenant="a").count() == 1,
    "join": lambda: list(
        Offer.select()
        .join(Student, on=(Student.id == Offer.student) & (Student.tenant == Offer.tenant))
        .where(Offer.tenant == "a")
    ),
    "left join": lambda: list(
        Offer.select()
        .join(Student, peewee.JOIN.LEFT_OUTER, on=(Student.id == Offer.student) & (Student.tenant == Offer.tenant))
        .where(Offer.tenant == "a")
    ),
    "subquery tied to the outer": lambda: list(
        Student.select().where(
            Student.tenant == "a", peewee.fn.EXISTS(Offer.select().where(Offer.tenant == Student.tenant))
        )
    ),
    "alias": lambda: list(Other.select().where(Other.tenant == "a")),
    "union": lambda: list(Offer.select().where(Offer.tenant == "a") | Offer.select().where(Offer.tenant == "b")),
    "update": lambda: Offer.update(student=3).where(Offer.tenant == "a").execute() == 1,
    "many": lambda: Offer.insert_many({"tenant": "a", "code": str(n)} for n in range(3)).execute(),
    "upsert": lambda: Offer.insert(tenant="a", code="q").on_conflict_ignore().execute(),
    "system": lambda: Place.select().count() == 0,
    "job": lambda: across(lambda: Offer.select().count() == 2),
}


def across(act: Callable[[], Any]) -> Any:
    with across_tenants("a job"):
        return act()


@pytest.mark.parametrize("query", ALLOWED.values(), ids=ALLOWED.keys())
def test_allowed(query: Callable[[], Any]) -> None:
    assert query()


def test_a_row_saves_and_deletes_itself_within_its_tenant() -> None:
    mine = Offer.get(Offer.tenant == "a")
    mine.student = 7
    assert mine.save() == 1
    mine.tenant = "b"
    assert mine.save() == 0, "a row that claims to be another tenant's is nobody's"
    assert mine.delete_instance() == 0
    mine.tenant = "a"
    assert mine.delete_instance() == 1


def test_a_job_says_its_name_and_the_gate_closes_behind_it() -> None:
    with pytest.raises(ValueError, match="which job"), across_tenants(""):
        pass
    with across_tenants("sweep"):
        assert Offer.select().count() == 2
    with pytest.raises(TenantMissing):
        Offer.select().count()
