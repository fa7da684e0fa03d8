"""``tegata issuer did-webvh …``: the institution's DID with a history that proves itself."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from common.adapters.terminal import Json, print_json, say
from issuer.cli.desk import Institution, actor, choose_institution, open_desk
from issuer.flows.did_log import PublishedDid, add_witness_proofs, deactivate_did, publish_did_log

app = typer.Typer(help="did:webvh: publish its log, have it witnessed, end it.", no_args_is_help=True)


@app.command()
def publish(
    witness: Annotated[
        list[str] | None,
        typer.Option(help="did:key of a witness (Ed25519), once for each of them.", show_default=False),
    ] = None,
    threshold: Annotated[
        int, typer.Option(help="How many witnesses must approve each entry; 0: all of them.", min=0)
    ] = 0,
    no_witness: Annotated[bool, typer.Option("--no-witness", help="Need no witnesses any more.")] = False,
    institution: Institution = "",
    as_json: Json = False,
) -> None:
    """Publish the log, or bring it up to date with the institution's keys. The server does so by itself when keys change."""
    deps = open_desk()
    names = [] if no_witness else (witness or None)
    done = publish_did_log(
        deps.desk, choose_institution(institution), actor=actor(), witnesses=names, threshold=threshold
    )
    _show(done, as_json)


@app.command("add-proofs")
def add_proofs(
    file: Annotated[Path, typer.Argument(help="Witnesses' proofs, as did-witness.json has them.", exists=True)],
    institution: Institution = "",
    as_json: Json = False,
) -> None:
    """Take in what witnesses signed. The entry that waited is published once enough of them approved it."""
    deps = open_desk()
    _show(add_witness_proofs(deps.desk, choose_institution(institution), file.read_bytes(), actor=actor()), as_json)


@app.command()
def deactivate(institution: Institution = "", as_json: Json = False) -> None:
    """End the did:webvh for ever. Credentials that name it as their issuer can then be verified no more."""
    deps = open_desk()
    _show(deactivate_did(deps.desk, choose_institution(institution), actor=actor()), as_json)


def _show(done: PublishedDid, as_json: bool) -> None:
    if as_json:
        return print_json(asdict(done))
    say(f"{done.did}\n  newest entry  {done.version_id}")
    if done.pending:
        say(f"  waits for its witnesses  {done.pending}")
    return None
