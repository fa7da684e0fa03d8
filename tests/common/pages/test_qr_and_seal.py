"""A drawn QR code reads back; a seal carries the right characters."""

from __future__ import annotations

import re

import pytest
from PIL import Image, ImageDraw

from common.errors import Malformed
from common.pages.qr import MAX_QR_BYTES, qr_svg
from common.pages.seal import SIDE, seal_glyphs, seal_text
from tests.qr import read_qr


def drawn(svg: str, scale: int = 4) -> Image.Image:
    """Paints the one path of our SVG: runs of `M x y h w v h …`."""
    side, path = int(re.findall(r'viewBox="0 0 (\d+)', svg)[0]), re.findall(r'fill="#000" d="([^"]+)"', svg)[0]
    image = Image.new("L", (side * scale, side * scale), 255)
    pen = ImageDraw.Draw(image)
    for x, y, width, height in re.findall(r"M(\d+) (\d+)h(\d+)v(\d+)", path):
        left, top, right, bottom = int(x), int(y), int(x) + int(width), int(y) + int(height)
        pen.rectangle([left * scale, top * scale, right * scale - 1, bottom * scale - 1], fill=0)
    return image


@pytest.mark.parametrize("text", ["openid4vp://?client_id=did%3Aweb%3Alocalhost", "桜川大学", "x" * MAX_QR_BYTES])
def test_what_is_drawn_can_be_scanned(text: str) -> None:
    svg = qr_svg(text, "題 & <title>")
    image = drawn(svg)
    found = read_qr(image)
    assert (found.text, found.ec_level) == (text, "M")
    quiet = 4 * 4
    assert all(image.getpixel((x, y)) == 255 for x in range(image.width) for y in (0, quiet - 1, image.height - quiet))
    assert "<title>題 &amp; &lt;title&gt;</title>" in svg
    assert "style=" not in svg


def test_too_long_for_a_phone_is_refused() -> None:
    with pytest.raises(Malformed):
        qr_svg("x" * (MAX_QR_BYTES + 1))


@pytest.mark.parametrize(
    ("name", "carved"),
    [
        ("桜川大学", "桜川大学"),
        ("喫茶てがた", "喫茶"),
        ("東京都立桜川工科大学", "東京都立"),
        ("てがた商店会館", "てがた商"),
        ("Sakuragawa University", "SU"),
        ("Tegata", "TE"),
        ("髙﨑市", "髙﨑市"),
        ("", "印"),
    ],
)
def test_seals(name: str, carved: str) -> None:
    assert seal_text(name) == carved
    glyphs = seal_glyphs(name)
    assert "".join(glyph.text for glyph in glyphs) == carved
    assert all(0 < glyph.x < SIDE and 0 < glyph.y < SIDE for glyph in glyphs)


def test_a_seal_of_four_is_read_from_the_right_column_down() -> None:
    assert [(glyph.text, glyph.x > 50, glyph.y > 50) for glyph in seal_glyphs("桜川大学")] == [
        ("桜", True, False),
        ("川", True, True),
        ("大", False, False),
        ("学", False, True),
    ]
