"""Draws the picture of the README's first screen: card, consent and verdict, photographed from the running programs.

python -m tests.browser.story_picture [--language ja] [--out examples/pictures/story.png]
"""

from __future__ import annotations

import argparse
import csv
import io
import tempfile
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter
from playwright.sync_api import Browser, Page, sync_playwright

from common.pages.language import Language
from examples.demo.cast import Cast, make_cast
from tests.browser.visitor import ARGUMENTS, CHROMIUM, visit
from tests.browser.walk import ROLL, Registrar, Shop, Student

OUT = Path(__file__).parents[2] / "examples/pictures/story.png"
WIDTH, MARGIN, GAP, RADIUS = 1600, 56, 44, 28  # pixels of the picture
SCALE, HEIGHT = 2, 960  # of the phones' screens; height in CSS pixels
GROUND, EDGE = (238, 241, 246), (196, 202, 212)


def photograph(browser: Browser, cast: Cast, language: Language) -> list[Image.Image]:
    """The three screens, in the story's order."""
    one, two, three = (visit(browser, language, "phone", scale=SCALE) for _ in range(3))
    for visitor in (two, three):
        visitor.page.set_viewport_size({"width": 390, "height": HEIGHT})
    registrar, student, shop = Registrar(one, cast), Student(two, cast, "hanako"), Shop(three, cast)
    registrar.log_in()
    registrar.import_roll()
    with ROLL.open(encoding="utf-8-sig", newline="") as file:
        number = next(row["student_number"] for row in csv.DictReader(file) if row["status"] == "enrolled")
    address, code = registrar.offer(number)
    student.make_wallet()
    student.accept(student.open_claim_page(address), code)
    two.press(student.w("card.back"))
    card = shot(two.page)
    shop.log_in()
    student.paste(shop.ask())
    two.see(student.w("consent.given"))
    consent = shot(two.page, "h1")
    two.press(student.w("consent.give"))
    shop.see_answer("student", "passed")
    return [card, consent, shot(three.page, ".verdict-stamp")]


def shot(page: Page, top: str = "") -> Image.Image:
    """What stands on the screen, scrolled so that the element ``top`` is at its upper edge."""
    page.evaluate(
        "top => window.scrollTo(0, top ? document.querySelector(top).getBoundingClientRect().top + scrollY - 12 : 0)",
        top,
    )
    page.evaluate("document.fonts.ready")
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def compose(screens: list[Image.Image]) -> Image.Image:
    """Side by side, with round corners and a soft shadow."""
    width = (WIDTH - 2 * MARGIN - (len(screens) - 1) * GAP) // len(screens)
    height = screens[0].height * width // screens[0].width
    picture = Image.new("RGB", (WIDTH, height + 2 * MARGIN), GROUND)
    mask = Image.new("L", (width, height), 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, width - 1, height - 1), RADIUS, fill=255)
    for i, screen in enumerate(screens):
        at = (MARGIN + i * (width + GAP), MARGIN)
        shade = Image.new("L", picture.size, 0)
        shade.paste(90, (at[0], at[1] + 8), mask)
        dark = Image.new("RGB", picture.size, (120, 128, 142))
        picture = Image.composite(dark, picture, ImageChops.multiply(shade, shade).filter(ImageFilter.GaussianBlur(16)))
        picture.paste(screen.resize((width, height), Image.Resampling.LANCZOS), at, mask)
        frame = (at[0], at[1], at[0] + width - 1, at[1] + height - 1)
        ImageDraw.Draw(picture).rounded_rectangle(frame, RADIUS, outline=EDGE, width=2)
    return picture


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--language", choices=("ja", "en"), default="en")
    parser.add_argument("--out", type=Path, default=OUT)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        cast = make_cast(Path(folder))
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        try:
            cast.introduce()
            cast.start()
            picture = compose(photograph(browser, cast, asked.language))
        finally:
            browser.close()
            cast.stop()
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    picture.quantize(256, dither=Image.Dither.NONE).save(asked.out, optimize=True)
    print(f"{asked.out}: {picture.width} × {picture.height} px, {asked.out.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
