"""DCQL against a second evaluator, written straight from OpenID4VP 1.0 §6.4 by trying every subset of cards and claims."""

from __future__ import annotations

import copy
import itertools
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from common.oid4vp.dcql import build_query, parse_query
from common.oid4vp.dcql_answer import Presented, check_answer
from common.oid4vp.dcql_match import Candidate, match

NAMES = ["a", "b", "c"]
VCTS = ["https://x.example/1", "https://x.example/2"]
scalars = st.sampled_from(["s", "t", 1, 0, True, False])
documents = st.dictionaries(
    st.sampled_from(NAMES),
    scalars
    | st.lists(scalars | st.dictionaries(st.sampled_from(NAMES), scalars, max_size=2), max_size=3)
    | st.dictionaries(st.sampled_from(NAMES), scalars, max_size=2),
    max_size=3,
)
paths = st.lists(st.sampled_from([*NAMES, None, 0, 1]), min_size=0, max_size=2).flatmap(
    lambda rest: st.sampled_from(NAMES).map(lambda first: [first, *rest])
)


@st.composite
def queries(draw: st.DrawFn) -> dict[str, Any]:
    credentials = []
    for number in range(draw(st.integers(1, 3))):
        one: dict[str, Any] = {
            "id": f"q{number}",
            "format": "dc+sd-jwt",
            "meta": draw(st.sampled_from([{}, *({"vct_values": [vct]} for vct in VCTS)])),
        }
        if draw(st.booleans()):
            count = draw(st.integers(1, 3))
            one["claims"] = [{"id": f"c{index}", "path": draw(paths)} for index in range(count)]
            for claim in one["claims"]:
                if draw(st.booleans()):
                    claim["values"] = draw(st.lists(scalars, min_size=1, max_size=2))
            if draw(st.booleans()):
                ids = [claim["id"] for claim in one["claims"]]
                one["claim_sets"] = draw(
                    st.lists(st.lists(st.sampled_from(ids), min_size=1, max_size=2), min_size=1, max_size=2)
                )
        credentials.append(one)
    query: dict[str, Any] = {"credentials": credentials}
    if draw(st.booleans()):
        ids = [one["id"] for one in credentials]
        query["credential_sets"] = [
            {
                "options": draw(
                    st.lists(st.lists(st.sampled_from(ids), min_size=1, max_size=2), min_size=1, max_size=2)
                ),
                "required": draw(st.booleans()),
            }
            for _ in range(draw(st.integers(1, 2)))
        ]
    return query


cards = st.lists(st.tuples(st.sampled_from(VCTS), documents), max_size=4)


# -- the second evaluator: plain recursion, no shared code ------------------------------------------------------------------------


def reach(document: Any, path: list[Any]) -> list[Any] | None:
    """All values at the path; None where §7.1.1 says "abort"."""
    level = [document]
    for step in path:
        if isinstance(step, str):
            if any(type(one) is not dict for one in level):
                return None
            level = [one[step] for one in level if step in one]
        else:
            if any(type(one) is not list for one in level):
                return None
            level = [inner for one in level for index, inner in enumerate(one) if step is None or index == step]
        if not level:
            return None
    return level


def holds(claim: dict[str, Any], document: Any) -> bool:
    values = reach(document, claim["path"])
    if values is None:
        return False
    if "values" not in claim:
        return True
    wanted = [(type(one).__name__, one) for one in claim["values"]]
    return any((type(one).__name__, one) in wanted for one in values if not isinstance(one, (dict, list)))


def satisfied_by(one: dict[str, Any], vct: str, document: Any) -> bool:
    if one["meta"] and vct not in one["meta"]["vct_values"]:
        return False
    claims = {claim["id"]: claim for claim in one.get("claims", [])}
    combinations = one.get("claim_sets") or [list(claims)]
    return any(all(holds(claims[name], document) for name in names) for names in combinations)


def can_answer(query: dict[str, Any], answerable: set[str]) -> bool:
    """Whether some subset of the answerable queries satisfies everything required."""
    everything = [one["id"] for one in query["credentials"]]
    sets = query.get("credential_sets", [{"options": [everything], "required": True}])
    for size in range(len(answerable) + 1):
        for subset in itertools.combinations(sorted(answerable), size):
            if all(not s["required"] or any(set(option) <= set(subset) for option in s["options"]) for s in sets):
                return True
    return False


@settings(max_examples=400, deadline=None)
@given(queries(), cards)
def test_the_wallet_agrees_with_brute_force(wire: dict[str, Any], held: list[tuple[str, dict[str, Any]]]) -> None:
    query = parse_query(copy.deepcopy(wire))
    candidates = [
        Candidate(id=str(number), format="dc+sd-jwt", types=(vct,), claims=document)
        for number, (vct, document) in enumerate(held)
    ]
    found = match(query, candidates)
    for one in wire["credentials"]:
        expected = [str(n) for n, (vct, document) in enumerate(held) if satisfied_by(one, vct, document)]
        assert [choice.candidate_id for choice in found.choices.get(one["id"], ())] == expected
    assert found.satisfiable == can_answer(wire, set(found.choices))
    if found.satisfiable:
        shown = {
            choice.query_id: [
                Presented(format="dc+sd-jwt", types=(vct,), claims=_disclose(document, choice.paths))
                for vct, document in [held[int(choice.candidate_id)]]
            ]
            for choice in found.preferred(optional=True)
        }
        check_answer(query, shown)  # what an honest wallet shows, and nothing more, is what the verifier asked for


def _disclose(document: Any, wanted: tuple[tuple[Any, ...], ...]) -> Any:
    """What is left of the document when only the elements at these paths, with what is in and above them, are disclosed."""
    if any(path == () for path in wanted):
        return document
    if isinstance(document, dict):
        kept = {
            name: [path[1:] for path in wanted if path[0] == name]
            for name in document
            if any(p[0] == name for p in wanted)
        }
        return {name: _disclose(document[name], tuple(rest)) for name, rest in kept.items()}
    if isinstance(document, list):
        out = []
        for index, one in enumerate(document):
            rest = tuple(
                path[1:] for path in wanted if path[0] is None or (path[0] == index and not isinstance(path[0], str))
            )
            if rest:
                out.append(_disclose(one, rest))
        return out
    return document


@settings(max_examples=200, deadline=None)
@given(queries())
def test_queries_round_trip(wire: dict[str, Any]) -> None:
    query = parse_query(wire)
    assert parse_query(build_query(query)) == query
