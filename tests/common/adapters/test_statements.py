"""A remembered shape gives the SQL and the parameters that peewee gives, and the guard's answer is never remembered for another query."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import peewee
import pytest

from common.adapters.database import TenantMissing, TenantRow, across_tenants, open_database
from common.adapters.statements import CAPACITY, Statements, read_query


class JsonText(peewee.TextField):
    """A field whose values change on their way into the database."""

    def db_value(self, value: Any) -> Any:
        return None if value is None else json.dumps(value)


class Ticket(TenantRow):
    number = peewee.CharField(primary_key=True)
    price = peewee.IntegerField(default=7)
    paid = peewee.BooleanField(default=False)
    place = peewee.CharField(null=True)
    details = JsonText(default=dict)
    stamp = peewee.BlobField(null=True)

    class Meta:
        table_name = "stated_ticket"


class Visit(TenantRow):
    ticket = peewee.CharField()
    minutes = peewee.IntegerField()

    class Meta:
        table_name = "stated_visit"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Any]:
    opened = open_database(f"sqlite:///{tmp_path / 's.sqlite3'}")
    opened.bind([Ticket, Visit])
    opened.create_tables([Ticket, Visit])
    yield opened
    opened.close_all()


_mine = Ticket.tenant == "a"

FAMILIAR: dict[str, Callable[[int], Any]] = {
    "select": lambda n: Ticket.select().where(_mine, Ticket.number == f"n{n}"),
    "some columns": lambda n: Ticket.select(Ticket.price, Ticket.number).where(_mine, Ticket.price > n),
    "or": lambda n: Ticket.select().where(_mine & ((Ticket.price < n) | (Ticket.paid == bool(n % 2)))),
    "in": lambda n: Ticket.select().where(_mine, Ticket.price.in_([n, n + 1, -n])),
    "in nothing": lambda n: Ticket.select().where(_mine, Ticket.price.in_([]), Ticket.price == n),
    "is null": lambda n: Ticket.select().where(_mine, Ticket.place.is_null(), Ticket.price != n),
    "is not null": lambda n: Ticket.select().where(_mine, Ticket.place.is_null(False), Ticket.price != n),
    "order, limit, offset": lambda n: (
        Ticket.select()
        .where(_mine, Ticket.price >= n)
        .order_by(Ticket.price.desc(), Ticket.number)
        .limit(n + 1)
        .offset(n)
    ),
    "two columns compared": lambda n: Ticket.select().where(_mine, Ticket.number == Ticket.place, Ticket.price == n),
    "bytes": lambda n: Ticket.select().where(_mine, Ticket.stamp == bytes([n])),
    "json": lambda n: Ticket.select().where(_mine, Ticket.details == "x" * n),
    "update": lambda n: Ticket.update(place=f"p{n}", details={"n": [n]}, price=n).where(_mine, Ticket.price == n + 9),
    "update to null": lambda n: Ticket.update(place=None, paid=True, price=n).where(_mine),
    "count up": lambda n: Ticket.update(price=Ticket.price + n).where(_mine, Ticket.number == str(n)),
    "delete": lambda n: Ticket.delete().where(_mine, Ticket.price == n),
    "insert": lambda n: Ticket.insert(number=f"n{n}", tenant="a", stamp=bytes([n]), price=n),
    "insert many": lambda n: Ticket.insert_many([{"number": f"m{n}", "tenant": "a", "details": [n], "paid": True}]),
    "insert or ignore": lambda n: (
        Visit.insert(minutes=n, tenant="a", ticket=f"t{n}").on_conflict_ignore().as_rowcount()
    ),
    "returning": lambda n: Visit.insert(minutes=n, tenant="a", ticket=f"t{n}").returning(Visit.minutes),
}

UNFAMILIAR: dict[str, Callable[[], Any]] = {
    "join": lambda: Ticket.select().join(Visit, on=(Visit.ticket == Ticket.number)).where(_mine, Visit.tenant == "a"),
    "function": lambda: Ticket.select(peewee.fn.COUNT(Ticket.number)).where(_mine),
    "not": lambda: Ticket.select().where(_mine, ~(Ticket.price == 1)),
    "subquery": lambda: Ticket.select().where(
        _mine, Ticket.number.in_(Visit.select(Visit.ticket).where(Visit.tenant == "a"))
    ),
    "like": lambda: Ticket.select().where(_mine, Ticket.place.contains("x")),
    "collation": lambda: Ticket.select().where(_mine).order_by(Ticket.place.asc(collation="NOCASE")),
    "group": lambda: Ticket.select(Ticket.place).where(_mine).group_by(Ticket.place),
    "distinct": lambda: Ticket.select(Ticket.place).where(_mine).distinct(),
    "alias": lambda: (other := Ticket.alias()) and other.select().where(other.tenant == "a"),
    "union": lambda: Ticket.select().where(_mine) | Ticket.select().where(_mine),
    "many rows": lambda: Visit.insert_many([{"minutes": n, "tenant": "a", "ticket": "t"} for n in (1, 2)]),
    "rows of a query": lambda: Visit.insert_from(
        Visit.select(Visit.tenant, Visit.ticket, Visit.minutes).where(Visit.tenant == "a"),
        [Visit.tenant, Visit.ticket, Visit.minutes],
    ),
    "upsert": lambda: Ticket.insert(number="n", tenant="a").on_conflict(
        conflict_target=[Ticket.number], update={Ticket.price: 2}, where=(_mine)
    ),
    "another tenant": lambda: Ticket.update(tenant="b").where(_mine),
    "long list": lambda: Ticket.select().where(_mine, Ticket.price.in_(list(range(9)))),
    "table expression": lambda: (
        Ticket.select().with_cte(Visit.select().where(Visit.tenant == "a").cte("v")).where(_mine)
    ),
}


def _by_peewee(database: Any, query: Any) -> tuple[str, list[Any]]:
    sql, parameters = database.get_sql_context().sql(query).query()
    return sql, parameters


@pytest.mark.parametrize("name", FAMILIAR)
def test_a_remembered_shape_is_written_as_peewee_writes_it(database: Any, name: str) -> None:
    asked: list[int] = []

    def by_peewee(query: Any) -> tuple[str, list[Any]]:
        asked.append(1)
        return _by_peewee(database, query)

    statements = Statements(lambda _: None, lambda: True)
    for number in range(1, 10):
        query = FAMILIAR[name](number)
        assert read_query(query) is not None
        assert statements.write(query, by_peewee) == _by_peewee(database, FAMILIAR[name](number))
    assert len(asked) == 3


@pytest.mark.parametrize("name", UNFAMILIAR)
def test_what_no_shape_tells_is_left_to_peewee(database: Any, name: str) -> None:
    assert read_query(UNFAMILIAR[name]()) is None


def test_no_two_of_these_share_a_shape(database: Any) -> None:
    shapes = [read_query(make(3)) for make in FAMILIAR.values()]
    assert len({found[0] for found in shapes if found}) == len(FAMILIAR)


def test_rows_come_and_go_the_same_every_time(database: Any) -> None:
    for number in range(1, 9):
        Ticket.insert(tenant="a", number=f"n{number}", price=number, details={"n": number}).execute()
        assert Ticket.update(price=number * 10).where(_mine, Ticket.number == f"n{number}").execute() == 1
        found = Ticket.get_or_none(_mine, Ticket.number == f"n{number}")
        assert found is not None
        assert (found.price, found.paid, json.loads(found.details)) == (number * 10, False, {"n": number})
        assert Ticket.get_or_none(Ticket.tenant == "b", Ticket.number == f"n{number}") is None
    assert Ticket.delete().where(_mine, Ticket.price > 40).execute() == 4


FIRST: dict[str, Callable[[int], tuple[Any, ...]]] = {
    "text": lambda n: (_mine, Ticket.number == f"n{n}"),
    "number": lambda n: (_mine, Ticket.price == n),
    "bytes": lambda n: (_mine, Ticket.stamp == bytes([n])),
    "json": lambda n: (_mine, Ticket.details == "x" * n),
    "yes or no": lambda n: (_mine, Ticket.paid == bool(n % 2), Ticket.price == n),
}
NOT_SO_PLAIN: dict[str, Callable[[int], tuple[Any, ...]]] = {
    "joined by AND": lambda n: (_mine & (Ticket.number == f"n{n}"),),
    "another comparison": lambda n: (_mine, Ticket.price > n),
    "two columns": lambda n: (_mine, Ticket.number == Ticket.place, Ticket.price == n),
    "no text": lambda n: (_mine, Ticket.number == "", Ticket.price == n),
    "null": lambda n: (_mine, Ticket.place.is_null(), Ticket.price == n),
    "not": lambda n: (_mine, ~(Ticket.price == n)),
}


@pytest.mark.parametrize("name", [*FIRST, *NOT_SO_PLAIN])
def test_the_first_row_is_asked_for_as_peewee_would(database: Any, name: str) -> None:
    make = {**FIRST, **NOT_SO_PLAIN}[name]
    asked: list[int] = []

    def by_peewee(query: Any) -> tuple[str, list[Any]]:
        asked.append(1)
        return _by_peewee(database, query)

    statements = Statements(lambda _: None, lambda: True)
    for number in range(1, 10):
        query = Ticket.select().where(*make(number)).limit(1)
        assert statements.write_first(Ticket, make(number), by_peewee) == _by_peewee(database, query)
    assert len(asked) == (9 if name == "not" else 3)


@pytest.mark.parametrize("tenant", ["", None, 1])
def test_a_familiar_first_row_with_no_tenant_in_it_is_still_refused(database: Any, tenant: object) -> None:
    for _ in range(5):
        Ticket.get_or_none(Ticket.tenant == "a", Ticket.price == 1)
    with pytest.raises(TenantMissing):
        Ticket.get_or_none(Ticket.tenant == tenant, Ticket.price == 1)
    with across_tenants("test"):
        for _ in range(5):
            Ticket.get_or_none(Ticket.price == 1)
    with pytest.raises(TenantMissing):
        Ticket.get_or_none(Ticket.price == 1)


@pytest.mark.parametrize("tenant", ["", None, 1])
def test_a_familiar_query_with_no_tenant_in_it_is_still_refused(database: Any, tenant: object) -> None:
    for _ in range(5):
        list(Ticket.select().where(Ticket.tenant == "a", Ticket.price == 1))
    with pytest.raises(TenantMissing):
        list(Ticket.select().where(Ticket.tenant == tenant, Ticket.price == 1))
    with pytest.raises(TenantMissing):
        Visit.insert(minutes=1, tenant=tenant, ticket="t").execute()


def test_what_a_job_across_tenants_may_do_is_not_remembered_for_others(database: Any) -> None:
    with across_tenants("test"):
        for number in range(9):
            list(Ticket.select().where(Ticket.price == number))
    for _ in range(2):
        with pytest.raises(TenantMissing):
            list(Ticket.select().where(Ticket.price == 1))


def test_a_shape_that_gave_other_parameters_than_peewee_is_never_believed() -> None:
    statements = Statements(lambda _: None, lambda: True)
    number = count()

    def otherwise(_: Any) -> tuple[str, list[Any]]:
        return "SELECT ?", [next(number)]

    answers = [statements.write(FAMILIAR["delete"](3), otherwise)[1] for _ in range(6)]
    assert answers == [[0], [1], [2], [3], [4], [5]]


def test_memory_is_bounded() -> None:
    statements = Statements(lambda _: None, lambda: True)
    for number in range(CAPACITY * 2):
        columns = [field for bit, field in enumerate(Ticket._meta.sorted_fields * 2) if number >> bit & 1]
        statements.write(Ticket.select(*columns).where(_mine), lambda _: ("", []))
    assert 0 < len(statements._known) <= CAPACITY
