"""A flat screen before a pinhole camera: which point of the screen each pixel of the frame sees."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PIL import Image

Row = tuple[float, float, float]
Matrix = tuple[Row, Row, Row]
_LINES = 4
"""Samples of one period of the screen's grid."""


def _product(a: Matrix, b: Matrix) -> Matrix:
    rows = [[sum(a[i][k] * b[k][j] for k in range(3)) for j in range(3)] for i in range(3)]
    return (tuple(rows[0]), tuple(rows[1]), tuple(rows[2]))  # type: ignore[return-value]


def _inverse(m: Matrix) -> Matrix:
    (a, b, c), (d, e, f), (g, h, i) = m
    det = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    return (
        ((e * i - f * h) / det, (c * h - b * i) / det, (b * f - c * e) / det),
        ((f * g - d * i) / det, (a * i - c * g) / det, (c * d - a * f) / det),
        ((d * h - e * g) / det, (b * g - a * h) / det, (a * e - b * d) / det),
    )


def _about_z(degrees: float) -> Matrix:
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return ((c, -s, 0), (s, c, 0), (0, 0, 1))


def _about_x(degrees: float) -> Matrix:
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return ((1, 0, 0), (0, c, -s), (0, s, c))


@dataclass(frozen=True, slots=True)
class Homography:
    """back: from the frame to the screen, in homogeneous coordinates. shrink: screen pixels to one of the frame, at the middle."""

    back: Matrix
    shrink: float

    def project(self, screen: Image.Image, size: tuple[int, int]) -> Image.Image:
        """A lens does not see single pixels of a fine screen: it is averaged down to about the frame's before it is sampled."""
        by = max(1, int(self.shrink))
        return screen.reduce(by).transform(
            size, Image.Transform.PERSPECTIVE, self._scaled(1 / by, 1 / by), Image.Resampling.BILINEAR
        )

    def cover(self, screen: tuple[int, int], size: tuple[int, int]) -> Image.Image:
        """White where the frame shows the screen."""
        white = Image.new("L", (64, 64), 255)
        scaled = self._scaled(64 / screen[0], 64 / screen[1])
        return white.transform(size, Image.Transform.PERSPECTIVE, scaled, Image.Resampling.NEAREST)

    def project_lines(self, axis: int, screen: tuple[int, int], depth: float, size: tuple[int, int]) -> Image.Image:
        """The dark lines between the screen's columns (axis 0) or rows (1), sampled once a pixel, with no averaging: so they beat."""
        period = bytes(round(255 * (1 - depth * dark)) for dark in (0, 0.5, 1, 0.5))
        count = screen[axis]
        flat = (count * _LINES, 8) if axis == 0 else (8, count * _LINES)
        one = Image.frombytes("L", (count * _LINES, 1) if axis == 0 else (1, count * _LINES), period * count).resize(
            flat
        )
        other = 8 / screen[1 - axis]
        scales = (_LINES, other) if axis == 0 else (other, _LINES)
        return one.transform(
            size, Image.Transform.PERSPECTIVE, self._scaled(*scales), Image.Resampling.BILINEAR, fillcolor=255
        )

    def _scaled(self, by_x: float, by_y: float) -> tuple[float, ...]:
        """The eight numbers that Pillow wants."""
        x, y, z = self.back
        last = z[2]
        return (*(value * by_x / last for value in x), *(value * by_y / last for value in y), z[0] / last, z[1] / last)


def pose(
    *,
    middle: tuple[float, float],
    scale: float,
    turns: tuple[float, float, float],
    focal: float,
    centre: tuple[float, float],
) -> Homography:
    """middle: the screen's point that is seen at ``centre`` of the frame, ``scale`` frame pixels to one of the screen's there.
    turns: roll, tilt and where it leans to, in degrees.
    """
    roll, tilt, towards = turns
    turned = _product(_about_z(towards), _product(_about_x(tilt), _about_z(roll - towards)))
    (a, b, _), (c, d, _), (e, f, _) = turned
    distance = focal / scale
    plane: Matrix = ((a, b, 0), (c, d, 0), (e, f, distance))
    lens: Matrix = ((focal, 0, centre[0]), (0, focal, centre[1]), (0, 0, 1))
    moved: Matrix = ((1, 0, -middle[0]), (0, 1, -middle[1]), (0, 0, 1))
    return Homography(_inverse(_product(_product(lens, plane), moved)), 1 / scale)
