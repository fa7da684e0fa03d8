"""How events and tickets look in a terminal."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from rich.table import Table

from common.adapters.terminal import console, print_json, say
from issuer.flows.desk import Desk
from issuer.flows.events.find_events import classes_of, entrances_of, plan_of
from issuer.flows.events.flags import words_of
from issuer.flows.events.plan import larger_than_the_event
from issuer.flows.person_facts import JST


def when(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC).astimezone(JST):%Y-%m-%d %H:%M} (JST)"


def event_facts(row: Any) -> dict[str, Any]:
    """A row of `Event`, for --json."""
    names = ("id", "name_ja", "name_en", "venue", "starts_at", "ends_at", "state", "capacity", "sold", "serial")
    return {
        **{name: getattr(row, name) for name in names},
        "classes": [
            {name: getattr(one, name) for name in ("number", "name_ja", "name_en", "capacity", "sold")}
            | {"required": list(words_of(one.required)), "paper": bool(one.paper)}
            for one in classes_of(row.tenant, row.id)
        ],
        "entrances": [
            {"number": one.number, "name_ja": one.name_ja, "name_en": one.name_en, "challenge": bool(one.challenge)}
            for one in entrances_of(row.tenant, row.id)
        ],
    }


def print_event(row: Any, *, as_json: bool) -> None:
    if as_json:
        print_json(event_facts(row))
        return
    say(
        f"{row.name_ja} / {row.name_en}\n  event    {row.id}\n  from     {when(row.starts_at)}\n  to       {when(row.ends_at)}"
    )
    say(f"  sale     {row.state}, {row.sold} of {row.capacity} sold\n  pack     serial {row.serial}")
    table = Table("class", "name", "sold", "demands", "paper")
    for one in classes_of(row.tenant, row.id):
        demands = ", ".join(words_of(one.required))
        table.add_row(
            str(one.number),
            f"{one.name_ja} / {one.name_en}",
            f"{one.sold} of {one.capacity}",
            demands,
            "yes" if one.paper else "no",
        )
    console.print(table)
    for number in larger_than_the_event(plan_of(row)):
        say(f"class {number} has room for more than the whole event: no more than {row.capacity} are sold")


def ticket_facts(desk: Desk, row: Any) -> dict[str, Any]:
    """A row of `Entitlement`, with its holder's page."""
    url = desk.addresses.ticket(row.tenant, desk.secrets.token(row.tenant, "ticket", row.id))
    names = ("id", "number", "class_number", "state", "replaces", "replaced_by")
    return {**{name: getattr(row, name) for name in names}, "flags": list(words_of(row.flags)), "url": url}
