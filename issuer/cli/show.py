"""How offers and import reports look in a terminal."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime

from rich.table import Column, Table

from common.adapters.terminal import complaints, console, print_json, print_qr, say
from issuer.flows.import_roll import ImportReport
from issuer.flows.make_offer import MadeOffer
from issuer.flows.person_facts import JST

SHOWN_PROBLEMS = 50


def print_offer(made: MadeOffer, *, as_json: bool) -> None:
    """The QR code, the link beside it, and the transaction code apart from both."""
    if as_json:
        print_json(asdict(made))
        return
    print_qr(made.link)
    until = datetime.fromtimestamp(made.expires_at, UTC).astimezone(JST)
    for name, value in (
        ("scan with a wallet, or paste", made.link),
        ("page for the student", made.claim_url),
        ("can be claimed until", f"{until:%Y-%m-%d %H:%M} (JST)"),
        ("offer", made.id),
    ):
        say(f"{name}: {value}")
    if made.tx_code:
        console.print(f"\n[bold]transaction code (tell it separately): {made.tx_code}[/]", highlight=False)


def print_import(report: ImportReport) -> None:
    """Counts, and each wrong row with who can mend it."""
    done = "would be" if report.dry_run else "were"
    console.print(
        f"{report.rows} rows: {report.added} {done} added, {report.changed} changed, {report.same} the same, {report.wrong} wrong."
    )
    if report.revoked:
        console.print(f"{report.revoked} copies of certificates were revoked: they say what is no longer so.")
    if not report.problems:
        return
    # folded, since Japanese has no spaces to break at and would be cut
    table = Table("line", "field", Column("what is wrong, and who can mend it", overflow="fold"))
    for problem in report.problems[:SHOWN_PROBLEMS]:
        table.add_row(str(problem.row), problem.field, f"{problem.ja}\n{problem.en}")
    complaints.print(table)
    hidden = len(report.problems) - SHOWN_PROBLEMS + report.more
    if hidden > 0:
        complaints.print(f"and {hidden} more; --json lists up to 1000")
