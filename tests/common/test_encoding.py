"""Strict encodings: one text for one value, and no text that cannot travel on."""

from __future__ import annotations

import base64
import json
from datetime import date
from decimal import Decimal
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.encoding import (
    _read_compact,
    _read_strictly,
    b64url_decode,
    b64url_encode,
    compact_json,
    parse_json,
    parse_json_object,
    random_token,
)
from common.errors import Malformed


@given(st.binary(max_size=200))
def test_base64url_goes_round_and_agrees_with_the_standard_library(data: bytes) -> None:
    text = b64url_encode(data)
    assert b64url_decode(text) == data
    assert text == base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@pytest.mark.parametrize("text", ["QQ==", "QQ=", "Q", "Q Q", "Q+Q/", "QR", "QUJ", "QQ\n", "Ｑ", "QUJDRA\x00"])
def test_base64url_has_one_text_for_each_value(text: str) -> None:
    with pytest.raises(Malformed):
        b64url_decode(text)


@given(st.text(max_size=40))
def test_any_text_is_decoded_or_malformed(text: str) -> None:
    try:
        data = b64url_decode(text)
    except Malformed:
        return
    assert b64url_encode(data) == text


@pytest.mark.parametrize(
    "text",
    ['{"a":1,"a":2}', "NaN", "[Infinity]", "{", b"\xff", "[" * 100_000, '"\\ud800"', '{"\\udfff":1}', "", "nul", "1 2"],
)
def test_json_that_is_not_one_plain_value_is_malformed(text: str | bytes) -> None:
    with pytest.raises(Malformed):
        parse_json(text)


def test_json_is_bounded_in_size() -> None:
    with pytest.raises(Malformed) as caught:
        parse_json(b'"' + b"a" * 100 + b'"', max_bytes=50)
    assert caught.value.code == "too_large"


def test_an_object_is_an_object() -> None:
    assert parse_json_object('{"名":"髙𠮷"}') == {"名": "髙𠮷"}
    with pytest.raises(Malformed):
        parse_json_object("[]")


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3),
)


@given(_json)
def test_json_goes_round(value: object) -> None:
    assert parse_json(compact_json(value)) == value


class _Word(StrEnum):
    A = "a"


_leaf = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(
        [_Word.A, Decimal(1), date(2026, 4, 1), b"a", {1}, 1 << 70, float("nan"), "\ud800", "\x7f\u2028/"]
    )
)
_anything = st.recursive(
    _leaf,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=3) | st.integers() | st.none(), inner, max_size=3)
    ),
)


@given(_anything)
def test_the_fast_writer_writes_what_the_strict_one_writes_and_nothing_else(value: object) -> None:
    """Dates, bytes, sets, decimals, not-a-number, tuples, numbers and null as names; only exponents may look otherwise (1e16, 1e+16)."""
    strict = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    try:
        wanted = strict.encode(value).encode()
    except (TypeError, ValueError) as error:
        with pytest.raises(type(error)):
            compact_json(value)
        return
    found = compact_json(value)
    assert found == wanted or ("e" in repr(value) and json.loads(found) == json.loads(wanted))


_member = st.sampled_from(['"a"', '"b"', '"\\u0061"', '"a" ', '"名"', '""'])
_number = st.from_regex(r"-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?", fullmatch=True)
_text = st.recursive(
    _number
    | _member
    | st.sampled_from(["null", "true", '"\\ud83d\\ude00"', '"\\ud800"', "NaN", "-0", "1e400", '"\t"', '"\\/"']),
    lambda inner: (
        st.lists(inner, max_size=4).map(lambda some: "[" + ",".join(some) + "]")
        | st.lists(st.tuples(_member, inner), max_size=4).map(
            lambda some: "{" + ",".join(f"{n}:{v}" for n, v in some) + "}"
        )
        | inner.map(lambda one: f" [{one} ] ")
    ),
)


@given(_text)
def test_the_fast_reader_is_never_different(text: str) -> None:
    """Names given twice, escaped and not, white space, numbers that no float holds."""
    raw = text.encode()
    fast = _read_compact(raw)
    try:
        strict = _read_strictly(raw)
    except Malformed:
        assert fast is None
        return
    if fast is not None:
        assert repr(fast) == repr(strict)  # which tells 1 from 1.0 and 0.0 from -0.0
    assert repr(parse_json(text)) == repr(strict)


@given(st.binary(max_size=60))
def test_the_fast_reader_takes_nothing_that_is_refused(raw: bytes) -> None:
    if _read_compact(raw) is not None:
        _read_strictly(raw)


@pytest.mark.parametrize("alphabet", ["+", "/", "=", "\n", " ", "!", "é"])
@pytest.mark.parametrize("place", [0, 1, 3, 4])
def test_what_is_foreign_to_base64url(alphabet: str, place: int) -> None:
    with pytest.raises(Malformed):
        b64url_decode("AAAA"[:place] + alphabet + "AAAA"[place:] + "AAA")


def test_tokens_are_long_and_different() -> None:
    tokens = {random_token() for _ in range(500)}
    assert len(tokens) == 500
    assert {len(token) for token in tokens} == {43}
    assert not any(token.startswith("-") for token in tokens), "a command would take it for an option"
