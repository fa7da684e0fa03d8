"""Base45 as RFC 9285 has it: its examples, its refusals, and the plain arithmetic of §4 as an oracle."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import Malformed
from common.formats.base45 import ALPHABET, base45_decode, base45_encode


def by_arithmetic(data: bytes) -> str:
    """§4 word for word: n = 256 a + b = c + 45 d + 2025 e; a last byte a = c + 45 d."""
    out = ""
    for at in range(0, len(data), 2):
        pair = data[at : at + 2]
        number = pair[0] * 256 + pair[1] if len(pair) == 2 else pair[0]
        for _ in range(len(pair) + 1):
            out += ALPHABET[number % 45]
            number //= 45
    return out


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"AB", "BB8"),  # §4.3, examples 1 to 3, and §4.4
        (b"Hello!!", "%69 VD92EX0"),
        (b"base-45", "UJCLQE7W581"),
        (b"ietf!", "QED8WEX0"),
        (b"", ""),
        (b"\xff\xff", "FGW"),  # §6: the largest pair: 15 + 16 * 45 + 32 * 2025
        (b"\xff", "U5"),
        (b"\0\0", "000"),
        (b"\0", "00"),
    ],
)
def test_examples(data: bytes, text: str) -> None:
    assert base45_encode(data) == text
    assert base45_decode(text) == data


@pytest.mark.parametrize(
    "text",
    ["A", "BB8A", "GGW", ":::", "::", "V5", "bb8", "BB8\n", "BB_", "BBé", "BB\N{FULLWIDTH DIGIT EIGHT}", "\0\0\0"],
)
def test_refusals(text: str) -> None:
    """A length that no bytes give, groups beyond 65535 and 255 (§6), characters that the alphabet lacks."""
    with pytest.raises(Malformed) as caught:
        base45_decode(text)
    assert caught.value.code == "bad_base45"


@given(st.binary(max_size=400))
def test_there_and_back(data: bytes) -> None:
    text = base45_encode(data)
    assert text == by_arithmetic(data)
    assert base45_decode(text) == data


@given(st.text(ALPHABET + "a\xff", max_size=40) | st.text(max_size=12))
def test_one_text_for_each_string_of_bytes(text: str) -> None:
    try:
        data = base45_decode(text)
    except Malformed:
        return
    assert base45_encode(data) == text
