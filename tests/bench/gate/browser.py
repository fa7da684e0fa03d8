"""The scanner in a headless Chromium, alone, with no network: from a decoded text to a verdict, from a camera's frame to a verdict, and
what the first visit loads. Every verdict measured is an admission: two signatures, the rules, a journal entry on the disk.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.bench.figure import Figure
from tests.bench.programs.machine import REFERENCE_SECONDS, RawVerifications
from tests.browser.gate_venue import EVENT, Ticket, Venue, film, open_venue
from tests.browser.test_gate_scanner import prepare, w
from tests.browser.visitor import CHROMIUM, Visitor

TEXT_BOUND, FRAME_BOUND, LOAD_BOUND = 10.0, 100.0, 1_200_000
TEXTS, FRAMES = 80, 30
_WARM = 5
_SIDE = 720
_SCENE_SECONDS = 0.4
_MEASURED = "performance.getEntriesByName('verdict').map((one) => one.duration)"
_TYPE = """async (text) => {
  const before = performance.getEntriesByName("verdict").length;
  document.querySelector("#by-hand").value = text;
  document.querySelector("[data-by-hand]").requestSubmit();
  const began = performance.now();
  while (performance.getEntriesByName("verdict").length === before) {
    if (performance.now() - began > 10_000) throw new Error("no verdict within ten seconds");
    await new Promise((go) => setTimeout(go, 5));
  }
  await new Promise((go) => setTimeout(go, 100));
}"""
"""With a breath between two guests, in which sound and lists follow the verdict; nobody is faster."""
_COMPRESSED = """async (addresses) => {
  let sum = 0;
  for (const address of addresses) {
    const packed = (await fetch(address)).body.pipeThrough(new CompressionStream("gzip"));
    sum += (await new Response(packed).arrayBuffer()).byteLength;
  }
  return sum;
}"""


def measure() -> list[Figure]:
    machine = RawVerifications()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        machine.measure()
        venue = open_venue(Path(folder))
        venue.publish()
        venue.start()
        try:
            guests = [venue.ticket(f"f{number:07}".encode()) for number in range(FRAMES)]
            ahead = int(time.time()) + 30
            scenes = [(guest.code(at=ahead), _SCENE_SECONDS) for guest in guests]
            watched = film(Path(folder) / "gate.y4m", scenes, side=_SIDE)
            context = (
                playwright.chromium.launch_persistent_context(  # a profile on the disk, so that durable means that
                    Path(folder) / "profile",
                    executable_path=CHROMIUM,
                    args=venue.arguments(watched),
                    viewport={"width": 390, "height": 844},
                    locale="ja-JP",
                    permissions=["camera"],
                )
            )
            with context:
                loaded, texts, frames = _measure_in(Visitor("ja", "phone", context, context.pages[0], None), venue)
        finally:
            venue.stop()
        machine.measure()
    scale = REFERENCE_SECONDS / machine.seconds
    return [
        _figure("scanner: decoded text to verdict", texts, TEXT_BOUND, scale),
        _figure("scanner: camera frame to verdict", frames, FRAME_BOUND, scale),
        Figure(
            name="scanner: first visit, compressed",
            value=loaded / 1000,
            unit="kB",
            bound=LOAD_BOUND / 1000,
            ok=loaded <= LOAD_BOUND,
            note="page, styles, script, reader of QR codes, service worker; all from the hub",
        ),
    ]


def _measure_in(visitor: Visitor, venue: Venue) -> tuple[int, list[float], list[float]]:
    """(bytes of the first visit, milliseconds from text, milliseconds from frame)."""
    page = visitor.page
    addresses: set[str] = set()
    visitor.context.on("request", lambda request: addresses.add(request.url) if request.method == "GET" else None)
    prepare(visitor, venue)
    own = [address for address in addresses if f"/{EVENT}/" not in address and not address.endswith("/events")]
    assert all(address.startswith(venue.address.removesuffix("/gate/")) for address in own)
    loaded = int(page.evaluate(_COMPRESSED, sorted(own)))
    visitor.context.set_offline(True)
    frames = _film(visitor)
    return loaded, _type([venue.ticket(f"t{number:07}".encode()) for number in range(TEXTS)], page), frames


def _film(visitor: Visitor) -> list[float]:
    page = visitor.page
    visitor.press(w(visitor, "scan.start"))
    page.wait_for_function(
        "(most) => document.querySelector('[data-count-in]').textContent >= most", arg=FRAMES * 2 // 3, timeout=60_000
    )
    page.locator("[data-camera-stop]").click()
    taken: list[float] = page.evaluate(_MEASURED)
    page.evaluate("performance.clearMeasures()")
    return taken[_WARM : FRAMES * 2 // 3]


def _type(guests: list[Ticket], page: Page) -> list[float]:
    before = int(page.locator("[data-count-in]").inner_text())
    for guest in guests:
        page.evaluate(_TYPE, guest.code())
    assert int(page.locator("[data-count-in]").inner_text()) == before + len(guests)
    taken: list[float] = page.evaluate(_MEASURED)
    return taken[_WARM:]


def _figure(name: str, taken: list[float], bound: float, scale: float) -> Figure:
    median = statistics.median(taken) * scale
    worst = statistics.quantiles(taken, n=20)[-1] * scale
    note = (
        f"median of {len(taken)}, 95 %: {worst:.3g} ms; scaled to a machine of 95 µs per raw verification ({scale:.2f})"
    )
    return Figure(name=name, value=median, unit="ms", bound=bound, ok=median <= bound, note=note)
