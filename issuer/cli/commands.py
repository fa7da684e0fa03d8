"""The operator's commands, and the whole ``tegata issuer`` put together."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from common.adapters.terminal import Json, SaysErrors, complaints, print_json, print_settings, say
from common.cards.relay import MAX_FRAME
from common.errors import NotFound
from common.web.server import serve as run_server
from issuer.cli import audit_commands, card_commands, did_commands, event_commands, key_commands, kiosk, registrar
from issuer.cli.desk import Institution, actor, choose_institution, open_desk
from issuer.flows.create_institution import create_institution
from issuer.flows.find_people import find_offer
from issuer.flows.run_jobs import run_jobs
from issuer.flows.send_offers import queue_mail, send_offers
from issuer.settings import IssuerSettings

app = typer.Typer(
    cls=SaysErrors,
    help="Issue certificates: import the roll, offer certificates to students, correct and withdraw them.\n\n"
    "A first day: [bold]new-institution[/], [bold]import[/] roll.csv, [bold]offer[/] STUDENT_NUMBER, [bold]serve[/].",
    no_args_is_help=True,
    rich_markup_mode="rich",
)
app.add_typer(registrar.app)
app.add_typer(kiosk.app)
app.add_typer(card_commands.app)
app.add_typer(audit_commands.app, name="audit")
app.add_typer(key_commands.app, name="key")
app.add_typer(did_commands.app, name="did-webvh")
app.add_typer(event_commands.app, name="event")


@app.command()
def serve() -> None:
    """Run the server. Stop it with Ctrl-C: requests in work are finished first."""
    run_server("issuer.app:create_app", IssuerSettings.load(), websockets=MAX_FRAME)


@app.command("new-institution")
def new_institution(
    slug: Annotated[str, typer.Argument(help="Short name for addresses: a–z, 0–9, hyphens.", show_default=False)],
    name_ja: Annotated[str, typer.Option(help="Name in Japanese.", show_default=False)],
    name_en: Annotated[str, typer.Option(help="Name in English.", show_default=False)],
    seal: Annotated[str, typer.Option(help="One to four characters for its seal, if not those of its name.")] = "",
    as_json: Json = False,
) -> None:
    """Take an institution in: makes its keys and DID, and a token for its first registrar.

    The token is shown once and kept only as a hash. More tokens: [bold]new-token[/].
    """
    deps = open_desk()
    made = create_institution(deps.desk, slug, name_ja=name_ja, name_en=name_en, seal=seal, actor=actor())
    token = deps.login.new_token(slug, "registrar", "staff")
    if as_json:
        return print_json({**asdict(made), "token": token})
    say(f"{name_ja} / {name_en}\n  issuer  {made.issuer}\n  DID     {made.did}")
    say(f"  staff token (shown only now)  {token}")
    return None


@app.command("new-token")
def new_token(
    name: Annotated[str, typer.Argument(help="What the audit record calls its owner.", show_default=False)],
    institution: Institution = "",
) -> None:
    """Make one more staff token, shown once. Give each registrar one of their own, so that the record tells them apart."""
    deps = open_desk()
    typer.echo(deps.login.new_token(choose_institution(institution), name, "staff"))


@app.command("revoke-token")
def revoke_token(
    name: Annotated[str, typer.Argument(help="The name that new-token was given.", show_default=False)],
    institution: Institution = "",
) -> None:
    """Withdraw the staff tokens of that name and end their sessions: somebody has left, or lost theirs."""
    deps = open_desk()
    tenant = choose_institution(institution)
    if not deps.login.revoke_token(tenant, name):
        raise NotFound("no_such_token", f"no staff token is called {name}")


@app.command()
def send(
    resend: Annotated[str, typer.Option(help="Id of an offer to mail (once more) first.")] = "",
    institution: Institution = "",
) -> None:
    """Send the mails that are due, now. The server does so by itself, too."""
    deps = open_desk()
    if resend:
        tenant = choose_institution(institution)
        queue_mail(deps.desk, tenant, find_offer(tenant, resend), actor=actor())
    if deps.send_mail is None:
        complaints.print("no mail server is set: TEGATA_ISSUER_SMTP_HOST")
        raise typer.Exit(2)
    print_json(asdict(send_offers(deps.desk, deps.send_mail)))


@app.command()
def jobs() -> None:
    """Run the regular work once: mails, audit seals, deletion of what has had its time. For cron, where the server does not run it."""
    deps = open_desk()
    print_json(asdict(run_jobs(deps.desk, deps.send_mail, stamping=deps.stamping, sweep=deps.sweep)))


@app.command()
def settings(as_json: Json = False) -> None:
    """Every setting: value (secrets redacted), where it came from, what it is for."""
    print_settings(IssuerSettings.load(), as_json=as_json)
