"""Pages for who has a card reader of their own, in a real Chromium: from the open door to the command, by keyboard too; and the staff's,
where people are invited to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from common.pages.language import Language
from tests.browser.visitor import Device, visit
from tests.issuer.relay_server import RelayServer, serving
from tests.issuer.school import TENANT

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RelayServer]:
    with serving(tmp_path_factory.mktemp("card-pages"), https=False, card_page=True) as running:
        yield running


@pytest.mark.parametrize(("language", "device"), [("ja", "phone"), ("en", "desk")])
def test_from_the_open_door_to_the_command(
    browser: Browser, server: RelayServer, shots: Path, language: Language, device: Device
) -> None:
    visitor = visit(browser, language, device, shots=shots)
    visitor.go(f"http://localhost:{server.port}/{TENANT}/card")
    visitor.look("card-begin")
    visitor.page.keyboard.press("Tab")
    for _ in range(20):
        if visitor.page.evaluate("document.activeElement.textContent.trim()") == visitor.words("issuer", "card.begin"):
            break
        visitor.page.keyboard.press("Tab")
    visitor.page.keyboard.press("Enter")
    visitor.see(visitor.words("issuer", "card.open_heading"))
    assert visitor.page.locator("code").inner_text().startswith("tegata wallet card 'http")
    visitor.look("card-invitation")
    server.school.clock.advance(server.school.deps.settings.card_session_seconds)
    visitor.page.reload()
    visitor.see(visitor.words("issuer", "card.over_heading"))
    visitor.look("card-over")


@pytest.mark.parametrize(("language", "device"), [("ja", "desk"), ("en", "phone")])
def test_the_staff_invites_and_takes_it_back(
    browser: Browser, server: RelayServer, shots: Path, language: Language, device: Device
) -> None:
    staff = visit(browser, language, device, shots=shots)
    staff.go(f"http://localhost:{server.port}/{TENANT}/staff/login")
    staff.page.locator("input[name=token]").fill(server.school.token)
    staff.page.keyboard.press("Enter")
    staff.press(staff.words("issuer", "nav.cards"))
    staff.look("cards")
    staff.press(staff.words("issuer", "invite.button"))
    staff.see(staff.words("issuer", "invite.hand_over"))
    staff.page.locator("summary").first.click()
    staff.page.locator("summary").last.click()
    staff.look("card-invited")
    link = staff.page.get_by_role("link", name=staff.words("issuer", "invite.open_page")).get_attribute("href")
    holder = visit(browser, language, "phone", shots=shots)
    holder.go(str(link))
    assert str(link) in holder.page.locator("code").inner_text()
    staff.press(staff.words("issuer", "invite.withdraw"))
    staff.see(staff.words("issuer", "done.card_withdrawn"))
    staff.look("card-withdrawn")
    holder.page.reload()
    holder.see(holder.words("issuer", "card.over_heading"))
