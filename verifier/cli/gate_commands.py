"""The whole ``tegata gate``. Each command takes options, calls what does it, and shows what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from common.adapters.terminal import Json, console, print_json, print_settings, say
from common.errors import Malformed, NotFound
from common.gate.delta import parse_delta
from common.gate.enrolment import build_enrolment
from common.gate.pack import GatePack
from verifier.cli import gate_journals
from verifier.cli.gate_desk import (
    LOCAL,
    VENUE,
    Device,
    Event,
    Language,
    SignerKey,
    Trust,
    enrolled_as,
    fetch_newer,
    language_of,
    open_hub,
    open_machine,
)
from verifier.cli.gate_errors import SaysNext
from verifier.cli.gate_packs import PackSource
from verifier.cli.gate_scan import HELP_LINES, Counter, code_lines, run
from verifier.gate.desk import GateDesk
from verifier.gate.journal.chain import Journal
from verifier.gate.link import Link
from verifier.gate.organiser import read_signer
from verifier.gate.packs import (
    find_event,
    list_events,
    load_delta,
    load_pack,
    locks_of,
    plan_gate,
    points_of,
    require_event,
)
from verifier.gate.plan import GatePlan
from verifier.gate.report import clock
from verifier.gate.settings import GateSettings

app = typer.Typer(
    cls=SaysNext,
    no_args_is_help=True,
    help="Let people in with no network: a gate in this terminal, or the hub of a venue that gates are linked to.\n\n"
    "A first evening: pack load hanabi.tgpack --signer KEY, then scan hanabi-2026-x7k2 --entrance 1, then report.\n\n"
    "At a venue with a network of its own: hub, and scan … --hub https://hub.local:8105 --root data/hub/root.pem.",
)
packs = typer.Typer(
    cls=SaysNext, no_args_is_help=True, help="Gate packs: all that a gate needs to decide, in one signed file."
)
app.add_typer(packs, name="pack")
app.add_typer(gate_journals.app)


@app.command()
def hub(
    name: Annotated[
        str, typer.Option(help="name under which phones reach this machine; default: its own, .local")
    ] = "",
    port: Annotated[int, typer.Option(help="port to listen on")] = 8105,
    tls_cert: Annotated[Path | None, typer.Option(exists=True, help="PEM certificate chain for that name")] = None,
    tls_key: Annotated[Path | None, typer.Option(exists=True, help="PEM private key of --tls-cert")] = None,
) -> None:
    """Run the hub of a venue: gates, scanners and the operator's page, over https under its own name.

    Without --tls-cert an authority is made for this venue; phones must trust its root once (the file is named when it starts).

    \b
    tegata gate hub --name gate.local                                      then, in another window:
    tegata gate pack load hanabi.tgpack --for-hub --signer KEY             an event whose pack came on a stick
    tegata gate enrol hanabi-2026-x7k2 --for-hub --code … --organiser …    or one whose organiser is followed
    """
    from verifier.cli.gate_hub import serve_hub  # the web server, for the one machine that needs it

    serve_hub(name=name, port=port, tls_cert=tls_cert, tls_key=tls_key)


@app.command()
def token(
    name: Annotated[str, typer.Argument(help="whose token it is, to withdraw it by")] = "operator",
    withdraw: Annotated[
        bool,
        typer.Option("--withdraw", help="withdraw all tokens of that name; whoever logged in by them is out at once"),
    ] = False,
) -> None:
    """A new operator's token of this machine's hub, shown once. With it somebody logs in at https://HUB:8105/gate/operator.

    \b
    tegata gate token north-desk                 a token, to be given to one person
    tegata gate token north-desk --withdraw      and taken back; the one that the hub showed at its first start is called first
    """
    from verifier.cli.gate_hub import new_token, withdraw_tokens

    say(f"{withdraw_tokens(name)} withdrawn: {name}" if withdraw else new_token(name))


@app.command()
def enrol(
    event: Event,
    code: Annotated[str, typer.Option(help="the code that the organiser's page shows")],
    organiser: Annotated[str, typer.Option(help="the organiser's address, e.g. https://issuer.example/hanabi")] = "",
    hub_address: Annotated[str, typer.Option("--hub", help="or a hub, which passes it on")] = "",
    root: Annotated[Path | None, typer.Option(exists=True, help="PEM root of the hub's certificate")] = None,
    name: Annotated[str, typer.Option(help="what stewards call this device")] = "terminal",
    device: Device = "gate",
    for_hub: Annotated[
        bool, typer.Option("--for-hub", help="enrol this machine's hub, which then follows the packs")
    ] = False,
    signer: SignerKey = "",
    trust: Trust = False,
) -> None:
    """Enrol this machine as a gate of the event: with the organiser at once, or through a hub when there is a link.

    \b
    tegata gate enrol hanabi-2026-x7k2 --code ABCD-2345 --organiser https://issuer.example/city --signer KEY
    tegata gate enrol hanabi-2026-x7k2 --code ABCD-2345 --hub https://gate.local:8105 --root root.pem

    The organiser's next pack names this device and its entrances: fetch it, then scan.
    """
    machine = open_machine()
    key = machine.key("hub" if for_hub else device)
    if hub_address:
        link = open_hub(hub_address, root)
        taken = link.enrol(event, build_enrolment(event=event, code=code, name=name, signer=key))
        say(
            "the organiser has taken this device in; the next pack names it"
            if taken
            else "the hub has it and passes it on as soon as it reaches the organiser; say the same again to hear how it went"
        )
        return
    if not organiser:
        raise Malformed("no_organiser", "give --organiser or --hub")
    pack = machine.organiser().enrol(
        VENUE if for_hub else LOCAL,
        organiser,
        event,
        code=code,
        name=name,
        key=key,
        signer=read_signer(signer),
        trust_first=trust,
        now=machine.clock.now(),
    )
    say(f"enrolled; pack {pack.serial} is loaded")


@packs.command("load")
def pack_load(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="a .tgpack or .tgdelta")],
    signer: SignerKey = "",
    trust: Trust = False,
    for_hub: Annotated[bool, typer.Option("--for-hub", help="load it at this machine's hub")] = False,
) -> None:
    """Verify a pack or a delta and keep it. The first pack of an event needs the organiser's key.

    Refused: another event's or a stranger's pack, an older one than is loaded, one out of date, a changed one.
    A gate at work takes it at once.
    """
    machine = open_machine()
    data, now, tenant = file.read_bytes(), machine.clock.now(), VENUE if for_hub else LOCAL
    try:
        parse_delta(data)
    except Malformed:
        pack = load_pack(tenant, data, now=now, signer=read_signer(signer), trust_first=trust)
    else:
        pack = load_delta(tenant, data, now=now)
    say(f"{pack.event}: pack {pack.serial} is loaded, good until {clock(pack.good_until * 1000)}")


@packs.command("fetch")
def pack_fetch(
    event: Event,
    hub_address: Annotated[str, typer.Option("--hub", help="the hub's address")] = "",
    root: Annotated[Path | None, typer.Option(exists=True, help="PEM root of the hub's certificate")] = None,
    signer: SignerKey = "",
    trust: Trust = False,
) -> None:
    """Fetch the newest pack from a hub, or from the organiser where this machine is enrolled."""
    machine = open_machine()
    now = machine.clock.now()
    if hub_address:
        server = open_hub(hub_address, root)
        if find_event(LOCAL, event) is None:
            pack = load_pack(LOCAL, server.pack(event), now=now, signer=read_signer(signer), trust_first=trust)
        else:
            pack = fetch_newer(LOCAL, server, event, now=now)
    else:
        pack = machine.organiser().follow(LOCAL, event, now=now)
    say(f"{pack.event}: pack {pack.serial} is loaded")


_AT = {LOCAL: "gate", VENUE: "hub"}


@packs.command("show")
def pack_show(
    event: Annotated[str, typer.Argument(help="one event; default: all", show_default=False)] = "",
    device: Device = "gate",
    as_json: Json = False,
) -> None:
    """What is loaded: events, entrances, devices, how old the facts are."""
    machine = open_machine()
    own = machine.key(device)
    loaded = [
        (tenant, one) for tenant in (LOCAL, VENUE) for one in list_events(tenant) if event in ("", one.pack.event)
    ]
    if as_json:
        print_json([{**_pack_json(one.pack), "at": _AT[tenant]} for tenant, one in loaded])
        return
    if not loaded:
        say("no pack is loaded here: tegata gate pack load FILE --signer KEY")
    own_names = {LOCAL: Journal(LOCAL, "-", own).gate, VENUE: Journal(LOCAL, "-", machine.key("hub")).gate}
    for tenant, one in loaded:
        pack, gate = one.pack, own_names[tenant]
        say(
            f"{pack.event}  {pack.names['ja']} / {pack.names['en']}  pack {pack.serial}, at this machine's {_AT[tenant]}"
        )
        say(f"  revocations as of {clock(pack.status.as_of * 1000)}, good until {clock(pack.good_until * 1000)}")
        table = Table("entrance", "ja", "en", "challenge")
        for entrance in pack.entrances:
            table.add_row(
                str(entrance.number), entrance.names["ja"], entrance.names["en"], "yes" if entrance.challenge else ""
            )
        console.print(table)
        mine = enrolled_as(one, gate)
        say(f"  this device: {gate.hex()} {mine.name if mine else '(not enrolled)'}")


def _pack_json(pack: GatePack) -> dict[str, object]:
    return {
        "event": pack.event,
        "serial": pack.serial,
        "names": dict(pack.names),
        "as_of": pack.status.as_of,
        "good_until": pack.good_until,
        "revoked": len(pack.status.revoked),
        "excluded": len(pack.status.excluded),
        "entrances": [one.number for one in pack.entrances],
        "gates": [one.gate.hex() for one in pack.gates],
    }


@app.command()
def scan(
    event: Event,
    entrance: Annotated[int, typer.Option(help="number of the entrance (see: pack show)")] = 1,
    hub_address: Annotated[
        str, typer.Option("--hub", help="the hub of this venue; without it this gate is alone")
    ] = "",
    root: Annotated[Path | None, typer.Option(exists=True, help="PEM root of the hub's certificate")] = None,
    out: Annotated[bool, typer.Option("--out", help="count people out")] = False,
    camera: Annotated[bool, typer.Option("--camera", help="read a camera through the program zbarcam")] = False,
    camera_device: Annotated[Path | None, typer.Option(help="e.g. /dev/video1")] = None,
    pack_file: Annotated[
        Path | None,
        typer.Option(
            "--pack", help="a .tgpack or .tgdelta, or the folder (a stick) where they lie: loaded whenever it changes"
        ),
    ] = None,
    sound: Annotated[bool, typer.Option(help="ring the terminal's bell: once for yes, three times for no")] = True,
    language: Language = "ja",
    device: Device = "gate",
    as_json: Json = False,
) -> None:
    """Be a gate: one code a line, as a hand-held scanner types it, or from a pipe. It works with no network.

    \b
    tegata gate scan hanabi-2026-x7k2 --entrance 1            a hand-held scanner, or paste
    zbarcam --raw | tegata gate scan hanabi-2026-x7k2         any program that prints codes
    tegata gate scan hanabi-2026-x7k2 --camera                the same, started for you
    tegata gate scan hanabi-2026-x7k2 --json <codes.txt       one line of JSON for each code

    Green is shown once the journal is on the disk, and, where a hub is linked, once it has agreed. Words to the gate begin with a colon.
    A newer pack is taken while it works: from the hub, from --pack, by :pack FILE, or by :pack alone from the organiser.
    """
    machine = open_machine()
    spoken = language_of(language)
    loaded = require_event(LOCAL, event)
    journal = Journal(LOCAL, event, machine.key(device))
    gate = enrolled_as(loaded, journal.gate)
    if gate is None:
        raise NotFound("not_enrolled", f"the pack does not name this device ({journal.gate.hex()}): tegata gate enrol")

    def plan_now(*, at_work: bool = True) -> GatePlan:
        pack = require_event(LOCAL, event).pack
        return plan_gate(
            pack,
            pack.gate_by_id.get(journal.gate, gate),
            entrance,
            clock_error=machine.settings.clock_error,
            leaving=out,
            locked_at=locks_of(LOCAL, event, pack).get(journal.gate),
            at_work=at_work,
        )

    plan, server = plan_now(at_work=False), open_hub(hub_address, root) if hub_address else None

    source = PackSource(event, plan_now, machine.clock.now, pack_file, server)
    if server is None and loaded.organiser:
        source.organiser = lambda: machine.organiser().follow(LOCAL, event, now=machine.clock.now())
    desk = GateDesk(
        plan,
        journal,
        lambda: points_of(require_event(LOCAL, event).pack),
        link=Link(server),
        newer=source.within,
    )
    counter = Counter(desk, spoken, machine.milliseconds, json_lines=as_json, sound=sound, packs=source)
    if not as_json:
        place = plan.entrances[entrance]
        say(f"{plan.event_names.in_language(spoken)}  {place.in_language(spoken)}  {journal.gate.hex()}")
        say(HELP_LINES[spoken])
    try:
        run(counter, code_lines(camera=camera, device=camera_device))
    except KeyboardInterrupt:
        journal.head(time=counter.now())


@app.command()
def settings(as_json: Json = False) -> None:
    """Every setting with its value (secrets redacted), where it came from and what it is for."""
    print_settings(GateSettings.load(), as_json=as_json)
