"""A program in this process with two tenants, each with data, and all that each of them may show at a door."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from tests.fakes.app_client import AppClient

Form = Callable[["Resident"], dict[str, Any]]
"""What to send along with one operation (``json=``, ``data=`` …), made of what this resident knows."""

PARAMETER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, order=True)
class Door:
    """One operation of a program. path: the route's template."""

    method: str
    path: str

    @property
    def names(self) -> list[str]:
        return PARAMETER.findall(self.path)

    def address(self, tenant: str, ids: Mapping[str, str]) -> str:
        """The path with its names filled in; KeyError for a name that nobody thought of."""
        return PARAMETER.sub(lambda found: tenant if found[1] == "tenant" else ids[found[1]], self.path)


@dataclass
class Resident:
    """A tenant with everything it owns. ids: path parameter → its own object. secrets: texts that no other tenant may ever read.

    known: what goes into bodies (codes, tokens). browser: a client that is logged in to the pages.
    """

    slug: str
    ids: dict[str, str]
    headers: dict[str, str]
    secrets: tuple[str, ...]
    browser: AppClient = field(repr=False)
    known: dict[str, str] = field(default_factory=dict)


@dataclass
class Place:
    """A program with two residents. public: doors that need no login (what they open is named by a secret in the address or body).

    forms: what to send to doors that take a body. own_headers: doors with another credential than the API's token.
    foreign: statuses that a wrong tenant may get beside 401, 403 and 404. pages_login: where pages send a stranger.
    """

    name: str
    app: FastAPI
    client: AppClient
    database: Path
    a: Resident
    b: Resident
    public: frozenset[Door]
    forms: dict[Door, Form]
    pages_login: str
    csrf_cookie: str
    own_headers: dict[str, Callable[[Resident], dict[str, str]]] = field(default_factory=dict)
    foreign: dict[Door, frozenset[int]] = field(default_factory=dict)
    close: Callable[[], None] = lambda: None

    def api_doors(self) -> list[Door]:
        """Every operation of the OpenAPI."""
        return self._doors[0]

    def all_doors(self) -> list[Door]:
        """Every operation of the app, the pages too. HEAD goes with GET."""
        return self._doors[1]

    def page_doors(self) -> list[Door]:
        return self._doors[2]

    @cached_property
    def _doors(self) -> tuple[list[Door], list[Door], list[Door]]:
        """Those of the API, all, those of the pages. Asked for at each of many thousand knocks, and always the same."""
        document = self.client.get("/openapi.json").json()
        api = {Door(method.upper(), path) for path, found in document["paths"].items() for method in found}
        doors = sorted(set(_walk(self.app.routes)))
        return sorted(api), doors, [door for door in doors if door not in api and door.path != "/openapi.json"]

    def knock(self, door: Door, who: Resident, *, at: str, ids: Mapping[str, str], by: str = "api") -> Any:
        """Goes to a tenant's door as somebody. by: "api" (token), "page" (cookie and form token), "stranger" (a browser
        that is not logged in), "nobody"."""
        form = self.forms.get(door)
        sent = dict(form(who)) if form else {}
        client = who.browser if by == "page" else self.stranger() if by == "stranger" else self.client
        if "json" in sent and by == "page":  # a page's script
            sent["headers"] = {"X-CSRF-Token": client.cookies.get(self.csrf_cookie) or ""}
        elif door.method == "POST" and (by == "page" or (by == "stranger" and "json" not in sent)):
            sent["data"] = {**sent.get("data", {}), "csrf_token": client.cookies.get(self.csrf_cookie) or ""}
        if by == "api":
            sent["headers"] = {
                **sent.get("headers", {}),
                **self.own_headers.get(door.path, lambda one: one.headers)(who),
            }
        return client.request(door.method, door.address(at, ids), follow_redirects=False, **sent)

    def stranger(self) -> AppClient:
        """A browser with nothing but the cookie of our own forms."""
        cookies = {self.csrf_cookie: "a-value-of-twenty-four-characters"}
        return AppClient(self.app, base_url=str(self.client.base_url), cookies=cookies, raise_server_exceptions=False)

    def rows_of(self, tenant: str, *, tries: bool = False) -> dict[str, list[tuple[Any, ...]]]:
        """All that the database holds of a tenant, by table. tries: the counters of guesses, too."""
        found = {}
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True) as raw:
            tables = [name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for table in tables:
                columns = [row[1] for row in raw.execute(f'PRAGMA table_info("{table}")')]
                if "tenant" in columns and (tries or table != "tries"):
                    rows = raw.execute(f'SELECT * FROM "{table}" WHERE tenant = ?', (tenant,)).fetchall()
                    found[table] = sorted(rows, key=repr)
        raw.close()
        return found


def _walk(routes: Any) -> Iterator[Door]:
    for route in routes:
        if (inner := getattr(route, "effective_candidates", None)) is not None:
            yield from _walk(inner())
        elif methods := getattr(route, "methods", None):
            for method in methods:
                if method != "HEAD":
                    yield Door(method, route.path)


def noise_like(value: str) -> str:
    """Another text of the same length and alphabet that names nothing."""
    return "".join(chr(ord("a") + (ord(one) * 7 + place) % 6) for place, one in enumerate(value))
