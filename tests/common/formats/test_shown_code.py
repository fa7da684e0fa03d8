"""Packing a presentation for a QR code: nothing is lost, nothing broken comes through, and a QR reader gives back what was drawn."""

from __future__ import annotations

import hashlib
import zlib

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st

from common.errors import Malformed, Unsupported
from common.formats.base45 import base45_decode, base45_encode
from common.formats.in_person import is_timely
from common.formats.shown_code import MAX_CODE, MAX_TEXT, PREFIX, pack, unpack

PIECES = st.one_of(
    st.text("ABCDEFabcdef0123456789-_", max_size=60),
    st.binary(max_size=60).map(lambda raw: raw.hex()),
    st.text(st.characters(max_codepoint=126, min_codepoint=33), max_size=20),
)


@given(st.lists(PIECES, max_size=8), st.sampled_from([".", "~", "~~", ".~"]))
def test_what_is_packed_comes_back_to_the_byte(pieces: list[str], separator: str) -> None:
    text = separator.join(pieces)
    assert unpack(pack(text)) == text


@pytest.mark.parametrize(
    ("data", "text"), [(b"AB", "BB8"), (b"Hello!!", "%69 VD92EX0"), (b"base-45", "UJCLQE7W581"), (b"", "")]
)
def test_base45_as_the_rfc_shows_it(data: bytes, text: str) -> None:
    assert base45_encode(data) == text
    assert base45_decode(text) == data


@pytest.mark.parametrize("text", ["GGW", "::", "A", "ab", "BB8Z", "あああ"])
def test_what_is_no_base45(text: str) -> None:
    with pytest.raises(Malformed):
        base45_decode(text)


def test_a_reader_gives_back_what_was_drawn() -> None:
    code = pack("e" * 40 + "." + "q" * 40 + "~")
    drawn = zxingcpp.create_barcode(code, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    (read,) = zxingcpp.read_barcodes(drawn.to_image(scale=3, add_quiet_zones=True))
    assert read.ec_level == "M"
    assert read.text == code


@given(st.binary(max_size=200))
def test_broken_codes_are_malformed_and_nothing_else(noise: bytes) -> None:
    for code in (
        PREFIX + base45_encode(noise),
        PREFIX + noise.decode("latin-1"),
        PREFIX + base45_encode(_deflate(noise)),
    ):
        try:
            unpack(code)
        except Malformed:
            continue


def test_a_bomb_is_not_unpacked() -> None:
    code = PREFIX + base45_encode(_deflate(b"\0\0~" * 1_000_000))
    with pytest.raises(Malformed):
        unpack(code[:4200])
    with pytest.raises(Malformed):
        unpack(PREFIX + base45_encode(_deflate(b"\0\0~" * 50_000)))


def test_what_is_too_long() -> None:
    with pytest.raises(Unsupported, match="too much"):
        pack("x" * (MAX_TEXT + 1))
    with pytest.raises(Unsupported):
        pack("".join(hashlib.sha256(bytes([number])).hexdigest() for number in range(MAX_CODE // 40)))
    with pytest.raises(Unsupported):
        pack("~" * 5000)
    with pytest.raises(Malformed):
        unpack("x" * (MAX_TEXT + 1))
    assert unpack("eyJ.e30.x~y~") == "eyJ.e30.x~y~"


@pytest.mark.parametrize(("ago", "timely"), [(0, True), (60, True), (61, False), (-10, True), (-11, False)])
def test_the_minute(ago: int, timely: bool) -> None:
    assert is_timely(1000 - ago, now=1000) is timely


def _deflate(data: bytes) -> bytes:
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    return deflate.compress(data) + deflate.flush()
