"""How many of the pass pages that a bad camera sees the scanner's reader reads: tests/browser/distorted.py says what "bad" is."""

from __future__ import annotations

from playwright.sync_api import sync_playwright

from tests.bench.figure import Figure
from tests.browser.pass_screens import open_phone, rate_of, readings, same_codes
from tests.browser.visitor import ARGUMENTS, CHROMIUM

LEAST = 95.0
SEEDS = range(5000, 5300)


def measure() -> list[Figure]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        found = list(readings(open_phone(browser), same_codes(10), SEEDS))
        browser.close()
    part = 100 * sum(one.read for one in found) / len(found)
    return [
        Figure(
            name="scanner: distorted pass pages read",
            value=round(part, 1),
            unit="%",
            bound=LEAST,
            ok=part >= LEAST and not any(one.wrong for one in found),
            note=rate_of(found),
            at_least=True,
        )
    ]
