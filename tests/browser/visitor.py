"""A person with a browser: walks through pages by what is written on them, and watches that every page is fit for everybody."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, BrowserContext, BrowserType, ConsoleMessage, Locator, Page, Response

from common.pages.catalogue import Catalogue
from common.pages.language import Language
from tests.amount import is_usual

ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules/axe-core/axe.min.js"
CHROMIUM = "/usr/bin/chromium"
LIGHT = "/usr/bin/chromium-headless-shell"
"""The same engine without windows, for half of the time; by default, where it is installed."""
ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"),
)
Device = Literal["phone", "desk", "tiny", "kiosk"]
SIZES: dict[Device, tuple[int, int]] = {
    "phone": (390, 844),
    "desk": (1280, 900),
    "tiny": (320, 640),
    "kiosk": (1280, 800),
}
PROGRAMS = ("issuer", "wallet_agent", "verifier")


def launch(chromium: BrowserType, arguments: Sequence[str] = ARGUMENTS) -> Browser:
    """With `--all` the whole Chromium."""
    path = LIGHT if is_usual() and Path(LIGHT).exists() else CHROMIUM
    return chromium.launch(executable_path=path, args=list(arguments))


@dataclass
class Visitor:
    """One browser profile. shots: folder for pictures, or None. complaints: what the browser's console said."""

    language: Language
    device: Device
    context: BrowserContext
    page: Page
    shots: Path | None
    complaints: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    dark: bool = False
    script: bool = True

    def words(self, program: str, key: str, **values: object) -> str:
        """The text that a program shows under ``key`` in this visitor's language."""
        return texts_of(program).text(self.language, key, values)

    def go(self, url: str) -> None:
        answer = self.page.goto(url, wait_until="load")
        assert answer is not None
        self.expect_no_error(answer)

    def expect_no_error(self, answer: Response) -> None:
        assert answer.status < 400, f"{answer.url}: {answer.status}"

    def press(self, label: str, *, exact: bool = True) -> None:
        """Presses the button or follows the link of that name."""
        one = self.page.get_by_role("button", name=label, exact=exact).or_(
            self.page.get_by_role("link", name=label, exact=exact)
        )
        one.locator("visible=true").first.click()
        self.page.wait_for_load_state("load")

    def fill(self, label: str, text: str) -> None:
        self.page.get_by_label(label, exact=False).locator("visible=true").first.fill(text)

    def heading(self) -> str:
        return self.page.locator("h1").first.inner_text().replace("\n", " ")

    def see(self, text: str, *, seconds: float = 10) -> Locator:
        """Waits until an element with this very text stands on the page."""
        found = self.page.get_by_text(text, exact=True).locator("visible=true").first
        found.wait_for(timeout=seconds * 1000)
        return found

    def look(self, name: str) -> None:
        """Everything that every page must be, wherever the walk stops; with `--all` a picture too.

        What takes long is done once a run for each page in each language, size and colour; with `--all`, at every stop.
        """
        self.seen.append(name)
        assert self.page.locator("html").get_attribute("lang") == self.language, name
        assert self.page.locator("h1").count() == 1, f"{name}: one question, one heading"
        assert self.page.title(), name
        assert self.complaints == [], name
        page = (name, self.language, self.device, self.dark, self.script)
        if is_usual() and page in _examined:
            return
        _examined.add(page)
        if self.shots is not None and not is_usual():
            path = self.shots / f"{self.language}-{self.device}-{len(self.seen):02}-{name}.png"
            self.page.screenshot(path=path, full_page=True)
        too_wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert too_wide <= 0, f"{name}: {too_wide} px wider than the screen"
        assert small_targets(self.page) == [], name
        assert grave_faults(self.page) == [], name
        assert self.complaints == [], name


def small_targets(page: Page) -> list[str]:
    """Buttons, fields and links that stand alone and are lower than 44 CSS pixels."""
    return list(
        page.evaluate(
            """() => [...document.querySelectorAll('button, input:not([type=hidden]), select, textarea, a.button, nav a')]
                .filter((e) => e.checkVisibility() && !e.closest('label.pick') && !e.classList.contains('skip'))
                .filter((e) => e.getBoundingClientRect().height < 43.5)
                .map((e) => `${e.tagName} ${e.className} ${e.textContent.trim().slice(0, 30)} ${e.getBoundingClientRect().height}`)"""
        )
    )


def grave_faults(page: Page) -> list[str]:
    """What axe-core calls serious or critical, with the elements."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = page.evaluate(
        "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})"
        ".then((r) => r.violations.map((v) => ({id: v.id, impact: v.impact, nodes: v.nodes.map((n) => n.html.slice(0, 160))})))"
    )
    return [f"{one['id']}: {one['nodes'][:3]}" for one in found if one["impact"] in ("serious", "critical")]


def visit(
    browser: Browser,
    language: Language,
    device: Device,
    *,
    shots: Path | None = None,
    dark: bool = False,
    script: bool = True,
    permissions: Sequence[str] = (),
    scale: int = 1,
) -> Visitor:
    """A new profile: nothing remembered. scale: pixels of the picture for one of CSS."""
    width, height = SIZES[device]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        locale={"ja": "ja-JP", "en": "en-GB"}[language],
        color_scheme="dark" if dark else "light",
        java_script_enabled=script,
        permissions=list(permissions),
        device_scale_factor=scale,
        reduced_motion="reduce",
        has_touch=device != "desk",
        timezone_id="Asia/Tokyo",
    )
    context.set_default_timeout(15_000)
    page = context.new_page()
    visitor = Visitor(language, device, context, page, shots, dark=dark, script=script)

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error" and not re.search(r"status of 40[0-9]", message.text):
            visitor.complaints.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
    return visitor


_texts: dict[str, Catalogue] = {}
_examined: set[tuple[str, Language, Device, bool, bool]] = set()


def texts_of(program: str) -> Catalogue:
    if program not in _texts:
        _texts[program] = Catalogue((ROOT / "common/pages/messages", ROOT / program / "pages/messages"))
    return _texts[program]
