"""How a page looks in everything that people hold it in: upright and sideways, in large print, in the dark, in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Page

from common.pages.language import Language
from tests.browser.visitor import AXE, small_targets

UPRIGHT, SIDEWAYS = (390, 844), (844, 390)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass(frozen=True, slots=True)
class Look:
    language: Language
    size: tuple[int, int] = UPRIGHT
    percent: int = 100
    colours: Literal["light", "dark"] = "light"

    def __str__(self) -> str:
        return f"{self.language}-{self.size[0]}-{self.percent}-{self.colours}"


LANGUAGES: tuple[Language, ...] = ("ja", "en")
ALL: tuple[Look, ...] = (
    *(Look(one, size, percent) for one, size, percent in product(LANGUAGES, (UPRIGHT, SIDEWAYS), (100, 200))),
    *(Look(one, UPRIGHT, 100, "dark") for one in LANGUAGES),
)


def show(page: Page, look: Look) -> None:
    width, height = look.size
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=look.colours, reduced_motion="reduce")
    page.evaluate("percent => (document.documentElement.style.fontSize = `${percent}%`)", look.percent)
    page.evaluate("language => document.querySelector(`[data-lang=${language}]`).click()", look.language)
    page.evaluate("scrollTo(0, 0)")


def faults_of(page: Page) -> list[str]:
    """Whatever axe-core says, of any weight; what is wider than the screen; what is too small to be pressed."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = page.evaluate(
        "rules => axe.run(document, {runOnly: rules})"
        ".then((r) => r.violations.map((v) => ({id: v.id, nodes: v.nodes.map((n) => n.html.slice(0, 160))})))",
        RULES,
    )
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [
        *(f"{one['id']}: {one['nodes'][:3]}" for one in found),
        *([f"{wide} px wider than the screen"] if wide > 0 else []),
        *small_targets(page),
    ]


def look_at(page: Page, name: str, folder: Path, looks: tuple[Look, ...] = ALL) -> list[str]:
    """Takes a picture in every look, and answers what is wrong."""
    wrong = []
    for look in looks:
        show(page, look)
        page.wait_for_timeout(50)
        page.screenshot(path=folder / f"{name}-{look}.png", full_page=look.size == UPRIGHT)
        wrong += [f"{name} ({look}): {fault}" for fault in faults_of(page)]
    show(page, ALL[0])
    return wrong
