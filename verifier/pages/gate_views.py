"""An event's live numbers in the reader's language, ready for the templates ``gate_event`` and ``gate_part``: charts are bars of SVG."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from common.pages.catalogue import Words
from common.pages.dates import JAPAN, show_date, show_span
from verifier.gate.live import WINDOW, Device, Flow, Live
from verifier.gate.presence import Seen

HEIGHT = 60
_LAST = 253_402_214_400
"""The last day that a calendar shows; a gate's clock may say anything."""
SILENT_SECONDS = 60
"""A device that was not heard of for so long is told apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """Of a chart: x and height in its own units."""

    x: int
    y: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowView:
    """says: the chart in words, for who does not see it. span: which minutes it shows, beside it for everybody."""

    name: str
    ins: int
    outs: int
    let_in: int
    bars: tuple[Bar, ...]
    says: str
    span: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceView:
    """state: good, wait, bad or none, with its word. contact: how long ago, or never. lockable: a form is shown.

    hub_only: of its entries that only this hub knows, in words; empty without one.
    """

    gate: str
    name: str
    entrances: str
    state: str
    state_text: str
    contact: str
    clock: str
    entries: int
    hub_only: str
    lockable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictView:
    """Where and when first, and again: to the second, since that is what tells a twin from a hand that scanned twice."""

    ticket: str
    first_place: str
    first_at: str
    again_place: str
    again_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveView:
    """facts_age: of the revocations, in words. too_many: all admissions too many; ``conflicts`` are the newest. hub_only: a sentence about
    entries that only this hub knows; empty without one."""

    name: str
    serial: int
    ins: int
    outs: int
    facts_age: str
    as_of: int
    expired: bool
    flows: tuple[FlowView, ...]
    devices: tuple[DeviceView, ...]
    conflicts: tuple[ConflictView, ...]
    too_many: int
    hub_only: str
    waiting: tuple[str, ...]


def view_live(live: Live, words: Words) -> LiveView:
    """live: seconds and milliseconds as there; the view's times are seconds."""
    pack, language = live.pack, words.language
    places = {one.number: one.names[language] for one in pack.entrances}
    gates = {one.gate: one.name for one in pack.gates}
    top = max((count for flow in live.flows for count in flow.minutes), default=0)

    def clock(at: int) -> str:
        day = dt.datetime.fromtimestamp(min(at, _LAST), JAPAN)
        return f"{show_date(day, language)} {day:%H:%M:%S}"

    def place(seen: Seen) -> str:
        key = "gate_hub.place_hub_only" if seen.hash in live.hub_only else "gate_hub.place"
        gate, entrance = gates.get(seen.gate, seen.gate.hex()), places.get(seen.entrance, str(seen.entrance))
        return words.text(key, gate=gate, entrance=entrance)

    return LiveView(
        name=pack.names[language],
        serial=pack.serial,
        ins=live.ins,
        outs=live.outs,
        facts_age=show_span(max(0, live.now - pack.status.as_of), language),
        as_of=pack.status.as_of,
        expired=live.now >= pack.good_until,
        flows=tuple(_flow(one, places[one.entrance], top, live.from_minute, words) for one in live.flows),
        devices=tuple(_device(one, places, live.now, words) for one in sorted(live.devices, key=lambda one: one.name)),
        conflicts=tuple(
            ConflictView(
                ticket=one.cti.hex(),
                first_place=place(one.first),
                first_at=clock(one.first.time // 1000),
                again_place=place(one.again),
                again_at=clock(one.again.time // 1000),
            )
            for one in live.conflicts
        ),
        too_many=live.too_many,
        hub_only=words.text("gate_hub.hub_only", count=len(live.hub_only)) if live.hub_only else "",
        waiting=tuple(name for _, name in live.waiting),
    )


def _flow(flow: Flow, name: str, top: int, from_minute: int, words: Words) -> FlowView:
    bars = tuple(
        Bar(x=at * 5, y=round(HEIGHT - height, 1), height=height)
        for at, count in enumerate(flow.minutes)
        if count > 0 and (height := round(HEIGHT * count / max(1, top), 1))
    )
    says = words.text(
        "gate_hub.chart", entrance=name, minutes=WINDOW, count=sum(flow.minutes), most=max(flow.minutes, default=0)
    )
    first, last = (
        f"{dt.datetime.fromtimestamp(60 * (from_minute + step), JAPAN):%H:%M}" for step in (0, len(flow.minutes) - 1)
    )
    span = words.text("gate_hub.span", first=first, last=last, most=max(flow.minutes, default=0))
    return FlowView(name=name, ins=flow.ins, outs=flow.outs, let_in=flow.let_in, bars=bars, says=says, span=span)


def _device(one: Device, places: dict[int, str], now: int, words: Words) -> DeviceView:
    silent = one.seen_at is None or now - one.seen_at > SILENT_SECONDS
    if one.locked_at is not None and one.locked_at <= now:
        state = ("bad", "locked")
    elif one.seen_at is None:
        state = ("none", "never")
    else:
        state = ("wait", "silent") if silent else ("good", "linked")
    contact = ""
    if one.seen_at is not None:
        contact = words.text("gate_hub.ago", span=show_span(max(0, now - one.seen_at), words.language))
    clock = words.text("gate_hub.clock_off", seconds=abs(one.clock_off)) if abs(one.clock_off) > 2 else ""
    return DeviceView(
        gate=one.gate.hex(),
        name=words.text("gate_hub.hub_name", name=one.name) if one.hub else one.name,
        entrances=words.text("gate_hub.comma").join(places.get(number, str(number)) for number in one.entrances),
        state=state[0],
        state_text=words.text(f"gate_hub.state.{state[1]}"),
        contact=contact,
        clock=clock,
        entries=one.entries,
        hub_only=words.text("gate_hub.hub_only_count", count=one.hub_only) if one.hub_only else "",
        lockable=state[1] != "locked",
    )
