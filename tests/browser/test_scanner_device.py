"""The steward's phone as phones really are: the screen sleeps, there are several cameras with and without a light, and browsers lack what
others have.

What stands in for the phone is placed by init scripts, named STUB_…: wake lock, torch, features taken away.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.browser.gate_site import PASS, Site, begin_scanning, put_pass, scan, to_the_post
from tests.browser.gate_site import scanner_text as w
from tests.browser.gate_venue import Venue
from tests.browser.visitor import ARGUMENTS, CHROMIUM

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(120)]

STUB_WAKE_LOCK = """() => {
  window.locks = [];
  let hidden = false;
  Object.defineProperty(document, "hidden", { get: () => hidden });
  window.turn = (away) => {
    hidden = away;
    if (away) window.locks.forEach((lock) => (lock.released = true)); // as browsers do
    document.dispatchEvent(new Event("visibilitychange"));
  };
  const request = async (kind) => {
    const lock = { kind, released: false, release: async () => void (lock.released = true) };
    window.locks.push(lock);
    return lock;
  };
  Object.defineProperty(Navigator.prototype, "wakeLock", { configurable: true, get: () => ({ request }) });
}"""
HELD = "window.locks.map((lock) => !lock.released)"
STUB_TORCH = """() => {
  const { getCapabilities } = MediaStreamTrack.prototype;
  window.torches = [];
  MediaStreamTrack.prototype.getCapabilities = function () {
    return { ...getCapabilities.call(this), torch: true };
  };
  MediaStreamTrack.prototype.applyConstraints = async function ({ advanced: [{ torch }] }) {
    if (window.broken) throw new DOMException("no", "OverconstrainedError");
    window.torches.push(torch);
  };
}"""
STUB_POOR_BROWSER = """() => {
  if (!isSecureContext) return;
  const { importKey } = SubtleCrypto.prototype;
  SubtleCrypto.prototype.importKey = function (format, data, ...more) {
    const short = (format === "raw" || format === "raw-public") && data.byteLength === 33;
    return short ? Promise.reject(new DOMException("compressed", "DataError")) : importKey.call(this, format, data, ...more);
  };
  const { transaction } = IDBDatabase.prototype;
  IDBDatabase.prototype.transaction = function (names, mode) {
    return transaction.call(this, names, mode); // durability is not known
  };
  for (const name of ["vibrate", "wakeLock", "locks", "storage", "userActivation"]) delete Navigator.prototype[name];
  for (const name of ["BarcodeDetector", "AudioContext", "WakeLock", "OffscreenCanvas"]) delete window[name];
  delete MediaStreamTrack.prototype.getCapabilities;
}"""


def test_a_poor_browser_scans_and_shows_passes(context: BrowserContext, site: Site, venue: Venue) -> None:
    """No compressed points in WebCrypto, no durability, no vibration, no BarcodeDetector, no wake lock, no locks, no persist, no sound, no
    abilities of cameras: all of them taken away at once.
    """
    context.add_init_script(f"({STUB_POOR_BROWSER})()")
    faults: list[str] = []
    context.on("weberror", lambda error: faults.append(str(error.error)))
    page = context.new_page()
    page.goto(f"{site.url}/gate/")
    to_the_post(page, venue)
    begin_scanning(page)
    guest = venue.ticket(b"poor----")
    scan(page, guest, "passed")
    scan(page, guest, "failed")
    assert page.locator("[data-kept]").is_visible()
    page.locator("[data-next]").click()
    page.locator("[data-camera-start]").click()
    page.get_by_text(w("scan.looking")).wait_for()
    assert page.locator("[data-torch]").is_hidden()
    page.reload()
    page.locator("[data-post]").wait_for()
    begin_scanning(page)
    scan(page, guest, "failed")
    page.goto(f"{site.url}/static/icon.svg")
    put_pass(page, venue)
    page.goto(f"{site.url}{PASS}")
    page.locator("[data-qr][data-iat]").wait_for()
    assert faults == []


@pytest.mark.slow
def test_the_screen_stays_on_and_again_after_it_was_away(context: BrowserContext, site: Site, venue: Venue) -> None:
    context.add_init_script(f"({STUB_WAKE_LOCK})()")
    page = context.new_page()
    page.goto(f"{site.url}/gate/")
    to_the_post(page, venue)
    assert page.evaluate(HELD) == []
    begin_scanning(page)
    page.wait_for_function(f"{HELD}.length === 1")
    page.evaluate("turn(true)")
    assert page.evaluate(HELD) == [False]
    page.evaluate("turn(false)")
    page.wait_for_function(f"{HELD}.length === 2")
    page.evaluate("turn(false)")
    assert page.evaluate(HELD) == [False, True]  # it is held: once is enough
    page.locator("[data-view=scan] [data-go=prepare]").click()
    page.wait_for_function(f"!{HELD}.at(-1)")
    page.evaluate("turn(true)")
    page.evaluate("turn(false)")
    assert page.evaluate(HELD) == [False, False]

    page.goto(f"{site.url}/static/icon.svg")
    put_pass(page, venue)
    page.goto(f"{site.url}{PASS}")
    page.wait_for_function(f"{HELD}.length === 1")
    page.evaluate("turn(true)")
    page.evaluate("turn(false)")
    page.wait_for_function(f"{HELD}.length === 2")
    assert page.evaluate(HELD) == [False, True]


@pytest.mark.slow
def test_the_light_is_on_when_it_says_so(context: BrowserContext, site: Site, venue: Venue) -> None:
    context.add_init_script(f"({STUB_TORCH})()")
    page = context.new_page()
    page.goto(f"{site.url}/gate/")
    to_the_post(page, venue)
    begin_scanning(page)
    torch = page.locator("[data-torch]")
    assert torch.is_hidden()
    page.locator("[data-camera-start]").click()
    torch.click()
    page.locator("[data-torch][aria-pressed=true]").wait_for()
    torch.click()
    page.locator("[data-torch][aria-pressed=false]").wait_for()
    assert page.evaluate("window.torches") == [True, False]
    page.evaluate("window.broken = true")
    torch.click()
    page.wait_for_timeout(300)
    assert torch.get_attribute("aria-pressed") == "false"
    page.evaluate("window.broken = false")
    torch.click()
    page.locator("[data-torch][aria-pressed=true]").wait_for()
    page.locator("[data-camera-stop]").click()
    page.locator("[data-camera-start]").click()
    page.locator("[data-torch][aria-pressed=false]").wait_for()  # with its camera the light went out
    page.evaluate("document.querySelector('video').srcObject.getTracks()[0].dispatchEvent(new Event('ended'))")
    page.get_by_text(w("scan.unavailable")).wait_for()
    page.locator("[data-camera-start]").wait_for()


@pytest.mark.slow
def test_the_camera_that_was_chosen_is_used_again(browser: Browser, site: Site, venue: Venue) -> None:
    count = "--use-fake-device-for-media-stream=device-count=3"
    arguments = [one for one in ARGUMENTS if not one.startswith("--use-fake-device")]
    launched = browser.browser_type.launch(executable_path=CHROMIUM, args=[*arguments, count])
    try:
        context = launched.new_context(locale="ja-JP", permissions=["camera"])
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.goto(f"{site.url}/gate/")
        to_the_post(page, venue)
        begin_scanning(page)
        page.locator("[data-camera-start]").click()
        choice = page.locator("#camera")
        choice.wait_for()
        names = choice.locator("option").all_inner_texts()
        assert len(set(names)) == 3
        now = "document.querySelector('video').srcObject.getVideoTracks()[0].label"
        choice.select_option(label=names[2])
        page.wait_for_function(f"document.querySelector('video').srcObject && {now} === '{names[2]}'")
        page.reload()
        page.locator("[data-post]").wait_for()
        begin_scanning(page)
        page.locator("[data-camera-start]").click()
        page.wait_for_function(f"document.querySelector('video').srcObject && {now} === '{names[2]}'")
        assert choice.locator("option:checked").inner_text() == names[2]
        page.locator("[data-camera-stop]").click()
        page.evaluate("localStorage.setItem('gate-camera', 'of another day')")
        page.locator("[data-camera-start]").click()
        page.get_by_text(w("scan.looking")).wait_for()
        assert page.evaluate("localStorage.getItem('gate-camera')") is None
    finally:
        launched.close()
