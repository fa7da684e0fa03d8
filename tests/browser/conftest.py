"""A real Chromium, and the three real programs, each a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from examples.demo.cast import Cast, make_cast
from tests.browser.visitor import launch
from tests.stories.quick_start import quicken

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
