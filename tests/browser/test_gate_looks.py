"""Every state of the scanner and of the pass page in every look: upright, sideways, in large print, in the dark, in both languages.
axe-core finds nothing in any, nothing is wider than the screen, nothing is too small to be pressed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext

from common.gate.exchange import build_exchange
from tests.browser.gate_looks import look_at
from tests.browser.gate_site import (
    HOLDER,
    PASS,
    POINT,
    Site,
    begin_scanning,
    load_pack,
    put_pass,
    scan,
    to_the_post,
)
from tests.browser.gate_venue import EVENT, PAPER, REVOKED, Venue
from tests.common.gate_ts.test_parts_agree import chain_of, exchange_of, journal_of
from wallet_agent.pages.pass_views import folder_of

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.slow,
    pytest.mark.timeout(900),
]
TORCH = """(() => {
  const { getCapabilities } = MediaStreamTrack.prototype;
  MediaStreamTrack.prototype.getCapabilities = function () { return { ...getCapabilities.call(this), torch: true }; };
  const { enumerateDevices } = MediaDevices.prototype;
  MediaDevices.prototype.enumerateDevices = async function () {
    const found = (await enumerateDevices.call(this)).filter((one) => one.kind === "videoinput");
    return [...found, { kind: "videoinput", deviceId: "2", label: "Front camera (facing the steward)" }];
  };
})()"""
"""Stands in for a phone that has a light and a second camera."""


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(locale="ja-JP", permissions=["camera"], has_touch=True, timezone_id="Asia/Tokyo")
    made.set_default_timeout(15_000)
    yield made
    made.close()


def test_preparing_a_scanner(context: BrowserContext, site: Site, shots: Path, tmp_path: Path) -> None:
    page, venue = context.new_page(), Venue(tmp_path, 0)
    page.goto(f"{site.url}/gate/")
    page.locator("[data-notice]:not([hidden])").wait_for()
    wrong = look_at(page, "prepare", shots)
    page.locator("#pack-file").set_input_files(
        {"name": "x.tgpack", "mimeType": "application/cbor", "buffer": b"nonsense"}
    )
    page.locator(".notice.bad[data-notice]").wait_for()
    wrong += look_at(page, "wrong-pack", shots)
    load_pack(page, venue)
    page.locator("[data-trust]").wait_for()
    wrong += look_at(page, "trust", shots)
    page.locator("[data-trust-yes]").click()
    page.locator("[data-enrol]").wait_for()
    page.locator("[data-renewal]").evaluate("one => (one.hidden = false)")
    wrong += look_at(page, "enrol", shots)
    page.evaluate(
        "localStorage.setItem('gate-device', JSON.stringify({gate: '0123456789abcdef', lengths: {}, lost: null}))"
    )
    page.reload()
    page.locator("[data-lost]").wait_for()
    wrong += look_at(page, "lost", shots)
    venue.enrol(bytes(page.evaluate(POINT)))
    load_pack(page, venue)
    page.locator("[data-post]").wait_for()
    wrong += look_at(page, "post", shots)
    other = context.new_page()
    other.goto(f"{site.url}/gate/")
    other.locator(".notice.bad[data-notice]").wait_for()
    wrong += look_at(other, "other-window", shots)
    assert wrong == []


def test_scanning(context: BrowserContext, site: Site, shots: Path, tmp_path: Path) -> None:
    context.add_init_script(TORCH)
    page, venue = context.new_page(), Venue(tmp_path, 0)
    page.goto(f"{site.url}/gate/")
    to_the_post(page, venue)
    begin_scanning(page)
    wrong = look_at(page, "ready", shots)
    page.locator("[data-camera-start]").click()
    page.locator("[data-torch]").wait_for()
    wrong += look_at(page, "camera", shots)
    guest = venue.ticket(b"looks---")
    now = (
        int(page.evaluate("(Date.now = ((now) => () => now)(Date.now()))()")) // 1000
    )  # a yes would go after four seconds
    scan(page, guest, "passed", at=now)
    wrong += look_at(page, "admitted", shots)
    scan(page, guest, "failed", at=now)
    wrong += look_at(page, "already", shots)
    page.locator("[data-camera-stop]").click()
    scan(page, venue.ticket(b"revoked-", index=REVOKED), "failed", at=now)
    wrong += look_at(page, "revoked", shots)
    scan(page, guest, "failed", at=now - 100)
    wrong += look_at(page, "stale", shots)
    scan(page, venue.ticket(b"paper---", klass=PAPER, paper=True), "undetermined")
    wrong += look_at(page, "document", shots)
    page.locator("[data-override]").click()
    page.locator("[data-override-form]").wait_for()
    wrong += look_at(page, "override", shots)
    page.locator("[data-override-no]").click()
    page.locator("[data-document]").click()
    page.locator(".gate-verdict.passed").wait_for()
    page.locator("[data-undo]").click()
    page.locator(".gate-verdict.undetermined").wait_for()
    wrong += look_at(page, "undone", shots)
    page.locator("[data-view=scan] [data-go=prepare]").click()
    page.locator("#post-entrance").select_option("3")
    begin_scanning(page)
    wrong += look_at(page, "challenge", shots)
    assert wrong == []


def test_exchanging(context: BrowserContext, site: Site, shots: Path, tmp_path: Path) -> None:
    page, venue, chain = context.new_page(), Venue(tmp_path, 0), chain_of(1500)
    page.goto(f"{site.url}/gate/")
    venue.enrol(chain.point, "南口1")
    to_the_post(page, venue)
    begin_scanning(page)
    page.locator("[data-view=scan] [data-go=share]").click()
    wrong = look_at(page, "share", shots)
    data = build_exchange(EVENT, exchange_of(journal_of(chain, heads=20)).journals)
    page.locator("#journal-file").set_input_files(
        {"name": f"{EVENT}.tgjournal", "mimeType": "application/octet-stream", "buffer": data}
    )
    page.locator("[data-share-says]:not(:empty)").wait_for(timeout=60_000)
    page.locator("[data-show-codes]").click()
    page.locator("[data-parts]").wait_for()
    wrong += look_at(page, "codes", shots)
    assert wrong == []


def test_the_pass(context: BrowserContext, site: Site, shots: Path, tmp_path: Path) -> None:
    page, venue = context.new_page(), Venue(tmp_path, 0)
    page.goto(f"{site.url}{folder_of(HOLDER)}")
    page.locator("[data-none]").wait_for()
    wrong = look_at(page, "pass-none", shots)
    page.goto(f"{site.url}{PASS}")
    page.locator("[data-notice]:not([hidden])").wait_for()
    wrong += look_at(page, "pass-offline", shots)
    put_pass(page, venue)
    page.goto(f"{site.url}{PASS}")
    page.locator("[data-qr][data-iat]").wait_for()
    wrong += look_at(page, "pass", shots)
    page.locator("[data-about] summary").click()
    wrong += look_at(page, "pass-about", shots)
    for state in ("ended", "stopped"):
        page.goto(f"{site.url}/static/icon.svg")
        put_pass(page, venue, state=state)
        page.goto(f"{site.url}{PASS}")
        page.locator("[data-notice]:not([hidden])").wait_for()
        wrong += look_at(page, f"pass-{state}", shots)
    page.goto(f"{site.url}/static/icon.svg")
    put_pass(page, venue, holder="another")
    page.goto(f"{site.url}{PASS}")
    page.locator("[data-bind]").wait_for()
    wrong += look_at(page, "pass-moved", shots)
    page.goto(f"{site.url}/static/icon.svg")
    put_pass(page, venue, id="p2", event_name="隅田川花火大会2026 第二会場で見る特別な夜", zone="一般自由席")
    page.goto(f"{site.url}{folder_of(HOLDER)}")
    page.locator("[data-list] a").first.wait_for()
    wrong += look_at(page, "pass-list", shots)
    assert wrong == []
