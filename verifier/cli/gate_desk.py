"""What the gate's commands need: this machine's live objects, its key as a gate, the packs that it has, the link to a hub."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from common.adapters.clock import open_clock
from common.adapters.database import Database, open_database
from common.adapters.key_file import open_key_file
from common.adapters.migrations import migrate
from common.adapters.terminal import quiet_logs
from common.errors import Malformed, NotFound
from common.gate.pack import GatePack
from common.gate.pack_members import PackGate
from common.ports import Clock, Signer
from verifier.flows.sealed_box import SealedBox
from verifier.gate.devices import own_key
from verifier.gate.organiser import Organiser
from verifier.gate.packs import LoadedPack, load_delta, load_pack, require_event
from verifier.gate.settings import GateSettings
from verifier.store.base import bind
from verifier.store.migrations import MIGRATIONS

if TYPE_CHECKING:
    from verifier.gate.http_link import HttpHub

LOCAL = "local"
"""Whose database rows are this machine's own as a gate. No relying party has this name's rows: its hub is another tenant."""
VENUE = "venue"
"""The one relying party of a venue's hub."""
Event = Annotated[str, typer.Argument(help="identifier of the event, e.g. hanabi-2026-x7k2", show_default=False)]
Device = Annotated[str, typer.Option("--device", help="which of this machine's keys; each is a gate of its own")]
SignerKey = Annotated[
    str, typer.Option("--signer", help="the organiser's key, 66 hexadecimal digits, for the first pack")
]
Trust = Annotated[
    bool, typer.Option("--trust", help="I have this pack from the organiser: pin the key that it names for itself")
]
Language = Annotated[str, typer.Option("--language", help="ja or en: of what stewards read")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What a gate needs of this machine, and no more: a gate starts in the time that a steward waits for it."""

    settings: GateSettings
    clock: Clock
    database: Database
    box: SealedBox

    def key(self, device: str) -> Signer:
        return own_key(LOCAL, device, box=self.box, now=self.clock.now())

    def milliseconds(self) -> int:
        """The time, as journals have it; standing still where the sandbox's clock does."""
        fixed = self.settings.fixed_clock
        return time.time_ns() // 1_000_000 if fixed is None else fixed * 1000

    def organiser(self) -> Organiser:
        from common.adapters.open_fetch import open_fetch  # a fifth of a second, for those who have a network

        return Organiser(open_fetch(self.settings), self.box)


def open_machine() -> Machine:
    """Opens the database of the gate and brings its schema up to date."""
    settings = GateSettings.load()
    quiet_logs(settings)
    clock = open_clock(settings.fixed_clock)
    database = open_database(settings.database_address)
    bind(database)
    migrate(database, MIGRATIONS, now=clock.now())
    box = SealedBox(open_key_file(settings.key_path, strict=not settings.is_sandbox))
    return Machine(settings=settings, clock=clock, database=database, box=box)


def open_hub(address: str, root: Path | None) -> HttpHub:
    """The link to a hub. root: PEM file of its certificate's authority."""
    from verifier.gate.http_link import HttpHub  # the HTTP client, for those who have a hub

    return HttpHub(address, root=root)


def enrolled_as(loaded: LoadedPack, gate: bytes) -> PackGate | None:
    """What the pack says of this device; None where the organiser has not enrolled it (yet)."""
    return loaded.pack.gate_by_id.get(gate)


def fetch_newer(tenant: str, server: HttpHub, event: str, *, now: int, seconds: float = 10.0) -> GatePack:
    """The newest pack that the hub has: by a delta, or whole. Raises Unavailable, Malformed, PackRefused.

    seconds: for an answer, and for both of them where it takes two.
    """
    pack, ends = require_event(tenant, event).pack, time.monotonic() + seconds
    try:
        delta = server.delta(event, pack.serial, seconds=seconds)
    except NotFound:
        return load_pack(tenant, server.pack(event, seconds=max(0.0, ends - time.monotonic())), now=now)
    return load_delta(tenant, delta, now=now) if delta else pack


def language_of(text: str) -> str:
    """Raises Malformed for a language that stewards are not spoken to in."""
    if text not in ("ja", "en"):
        raise Malformed("bad_language", "ja or en")
    return text


def file_name(event: str, kind: str) -> Path:
    return Path(f"{event}.{kind}")
