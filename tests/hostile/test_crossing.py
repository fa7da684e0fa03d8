"""Every route of every program, walked as the wrong tenant: nothing is read, nothing is changed. A new route joins the walk by itself.

1. with A's token or cookie at B's doors, naming B's things
2. with A's token or cookie at A's doors, naming B's things
3. at doors that need no login, with B's secrets at A's address: the same answer as for noise
4. and the doors do open for their own tenant, or the walk would prove nothing
"""

from __future__ import annotations

from typing import Any

from tests.hostile.residents import Door, Place, Resident, noise_like

TENANTLESS = {
    "issuer": {"/types/{name}", "/types/{name}/context.jsonld", "/types/{name}/schema.json"},
    "verifier": {
        *("/gate/", "/gate/sw.js", "/gate/manifest.webmanifest", "/gate/operator", "/gate/events"),
        *(f"/gate/{{event}}/{door}" for door in ("pack", "delta", "admit", "exchange", "enrol")),
    },
    "wallet": {"/", "/new", "/open", "/restore", "/api/holders"},
}
"""Doors without a tenant in their path, beside health, metrics and the OpenAPI: what is behind them belongs to nobody, or is proven
by the signature of a gate."""
OPERATIONS = {"/health/live", "/health/ready", "/metrics", "/openapi.json"}
NOBODYS = ("what", "kind", "did")
"""Names in paths that belong to no tenant: a word, a DID of anybody's in the world."""
SAME_FOR_ALL = "/{tenant}/passes/{pass_id}"
"""A page without anything of anybody, whatever it is asked for: what it shows is in the browser."""
SHUT = frozenset({401, 403, 404})
NOT_THE_OWNERS_FAULT = frozenset({400, 403, 404, 409})
"""What the owner may hear at the end of the walk: an earlier step has withdrawn, cancelled or deleted the thing."""


def tenant_doors(place: Place) -> list[Door]:
    return [door for door in place.all_doors() if "tenant" in door.names and door not in place.public]


def kind_of(place: Place, door: Door) -> str:
    return "page" if door in place.page_doors() else "api"


def is_shut(place: Place, door: Door, answer: Any, at: str) -> bool:
    """Whether the answer lets nobody in: a refusal, or (pages) the way to the login."""
    login = place.pages_login.replace("{tenant}", at)
    if answer.status_code == 303:
        return str(answer.headers["location"]).split("?")[0] == login
    return answer.status_code in SHUT | place.foreign.get(door, frozenset())


def leaks(answer: Any, whose: Resident) -> list[str]:
    return [secret for secret in whose.secrets if secret in answer.text]


def test_the_walk_knows_every_route(place: Place) -> None:
    """A new route must say where it stands: its names, its body, and whether it is open to strangers."""
    doors = place.all_doors()
    assert set(place.api_doors()) <= set(doors)
    assert {door.path for door in doors if "tenant" not in door.names} == OPERATIONS | TENANTLESS[place.name]
    for door in tenant_doors(place) + [door for door in place.public if "tenant" in door.names]:
        unknown = [name for name in door.names if name != "tenant" and name not in place.a.ids]
        assert not unknown, f"{door}: the residents of tests/hostile have no {unknown}"
    bodies = {door for door in doors if door.method in ("POST", "PUT", "PATCH")}
    assert bodies <= place.forms.keys(), "these routes take a body that the walk does not know"
    assert {*place.forms, *place.public} <= set(doors), "these routes are gone"


def test_another_tenants_doors_stay_shut(place: Place) -> None:
    a, b = place.a, place.b
    before = place.rows_of(b.slug)
    assert sum(map(len, before.values())) > 3
    for door in tenant_doors(place):
        for by in ("api", "page", "stranger", "nobody"):
            answer = place.knock(door, a, at=b.slug, ids=b.ids, by=by)
            assert is_shut(place, door, answer, b.slug), (by, door, answer.status_code, answer.text[:300])
            assert not leaks(answer, b), (by, door)
    assert place.rows_of(b.slug) == before


def test_another_tenants_things_are_unknown_at_home(place: Place) -> None:
    a, b = place.a, place.b
    before = place.rows_of(b.slug)
    for door in tenant_doors(place):
        foreign = {name: b.ids[name] for name in door.names if name not in ("tenant", *NOBODYS)}
        if not foreign:
            continue
        answer = place.knock(door, a, at=a.slug, ids={**a.ids, **foreign}, by=kind_of(place, door))
        assert answer.status_code in SHUT, (door, answer.status_code, answer.text[:300])
        noise = {name: noise_like(value) for name, value in foreign.items()}
        unknown = place.knock(door, a, at=a.slug, ids={**a.ids, **noise}, by=kind_of(place, door))
        assert unknown.status_code == answer.status_code
        assert without(answer.text, foreign) == without(unknown.text, noise), door
        assert not leaks(answer, b), door
    assert place.rows_of(b.slug) == before


def test_secrets_open_nothing_at_another_tenants_address(place: Place) -> None:
    """Doors without a login: offers, codes, claim pages, requests, responses. What B's secret opens at B's, it does not at A's."""
    a, b = place.a, place.b
    before = place.rows_of(b.slug)
    for door in sorted(place.public):
        named = {name: b.ids[name] for name in door.names if name != "tenant"}
        if not named or "tenant" not in door.names:
            continue
        answer = place.knock(door, b, at=a.slug, ids=b.ids, by="nobody")
        noise = {name: noise_like(value) for name, value in named.items()}
        unknown = place.knock(door, b, at=a.slug, ids=noise, by="nobody")
        assert answer.status_code in SHUT or door.path == SAME_FOR_ALL, (door, answer.text[:300])
        assert (answer.status_code, without(answer.text, named)) == (unknown.status_code, without(unknown.text, noise))
        assert not leaks(answer, b), door
    assert place.rows_of(b.slug) == before


def test_foreign_access_tokens_and_codes(place: Place) -> None:
    """The same for what travels in headers and bodies: B's code and B's access token at A's protocol endpoints."""
    a, b = place.a, place.b
    before = place.rows_of(b.slug)
    for path in place.own_headers:
        answer = place.knock(Door("POST", path), b, at=a.slug, ids=b.ids, by="api")
        assert answer.status_code == 401, (path, answer.text)
    for door, statuses in place.foreign.items():
        answer = place.knock(door, b, at=a.slug, ids={}, by="nobody")
        assert answer.status_code in statuses, (door, answer.text)
    assert place.rows_of(b.slug) == before


def test_unknown_tenants_have_no_doors(place: Place) -> None:
    """A tenant that does not exist is no different from one where one has no business."""
    for door in place.all_doors():
        if "tenant" not in door.names:
            continue
        by = "stranger" if door in place.public else kind_of(place, door)
        answer = place.knock(door, place.a, at="nobody-here", ids=place.a.ids, by=by)
        allowed = SHUT | {303} | place.foreign.get(door, frozenset())
        if door.path in place.own_headers:
            allowed |= {400}  # the protocol's own code; which institutions there are is public
        if place.name == "wallet" and door.path == "/{tenant}/unlock":
            allowed |= {200}  # the page that asks for a passphrase says nothing about whether there is such a wallet
        if door in place.public and door.path.startswith("/{tenant}/passes/"):
            allowed |= {200}  # the same for everybody, there or not
        assert answer.status_code in allowed, (door, answer.status_code, answer.text[:200])
    assert not any(place.rows_of("nobody-here", tries=True).values())


def test_the_owner_is_let_in(place: Place) -> None:
    """The last walk: every door answers its own tenant, so that the refusals above are refusals of a stranger and not of the request."""
    a = place.a
    gentle = sorted(tenant_doors(place), key=lambda door: (_harm(door), door))
    for door in gentle:
        answer = place.knock(door, a, at=a.slug, ids=a.ids, by=kind_of(place, door))
        if door.path in place.own_headers or door in place.foreign:
            continue  # protocol endpoints: what they need is used up by now, and they were opened while the place was made
        if door.path.endswith("/badge.{kind}"):
            assert answer.status_code == 409, "this resident holds a card that is no badge"
            continue
        if door.path == "/{tenant}/settings/lock":
            assert answer.headers["location"].endswith("?done=locked")
            continue
        assert not is_shut(place, door, answer, a.slug) or answer.status_code in NOT_THE_OWNERS_FAULT, (
            door,
            answer.status_code,
            answer.text[:300],
        )
        if _harm(door) == 0:
            assert answer.status_code in (200, 202, 204, 303), (door, answer.status_code, answer.text[:300])


def _harm(door: Door) -> int:
    """The order in which the owner's things are used up: look, make, end, and at last end the session."""
    last = door.path.rpartition("/")[2]
    if door.method == "GET":
        return 0
    if door.method == "DELETE":
        return 2
    return {"delete": 2, "cancel": 2, "withdraw": 2, "passphrase": 3, "lock": 4}.get(last, 1)


def without(text: str, names: dict[str, str]) -> str:
    """The answer with the ids of the question taken out, and with them what differs from request to request."""
    for value in names.values():
        text = text.replace(value, "<id>")
    return text
