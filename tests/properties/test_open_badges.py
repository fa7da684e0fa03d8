"""Pictures from anywhere: any bytes are a badge's text or a typed error, and a badge comes out as it went in."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import Malformed
from common.formats.open_badges.bake import bake
from common.formats.open_badges.png import SIGNATURE
from common.formats.open_badges.unbake import unbake
from tests.common.formats.open_badges.test_bake import JSON, JWT, PNG, SVG

XML_PIECES = (
    *(
        "<",
        ">",
        "</",
        "/>",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<?xml version='1.0'?>",
        "<!DOCTYPE svg",
        "<!ENTITY",
        "&",
    ),
    *(
        "svg",
        " xmlns='http://www.w3.org/2000/svg'",
        " xmlns:openbadges='https://purl.imsglobal.org/ob/v3p0'",
        "openbadges:",
    ),
    *("credential", " verify='a.b.c'", "\ufeff", "\x00", "\u2028", "g"),
)
_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner)
    ),
    max_leaves=12,
)


@given(st.binary(max_size=400))
def test_any_bytes(data: bytes) -> None:
    for picture in (data, SIGNATURE + data):
        with pytest.raises(Malformed):
            unbake(picture)


@given(st.lists(st.sampled_from(XML_PIECES), max_size=30))
def test_any_markup(pieces: list[str]) -> None:
    text = "".join(pieces)
    for picture in (text, f"<svg xmlns='http://www.w3.org/2000/svg'>{text}</svg>"):
        with suppress(Malformed):
            assert unbake(picture.encode()).strip()


@given(st.sampled_from([PNG, SVG]), st.sampled_from([JWT, JSON]), st.data())
def test_a_changed_picture_never_fails_otherwise(picture: bytes, credential: str, data: st.DataObject) -> None:
    baked = bytearray(bake(picture, credential))
    at = data.draw(st.integers(0, len(baked) - 1))
    baked[at] ^= data.draw(st.integers(1, 255))
    try:
        found = unbake(bytes(baked))
    except Malformed:
        return
    assert picture is SVG  # a PNG has checksums; an SVG may have changed elsewhere
    assert isinstance(found, str)


@given(st.sampled_from([PNG, SVG]), st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), _JSON))
def test_any_document_comes_out_as_it_went_in(picture: bytes, document: dict[str, Any]) -> None:
    text = json.dumps(document, ensure_ascii=False)
    assert json.loads(unbake(bake(picture, text))) == document
