"""Packing a presentation for QR codes: nothing is lost, nothing broken comes through, and a QR reader gives back what was drawn."""

from __future__ import annotations

import hashlib
import json
import zlib

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st

from common.encoding import b64url_encode
from common.errors import Malformed, Unsupported
from common.formats.base45 import base45_decode, base45_encode
from common.formats.in_person import is_timely
from common.formats.shown_code import DOCUMENT, JWTS, MAX_TEXT, pack, unpack
from common.formats.shown_frames import MAX_CODE, MAX_FRAMES, MAX_PIECE, join_frames, split_frames
from common.formats.shown_words import WORDS_OF_DOCUMENTS, WORDS_OF_JWTS
from tests.qr import read_qr

PIECES = st.one_of(
    st.text("ABCDEFabcdef0123456789-_", max_size=60),
    st.binary(max_size=60).map(lambda raw: raw.hex()),
    st.text(st.characters(max_codepoint=126, min_codepoint=33), max_size=20),
)


NOISE = "".join(hashlib.sha256(bytes([number])).hexdigest() for number in range(120))
"""Hardly to be packed."""
MUCH_NOISE = "".join(hashlib.sha256(str(number).encode()).hexdigest() for number in range(400))


@given(st.lists(PIECES, max_size=8), st.sampled_from([".", "~", "~~", ".~"]))
def test_what_is_packed_comes_back_to_the_byte(pieces: list[str], separator: str) -> None:
    text = separator.join(pieces)
    assert unpack(pack(text)) == text


@given(
    st.recursive(st.text() | st.integers() | st.booleans(), lambda one: st.dictionaries(st.text(), one), max_leaves=8)
)
def test_a_document_comes_back_to_the_byte(value: object) -> None:
    text = json.dumps({"@context": ["https://www.w3.org/ns/credentials/v2"], "x": value}, ensure_ascii=False)
    if any("\ud800" <= char <= "\udfff" for char in text):  # no text that could go over a wire
        return
    packed = pack(text)
    assert packed.startswith(DOCUMENT)
    assert unpack(packed) == text


@given(st.binary(min_size=1, max_size=300))
def test_one_base64url_text_comes_back_to_the_byte(content: bytes) -> None:
    text = b64url_encode(content)
    assert unpack(pack(text)) == text
    assert pack(text).startswith(JWTS if content[:1] == b"{" else DOCUMENT)


@given(st.integers(0, len(NOISE)), st.randoms(use_true_random=False))
def test_codes_are_read_in_any_order(length: int, random: object) -> None:
    packed = pack(NOISE[:length])
    frames = list(split_frames(packed))
    assert all(len(frame) <= max(MAX_CODE, MAX_PIECE + 40) for frame in frames)
    assert all(frame == frame.strip() for frame in frames)
    random.shuffle(frames)  # type: ignore[attr-defined]
    scanned = "\r\n".join([*frames, frames[0]])
    assert join_frames(scanned if len(frames) > 1 else frames[0]) == packed


def test_codes_of_two_showings_do_not_mix() -> None:
    old, new = split_frames(pack(NOISE)), split_frames(pack(NOISE[4:]))
    assert len(old) == len(new) == 6
    assert join_frames("\n".join([*old[:3], *new])) == pack(NOISE[4:])
    with pytest.raises(Malformed) as missing:
        join_frames("\n".join([*old[:3], *new[3:]]))
    assert missing.value.code == "incomplete_code"
    forged = new[2].replace(new[2].split("/")[2][:8], old[0].split("/")[2][:8])
    with pytest.raises(Malformed, match="belong together"):
        join_frames("\n".join([*old[:2], forged, *old[3:]]))


@pytest.mark.parametrize(
    "text",
    [
        "TEGATA:",
        "TEGATA:1/2/ABCDEF01:",
        "TEGATA:3/2/ABCDEF01:AAA",
        "TEGATA:0/2/ABCDEF01:AAA",
        f"TEGATA:1/{MAX_FRAMES + 1}/ABCDEF01:AAA",
        "TEGATA:1/1/ABCDEF01:AAA",
        "TEGATA:1/2/abcdef01:AAA",
        "TEGATA:1/2/ABCDEF01:AAA",
        "TEGATA:1/2/ABCDEF01:AAA\nnoise",
        "TEGATA:1/2/ABCDEF01:AAA\n" * 1000,
        "TEGATA:" + "A" * MAX_TEXT,
    ],
    ids=range(11),
)
def test_what_are_no_codes_of_ours(text: str) -> None:
    with pytest.raises(Malformed):
        join_frames(text)


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


@pytest.mark.parametrize("code", [pack("e" * 40 + "." + "q" * 40 + "~"), *split_frames(pack(NOISE))[:2]], ids=range(3))
def test_a_reader_gives_back_what_was_drawn(code: str) -> None:
    drawn = zxingcpp.create_barcode(code, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    read = read_qr(drawn.to_image(scale=3, add_quiet_zones=True))
    assert read.ec_level == "M"
    assert read.text == code


@given(st.binary(max_size=200))
def test_broken_codes_are_malformed_and_nothing_else(noise: bytes) -> None:
    for prefix in (JWTS, DOCUMENT):
        for code in (
            prefix + base45_encode(noise),
            prefix + noise.decode("latin-1"),
            prefix + base45_encode(_deflate(noise)),
        ):
            try:
                unpack(code)
            except Malformed:
                continue


@pytest.mark.parametrize("prefix", [JWTS, DOCUMENT])
def test_a_bomb_is_not_unpacked(prefix: str) -> None:
    with pytest.raises(Malformed):
        unpack(prefix + base45_encode(_deflate(b"\0\0~" * 1_000_000)))
    with pytest.raises(Malformed):
        unpack(prefix + base45_encode(_deflate(b"{" * 70_000)))
    with pytest.raises(Malformed):
        unpack(prefix + "A" * 60_000)


def test_what_is_too_long() -> None:
    with pytest.raises(Unsupported, match="too much"):
        pack("x" * (MAX_TEXT + 1))
    with pytest.raises(Unsupported):
        pack("{" + MUCH_NOISE)
    with pytest.raises(Unsupported):
        pack("~" * 25_000)
    with pytest.raises(Unsupported):
        pack(f"{'A' * 44_000}.e30")
    with pytest.raises(Unsupported):
        split_frames("TEGATA1:" + "A" * (MAX_FRAMES * MAX_PIECE))
    with pytest.raises(Malformed):
        unpack("x" * (MAX_TEXT + 1))
    assert unpack("eyJ.e30.x~y~") == "eyJ.e30.x~y~"


def test_the_words_are_those_that_earlier_codes_were_packed_with() -> None:
    """A changed dictionary would part us from every wallet that is not as new as we are."""
    assert [hashlib.sha256(words).hexdigest()[:16] for words in (WORDS_OF_JWTS, WORDS_OF_DOCUMENTS)] == [
        "b1b03ee36033a668",
        "0783ef034d1f8c5d",
    ]


@pytest.mark.parametrize(("ago", "timely"), [(0, True), (60, True), (61, False), (-10, True), (-11, False)])
def test_the_minute(ago: int, timely: bool) -> None:
    assert is_timely(1000 - ago, now=1000) is timely


def _deflate(data: bytes) -> bytes:
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    return deflate.compress(data) + deflate.flush()
