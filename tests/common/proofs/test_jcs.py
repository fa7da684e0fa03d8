"""RFC 8785: worked values of its text."""

from __future__ import annotations

from typing import Any

import pytest

from common.errors import Malformed
from common.proofs.jcs import canonicalize_json


def test_the_example_of_section_3_2_2() -> None:
    value = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": '€$\u000f\nA\'B"\\\\"/',
        "literals": [None, True, False],
    }
    assert (
        canonicalize_json(value)
        == (
            '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
            '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
        ).encode()
    )


def test_names_are_sorted_by_utf_16_units() -> None:
    """Section 3.2.3: the emoji, whose first unit is D83D, comes before U+FB33."""
    value = {"€": 1, "\r": 2, "\ufb33": 3, "1": 4, "😀": 5, "\x80": 6, "ö": 7}
    assert canonicalize_json(value).decode() == '{"\\r":2,"1":4,"\x80":6,"ö":7,"€":1,"😀":5,"\ufb33":3}'


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, b"0"),
        (-0.0, b"0"),
        (10.0, b"10"),
        (1e21, b"1e+21"),
        (1e-7, b"1e-7"),
        (295147905179352830000.0, b"295147905179352830000"),
    ],
)
def test_numbers_as_ecmascript_writes_them(number: float, text: bytes) -> None:
    """Appendix B, and what Python would write otherwise."""
    assert canonicalize_json([number]) == b"[" + text + b"]"


@pytest.mark.parametrize(
    "value", [2**53, -(2**53), float("nan"), float("inf"), "\ud800", {1: 2}, {"a": object()}, b"bytes", (object(),)]
)
def test_what_has_no_canonical_form(value: object) -> None:
    with pytest.raises(Malformed) as refused:
        canonicalize_json(value)
    assert refused.value.code == "not_canonicalizable"


def test_nesting_that_never_ends() -> None:
    circle: list[object] = []
    circle.append(circle)
    with pytest.raises(Malformed):
        canonicalize_json(circle)


def test_what_holds_itself_has_no_canonical_form() -> None:
    endless: list[Any] = []
    endless += [endless, {"again": endless}]
    with pytest.raises(Malformed):
        canonicalize_json(endless)


def test_more_containers_than_are_looked_through() -> None:
    many: list[list[Any]] = [[] for _ in range(100_001)]
    assert canonicalize_json(many) == b"[" + b",".join([b"[]"] * 100_001) + b"]"
