"""``tegata issuer audit …``: inspect the record of what was done."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from common.adapters.terminal import print_json
from issuer.cli.desk import Institution, choose_institution, open_desk
from issuer.store.audit import AUDIT

app = typer.Typer(help="The append-only record of what was issued, changed and withdrawn.", no_args_is_help=True)


@app.command()
def verify(
    known_head: Annotated[str, typer.Option(help="A head that you kept elsewhere; it must stand in the chain.")] = "",
    institution: Institution = "",
) -> None:
    """Seal what is open and inspect the whole hash chain. Exit status 1 where something was changed or is missing.

    Keep the printed head outside of the database (paper will do): with it you can prove later that nothing was rewritten.
    """
    deps = open_desk()
    tenant = choose_institution(institution)
    AUDIT.seal_all(tenant, now=deps.desk.now)
    report = AUDIT.verify(tenant, known_head=known_head or None)
    print_json(asdict(report))
    if not report.whole:
        raise typer.Exit(1)


@app.command("list")
def list_command(
    limit: Annotated[int, typer.Option(help="How many, newest first.", min=1, max=1000)] = 20,
    institution: Institution = "",
) -> None:
    """The latest entries, one JSON object a line."""
    open_desk()
    for entry in AUDIT.view(choose_institution(institution), limit=limit).latest:
        typer.echo(entry.to_bytes().decode())
