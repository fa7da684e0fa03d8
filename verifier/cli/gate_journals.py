"""``tegata gate journal | merge | report``: what gates wrote down, as files, and what it means."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from common.adapters.terminal import Json, complaints, print_json, say
from common.errors import Malformed
from common.gate.exchange import MAX_FILE, build_exchange, parse_exchange
from common.gate.pack import GatePack
from common.plain_text import make_lines_visible
from verifier.cli.gate_desk import LOCAL, VENUE, Device, Event, Language, file_name, language_of, open_machine
from verifier.gate.account import account
from verifier.gate.hub import all_journals, take_file
from verifier.gate.journal.chain import Journal
from verifier.gate.journal.exchange import lacking
from verifier.gate.merge import JournalSet, merge, read_set, write_set
from verifier.gate.packs import find_event, locks_of, points_of, require_event
from verifier.gate.report import report_json, report_lines
from verifier.gate.uncovered import uncovered

app = typer.Typer()
Files = Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="journals, *.tgjournal")]
_UNCOVERED = {
    "en": "{file}: {count} entries of {gate} are covered by no signature: the file was altered or cut short",
    "ja": "{file}：{gate}の記録{count}件に署名が及びません。ファイルが書き換えられたか、途中で切れています",
}


@app.command("merge")
def merge_files(
    files: Files,
    to_file: Annotated[
        Path | None, typer.Option("--out", help="where the whole goes; default: EVENT.tgjournal")
    ] = None,
    for_hub: Annotated[
        bool, typer.Option("--for-hub", help="this machine's hub takes them in, of any size; no file is written")
    ] = False,
) -> None:
    """Put journals together, in any order and any number of times: the same file comes out.

    \b
    tegata gate merge north.tgjournal south.tgjournal --out all.tgjournal
    tegata gate merge north.tgjournal other-hub.tgjournal --for-hub       the live numbers know them at once
    """
    open_machine()
    read = {file: _read(file) for file in files}
    whole = merge(read.values())
    if for_hub:
        for file in files:
            taken = take_file(VENUE, whole.event, file.read_bytes(), max_bytes=MAX_FILE)
            say(f"{file}: {len(taken.new)} new entries")
    else:
        target = to_file or file_name(whole.event, "tgjournal")
        target.write_bytes(write_set(whole))
        say(f"{target}: {len(whole)} entries of {len(whole.entries)} gates")
    pack, _ = _pack_here(whole.event)
    if _tell_uncovered(read, pack, "en"):
        raise typer.Exit(1)


def _read(file: Path) -> JournalSet:
    """Raises Malformed, which names the file."""
    try:
        return read_set(parse_exchange(file.read_bytes(), max_bytes=MAX_FILE))
    except Malformed as error:
        raise Malformed(error.code, f"{file}: {error.detail}") from None


def _pack_here(event: str) -> tuple[GatePack | None, dict[bytes, int]]:
    """The newest pack of this machine, as a gate or as a hub, and when devices were locked by it or here."""
    here = [(tenant, one) for tenant in (LOCAL, VENUE) if (one := find_event(tenant, event)) is not None]
    pack = max((one.pack for _, one in here), key=lambda one: one.serial, default=None)
    locks: dict[bytes, int] = {}
    for tenant, one in here:
        for gate, at in locks_of(tenant, event, one.pack).items():
            locks[gate] = min(at, locks.get(gate, at))
    return pack, locks


def _tell_uncovered(read: Mapping[Path, JournalSet], pack: GatePack | None, language: str) -> bool:
    """Whether a file holds what no signature covers; on standard error, so that it is seen beside JSON too."""
    points = points_of(pack) if pack else {}
    names = {one.gate: one.name for one in pack.gates} if pack else {}
    told = False
    for file, journals in read.items():
        for gate, count in uncovered(journals, points).items():
            said = _UNCOVERED[language].format(file=file, gate=names.get(gate, gate.hex()), count=count)
            complaints.print(make_lines_visible(said), markup=False, highlight=False, soft_wrap=True)
            told = True
    return told


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

    Names, keys and the rule of re-entry come from the event's pack, as it is loaded here, at this gate or at this machine's hub. Without it
    nothing is proven, admissions too many are not counted, and it ends with 1; so it does where a file was altered or cut short.
    """
    open_machine()
    spoken = language_of(language)
    read = {file: _read(file) for file in files}
    whole = merge(read.values())
    pack, locks = _pack_here(whole.event)
    found = account(
        whole,
        points=points_of(pack) if pack else {},
        locks=locks,
        re_entry=pack is not None and pack.rules.re_entry,
    )
    if as_json:
        print_json(report_json(found, judged=pack is not None))
    else:
        for line in report_lines(found, pack, spoken):
            say(line)
    altered = _tell_uncovered(read, pack, spoken)
    if found.excess or altered or pack is None:
        raise typer.Exit(1)
