"""Journals of ten thousand entries between scanners that share no network: by a file, and by an animated code in parts, in any order."""

from __future__ import annotations

import io
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page

from common.gate.exchange import build_exchange, parse_exchange
from common.gate.pack import build_pack
from common.gate.pack_members import PackGate
from common.gate.parts import split_exchange
from tests.browser.gate_site import Site, begin_scanning, load_pack, scan, to_the_post
from tests.browser.gate_site import scanner_text as w
from tests.browser.gate_venue import EVENT, NORTH, Venue
from tests.common.gate_ts.test_parts_agree import LONG, chain_of, exchange_of, journal_of
from tests.qr import read_qr
from verifier.gate.frames import PART_BYTES, split

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.slow,
    pytest.mark.timeout(400),
]
HEADS = 400
TYPE = """async (frames) => {
  const [field, form] = [document.querySelector("#by-hand"), document.querySelector("[data-by-hand]")];
  for (const frame of frames) {
    field.value = frame;
    form.requestSubmit();
    await new Promise((rested) => setTimeout(rested, 2));
  }
}"""


@pytest.fixture
def contexts(browser: Browser) -> Iterator[list[BrowserContext]]:
    made = [browser.new_context(locale="ja-JP") for _ in range(2)]
    for one in made:
        one.set_default_timeout(60_000)
    yield made
    for one in made:
        one.close()


def to_exchanging(page: Page) -> None:
    page.locator("[data-view=scan] [data-go=share]").click()


def test_ten_thousand_entries_from_screen_to_screen(contexts: list[BrowserContext], site: Site, tmp_path: Path) -> None:
    venue, chain = Venue(tmp_path, 0), chain_of(LONG)
    venue.gates.append(PackGate(chain.gate, "南口1", chain.point, (NORTH,), int(time.time()), None, 0, 0))
    north, south = (context.new_page() for context in contexts)
    for name, page in (("北口1", north), ("北口2", south)):
        page.goto(f"{site.url}/gate/")
        to_the_post(page, venue, name=name)
    begin_scanning(south)
    load_pack(north, venue)  # which names the other one too
    north.locator("[data-post]").wait_for()
    begin_scanning(north)
    scan(north, venue.ticket(b"by north"), "passed")
    to_exchanging(north)
    data = build_exchange(EVENT, exchange_of(journal_of(chain, heads=HEADS)).journals)
    began = time.monotonic()
    north.locator("#journal-file").set_input_files(
        {"name": f"{EVENT}.tgjournal", "mimeType": "application/octet-stream", "buffer": data}
    )
    north.get_by_text(w("share.absorbed", count=LONG)).wait_for()
    print(f"\n{LONG} entries read from a file in {time.monotonic() - began:.1f} s")

    north.locator("[data-show-codes]").click()
    with north.expect_download() as download:
        north.locator("[data-save]").click()
    saved = parse_exchange(Path(download.value.path()).read_bytes())
    assert sum(len(journal.entries) for journal in saved.journals) == LONG + 1
    said = north.locator("[data-part]")
    said.wait_for()
    count = int(said.inner_text().partition("個")[0])
    assert count > 5
    assert north.locator("[data-part-before]").is_disabled()
    firsts = []
    for number in range(1, count + 1):
        north.get_by_text(w("share.of_parts", number=number, count=count)).wait_for()
        read = read_qr(Image.open(io.BytesIO(north.locator("canvas").screenshot())))
        firsts.append(read.text)
        if number < count:
            north.locator("[data-part-next]").click()
    assert north.locator("[data-part-next]").is_disabled()
    assert len({text.split("/")[2].partition(":")[0] for text in firsts}) == count, "each is a hand-over of its own"

    load_pack_while_scanning(south, venue)
    parts = [list(split(build_exchange(part.event, part.journals))) for part in split_exchange(saved, PART_BYTES)]
    chance = random.Random(5)
    chance.shuffle(parts)
    began = time.monotonic()
    for frames in parts:
        chance.shuffle(frames)
        south.evaluate(TYPE, frames)
    south.wait_for_function(f"document.querySelector('[data-count-all]').textContent === '{LONG + 1}'")
    print(f"{sum(map(len, parts))} frames in {len(parts)} parts taken in {time.monotonic() - began:.1f} s")
    assert w("share.waiting", count=0).partition("0")[0] not in south.locator("[data-says]").inner_text()


def load_pack_while_scanning(page: Page, venue: Venue) -> None:
    """A steward's phone takes a newer pack from a file on the page where journals are exchanged."""
    page.locator("[data-view=scan] [data-go=share]").click()
    page.locator("#journal-file").set_input_files(
        {"name": f"{EVENT}.tgpack", "mimeType": "application/cbor", "buffer": build_pack(venue.pack(), venue.organiser)}
    )
    page.wait_for_timeout(500)
    page.locator("[data-view=share] [data-go=scan]").click()
