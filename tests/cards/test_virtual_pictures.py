"""Pictures on virtual cards: MMR code that another decoder (libtiff, through Pillow) turns into the same dots; letters; portraits."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from examples.cards.facsimile import tiff
from examples.cards.lettering import BOX, Bitmap, boxed, glyph, packed, written
from examples.cards.portraits import COLOUR, MONOCHROME, portrait_of
from tests.amount import examples


def decoded(file: bytes) -> Bitmap:
    with Image.open(BytesIO(file)) as image:
        image.load()
        dots = image.tobytes("raw", "1;I")
        pitch = (image.width + 7) // 8
        return tuple(
            tuple(dots[y * pitch + x // 8] >> (7 - x % 8) & 1 for x in range(image.width)) for y in range(image.height)
        )


@st.composite
def bitmaps(draw: st.DrawFn) -> Bitmap:
    """Rows of black runs up to 31 between white ones, each row sometimes the same as the one above, or shifted by a dot or two."""
    width = draw(st.sampled_from([1, 7, 8, 64, 65, 640, 703]))
    rows: list[tuple[int, ...]] = []
    for _ in range(draw(st.integers(1, 5))):
        if rows and draw(st.booleans()):
            by = draw(st.integers(0, 4))
            rows.append((0,) * min(by, width) + rows[-1][: max(width - by, 0)])
            continue
        row: list[int] = []
        for white, black in draw(st.lists(st.tuples(st.integers(0, 300), st.integers(1, 31)), max_size=12)):
            row += [0] * max(white, 1 if row and row[-1] else 0) + [1] * black
        rows.append(tuple((row + [0] * width)[:width]))
    return tuple(rows)


@given(bitmaps())
@settings(max_examples=examples(80, 1000))
def test_another_decoder_reads_the_same_dots(dots: Bitmap) -> None:
    assert decoded(tiff(dots)) == dots


def test_a_run_beyond_the_tables_is_refused() -> None:
    with pytest.raises(ValueError, match="run of 32"):
        tiff(((1,) * 32,))
    with pytest.raises(ValueError, match="run of 704"):
        tiff(((0,) * 704 + (1,) + (0,) * 9,))


def test_letters() -> None:
    assert ["".join(" #"[dot] for dot in row) for row in glyph("A")] == [
        " ### ",
        "#   #",
        "#   #",
        "#   #",
        "#####",
        "#   #",
        "#   #",
    ]
    with pytest.raises(KeyError):
        glyph("髙")


@pytest.mark.parametrize("character", ["髙", "𠮷", "\x00"], ids=["kanji", "beyond-the-first-plane", "nul"])
def test_a_character_without_a_drawing_is_a_box_of_its_own(character: str) -> None:
    dots = boxed(character)
    assert {len(row) for row in dots} == {BOX} == {len(dots)}
    assert len(packed(dots)) == 128
    assert dots != boxed("﨑")


@given(st.lists(st.text(max_size=20), min_size=1, max_size=3))
@settings(max_examples=examples(25, 400))
def test_any_writing_can_be_drawn(lines: list[str]) -> None:
    dots = written(lines, width=320)
    assert {len(row) for row in dots} == {320}
    assert decoded(tiff(dots)) == dots


@pytest.mark.parametrize(("stream", "mode"), [(MONOCHROME, "L"), (COLOUR, "RGB")], ids=["grey", "colour"])
def test_portraits_differ_by_holder_and_open(stream: bytes, mode: str) -> None:
    one, other = portrait_of("one", stream), portrait_of("other", stream)
    assert one != other
    for picture in (stream, one, other):
        with Image.open(BytesIO(picture)) as image:
            image.load()
            assert (image.format, image.mode) == ("JPEG2000", mode)
            assert len(set(image.convert("L").tobytes())) > 20
