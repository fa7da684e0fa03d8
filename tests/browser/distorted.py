"""A phone's screen as a steward's camera sees it: held askew, dim, in the sun, behind cracked glass, its pixels beating with the sensor's.

Everything follows from a seed. The camera is a pinhole whose long side sees 65°; lengths are in pixels of its frame unless said.

The spread is what people at an entrance do without being told: `sight_of`. Beyond reading by design, and not in it, since a steward sees
at once what to do: a code that leaves the frame, or is smaller than four pixels a module, or leans away by more than 40°; a hand in quick
motion (a trail longer than a module and a half); the mirror image of a window or of the sun, which takes a finder pattern, or more than
level M can mend (15 % of the code); a screen darker than its own reflections, or asleep. A crack through a finder pattern is in the
spread, and mostly unread: it is a part of what is missing from the rate.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from tests.browser.homography import pose

SIDE = 720
"""Of the square that the scanner cuts out of its camera's picture of 1280 × 720."""
_FOCAL = 1280 / 2 / math.tan(math.radians(65 / 2))
SCREEN_SCALE = 3
"""Device pixels of the phone for one of the page's."""
_NOISE_SIDE = 1600


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """How one picture is taken.

    fill: the code's side, as a part of the frame's. roll: how the phone is turned, in degrees; one in eight is held sideways or upside
    down. tilt, towards: how far it leans away, and where to. off: the code's middle beside the frame's, in parts of its side.
    white, black: what the screen's white and black are on the sensor, 0…255; glare: reflections, each (x, y, radius, brightness).
    cracks: how many run through the glass, from one point. moire: how much of the light the screen's grid takes; bands: of its dimming,
    that a rolling shutter sees. focus: radius of the blur. trail: how far the hand moved, which way. noise: standard deviation.
    """

    seed: int
    fill: float
    roll: float
    tilt: float
    towards: float
    off: tuple[float, float]
    white: float
    black: float
    glare: tuple[tuple[float, float, float, float], ...]
    cracks: int
    moire: float
    bands: float
    focus: float
    trail: tuple[float, float]
    noise: float


def sight_of(seed: int) -> Sight:
    """The spread that is called realistic. Each of the worst is rare, and several come together."""
    dice = random.Random(seed)
    white = dice.triangular(70, 255, 220)
    fill = dice.triangular(0.42, 0.8, 0.6)
    tilt = min(40, abs(dice.gauss(0, 16)))
    return Sight(
        seed=seed,
        fill=fill,
        roll=dice.gauss(0, 8) + dice.choice((0,) * 21 + (90, 180, 270)),
        tilt=tilt,
        towards=dice.uniform(0, 360),
        off=(dice.uniform(-0.03, 0.03), dice.uniform(-0.03, 0.03)),
        white=white,
        black=dice.uniform(4, 0.35 * white),
        glare=tuple(_reflection(dice) for _ in range(dice.choice((0, 0, 1, 1, 2)))),
        cracks=dice.choice((0, 0, 0, 0, 0, 0, 3, 5, 8)),
        moire=dice.choice((0, dice.uniform(0.02, 0.25))),
        bands=dice.choice((0, 0, dice.uniform(0.02, 0.25))),
        focus=dice.triangular(0.3, 1.8, 0.6),
        trail=(dice.triangular(0, 5, 0), dice.uniform(0, 180)),
        noise=dice.triangular(2, 16, 4) * (1.3 if white < 110 else 1),
    )


def _reflection(dice: random.Random) -> tuple[float, float, float, float]:
    """A small lamp, that may be as bright as it likes, or something larger and dimmer: a shirt, a lit wall."""
    lamp = dice.random() < 0.5
    radius, brightness = (
        (dice.uniform(0.015, 0.05), dice.uniform(60, 255)) if lamp else (dice.uniform(0.05, 0.3), dice.uniform(10, 90))
    )
    return dice.uniform(0.1, 0.9), dice.uniform(0.1, 0.9), radius, brightness


@dataclass(frozen=True, slots=True)
class Screen:
    """picture: a screenshot at SCREEN_SCALE. code: the QR code's box in it (left, top, side), its quiet zone included."""

    picture: Image.Image
    code: tuple[float, float, float]


def seen(screen: Screen, sight: Sight) -> Image.Image:
    """In grey: what the shipped reader looks at."""
    dice = random.Random(sight.seed + 1)
    left, top, side = screen.code
    at = pose(
        middle=(left + side / 2, top + side / 2),
        scale=sight.fill * SIDE / side,
        turns=(sight.roll, sight.tilt, sight.towards),
        focal=_FOCAL,
        centre=(SIDE * (0.5 + sight.off[0]), SIDE * (0.5 + sight.off[1])),
    )
    glass = _cracked(screen, sight, dice)
    lit = at.project(glass, (SIDE, SIDE))
    for axis in (0, 1) if sight.moire else ():
        lit = ImageChops.multiply(lit, at.project_lines(axis, glass.size, sight.moire * (1 - 0.4 * axis), (SIDE, SIDE)))
    levels = [round(sight.black + (sight.white - sight.black) * (value / 255) ** 1.1) for value in range(256)]
    frame = Image.composite(lit.point(levels), _room(dice), at.cover(glass.size, (SIDE, SIDE)))
    if sight.bands:
        frame = ImageChops.multiply(frame, _bands(sight.bands, dice))
    for x, y, radius, brightness in sight.glare:
        frame = ImageChops.add(frame, _lamp(x, y, radius, brightness))
    frame = _moved(frame, *sight.trail).filter(ImageFilter.GaussianBlur(sight.focus))
    return _noisy(frame, sight.noise, dice)


def _cracked(screen: Screen, sight: Sight, dice: random.Random) -> Image.Image:
    """The screen with lines from the point of impact to the rim, and splinters between them.

    A crack shows the lamp above or the dark beneath; its width is up to a third of a millimetre, which is two of the page's pixels.
    """
    inner = screen.picture.convert("L")
    if sight.cracks:
        pen = ImageDraw.Draw(inner)
        left, top, side = screen.code
        start = (left + side * dice.uniform(-0.3, 1.3), top + side * dice.uniform(-0.3, 1.3))
        for number in range(sight.cracks):
            direction = 2 * math.pi * (number + dice.random()) / sight.cracks
            x, y = start
            while 0 <= x <= inner.width and 0 <= y <= inner.height:
                step = side * dice.uniform(0.05, 0.2)
                ahead = (x + step * math.cos(direction), y + step * math.sin(direction))
                pen.line(
                    (x, y, *ahead), fill=dice.choice((0, 40, 90, 255)), width=round(SCREEN_SCALE * dice.uniform(0.3, 2))
                )
                (x, y), direction = ahead, direction + dice.gauss(0, 0.25)
        for _ in range(sight.cracks):
            _splinter(pen, start, side, dice)
    return inner


def _splinter(pen: ImageDraw.ImageDraw, start: tuple[float, float], side: float, dice: random.Random) -> None:
    direction, away, size = dice.uniform(0, 2 * math.pi), side * dice.uniform(0, 0.4), side * dice.uniform(0.01, 0.035)
    x, y = start[0] + away * math.cos(direction), start[1] + away * math.sin(direction)
    corners = [(x + dice.uniform(-size, size), y + dice.uniform(-size, size)) for _ in range(3)]
    pen.polygon(corners, fill=dice.choice((30, 90, 200)))


def _room(dice: random.Random) -> Image.Image:
    """What is behind the phone: people, lamps, a sleeve."""
    room = Image.new("L", (SIDE // 8, SIDE // 8), dice.randrange(20, 160))
    pen = ImageDraw.Draw(room)
    for _ in range(14):
        x, y, side = dice.randrange(room.width), dice.randrange(room.height), dice.randrange(4, 40)
        draw = dice.choice((pen.ellipse, pen.rectangle))
        draw((x, y, x + side, y + side * dice.uniform(0.3, 2)), fill=dice.randrange(256))
    return room.filter(ImageFilter.GaussianBlur(1)).resize((SIDE, SIDE), Image.Resampling.BILINEAR)


def _bands(depth: float, dice: random.Random) -> Image.Image:
    period, phase = dice.uniform(50, 300), dice.uniform(0, 7)
    column = bytes(
        round(255 * (1 - depth * (0.5 + 0.5 * math.sin(2 * math.pi * y / period + phase)))) for y in range(SIDE)
    )
    return Image.frombytes("L", (1, SIDE), column).resize((SIDE, SIDE))


def _lamp(x: float, y: float, radius: float, brightness: float) -> Image.Image:
    """Its mirror image in the glass: a disc with a soft rim."""
    small = Image.new("L", (SIDE // 8, SIDE // 8))
    middle = (x * small.width, y * small.height)
    reach = radius * small.height
    box = (middle[0] - reach, middle[1] - reach * 0.7, middle[0] + reach, middle[1] + reach * 0.7)
    ImageDraw.Draw(small).ellipse(box, fill=round(brightness))
    return small.filter(ImageFilter.GaussianBlur(max(1, reach / 2))).resize((SIDE, SIDE), Image.Resampling.BILINEAR)


def _moved(frame: Image.Image, length: float, direction: float) -> Image.Image:
    """The mean of where it was while the shutter was open."""
    steps = round(length)
    mean = frame
    for number in range(1, steps + 1):
        angle = math.radians(direction)
        there = ImageChops.offset(frame, round(number * math.cos(angle)), round(number * math.sin(angle)))
        mean = Image.blend(mean, there, 1 / (number + 1))
    return mean


@lru_cache(1)
def _grain() -> Image.Image:
    """Around 128 with a standard deviation of 42: the mean of three evenly spread."""
    dice = random.Random(0)
    a, b, c = (Image.frombytes("L", (_NOISE_SIDE, _NOISE_SIDE), dice.randbytes(_NOISE_SIDE**2)) for _ in range(3))
    return Image.blend(Image.blend(a, b, 1 / 2), c, 1 / 3)


def _noisy(frame: Image.Image, deviation: float, dice: random.Random) -> Image.Image:
    x, y = dice.randrange(_NOISE_SIDE - SIDE), dice.randrange(_NOISE_SIDE - SIDE)
    grain = (
        _grain()
        .crop((x, y, x + SIDE, y + SIDE))
        .point([round(128 + (value - 127.5) * deviation / 42.5) for value in range(256)])
    )
    return ImageChops.add(frame, grain, offset=-128)
