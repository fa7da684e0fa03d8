"""JSON as it is read on the hot path, held to the plain decoder and what is hidden in an SD-JWT comes back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from common.encoding import MAX_DEPTH, b64url_encode, compact_json, json_text, parse_json
from common.errors import Malformed, Rejected
from common.jose.sd_jwt import Disclosable, issue_sd_jwt, parse_sd_jwt, unpack
from common.jose.sd_jwt.disclosure import HASHES, digest_of, digests_of
from common.keys.software import SoftwareKey
from tests.properties.test_jose import json_values

KEY = SoftwareKey.generate("EdDSA")
pieces = st.sampled_from(
    [
        *(
            '"a"',
            '"b"',
            '"a":',
            '"b" :',
            ":",
            ",",
            "{",
            "}",
            "[",
            "]",
            " ",
            "\n",
            "1",
            "-0",
            "1e9",
            "1e999",
            "NaN",
            "null",
        ),
        *("true", '"\\u0061"', '"\\ud800"', '"\\ud83d\\ude00"', '"\\""', "\\", "\x00", "é", "\ud800", "\ufeff"),
    ]
)
texts = st.lists(pieces, max_size=14).map("".join) | st.text(st.characters(codec=None), max_size=30)


def slowly(text: str) -> Any:
    """What the standard library reads, and the rules of `parse_json` one by one. Raises ValueError."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name for name, _ in pairs}) != len(pairs):
            raise ValueError("twice")
        return dict(pairs)

    def finite(number: str) -> float:
        if float(number) in (float("inf"), float("-inf")):
            raise ValueError("infinite")
        return float(number)

    def constant(name: str) -> Any:
        raise ValueError(name)

    value = json.JSONDecoder(object_pairs_hook=unique, parse_float=finite, parse_constant=constant).decode(text)
    json.dumps(value, ensure_ascii=False).encode("utf-8")  # half of a surrogate pair cannot be written
    return value


@settings(max_examples=1500, deadline=None)
@given(texts)
@example(' {"a":1}\n')
@example('{"a":1,"\\u0061":2}')
@example('{"a":"\\ud83d\\ude00"}')
@example('"\\ud83d"')
@example("\ud800")
@example("[1] 2")
@example("")
def test_as_the_plain_decoder_reads(text: str) -> None:
    try:
        expected = slowly(text)
    except (ValueError, RecursionError):
        with pytest.raises(Malformed):
            parse_json(text)
        return
    assert parse_json(text) == expected
    assert repr(parse_json(text.encode("utf-8"))) == repr(expected)  # -0 and 0, 1 and 1.0 and True are not the same


@given(st.integers(1, 200), st.sampled_from(["[", '{"a":']))
def test_depth_is_counted_exactly(depth: int, opening: str) -> None:
    text = opening * depth + "1" + ("]" if opening == "[" else "}") * depth
    for data in (text, text.encode()):
        if depth > MAX_DEPTH:
            with pytest.raises(Malformed, match="deeply"):
                parse_json(data)
        else:
            assert parse_json(data) == json.loads(text)


@given(json_values)
def test_what_is_written_is_read(value: Any) -> None:
    assert repr(parse_json(compact_json(value))) == repr(value)
    assert json_text(value).encode() == compact_json(value)
    dumped = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    assert compact_json(value) == dumped or (b"e" in dumped and json.loads(compact_json(value)) == json.loads(dumped))


@given(st.lists(st.binary(max_size=60), max_size=8), st.sampled_from(sorted(HASHES)))
def test_digests_of_many_are_those_of_each(data: list[bytes], name: str) -> None:
    encoded = [b64url_encode(each) for each in data]
    assert digests_of([text.encode() for text in encoded], HASHES[name]) == [
        digest_of(text, HASHES[name]) for text in encoded
    ]


def marked(value: Any, draw: Any) -> Any:
    """Disclosable at random places."""
    if isinstance(value, dict):
        value = {name: marked(member, draw) for name, member in value.items()}
    elif isinstance(value, list):
        value = [marked(element, draw) for element in value]
    return Disclosable(value) if draw(st.booleans()) else value


claims = st.dictionaries(
    st.text(max_size=6).filter(lambda name: name not in ("_sd", "...", "_sd_alg")),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=6) | st.just("_sd") | st.just("..."),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.text(max_size=4).filter(lambda name: name not in ("_sd", "...", "_sd_alg")), inner, max_size=3
            )
        ),
        max_leaves=8,
    ),
    max_size=4,
)


@settings(deadline=None, max_examples=150)
@given(claims, st.data(), st.integers(0, 3))
def test_whatever_is_hidden_comes_back(plain: dict[str, Any], data: st.DataObject, decoys: int) -> None:
    source = {name: marked(value, data.draw) for name, value in plain.items()}
    parsed = parse_sd_jwt(issue_sd_jwt({}, source, KEY, decoys=decoys, array_decoys=decoys))
    payload = parsed.token.claims
    assert unpack(payload, parsed.disclosures) == plain
    some = [text for text in parsed.disclosures if data.draw(st.booleans())]
    try:
        shown = unpack(payload, some)
    except Rejected:  # a disclosure without the one around it
        return
    assert not {"_sd", "..."} & set(_names(shown))


def _names(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [*value, *(name for member in value.values() for name in _names(member))]
    return [name for element in value for name in _names(element)] if isinstance(value, list) else []
