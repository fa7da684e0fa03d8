"""``tegata verifier follow-event``: a verifier on the internet becomes the hub of an event, and follows its organiser."""

from __future__ import annotations

from typing import Annotated

import typer

from common.adapters.terminal import say
from common.errors import Malformed
from verifier.cli.desk import Party, actor, open_desk
from verifier.gate.devices import own_key
from verifier.routes.gate import require_event_name, require_free
from verifier.store.audit import record
from verifier.store.relying_parties import find_relying_party

app = typer.Typer()


@app.command("follow-event")
def follow_event(
    slug: Party,
    event: Annotated[str, typer.Argument(help="identifier of the event, e.g. hanabi-2026-x7k2", show_default=False)],
    organiser: Annotated[str, typer.Option(help="the organiser's address, e.g. https://issuer.example/hanabi")],
    code: Annotated[str, typer.Option(help="the code for a hub that the organiser's page shows")],
    name: Annotated[str, typer.Option(help="what the organiser's page calls this verifier")] = "verifier",
    signer: Annotated[str, typer.Option(help="the organiser's key, 66 hexadecimal digits, as its page shows it")] = "",
    trust: Annotated[
        bool, typer.Option("--trust", help="I gave the organiser's address myself: pin the key that its pack names")
    ] = False,
) -> None:
    """Be the hub of an event on the internet: its gate pack is fetched now, and newer ones by the jobs, with locks of lost devices.

    Gates reach it at /gate/ of this verifier, the operator at /SLUG/gate.
    """
    deps = open_desk()
    find_relying_party(slug)
    require_free(require_event_name(event), slug)
    try:
        point = bytes.fromhex(signer.strip()) or None
    except ValueError:
        raise Malformed("bad_key", "the organiser's key has 66 hexadecimal digits") from None
    now = deps.clock.now()
    pack = deps.organiser.enrol(
        slug,
        organiser,
        event,
        code=code,
        name=name,
        key=own_key(slug, "hub", box=deps.box, now=now),
        signer=point,
        trust_first=trust,
        now=now,
    )
    record(slug, at=now, actor=actor(), act="gate.pack_loaded", subject=f"{pack.event}:{pack.serial}")
    say(f"{pack.event}: pack {pack.serial} is loaded, and newer ones follow")
