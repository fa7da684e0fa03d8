"""The part of `tegata issuer event …` that is about gates: codes that let devices in, locking them, and the pack that they load."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Column, Table

from common.adapters.terminal import Json, console, print_json, say
from issuer.cli.desk import Institution, actor, choose_institution, open_desk
from issuer.cli.event_show import when
from issuer.flows.desk import Desk
from issuer.flows.events.find_events import find_event
from issuer.flows.events.gates import lock_gate, make_code, open_codes
from issuer.flows.events.pack import current_pack, delta_since, gates_of, signer_fingerprint, signer_points

EventId = Annotated[str, typer.Argument(help="The event's id: see [bold]list[/].", show_default=False)]


def gates(event: EventId, institution: Institution = "", as_json: Json = False) -> None:
    """Scanners and hubs, codes that wait for one, and the key that a scanner shows when it loads its first pack."""
    desk, tenant = open_desk().desk, choose_institution(institution)
    find_event(tenant, event)
    rows, codes = gates_of(tenant, event), open_codes(desk, tenant, event)
    if as_json:
        signers = [point.hex() for point in signer_points(desk.keys.identity(tenant))]
        found = [
            {"id": row.gate_id, "name": row.name, "role": row.role, "locked_at": row.locked_at, "seen_at": row.seen_at}
            for row in rows
        ]
        return print_json({"gates": found, "codes": [asdict(one) for one in codes], "signers": signers})
    table = Table(Column("device", no_wrap=True), "name", "kind", "last contact", "locked")
    for row in rows:
        seen, locked = (when(at) if at else "" for at in (row.seen_at, row.locked_at))
        table.add_row(row.gate_id, row.name, "hub" if row.role else "scanner", seen, locked)
    console.print(table)
    for one in codes:
        say(f"code {one.code} for a {one.role}, until {when(one.expires_at)}")
    _say_signers(desk, tenant)
    return None


def gate_code(
    event: EventId,
    hub: Annotated[bool, typer.Option("--hub", help="For the venue's hub, not a scanner.")] = False,
    entrances: Annotated[
        list[int], typer.Option("--entrance", help="Number of an entrance; none: all. May be repeated.")
    ] = [],  # noqa: B006
    home_group: Annotated[int, typer.Option(help="Home group, where the event has them.")] = 0,
    institution: Institution = "",
    as_json: Json = False,
) -> None:
    """A code with which one device becomes a gate (or the hub). Type it there; its key is in the next pack."""
    desk, tenant = open_desk().desk, choose_institution(institution)
    role = "hub" if hub else "scanner"
    made = make_code(desk, tenant, event, role=role, entrances=entrances, home_group=home_group, actor=actor())
    if as_json:
        return print_json(asdict(made) | {"signer": signer_fingerprint(desk.keys.identity(tenant))})
    say(f"{made.code}\nfor one {role}, until {when(made.expires_at)}")
    _say_signers(desk, tenant)
    return None


def lock(
    event: EventId,
    gate: Annotated[str, typer.Argument(help="Id of a device: see [bold]gates[/].", show_default=False)],
    institution: Institution = "",
) -> None:
    """A lost device: what it records from now on is flagged, and its token opens nothing. There is no way back."""
    at = lock_gate(open_desk().desk, choose_institution(institution), event, gate, actor=actor())
    typer.echo(f"locked since {when(at)}")


def pack(
    event: EventId,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File; default: EVENT.tgpack here.")] = None,
    institution: Institution = "",
) -> None:
    """Write the event's newest gate pack: everything a gate needs with no network. It names nobody."""
    found = current_pack(open_desk().desk, choose_institution(institution), event)
    file = output or Path(f"{event}.tgpack")
    file.write_bytes(found.file)
    say(f"{file}: serial {found.serial}, {len(found.file)} bytes, good until {when(found.good_until)}")


def delta(
    event: EventId,
    since: Annotated[int, typer.Option("--from", help="Serial of the pack that the gates have.")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File; default: EVENT.tgdelta here.")] = None,
    institution: Institution = "",
) -> None:
    """Write what changed since an earlier pack: a few hundred bytes, for a stick or a slow line."""
    found = delta_since(open_desk().desk, choose_institution(institution), event, since)
    if found is None:
        typer.echo("nothing has changed")
        return
    file = output or Path(f"{event}.tgdelta")
    file.write_bytes(found)
    say(f"{file}: {len(found)} bytes")


def _say_signers(desk: Desk, tenant: str) -> None:
    """What the device shows before it trusts its first pack."""
    identity = desk.keys.identity(tenant)
    say(f"the device must show {signer_fingerprint(identity)} when it loads its first pack")
    say("packs are signed by " + ", ".join(point.hex() for point in signer_points(identity)))


GATE_COMMANDS: Mapping[str, Callable[..., object]] = {
    "gates": gates,
    "gate-code": gate_code,
    "lock": lock,
    "pack": pack,
    "delta": delta,
}
"""By their names."""
