"""A new version of the scanner and of the pass page, in a real Chromium: taken whole on the next visit with a network, or not at all; what
was kept stays; and it works with no network after.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.gate_site import PASS, Answers, Site, begin_scanning, put_pass, release, scan, to_the_post
from tests.browser.gate_venue import Venue

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(120)]

READY = "navigator.serviceWorker.ready.then(() => true)"
RELEASE = "document.documentElement.dataset.release"
SCRIPT = "[...document.scripts].map((one) => one.src).join()"
VERSION = "document.body.dataset.version"
CACHES = "caches.keys()"


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> tuple[Answers, Answers, Answers]:
    one, two, three = (release(tmp_path_factory.mktemp(name) / "static", name) for name in ("1", "2", "3"))
    return one, two, three


@pytest.fixture
def site(releases: tuple[Answers, Answers, Answers]) -> Iterator[Site]:
    opened = Site(dict(releases[0]))
    opened.start()
    yield opened
    opened.stop()


def is_of(page: Page, name: str, answers: Answers, path: str) -> bool:
    """Page and script are both of that version."""
    wanted = f'data-version="{page.evaluate(VERSION)}"'.encode()
    return page.evaluate(RELEASE) == name and wanted in answers[path][1]


def wait_for(page: Page, name: str) -> None:
    page.wait_for_function(f"{RELEASE} === '{name}'")
    page.wait_for_load_state("load")


def refused(page: Page, site: Site, path: str) -> None:
    """The worker of the next version has come, has asked for this file, and was not installed."""
    deadline = time.monotonic() + 15
    while path not in site.asked:
        assert time.monotonic() < deadline
        page.wait_for_timeout(50)
    page.wait_for_function("navigator.serviceWorker.getRegistration().then((one) => !one.installing && !one.waiting)")


def test_the_scanner_is_renewed_whole_and_keeps_its_journal(
    context: BrowserContext, site: Site, releases: tuple[Answers, Answers, Answers], tmp_path: Path
) -> None:
    one, two, _ = releases
    page, venue = context.new_page(), Venue(tmp_path, 0)
    page.goto(f"{site.url}/gate/")
    gate = to_the_post(page, venue)
    begin_scanning(page)
    guest = venue.ticket(b"renewed!")
    page.evaluate(READY)
    scan(page, guest, "passed")
    page.reload()
    assert is_of(page, "1", one, "/gate/")

    # While the server is being renewed: its worker is of the new version, some of its files are not yet.
    site.answers = {**one, "/gate/sw.js": two["/gate/sw.js"], "/gate/": two["/gate/"]}
    site.asked.clear()
    page.reload()
    page.locator("[data-post]").wait_for()
    refused(page, site, "/static/built/gate/scanner.js")
    assert is_of(page, "1", one, "/gate/")
    assert len(page.evaluate(CACHES)) == 1
    context.set_offline(True)
    page.reload()
    page.locator("[data-post]").wait_for()
    assert is_of(page, "1", one, "/gate/")
    context.set_offline(False)

    # Renewed. The page that nobody has touched is opened anew by itself.
    site.answers = dict(two)
    page.reload()
    wait_for(page, "2")
    page.locator("[data-post]").wait_for()
    assert is_of(page, "2", two, "/gate/")
    site.stop()
    context.set_offline(True)
    page.reload()
    page.locator("[data-post]").wait_for()
    assert is_of(page, "2", two, "/gate/")
    assert gate.gate.hex() in (page.locator("[data-device]").text_content() or "")
    begin_scanning(page)
    scan(page, guest, "failed")
    assert page.locator("[data-count-in]").inner_text() == "1"


@pytest.mark.slow
def test_a_steward_at_work_is_not_disturbed(
    context: BrowserContext, site: Site, releases: tuple[Answers, Answers, Answers], tmp_path: Path
) -> None:
    """A scanner that has stood open for days hears of a new version when somebody comes back to it, and says so; files of the version that
    is open are to be had until it is gone, and those of the one before it are cleared.
    """
    _, two, three = releases
    page = context.new_page()
    page.goto(f"{site.url}/gate/")
    to_the_post(page, Venue(tmp_path, 0))
    begin_scanning(page)
    page.evaluate(READY)
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    for count, answers in ((2, two), (2, three)):
        site.answers = dict(answers)
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        page.wait_for_function(
            "(version) => caches.keys().then((names) => names.some((one) => one.endsWith(version)))",
            arg=answers["/gate/"][1].partition(b'data-version="')[2].partition(b'"')[0].decode(),
        )
        page.locator("[data-renewal]").wait_for()
        page.wait_for_function(f"caches.keys().then((names) => names.length === {count})")
        assert page.locator("[data-view=scan]").is_visible()
        assert page.evaluate(RELEASE) == "1"
        if answers is two:
            site.answers = {}
            own = page.evaluate(f"fetch({SCRIPT}).then((one) => one.text())")
            assert 'release = "1"' in own
    site.answers = dict(three)
    page.locator("[data-renew]").click()
    wait_for(page, "3")
    assert is_of(page, "3", three, "/gate/")


def test_the_pass_page_is_renewed_whole_and_keeps_its_key(
    context: BrowserContext, site: Site, releases: tuple[Answers, Answers, Answers], tmp_path: Path
) -> None:
    one, two, _ = releases
    page = context.new_page()
    page.goto(f"{site.url}/static/icon.svg")
    put_pass(page, Venue(tmp_path, 0))
    page.goto(f"{site.url}{PASS}")
    page.locator("[data-qr][data-iat]").wait_for()
    page.evaluate(READY)
    site.answers = {
        **one,
        "/hanako/passes/sw.js": two["/hanako/passes/sw.js"],
    }  # its page and its script are still the old ones
    site.asked.clear()
    page.reload()
    page.locator("[data-qr][data-iat]").wait_for()
    refused(page, site, "/static/built/pass/page.js")
    assert is_of(page, "1", one, PASS)
    site.answers = dict(two)
    page.reload()
    wait_for(page, "2")
    site.stop()
    context.set_offline(True)
    page.reload()
    page.locator("[data-qr][data-iat]").wait_for()
    assert is_of(page, "2", two, PASS)
