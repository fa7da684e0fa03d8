"""A phone that shows the pass page, and the scanner's reader before pictures of it. No camera, no server: the shipped template, style
sheets and modules in a real Chromium.
"""

from __future__ import annotations

import base64
import io
import json
import statistics
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from PIL import Image
from playwright.sync_api import Browser, Page, Route
from starlette.requests import Request

from common.pages.language import Language
from common.pages.render import Pages
from common.pages.static_files import STATIC_FOLDER
from tests.browser.distorted import SCREEN_SCALE, Screen, seen, sight_of
from tests.browser.visitor import SIZES
from wallet_agent.pages.pass_views import folder_of, pass_words

ROOT = Path(__file__).parents[2]
_ORIGIN = "http://phone.test"
LOOKS = 2
"""As in common/pages/browser/gate/code_reader.ts."""
_QUALITY = 88
"""Of the JPEG in which a camera hands over its frames."""


class _NoForms:
    secure = False

    def token(self, request: Request) -> str:
        return ""

    def keep(self, request: Request, response: object) -> None: ...


@lru_cache(1)
def _script() -> bytes:
    command: list[str | Path] = [
        ROOT / "node_modules/.bin/esbuild",
        "tests/browser/reading.ts",
        "--bundle",
        "--format=iife",
        "--target=es2022",
    ]
    path = f"{ROOT / '.cache/node/bin'}:/usr/bin:/bin"
    done = subprocess.run(command, capture_output=True, check=False, cwd=ROOT, env={"PATH": path})
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@lru_cache(2)
def _document(language: Language) -> str:
    """Without its own script, which would ask for a pass that this browser holds."""
    pages = Pages("wallet_agent", forms=_NoForms())
    request = Request({"type": "http", "headers": [], "query_string": b"", "method": "GET", "path": "/"})
    context = {"words": pass_words(pages.catalogue), "folder": folder_of("hanako"), "version": ""}
    return pages.render(request, "pass.html", language, context)


def open_phone(browser: Browser, language: Language = "ja") -> Page:
    width, height = SIZES["phone"]
    context = browser.new_context(viewport={"width": width, "height": height}, device_scale_factor=SCREEN_SCALE)
    page = context.new_page()

    def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path == "/":
            route.fulfill(body=_document(language), content_type="text/html; charset=utf-8")
        elif path == "/zxing_reader.wasm":
            route.fulfill(path=STATIC_FOLDER / "built/zxing_reader.wasm", content_type="application/wasm")
        elif path.startswith("/static/") and not path.endswith(".js"):
            route.fulfill(path=STATIC_FOLDER / path.removeprefix("/static/"))
        else:
            route.abort()

    page.route("**/*", answer)
    page.goto(_ORIGIN)
    page.add_script_tag(content=_script().decode())
    return page


def screen_of(phone: Page, code: str) -> Screen:
    """The screenshot of the page that shows that code."""
    phone.evaluate("(texts) => drawPass(...texts)", ["隅田川花火大会2026", "指定席 12番", code])
    box = phone.locator("[data-qr]").bounding_box()
    assert box is not None
    picture = Image.open(io.BytesIO(phone.screenshot(scale="device"))).convert("L")
    return Screen(picture, (box["x"] * SCREEN_SCALE, box["y"] * SCREEN_SCALE, box["width"] * SCREEN_SCALE))


@dataclass(frozen=True, slots=True)
class Reading:
    """Of one picture. read: with the very text that was shown. wrong: with another, which must never be."""

    seed: int
    read: bool
    wrong: bool
    looks: int
    milliseconds: float


def same_codes(count: int) -> list[str]:
    """The longest of the vectors' passes: the same pictures in every run."""
    cases = json.loads((ROOT / "tests/vectors/gate/passes.json").read_text())["cases"]
    texts = dict.fromkeys(case["text"] for case in cases if "expect" in case)
    return sorted(texts, key=len)[-count:]


def read_picture(phone: Page, picture: Image.Image) -> dict[str, Any]:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=_QUALITY)
    address = "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()
    found: dict[str, Any] = phone.evaluate("(jpeg) => readPicture(jpeg)", address)
    return found


def readings(phone: Page, codes: Sequence[str], seeds: Iterable[int]) -> Iterator[Reading]:
    """What the shipped reader makes of a picture for each seed; the codes take turns."""
    screens = [screen_of(phone, code) for code in codes]
    for seed in seeds:
        turn = seed % len(codes)
        found = read_picture(phone, seen(screens[turn], sight_of(seed)))
        right = found["text"] == codes[turn]
        yield Reading(seed, right, found["text"] is not None and not right, found["looks"], found["milliseconds"])


def rate_of(found: Sequence[Reading]) -> str:
    read = [one for one in found if one.read]
    second = sum(one.looks > 1 for one in read)
    unread = [one.seed for one in found if not one.read]
    return (
        f"decode rate {len(read) / len(found):.1%} of {len(found)} distorted pictures, {second} of them at the second look, "
        f"median {statistics.median(one.milliseconds for one in read):.0f} ms; unread seeds {unread}"
    )
