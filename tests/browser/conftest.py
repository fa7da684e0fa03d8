"""A real Chromium, and the three real programs, each a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from examples.demo.cast import Cast, make_cast
from tests.browser.gate_site import Site, release
from tests.browser.gate_venue import Venue
from tests.browser.visitor import launch
from tests.stories.quick_start import quicken

expect.set_options(timeout=20_000)
CHEAP = {"wallet": {"passphrase_memory": str(8 << 20), "passphrase_passes": "1"}}
"""Passphrases are stretched for a hundredth of a second: nobody guesses here."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Ended with its module: while Playwright lives, this thread has a running event loop, and other tests start their own."""
    with sync_playwright() as playwright:
        chromium = launch(playwright.chromium)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def cast(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cast]:
    """University, wallets and shop, introduced and running; the roll is still empty."""
    running = quicken(make_cast(tmp_path_factory.mktemp("cast"), extra=CHEAP))
    running.introduce()
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the pictures of this run are."""
    return tmp_path_factory.mktemp("shots")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Scanner and pass page of one version, with nothing behind them."""
    opened = Site(release(tmp_path_factory.mktemp("one") / "static", "1"))
    opened.start()
    yield opened
    opened.stop()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A phone of its own, in Japanese, that lets pages see."""
    made = browser.new_context(locale="ja-JP", permissions=["camera"])
    made.set_default_timeout(15_000)
    yield made
    made.close()


@pytest.fixture
def venue(tmp_path: Path) -> Venue:
    """An organiser of an event, without a hub."""
    return Venue(tmp_path, 0)
