"""The scanner reads pass pages as bad cameras see them, and journals what it reads, with no network and no server."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from tests.browser.distorted import SIDE, Sight, seen, sight_of
from tests.browser.gate_venue import Venue, open_venue
from tests.browser.pass_screens import (
    LOOKS,
    Reading,
    open_phone,
    rate_of,
    read_picture,
    readings,
    same_codes,
    screen_of,
)
from tests.browser.test_gate_scanner import admissions, prepare, saved_journal, w
from tests.browser.visitor import launch, visit

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(240)]
LEAST = 0.95
RATE, SCENE_SECONDS = 10, 0.4
STILL = Sight(
    seed=0,
    fill=0.6,
    roll=0,
    tilt=0,
    towards=0,
    off=(0, 0),
    white=220,
    black=20,
    glare=(),
    cracks=0,
    moire=0,
    bands=0,
    focus=0.6,
    trail=(0, 0),
    noise=4,
)
"""Held well, by somebody who waits."""
WORSE: tuple[dict[str, Any], ...] = (
    {"focus": 6.0},
    {"trail": (30.0, 45.0)},
    {"fill": 0.15},
    {"tilt": 70.0},
    {"white": 25.0, "black": 24.0},
    {"glare": ((0.5, 0.5, 0.4, 255.0),) * 3},
    {"cracks": 500},
)
MENDED: tuple[dict[str, Any], ...] = ({"noise": 90.0}, {"moire": 1.0})


@pytest.fixture(scope="module")
def phone(browser: Browser) -> Iterator[Page]:
    page = open_phone(browser)
    yield page
    page.context.close()


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[Venue]:
    opened = open_venue(tmp_path)
    opened.publish()
    opened.start()
    yield opened
    opened.stop()


def rate(found: Sequence[Reading]) -> float:
    print(f"\n{rate_of(found)}")
    assert not any(one.wrong for one in found)
    return sum(one.read for one in found) / len(found)


def test_distorted_pass_pages_are_read(phone: Page) -> None:
    assert rate(list(readings(phone, same_codes(4), range(80)))) >= LEAST


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_many_distorted_pass_pages_are_read(phone: Page) -> None:
    """Those of the default run are not among them. The second look earns its time."""
    found = list(readings(phone, same_codes(10), range(1000, 1400)))
    assert rate(found) >= LEAST
    assert any(one.read and one.looks == LOOKS for one in found)


def test_what_is_beyond_reading_is_not_read(phone: Page) -> None:
    """The pictures are made as they say: each of their numbers, far outside the spread, takes the code away, and nothing else is read."""
    (code,) = same_codes(1)
    screen = screen_of(phone, code)
    assert read_picture(phone, seen(screen, STILL))["text"] == code
    for worse in WORSE:
        found = read_picture(phone, seen(screen, replace(STILL, **worse)))
        assert found["text"] is None, worse
        assert found["looks"] == LOOKS


def test_the_second_look_mends(phone: Page) -> None:
    """Noise and moiré that the plain look gives up on."""
    (code,) = same_codes(1)
    screen = screen_of(phone, code)
    for bad in MENDED:
        found = read_picture(phone, seen(screen, replace(STILL, **bad)))
        assert (found["text"], found["looks"]) == (code, LOOKS), bad


def film_of(path: Path, pictures: Sequence[Image.Image]) -> Path:
    """One after the other in YUV4MPEG2, which Chromium plays again and again."""
    colourless = b"\x80" * (2 * (SIDE // 2) ** 2)
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{SIDE} H{SIDE} F{RATE}:1 Ip A1:1 C420jpeg\n".encode())
        for picture in pictures:
            file.write((b"FRAME\n" + picture.tobytes() + colourless) * round(SCENE_SECONDS * RATE))
    return path


def test_a_camera_sees_them_with_no_network_and_no_server(
    browser: Browser, phone: Page, venue: Venue, tmp_path: Path
) -> None:
    """Six guests hold up their phones one after the other; the server is gone before the first. A hand does not hold still: each is seen
    twice, distorted in another way.
    """
    names = [f"guest-{number:02}".encode() for number in range(6)]
    ahead = int(time.time()) + 45  # the film is older than its codes
    screens = [screen_of(phone, venue.ticket(name).code(at=ahead)) for name in names]
    pictures = [seen(screen, sight_of(2 * turn + again)) for turn, screen in enumerate(screens) for again in (0, 1)]
    watched = film_of(tmp_path / "guests.y4m", pictures)
    launched = launch(browser.browser_type, venue.arguments(watched))
    visitor = visit(launched, "ja", "phone", permissions=["camera"])
    page = visitor.page
    try:
        gate = prepare(visitor, venue)
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        venue.stop()
        visitor.context.set_offline(True)
        assert page.locator("[data-count-in]").inner_text() == "0"
        visitor.press(w(visitor, "scan.start"))
        all_in = "(all) => document.querySelector('[data-count-in]').textContent === all"
        page.wait_for_function(all_in, arg=str(len(names)), timeout=60_000)
        page.locator("[data-camera-stop]").click()
        journal = saved_journal(page, gate, venue)
        assert [admissions(journal, name) for name in names] == [1] * len(names)
    finally:
        launched.close()
