"""`tegata issuer event …`: each command opens the desk, runs one flow, and says what happened."""

from __future__ import annotations

import secrets
import tomllib
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Column, Table

from common.adapters.terminal import Json, SaysErrors, console, print_json, say
from common.errors import Malformed
from issuer.cli.desk import Institution, actor, choose_institution, open_desk
from issuer.cli.event_gate_commands import GATE_COMMANDS, EventId
from issuer.cli.event_show import event_facts, print_event, ticket_facts, when
from issuer.cli.show import print_import, print_offer
from issuer.connectors.buyer_columns import BUYERS
from issuer.connectors.csv_file import read_rows
from issuer.flows.events.create_event import change_event, create_event, set_sales
from issuer.flows.events.demand import find_demand, lacking_of, settle_order
from issuer.flows.events.end_ticket import lost, refund, upgrade
from issuer.flows.events.exclusions import exclude_person, exclude_ticket, lift
from issuer.flows.events.find_events import find_event, find_ticket, list_events, tickets_of
from issuer.flows.events.flags import words_of
from issuer.flows.events.import_buyers import import_buyers
from issuer.flows.events.issue_pass import issue_paper
from issuer.flows.events.mail_links import links_progress, mail_links, mail_transfer
from issuer.flows.events.offer_ticket import offer_ticket
from issuer.flows.events.plan import EventPlan, read_plan
from issuer.flows.events.sell import Wish, required_of, sell
from issuer.flows.events.transfer import open_transfer
from issuer.flows.person_facts import JST

app = typer.Typer(
    cls=SaysErrors,
    help="Events and their tickets: sell, hand over, pay back, and keep the gates informed.\n\n"
    "A first evening: [bold]example[/] > plan.toml, [bold]create[/] plan.toml, [bold]sell[/] EVENT, [bold]gate-code[/] EVENT at each "
    "scanner, [bold]pack[/] EVENT for a stick where there is no network.\n\n"
    "A TICKET is named by its number (7K2M-9QXA-4T8B) or its id.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)
for _name, _act in GATE_COMMANDS.items():
    app.command(_name)(_act)

Ticket = Annotated[str, typer.Argument(help="Number or id of a ticket.", show_default=False)]
PlanFile = Annotated[
    Path, typer.Argument(help="TOML as [bold]example[/] prints it.", exists=True, dir_okay=False, show_default=False)
]

EXAMPLE = """\
name_ja = "隅田川花火大会"
name_en = "Sumida River Fireworks"
venue = "隅田公園"
starts_at = 2027-07-31T17:30:00     # without a zone: Japan's time
ends_at = 2027-07-31T21:00:00
capacity = 20000
reentry = true                      # whoever goes out may come in again
undetermined = "refuse"             # or "document": what a gate does that cannot tell

[[entrances]]                       # numbered from 1, unless you say number = …
name_ja = "北口"
name_en = "North"

[[entrances]]
name_ja = "南口"
name_en = "South"
challenge = true                    # shows a short number that the ticket must answer

[[classes]]
name_ja = "一般"
name_en = "General"
capacity = 18000
paper = true                        # may be had on paper, too

[[classes]]
name_ja = "有料席"
name_en = "Seats"
capacity = 2000
entrances = [2]                     # none: all
windows = [[2027-07-31T16:00:00, 2027-07-31T19:00:00]]
# required = ["chip", "over_20"]    # of chip, over_18, over_20, name; asks the verifier of TEGATA_ISSUER_VERIFIER_URL
"""


@app.command()
def example() -> None:
    """Print a plan to start from: change it, and give it to [bold]create[/]."""
    typer.echo(EXAMPLE, nl=False)


@app.command()
def create(
    plan: PlanFile,
    slug: Annotated[str, typer.Option(help="Beginning of its id; default: from its English name.")] = "",
    institution: Institution = "",
    as_json: Json = False,
) -> None:
    """Make an event of a plan. Its id is in every pass; four characters that nobody foresees end it."""
    deps = open_desk()
    row = create_event(deps.desk, choose_institution(institution), _plan(plan), slug=slug, actor=actor())
    print_event(row, as_json=as_json)


@app.command()
def change(event: EventId, plan: PlanFile, institution: Institution = "", as_json: Json = False) -> None:
    """Make an event as the plan says. What is sold already stays; the next pack tells the gates."""
    deps = open_desk()
    row = change_event(deps.desk, choose_institution(institution), event, _plan(plan), actor=actor())
    print_event(row, as_json=as_json)


@app.command("list")
def list_command(institution: Institution = "", as_json: Json = False) -> None:
    """All events, the newest first."""
    open_desk()
    rows = list_events(choose_institution(institution))
    if as_json:
        return print_json([event_facts(row) for row in rows])
    table = Table(Column("event", no_wrap=True), "name", "from", "sale", "sold")
    for row in rows:
        table.add_row(
            row.id, f"{row.name_ja} / {row.name_en}", when(row.starts_at), row.state, f"{row.sold} of {row.capacity}"
        )
    console.print(table)
    return None


@app.command()
def show(event: EventId, institution: Institution = "", as_json: Json = False) -> None:
    """One event with its classes and what is sold of each."""
    open_desk()
    print_event(find_event(choose_institution(institution), event), as_json=as_json)


@app.command()
def sales(
    event: EventId,
    to: Annotated[str, typer.Argument(help="open or closed.", show_default=False)],
    institution: Institution = "",
) -> None:
    """Close the sale, or open it again. Tickets that were sold stay good."""
    if to not in ("open", "closed"):
        raise typer.BadParameter("open or closed")
    set_sales(open_desk().desk, choose_institution(institution), event, is_open=to == "open", actor=actor())


@app.command("sell")
def sell_command(
    event: EventId,
    number: Annotated[int, typer.Option("--class", help="Number of the class.")] = 1,
    quantity: Annotated[int, typer.Option(help="How many; 1 where a credential is demanded.")] = 1,
    name: Annotated[str, typer.Option(help="Name on the ticket.")] = "",
    email: Annotated[str, typer.Option(help="The buyer's mail address.")] = "",
    language: Annotated[str, typer.Option(help="ja or en: of the ticket's own words.")] = "ja",
    key: Annotated[
        str,
        typer.Option(help="Idempotency key: said again with the same key, it is the same order. Default: a new one."),
    ] = "",
    institution: Institution = "",
) -> None:
    """Sell tickets; prints each with the address of its holder's page, as JSON.

    Where the class demands a credential, the tickets are held, and [bold]link[/] is for the buyer's wallet. Say it again with the
    same key to see whether it was shown.
    """
    desk, tenant = open_desk().desk, choose_institution(institution)
    wish = Wish(quantities={number: quantity}, name=name, email=email, language=language)
    key = key or secrets.token_urlsafe(12)
    sale = sell(desk, tenant, event, wish, key=key, actor=actor())
    order = settle_order(desk, tenant, sale.order)
    demand = find_demand(tenant, order.id)
    print_json(
        {
            "order": order.id,
            "state": order.state,
            "key": key,
            "page": desk.addresses.order(tenant, desk.secrets.token(tenant, "order", order.id)),
            "tickets": [ticket_facts(desk, one) for one in tickets_of(tenant, order.id)],
            "demand": None
            if demand is None
            else {"state": demand.state, "link": demand.link}
            | {"lacking": words_of(lacking_of(demand, required_of(tenant, event, sale.tickets)))},
        }
    )


@app.command("import")
def import_command(
    event: EventId,
    file: Annotated[Path, typer.Argument(help="CSV in UTF-8 or Shift_JIS.", exists=True, dir_okay=False)],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only examine; sell nothing.")] = False,
    institution: Institution = "",
    as_json: Json = False,
) -> None:
    """Import a ticket shop's buyers, one order to a line. Lines that are wrong are told, with how to mend them, and left out.

    Columns: reference (注文番号), class (券種), name, email, quantity, language. Running it again changes nothing.
    """
    deps = open_desk()
    tenant = choose_institution(institution)
    with file.open("rb") as source:
        report = import_buyers(deps.desk, tenant, event, read_rows(source, BUYERS), actor=actor(), dry_run=dry_run)
    if as_json:
        print_json(asdict(report))
    else:
        print_import(report)


@app.command()
def mail(
    event: EventId,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count; mail nothing.")] = False,
    institution: Institution = "",
    as_json: Json = False,
) -> None:
    """Mail each buyer the links to their tickets: one mail to an order and address, each ticket's link once.

    They go out with [bold]jobs[/] or the running server. Said again it mails what was sold since.
    """
    desk, tenant = open_desk().desk, choose_institution(institution)
    report = mail_links(desk, tenant, event, actor=actor(), dry_run=dry_run)
    found = links_progress(tenant, event)
    if as_json:
        return print_json(asdict(report) | asdict(found))
    say(f"{report.mails} mails about {report.tickets} tickets {'would be' if dry_run else 'are'} queued")
    say(
        f"tickets: {found.waiting} waiting, {found.sent} sent, {found.failed} failed, {found.without_address} without an address"
    )
    return None


@app.command()
def ticket(event: EventId, wanted: Ticket, institution: Institution = "") -> None:
    """One ticket, as JSON."""
    desk, tenant = open_desk().desk, choose_institution(institution)
    print_json(ticket_facts(desk, find_ticket(tenant, event, wanted)))


@app.command()
def offer(event: EventId, wanted: Ticket, institution: Institution = "", as_json: Json = False) -> None:
    """Offer a ticket to its holder's wallet, as a QR code. Who takes it has the ticket from then on; earlier copies fall."""
    desk, tenant = open_desk().desk, choose_institution(institution)
    print_offer(offer_ticket(desk, tenant, find_ticket(tenant, event, wanted), actor=actor()), as_json=as_json)


@app.command()
def paper(event: EventId, wanted: Ticket, institution: Institution = "") -> None:
    """The text of a paper pass's QR code. It admits once, and the gate looks at a document."""
    typer.echo(issue_paper(open_desk().desk, choose_institution(institution), event, wanted, actor=actor()))


@app.command()
def transfer(
    event: EventId,
    wanted: Ticket,
    to: Annotated[str, typer.Option("--mail", help="Mail the link to this address, too.")] = "",
    language: Annotated[str, typer.Option(help="ja or en: of that mail.")] = "ja",
    institution: Institution = "",
) -> None:
    """A link for another person. When they take the ticket, everything of the old one dies at once."""
    desk, tenant = open_desk().desk, choose_institution(institution)
    if to:
        link = mail_transfer(desk, tenant, event, wanted, to, language=language, actor=actor())
    else:
        link = open_transfer(desk, tenant, event, wanted, actor=actor())
    say(f"{link.url}\nopen until {when(link.expires_at)}")


@app.command("refund")
def refund_command(event: EventId, wanted: Ticket, institution: Institution = "") -> None:
    """End a ticket; its place can be sold again. Paying back is yours to do."""
    copies = refund(open_desk().desk, choose_institution(institution), event, wanted, actor=actor())
    typer.echo(f"refunded; {copies} copies were revoked")


@app.command("upgrade")
def upgrade_command(
    event: EventId,
    wanted: Ticket,
    number: Annotated[int, typer.Argument(metavar="CLASS", help="Number of the new class.", show_default=False)],
    institution: Institution = "",
) -> None:
    """Another ticket, of another class, in the place of this one, which ends."""
    desk = open_desk().desk
    print_json(ticket_facts(desk, upgrade(desk, choose_institution(institution), event, wanted, number, actor=actor())))


@app.command("lost")
def lost_command(event: EventId, wanted: Ticket, institution: Institution = "") -> None:
    """A lost phone: what is on it stops at once; the ticket can be received anew ([bold]offer[/], or on the holder's page)."""
    copies = lost(open_desk().desk, choose_institution(institution), event, wanted, actor=actor())
    typer.echo(f"{copies} copies were revoked")


@app.command()
def exclude(
    event: EventId,
    who: Annotated[str, typer.Argument(help="Number of a ticket; or a person, with --name or --email.")] = "",
    name: Annotated[str, typer.Option(help="Everybody of this name, now and later.")] = "",
    email: Annotated[str, typer.Option(help="Whoever has this mail address, now and later.")] = "",
    institution: Institution = "",
) -> None:
    """Do not let somebody in: a ticket, or a person with all their tickets. Gates learn a ticket's status, never who it is."""
    if sum(map(bool, (who, name, email))) != 1:
        raise typer.BadParameter("a ticket, or --name, or --email")
    desk, tenant = open_desk().desk, choose_institution(institution)
    if who:
        exclude_ticket(desk, tenant, event, who, actor=actor())
        typer.echo("1 ticket is excluded")
    else:
        kind, text = ("name", name) if name else ("email", email)
        count = exclude_person(desk, tenant, event, kind, text, actor=actor())  # type: ignore[arg-type]  # one of the two
        typer.echo(f"{count} tickets are excluded, and no more are sold to them")


@app.command("lift")
def lift_command(event: EventId, wanted: Ticket, institution: Institution = "") -> None:
    """Let an excluded ticket in again, with what its holder has of it."""
    lift(open_desk().desk, choose_institution(institution), event, wanted, actor=actor())


def _plan(file: Path) -> EventPlan:
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Malformed("bad_plan", f"the plan is no TOML: {error}") from error
    return read_plan(_in_seconds(told))


def _in_seconds(value: Any) -> Any:
    """TOML's own times as seconds; without a zone they are Japan's."""
    if isinstance(value, datetime):
        return int((value if value.tzinfo else value.replace(tzinfo=JST)).timestamp())
    if isinstance(value, dict):
        return {name: _in_seconds(inner) for name, inner in value.items()}
    return [_in_seconds(inner) for inner in value] if isinstance(value, list) else value
