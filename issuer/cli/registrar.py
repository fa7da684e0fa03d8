"""The registrar's commands: each opens the desk, runs one flow, and says what happened."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from common.adapters.terminal import Json, complaints, console, print_json
from issuer.cli.desk import Institution, StudentNumber, actor, choose_institution, open_desk
from issuer.cli.show import print_import, print_offer
from issuer.connectors.csv_file import read_rows
from issuer.connectors.transcript_columns import TRANSCRIPT
from issuer.flows.change_status import change_status
from issuer.flows.correct_person import correct_person
from issuer.flows.find_people import find_offer, find_offers, find_people, held_by
from issuer.flows.import_roll import ImportReport, import_roll
from issuer.flows.import_transcript import import_transcript
from issuer.flows.make_offer import describe_offer, make_offer
from issuer.flows.offer_many import offer_many
from issuer.flows.person_facts import find_person
from issuer.flows.reissue import reissue as reissue_flow
from issuer.flows.reissue_roll import RenewalReport, holders_of, reissue_roll
from issuer.flows.send_offers import queue_mail, require_mail
from issuer.flows.show_offer import types_of
from issuer.flows.withdraw import withdraw as withdraw_flow

app = typer.Typer()

TypeNames = Annotated[
    list[str],
    typer.Option(
        "--type",
        "-t",
        help="Certificate: enrolment (在学証明), graduation (卒業証明), graduation_badge or transcript (成績証明). May be repeated.",
    ),
]
NoCode = Annotated[
    bool, typer.Option("--no-code", help="Without a transaction code: whoever has the link has the certificate.")
]
Mail = Annotated[bool, typer.Option("--mail", help="Also send the link by mail (never the transaction code).")]


@app.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(help="CSV in UTF-8 or Shift_JIS.", exists=True, dir_okay=False)],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only examine; change nothing.")] = False,
    institution: Institution = "",
    as_json: Json = False,
) -> None:
    """Import the registrar's roll. Rows that are wrong are told, with who can mend them, and left out.

    Running it again changes nothing; rows that changed are taken over. Whoever is now marked as withdrawn
    loses the enrolment certificate at once.
    """
    deps = open_desk()
    tenant = choose_institution(institution)
    with file.open("rb") as lines:
        total = sum(1 for _ in lines) - 1
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with file.open("rb") as source, Progress(*columns, console=complaints) as bar:
        task = bar.add_task("examining" if dry_run else "importing", total=max(total, 1))

        def progress(report: ImportReport) -> None:
            bar.update(task, completed=report.rows)

        report = import_roll(deps.desk, tenant, read_rows(source), actor=actor(), dry_run=dry_run, progress=progress)
        bar.update(task, total=report.rows, completed=report.rows)
    if as_json:
        print_json(asdict(report))
    else:
        print_import(report)


@app.command("import-transcript")
def import_transcript_command(
    file: Annotated[Path, typer.Argument(help="CSV in UTF-8 or Shift_JIS.", exists=True, dir_okay=False)],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only examine; change nothing.")] = False,
    institution: Institution = "",
    as_json: Json = False,
) -> None:
    """Import completed courses, one to a line, for transcripts. The people must be in the roll already.

    Running it again changes nothing. Where a course that was known says something else now, the transcripts
    of that person are revoked: they state what is no longer so.
    """
    deps = open_desk()
    tenant = choose_institution(institution)
    with file.open("rb") as source:
        rows = read_rows(source, TRANSCRIPT)
        report = import_transcript(deps.desk, tenant, rows, actor=actor(), dry_run=dry_run)
    if as_json:
        print_json(asdict(report))
    else:
        print_import(report)


@app.command()
def offer(
    student_number: StudentNumber,
    types: TypeNames = ["enrolment"],  # noqa: B006 (typer copies it)
    formats: Annotated[
        list[str], typer.Option("--format", help="dc+sd-jwt, jwt_vc_json, ldp_vc or mso_mdoc; default by setting.")
    ] = [],  # noqa: B006
    no_code: NoCode = False,
    mail: Mail = False,
    institution: Institution = "",
    as_json: Json = False,
) -> None:
    """Offer certificates to one person; prints the link as a QR code, and the transaction code to be told separately."""
    deps = open_desk()
    tenant = choose_institution(institution)
    person = find_person(tenant, student_number=student_number)
    if mail:
        require_mail(deps.desk, person)
    made = make_offer(deps.desk, tenant, person, types=types, formats=formats, tx_code=not no_code, actor=actor())
    if mail:
        queue_mail(deps.desk, tenant, find_offer(tenant, made.id), actor=actor())
    print_offer(made, as_json=as_json)


@app.command("offer-all")
def offer_all(
    type_name: Annotated[
        str, typer.Argument(help="enrolment, graduation, graduation_badge or transcript.")
    ] = "enrolment",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count.")] = False,
    no_code: NoCode = False,
    institution: Institution = "",
) -> None:
    """Offer a certificate by mail to everybody who is entitled and has none yet. Mails go out with [bold]send[/] or the server."""
    deps = open_desk()
    tenant = choose_institution(institution)
    report = offer_many(deps.desk, tenant, type_name, actor=actor(), tx_code=not no_code, dry_run=dry_run)
    print_json(asdict(report))


@app.command("list")
def list_command(
    query: Annotated[str, typer.Argument(help="Part of a name, reading, number or address.")] = "",
    status: Annotated[str, typer.Option(help="enrolled, on_leave, graduated or withdrawn.")] = "",
    page: Annotated[int, typer.Option(help="From 1.")] = 1,
    institution: Institution = "",
    as_json: Json = False,
) -> None:
    """List the roll, with what each person holds."""
    deps = open_desk()
    tenant = choose_institution(institution)
    found = find_people(tenant, query=query, status=status, page=page)
    held = held_by(deps.desk, tenant, [row.id for row in found.people])
    holds = {
        row.id: ", ".join(f"{one.type_name} {one.state}" for one in held if one.person_id == row.id)
        for row in found.people
    }
    names = ("student_number", "family_name", "given_name", "faculty", "status")
    if as_json:
        people = [{**{name: getattr(row, name) for name in names}, "holds": holds[row.id]} for row in found.people]
        return print_json({"people": people, "page": found.page, "pages": found.pages, "total": found.total})
    table = Table("number", "name", "faculty", "status", "certificates")
    for row in found.people:
        table.add_row(row.student_number, f"{row.family_name} {row.given_name}", row.faculty, row.status, holds[row.id])
    console.print(table)
    console.print(f"{found.total} people, page {found.page} of {found.pages}")
    return None


@app.command()
def withdraw(student_number: StudentNumber, institution: Institution = "") -> None:
    """A student has left: the roll says so, enrolment certificates are revoked, open offers end."""
    deps = open_desk()
    tenant = choose_institution(institution)
    done = withdraw_flow(deps.desk, tenant, find_person(tenant, student_number=student_number), actor=actor())
    print_json(asdict(done))


@app.command()
def reissue(
    student_number: StudentNumber,
    no_code: NoCode = False,
    mail: Mail = False,
    institution: Institution = "",
    as_json: Json = False,
) -> None:
    """A lost phone: what it holds is revoked at once, and offered anew."""
    deps = open_desk()
    tenant = choose_institution(institution)
    person = find_person(tenant, student_number=student_number)
    if mail:
        require_mail(deps.desk, person)
    made = reissue_flow(deps.desk, tenant, person, actor=actor(), tx_code=not no_code)
    if mail:
        queue_mail(deps.desk, tenant, find_offer(tenant, made.id), actor=actor())
    print_offer(made, as_json=as_json)


@app.command()
def correct(
    student_number: StudentNumber,
    changes: Annotated[list[str], typer.Argument(help="field=value, e.g. family_name=山田", show_default=False)],
    no_code: NoCode = False,
    institution: Institution = "",
    as_json: Json = False,
) -> None:
    """Correct a person in the roll, e.g. after a change of name, and offer the certificates anew.

    The old certificate stays valid until the new one is claimed, and is revoked in that moment.
    """
    deps = open_desk()
    tenant = choose_institution(institution)
    fields: dict[str, str] = dict(text.partition("=")[::2] for text in changes)
    person = find_person(tenant, student_number=student_number)
    done = correct_person(deps.desk, tenant, person, fields, actor=actor(), tx_code=not no_code)
    for problem in done.problems:
        complaints.print(f"{problem.field}: {problem.en} {problem.ja}", markup=False)
    if done.problems:
        raise typer.Exit(1)
    if done.offer is None:
        print_json({"changed": list(done.changed), "offer": None})
    else:
        print_offer(done.offer, as_json=as_json)


@app.command("reissue-roll")
def reissue_roll_command(
    type_name: Annotated[str, typer.Option("--type", "-t", help="enrolment or graduation.", show_default=False)],
    alg: Annotated[str, typer.Option("--alg", help="Sign this type with it from now on, e.g. EdDSA.")] = "",
    form: Annotated[str, typer.Option("--format", help="Format of the new copies; default: as each is held.")] = "",
    mail: Annotated[
        bool, typer.Option("--mail/--no-mail", help="Mail each offer (never the transaction code).")
    ] = True,
    no_code: NoCode = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count; change nothing.")] = False,
    institution: Institution = "",
) -> None:
    """Offer a certificate anew to all who hold it: another algorithm, another format, or after a key was compromised.

    The old certificate of each person stays valid until the new one is taken, and falls then. Stop it and run it again as you like:
    who has the new one, or an open offer of it, is passed over.
    """
    deps = open_desk()
    tenant = choose_institution(institution)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=complaints) as bar:
        task = bar.add_task("counting" if dry_run else "offering", total=holders_of(deps.desk, tenant, type_name))

        def progress(report: RenewalReport) -> None:
            bar.update(task, completed=report.people)

        report = reissue_roll(
            deps.desk,
            tenant,
            type_name,
            alg=alg,
            form=form,
            mail=mail,
            tx_code=not no_code,
            dry_run=dry_run,
            actor=actor(),
            progress=progress,
        )
    print_json(asdict(report))


@app.command()
def status(
    certificate: Annotated[str, typer.Argument(help="Id of a certificate (see [bold]show[/]).", show_default=False)],
    to: Annotated[str, typer.Argument(help="suspended, valid or revoked.", show_default=False)],
    institution: Institution = "",
) -> None:
    """Suspend, reinstate or revoke one certificate with all its copies."""
    if to not in ("valid", "suspended", "revoked"):
        raise typer.BadParameter("suspended, valid or revoked")
    deps = open_desk()
    moved = change_status(deps.desk, choose_institution(institution), certificate, to, actor=actor())  # type: ignore[arg-type]  # checked above
    typer.echo(f"{len(moved)} copies are now {to}")


@app.command()
def show(student_number: StudentNumber, institution: Institution = "") -> None:
    """One person: certificates and offers with their ids and states, as JSON."""
    deps = open_desk()
    tenant = choose_institution(institution)
    person = find_person(tenant, student_number=student_number)
    offers: list[dict[str, Any]] = [
        {"id": one.row.id, "types": types_of(one.row), "state": one.state, "mail": one.mail}
        for one in find_offers(deps.desk, tenant, person_ids=[person.id]).offers
    ]
    certificates = [asdict(one) for one in held_by(deps.desk, tenant, [person.id])]
    print_json({"status": person.status, "certificates": certificates, "offers": offers})


@app.command("show-offer")
def show_offer(
    offer_id: Annotated[str, typer.Argument(help="Id of an offer.", show_default=False)],
    institution: Institution = "",
    as_json: Json = False,
) -> None:
    """The links, QR code and transaction code of an offer once more."""
    deps = open_desk()
    tenant = choose_institution(institution)
    print_offer(describe_offer(deps.desk, tenant, find_offer(tenant, offer_id)), as_json=as_json)
