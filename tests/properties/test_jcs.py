"""The fast path of JCS writes what rfc8785 writes, and refuses what it refuses."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from common.encoding import parse_json
from common.errors import Malformed
from common.proofs import jcs
from common.proofs.jcs import canonicalize_json

NAMES = st.one_of(
    st.text(max_size=4),
    st.sampled_from(
        ["a", "aa", "\ud7ff", "\ue000", "\uffff", "\U00010000", "\U0010ffff", "é", "é", "", "\x00", '"', "\\"]
    ),
)
NUMBERS = st.one_of(
    st.integers(-(2**54), 2**54),
    st.sampled_from([2**53, 2**53 - 1, -(2**53), 1 - 2**53, 2**60, 10**30]),
    st.floats(),
    st.floats(min_value=1e-7, max_value=1e-3),
    st.floats(min_value=1e14, max_value=1e22),
    st.sampled_from([0.0, -0.0, 1.0, 1e16, 1e21, 1e-4, 9.999999e-5, 5e-324, 1.7976931348623157e308, 0.1 + 0.2]),
)
VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), NUMBERS, st.text(st.characters() | st.characters(categories=["Cs"]), max_size=5)
    ),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=12,
)


def _reference(value: Any) -> bytes | None:
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeError):
        return None


@settings(deadline=None, max_examples=600)
@given(VALUES)
def test_never_different(value: Any) -> None:
    expected = _reference(value)
    if expected is None:
        with pytest.raises(Malformed):
            canonicalize_json(value)
    else:
        assert canonicalize_json(value) == expected


@settings(deadline=None)
@given(
    st.dictionaries(
        st.text(st.characters(max_codepoint=0xD7FF)), st.integers(-99, 99) | st.text() | st.sampled_from([128.5, 0.3])
    )
)
def test_the_fast_path_is_taken(value: Any) -> None:
    assert jcs.is_simple(value)
    assert json.loads(canonicalize_json(value)) == value


@settings(deadline=None)
@given(VALUES)
def test_canonical_bytes_are_a_fixed_point(value: Any) -> None:
    try:
        data = canonicalize_json(value)
    except Malformed:
        return
    if not re.search(rb"\d{16}", data):  # an integral float beyond 2^53 comes back as an integer that is refused
        assert canonicalize_json(parse_json(data)) == data


@given(st.dictionaries(st.integers() | st.none() | st.booleans(), st.integers(0, 9), min_size=1))
def test_names_are_texts(value: Any) -> None:
    with pytest.raises(Malformed):
        canonicalize_json(value)
    with pytest.raises(Malformed):
        canonicalize_json([{"a": value}])
