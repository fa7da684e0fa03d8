"""SD-JWT: issuing with nested and array disclosures, and choosing what to show by claims paths."""

from __future__ import annotations

from typing import Any

import pytest

from common.encoding import b64url_decode, parse_json
from common.jose.sd_jwt import (
    Disclosable,
    issue_sd_jwt,
    parse_sd_jwt,
    select_disclosures,
    unpack,
)
from common.jose.sd_jwt.disclosure import unpack_and_tell
from common.keys.software import SoftwareKey

ISSUER = SoftwareKey.generate()
CLAIMS = {
    "sub": "user",
    "name": Disclosable("花子"),
    "address": Disclosable({"city": Disclosable("横浜"), "zip": "220-0012"}),
    "grades": [Disclosable({"course": "数学", "mark": Disclosable("A")}), Disclosable("second"), "open"],
    "matrix": Disclosable([Disclosable([Disclosable(1), Disclosable(2)]), Disclosable([Disclosable(3)])]),
}
PLAIN = {
    "sub": "user",
    "name": "花子",
    "address": {"city": "横浜", "zip": "220-0012"},
    "grades": [{"course": "数学", "mark": "A"}, "second", "open"],
    "matrix": [[1, 2], [3]],
}


def shown(*paths: tuple[str | int | None, ...]) -> Any:
    parsed = parse_sd_jwt(issue_sd_jwt({}, CLAIMS, ISSUER))
    return unpack(parsed.token.claims, select_disclosures(parsed, paths))


@pytest.mark.parametrize(
    ("paths", "partly"),
    [
        ((), {"grades"}),
        ((("address",),), {"grades"}),
        ((("address", "city"), ("grades", 0, "mark"), ("grades", 1)), set()),
        ((("grades", 0, "course"), ("grades", 1)), {"grades"}),
        ((("grades", 0), ("grades", 1)), set()),
        ((("matrix", 0, 0), ("matrix", 1, 0), ("grades", None, "mark"), ("grades", None)), {"matrix"}),
    ],
)
def test_it_is_told_in_what_something_was_held_back(paths: Any, partly: set[str]) -> None:
    parsed = parse_sd_jwt(issue_sd_jwt({}, CLAIMS, ISSUER))
    opened, told = unpack_and_tell(parsed.token.claims, select_disclosures(parsed, paths))
    assert told == partly, opened
    decoyed = parse_sd_jwt(issue_sd_jwt({}, CLAIMS, ISSUER, decoys=3))
    told = unpack_and_tell(decoyed.token.claims, decoyed.disclosures)[1]
    assert told == {"address", "grades"}, (
        "what only looks as if it were held back counts; matrix has none, nor what is not shown"
    )


def test_all_and_nothing() -> None:
    parsed = parse_sd_jwt(issue_sd_jwt({}, CLAIMS, ISSUER, decoys=3))
    assert unpack(parsed.token.claims, parsed.disclosures) == PLAIN
    assert shown() == {"sub": "user", "grades": ["open"]}


def test_paths_choose_parents_and_children() -> None:
    bare = {"sub": "user", "grades": ["open"]}
    assert shown(("name",)) == {**bare, "name": "花子"}
    assert shown(("address",)) == {**bare, "address": PLAIN["address"]}
    assert shown(("address", "city")) == {**bare, "address": PLAIN["address"]}
    assert shown(("address", "zip")) == {**bare, "address": {"zip": "220-0012"}}
    assert shown(("grades", 1)) == {"sub": "user", "grades": ["second", "open"]}
    assert shown(("grades", None))["grades"] == PLAIN["grades"]
    assert shown(("grades", None, "mark"))["grades"] == PLAIN["grades"]
    assert shown(("grades", 0, "course"))["grades"] == [{"course": "数学"}, "open"]
    assert shown(("matrix", None, 0))["matrix"] == [[1], [3]]
    assert shown(("matrix", 0, 1))["matrix"] == [[2]]
    assert shown(("nothing",), ("name", "deeper", "still"), ("grades", "x")) == {**bare, "name": "花子"}


def test_decoys_and_order_say_nothing() -> None:
    payload = parse_sd_jwt(issue_sd_jwt({}, {"b": Disclosable(1), "a": Disclosable(2)}, ISSUER, decoys=3)).token.claims
    assert len(payload["_sd"]) == 5
    assert payload["_sd"] == sorted(payload["_sd"])


def test_every_salt_is_fresh() -> None:
    texts = [parse_sd_jwt(issue_sd_jwt({}, CLAIMS, ISSUER)).disclosures for _ in range(20)]
    salts = [parse_json(b64url_decode(text))[0] for batch in texts for text in batch]
    assert len(set(salts)) == len(salts)
    assert all(len(salt) == 24 for salt in salts)  # 144 bits


@pytest.mark.parametrize("name", ["_sd", "...", "_sd_alg"])
def test_reserved_names_are_not_issued(name: str) -> None:
    with pytest.raises(ValueError, match="no claim"):
        issue_sd_jwt({}, {"a": [{name: 1}]}, ISSUER)


def test_decoys_in_arrays_stand_at_the_end_and_never_show() -> None:
    claims = {"list": ["open", Disclosable("a"), Disclosable("b")], "plain": ["x"]}
    parsed = parse_sd_jwt(issue_sd_jwt({}, claims, ISSUER, array_decoys=2))
    assert len(parsed.token.claims["list"]) == 5
    assert [type(element) for element in parsed.token.claims["list"]] == [str, dict, dict, dict, dict]
    assert parsed.token.claims["plain"] == ["x"]
    assert unpack(parsed.token.claims, parsed.disclosures)["list"] == ["open", "a", "b"]
    chosen = select_disclosures(parsed, [("list", 2)])
    assert unpack(parsed.token.claims, chosen)["list"] == ["open", "b"]
