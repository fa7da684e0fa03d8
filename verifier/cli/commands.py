"""The whole ``tegata verifier``: asking, checking, looking back. Each command takes options, calls a flow, shows what came of it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from common.adapters.terminal import Json, SaysErrors, console, print_json, print_qr
from verifier.cli import follow_event, operator
from verifier.cli.desk import Party, actor, open_desk
from verifier.cli.show import end_with
from verifier.flows.check_text import check_shown, check_text, read_file
from verifier.flows.draw_verdict import when
from verifier.flows.open_session import open_session
from verifier.flows.read_result import read_result
from verifier.queries.registry import QUESTIONS
from verifier.settings import DAY, VerifierSettings
from verifier.store.relying_parties import find_relying_party
from verifier.store.session_states import FINAL
from verifier.store.sessions import list_sessions

app = typer.Typer(
    cls=SaysErrors,
    no_args_is_help=True,
    help="Ask people questions that their wallets answer with proof, and see why an answer is believed or not.\n\n"
    "Begin with: new-relying-party cafe --name-ja 喫茶てがた --name-en 'Café Tegata', then ask cafe student.",
)
app.add_typer(operator.app)
app.add_typer(follow_event.app)
app.add_typer(operator.audit, name="audit")


@app.command()
def questions(as_json: Json = False) -> None:
    """The ready-made questions: what they ask for and why."""
    base = VerifierSettings.load().vct_base
    if as_json:
        print_json({one.name: one.dcql(base) for one in QUESTIONS})
        return
    table = Table("name", "question", "asks for", "why")
    for one in QUESTIONS:
        claims = ", ".join(".".join(str(step) for step in claim.path) for claim in one.claims)
        table.add_row(one.name, f"{one.question_ja}\n{one.question_en}", claims, f"{one.purpose_ja}\n{one.purpose_en}")
    console.print(table)


@app.command()
def ask(
    slug: Party,
    question: Annotated[str, typer.Argument(help="name of a question (see: questions)")] = "student",
    wait: Annotated[bool, typer.Option(help="wait for the answer")] = True,
    same_device: Annotated[bool, typer.Option(help="the wallet is in this very browser")] = False,
    as_json: Json = False,
) -> None:
    """Put a question: shows its QR code, waits for the answer, prints the verdict tree. Ends with 0 only for yes.

    A running server (serve) takes the wallet's answer; this command shares its database.
    """
    deps = open_desk()
    opened = open_session(
        find_relying_party(slug),
        question,
        same_device=same_device,
        addresses=deps.addresses,
        box=deps.box,
        sandbox=deps.settings.is_sandbox,
        now=deps.clock.now(),
        actor=actor(),
    )
    if as_json and not wait:
        print_json({"id": opened.session, "link": opened.link, "expires_at": opened.expires_at})
        return
    if not as_json:
        print_qr(opened.link)
        typer.echo(opened.link)
    while wait:
        result = read_result(slug, opened.session, box=deps.box, now=deps.clock.now())
        if result.life.name in FINAL:
            end_with(result.verdict, result.life.name, as_json)
        time.sleep(0.5)


@app.command()
def check(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True, dir_okay=False, help="a credential or presentation as text, or a badge as PNG or SVG"
        ),
    ],
    audience: Annotated[str, typer.Option(help="of a presentation: for whom it was made (the full client_id)")] = "",
    nonce: Annotated[str, typer.Option(help="of a presentation: the nonce that it answers")] = "",
    shown: Annotated[bool, typer.Option("--shown", help="what a wallet shows in person: text of its QR code")] = False,
    max_status_age: Annotated[int, typer.Option(help="seconds that a status may be old")] = DAY,
    as_json: Json = False,
) -> None:
    """Check one credential; or one presentation, made for an audience and nonce or shown in person. Ends with 0 only for yes.

    Nothing is written down: that a showing is accepted once is seen to by the server alone (its page, its API).
    """
    deps = open_desk()
    text, now = read_file(file.read_bytes()), deps.clock.now()
    if shown:
        verdict = check_shown(text, gatherer=deps.gatherer, max_status_age=max_status_age, now=now)
    else:
        verdict = check_text(
            text, audience=audience, nonce=nonce, gatherer=deps.gatherer, max_status_age=max_status_age, now=now
        )
    end_with(verdict.as_json(), "judged", as_json)


@app.command()
def sessions(slug: Party, limit: int = 20, as_json: Json = False) -> None:
    """The latest questions of a relying party, and what became of them."""
    deps = open_desk()
    now = deps.clock.now()
    rows = [
        {"id": str(row.session), "question": str(row.question), "state": row.life_at(now).name, "asked": row.created_at}
        for row in list_sessions(slug, limit=limit)
    ]
    if as_json:
        print_json(rows)
        return
    table = Table("session", "question", "state", "asked")
    for row in rows:
        table.add_row(row["id"], row["question"], row["state"], when(int(row["asked"])))
    console.print(table)
