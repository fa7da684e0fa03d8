"""A scanner whose organiser gives it another entrance while it works."""

from __future__ import annotations

import msgspec
import pytest
from playwright.sync_api import Browser

from tests.browser.gate_venue import Venue
from tests.browser.test_gate_scanner import chromium, prepare, venue, verdict, w
from tests.browser.visitor import visit

__all__ = ["chromium", "venue"]
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(240)]


@pytest.mark.slow
def test_a_device_that_was_given_another_entrance_asks_where_it_stands(chromium: Browser, venue: Venue) -> None:
    visitor = visit(chromium, "ja", "phone")
    name = prepare(visitor, venue)
    visitor.page.get_by_text(w(visitor, "scan.linked"), exact=True).wait_for()
    (at,) = (at for at, one in enumerate(venue.gates) if one.gate == name)
    venue.gates[at] = msgspec.structs.replace(venue.gates[at], entrances=(2,))
    venue.publish()
    guest = venue.ticket(b"at-north")
    visitor.page.locator("[data-view=prepare]").wait_for(timeout=90_000)
    visitor.page.wait_for_timeout(1000)
    assert visitor.page.locator("[data-notice]").inner_text() == w(visitor, "post.moved")
    assert visitor.page.locator("#post-entrance option").count() == 1
    visitor.press(w(visitor, "post.start"))
    visitor.page.locator("[data-notice]").wait_for(state="hidden")
    verdict(visitor, guest.code(), "failed", "reason.wrong_entrance")
    visitor.context.close()
