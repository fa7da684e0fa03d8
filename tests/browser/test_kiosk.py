"""The kiosk's page in a real Chromium: by touch on its own screen, by keyboard alone, on a phone; each end is a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from examples.cards.chip import Chip
from tests.browser.visitor import Visitor, visit
from tests.issuer.kiosk_screen import Screen, open_screen
from tests.issuer.kiosk_world import deal, open_card_school
from tests.issuer.test_kiosk import secrets_of, spend

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(180)]
PROGRAM = "issuer/kiosk"


@pytest.fixture(scope="module")
def screen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Screen]:
    school = open_card_school(tmp_path_factory.mktemp("kiosk-page"))
    with open_screen(school) as opened:
        yield opened
    school.deps.database.close_all()


@pytest.fixture(autouse=True)
def _nobody_left(screen: Screen) -> Iterator[None]:
    yield
    screen.clear()


def w(visitor: Visitor, key: str, **values: object) -> str:
    return visitor.words(PROGRAM, key, **values)


def come(browser: Browser, screen: Screen, language: str, device: str, shots: Path | None = None) -> Visitor:
    visitor = visit(browser, "ja" if language == "ja" else "en", "phone" if device == "phone" else "kiosk", shots=shots)
    visitor.go(screen.address)
    visitor.see(w(visitor, "put.title"))
    return visitor


def touch(visitor: Visitor, text: str) -> None:
    for letter in text:
        visitor.page.locator(f"[data-key='{letter}']").click()


@pytest.mark.parametrize(("language", "device"), [("ja", "kiosk"), ("en", "phone")])
def test_from_a_card_to_a_qr_code_by_touch(
    browser: Browser, screen: Screen, shots: Path, language: str, device: str
) -> None:
    visitor = come(browser, screen, language, device, shots)
    visitor.look("kiosk-put")
    loads: list[str] = []
    visitor.page.on("load", lambda page: loads.append(page.url))
    screen.put(deal("my-number"))
    visitor.see(w(visitor, "found.title"))
    assert loads == [], "the page follows by itself"
    visitor.look("kiosk-found")
    visitor.press(w(visitor, "found.read"))
    visitor.see(w(visitor, "tell.title"))
    touch(visitor, "a@b.jp")
    visitor.look("kiosk-tell")
    visitor.press(w(visitor, "tell.leave"))
    visitor.see(w(visitor, "asked.left", left=5))
    visitor.look("kiosk-asked")
    touch(visitor, "WRONG1")
    visitor.press(w(visitor, "asked.send"))
    visitor.see(w(visitor, "asked.left", left=4))
    visitor.look("kiosk-wrong")
    touch(visitor, "ABC12")
    visitor.page.get_by_role("button", name=w(visitor, "asked.key_back")).click()
    touch(visitor, "23")
    visitor.press(w(visitor, "asked.send"))
    visitor.see(w(visitor, "proven.findings"))
    visitor.look("kiosk-proven")
    visitor.press(w(visitor, "proven.make"))
    visitor.see(w(visitor, "taking.title"))
    visitor.page.locator("svg.qr").wait_for()
    visitor.look("kiosk-taking")
    visitor.press(w(visitor, "taking.done"))
    visitor.see(w(visitor, "out.title"))
    visitor.look("kiosk-out")
    screen.take()
    visitor.see(w(visitor, "put.title"))


def test_by_keyboard_alone(browser: Browser, screen: Screen) -> None:
    visitor = come(browser, screen, "en", "kiosk")
    keys = visitor.page.keyboard
    screen.put(deal("driving-licence"))
    visitor.see(w(visitor, "found.title"))
    keys.press("Tab")
    assert visitor.page.evaluate("document.activeElement.name") == "part", "a new question begins at its heading"
    keys.press("Enter")
    pins = secrets_of("driving-licence", "hanako")
    for name in ("driving_licence_pin_1", "driving_licence_pin_2"):
        label = visitor.page.get_by_label("PIN 1" if name.endswith("1") else "PIN 2", exact=False)
        label.first.wait_for()
        expect(visitor.page.locator("#field-secret"), "what is asked has the focus").to_be_focused(timeout=20_000)
        keys.type(pins[name][0])
        keys.press("Enter")
    visitor.see(w(visitor, "proven.findings"))
    expect(visitor.page.locator("h1")).to_be_focused(timeout=20_000)
    keys.press("Tab")
    assert visitor.page.evaluate("document.activeElement.name") == "type"
    keys.press("Enter")
    visitor.see(w(visitor, "taking.title"))


def removed(screen: Screen, visitor: Visitor) -> str:
    screen.put(deal("my-number"))
    visitor.see(w(visitor, "found.title"))
    screen.take()
    return "card_removed"


def blocked(screen: Screen, visitor: Visitor) -> str:
    card = deal("my-number")
    assert isinstance(card, Chip)
    spend(card, 4)
    screen.put(card)
    visitor.press(w(visitor, "found.read"))
    visitor.press(w(visitor, "tell.without"))
    visitor.see(w(visitor, "asked.last_title"))
    visitor.look("kiosk-last")
    visitor.page.locator("#field-secret").fill("WRONG1")
    visitor.press(w(visitor, "asked.send"))
    visitor.page.get_by_text(w(visitor, "asked.not_agreed")).wait_for()
    visitor.page.get_by_label(w(visitor, "asked.agree")).check()
    visitor.page.locator("#field-secret").fill("WRONG1")
    visitor.press(w(visitor, "asked.send"))
    return "pin_blocked"


def cloned(screen: Screen, visitor: Visitor) -> str:
    screen.put(deal("my-number", fault="clone"))
    visitor.press(w(visitor, "found.read"))
    visitor.press(w(visitor, "tell.without"))
    visitor.page.locator("#field-secret").fill("ABC123")
    visitor.press(w(visitor, "asked.send"))
    return "nothing_to_issue"


@pytest.mark.parametrize(
    ("language", "ending"),
    [("ja", removed), ("en", blocked), ("ja", cloned)],
    ids=["removed", "blocked", "cloned"],
)
def test_each_bad_end_is_a_sentence_that_says_who_can_mend_it(
    browser: Browser, screen: Screen, shots: Path, language: str, ending: Callable[[Screen, Visitor], str]
) -> None:
    visitor = come(browser, screen, language, "kiosk", shots)
    key = ending(screen, visitor)
    visitor.see(w(visitor, f"trouble.{key}.title"))
    mend = w(visitor, "unblock.my_number") if key == "pin_blocked" else w(visitor, f"trouble.{key}.mend")
    visitor.see(mend)
    visitor.look(f"kiosk-{key}")
    visitor.press(w(visitor, "ended.next"))
    screen.take()
    visitor.see(w(visitor, "put.title"))


def test_only_who_knows_the_address_sees_the_screen(browser: Browser, screen: Screen) -> None:
    visitor = visit(browser, "en", "desk")
    origin = screen.address.split("/a-key")[0]
    for path in ("/", "/another-key/", "/another-key/part"):
        answer = visitor.page.goto(origin + path)
        assert answer is not None
        assert answer.status == 404
