"""``tegata gate journal | merge | report``: what gates wrote down, as files, and what it means."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from common.adapters.terminal import Json, print_json, say
from common.gate.exchange import MAX_FILE, build_exchange, parse_exchange
from verifier.cli.gate_desk import LOCAL, VENUE, Device, Event, Language, file_name, language_of, open_machine
from verifier.gate.account import account
from verifier.gate.hub import all_journals
from verifier.gate.journal.chain import Journal
from verifier.gate.journal.exchange import lacking
from verifier.gate.merge import merge, read_set, write_set
from verifier.gate.packs import find_event, locks_of, points_of, require_event
from verifier.gate.report import report_json, report_lines

app = typer.Typer()
Files = Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="journals, *.tgjournal")]


@app.command("merge")
def merge_files(
    files: Files,
    to_file: Annotated[
        Path | None, typer.Option("--out", help="where the whole goes; default: EVENT.tgjournal")
    ] = None,
) -> None:
    """Put journals together, in any order and any number of times: the same file comes out.

    \b
    tegata gate merge north.tgjournal south.tgjournal --out all.tgjournal
    """
    whole = merge(read_set(parse_exchange(file.read_bytes(), max_bytes=MAX_FILE)) for file in files)
    target = to_file or file_name(whole.event, "tgjournal")
    target.write_bytes(write_set(whole))
    say(f"{target}: {len(whole)} entries of {len(whole.entries)} gates")


@app.command()
def journal(
    event: Event,
    to_file: Annotated[Path | None, typer.Option("--out", help="default: EVENT.tgjournal")] = None,
    device: Device = "gate",
    for_hub: Annotated[
        bool, typer.Option("--for-hub", help="all that this machine's hub knows, instead of this gate")
    ] = False,
) -> None:
    """Write this machine's journal, and all that it knows of others', to a file: for another gate, a hub or the report."""
    machine = open_machine()
    if for_hub:
        target = to_file or file_name(event, "tgjournal")
        target.write_bytes(all_journals(VENUE, event))
        say(f"{target}: all that the hub knows")
        return
    pack = require_event(LOCAL, event).pack
    own = Journal(LOCAL, event, machine.key(device))
    own.head(time=machine.milliseconds())
    told = lacking(LOCAL, event, sorted({own.gate, *points_of(pack)}), {}, most_bytes=MAX_FILE)
    target = to_file or file_name(event, "tgjournal")
    target.write_bytes(build_exchange(event, told))
    say(f"{target}: {sum(len(one.entries) for one in told)} entries of {len(told)} gates")


@app.command()
def report(
    files: Files,
    language: Language = "en",
    as_json: Json = False,
) -> None:
    """What journals say: who entered where and when, what is proven, and every admission too many. Ends with 1 where there are any.

    \b
    tegata gate journal hanabi-2026-x7k2 --for-hub      all that the hub knows (or: Download journals, on the operator's page)
    tegata gate report hanabi-2026-x7k2.tgjournal       in sentences; --json for programs
    tegata gate report *.tgjournal                      of several files: each entry counts once

    Every admission too many is told with both gates and both times. Of each gate: how many entries, how many its signed head proves,
    what is missing, forked, written after its lock, or known from the hub only because its journal never came.

    Names and keys come from the event's pack, if it is loaded here, at this gate or at this machine's hub; without it nothing is proven.
    """
    open_machine()
    spoken = language_of(language)
    whole = merge(read_set(parse_exchange(file.read_bytes(), max_bytes=MAX_FILE)) for file in files)
    here = [(tenant, one) for tenant in (LOCAL, VENUE) if (one := find_event(tenant, whole.event)) is not None]
    pack = max((one.pack for _, one in here), key=lambda one: one.serial, default=None)
    locks: dict[bytes, int] = {}
    for tenant, one in here:
        for gate, at in locks_of(tenant, whole.event, one.pack).items():
            locks[gate] = min(at, locks.get(gate, at))
    found = account(
        whole,
        points=points_of(pack) if pack else {},
        locks=locks,
        re_entry=pack.rules.re_entry if pack else False,
    )
    if as_json:
        print_json(report_json(found))
    else:
        for line in report_lines(found, pack, spoken):
            say(line)
    if found.excess:
        raise typer.Exit(1)
