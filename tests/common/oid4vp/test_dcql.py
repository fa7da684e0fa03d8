"""DCQL: queries of OpenID4VP 1.0 §6 and appendix D as facts, and the rules of §6.4 for wallets and of §8.6 for verifiers."""

from __future__ import annotations

from typing import Any

import pytest

from common.errors import Malformed, Refused, Rejected
from common.oid4vp.claims_path import select, select_disclosed
from common.oid4vp.dcql import build_query, parse_query
from common.oid4vp.dcql_answer import Presented, check_answer
from common.oid4vp.dcql_match import Candidate, match

PID = "https://credentials.example.com/identity_credential"
CREDENTIAL = {  # §7.3
    "name": "Arthur Dent",
    "address": {"street_address": "42 Market Street", "locality": "Milliways", "postal_code": "12345"},
    "degrees": [
        {"type": "Bachelor of Science", "university": "University of Betelgeuse"},
        {"type": "Master of Science", "university": "University of Betelgeuse"},
    ],
    "nationalities": ["British", "Betelgeusian"],
}


@pytest.mark.parametrize(
    ("path", "values"),
    [
        (("name",), ["Arthur Dent"]),
        (("address",), [CREDENTIAL["address"]]),
        (("address", "street_address"), ["42 Market Street"]),
        (("degrees", None, "type"), ["Bachelor of Science", "Master of Science"]),
        (("nationalities", 1), ["Betelgeusian"]),
        (("nationalities", 2), []),
        (("nobody",), []),
        (("name", "x"), []),
        (("name", None), []),
        (("address", 0), []),
        (("degrees", "type"), []),
    ],
)
def test_paths_of_7_3(path: tuple[str | int | None, ...], values: list[object]) -> None:
    found = select(CREDENTIAL, path)
    assert [value for _, value in found] == values
    for concrete, value in found:
        assert select(CREDENTIAL, concrete) == ((concrete, value),)


def test_an_index_reaches_what_withheld_neighbours_moved_forward() -> None:
    assert select_disclosed({"n": ["Betelgeusian"]}, ("n", 1)) == ("Betelgeusian",)
    assert select_disclosed({"n": []}, ("n", 1)) == ()
    assert select_disclosed({"n": ["a", "b", "c"]}, ("n", 0)) == ("a",)


def sd(query_id: str, *, vct: str = PID, **more: Any) -> dict[str, Any]:
    return {"id": query_id, "format": "dc+sd-jwt", "meta": {"vct_values": [vct]}, **more}


def card(card_id: str, claims: dict[str, Any], *, vct: str = PID, **more: Any) -> Candidate:
    return Candidate(id=card_id, format="dc+sd-jwt", types=(vct,), claims={"vct": vct, **claims}, **more)


ALTERNATIVES = {  # §D, claims_alternatives
    "credentials": [
        sd(
            "pid",
            claims=[
                {"id": "a", "path": ["family_name"]},
                {"id": "b", "path": ["postal_code"]},
                {"id": "c", "path": ["locality"]},
                {"id": "d", "path": ["region"]},
                {"id": "e", "path": ["date_of_birth"]},
            ],
            claim_sets=[["a", "c", "d", "e"], ["a", "b", "e"]],
        )
    ]
}
SETS = {  # §D, credentials_alternatives
    "credentials": [
        sd("pid", claims=[{"path": ["given_name"]}]),
        sd("other_pid", vct="https://othercredentials.example/pid", claims=[{"path": ["given_name"]}]),
        sd("reduced_1", vct="https://credentials.example.com/reduced", claims=[{"path": ["family_name"]}]),
        sd("reduced_2", vct="https://cred.example/residence_credential", claims=[{"path": ["postal_code"]}]),
        sd("nice_to_have", vct="https://company.example/company_rewards", claims=[{"path": ["rewards_number"]}]),
    ],
    "credential_sets": [
        {"options": [["pid"], ["other_pid"], ["reduced_1", "reduced_2"]]},
        {"required": False, "options": [["nice_to_have"]]},
    ],
}


@pytest.mark.parametrize("wire", [ALTERNATIVES, SETS])
def test_round_trip(wire: dict[str, Any]) -> None:
    query = parse_query(wire)
    assert parse_query(build_query(query)) == query
    assert build_query(query) == wire


def test_the_favourite_claim_set_that_can_be_satisfied() -> None:
    query = parse_query(ALTERNATIVES)
    full = card("1", {"family_name": "D", "postal_code": "1", "locality": "M", "region": "R", "date_of_birth": "x"})
    some = card("2", {"family_name": "D", "postal_code": "1", "date_of_birth": "x"})
    none = card("3", {"family_name": "D"})
    first, second = match(query, [full, some, none]).choices["pid"]
    assert (first.candidate_id, first.alternative) == ("1", 0)
    assert first.paths == (("family_name",), ("locality",), ("region",), ("date_of_birth",))
    assert (second.candidate_id, second.alternative) == ("2", 1)
    assert not match(query, [none]).satisfiable


def test_credential_sets_required_and_optional() -> None:
    query = parse_query(SETS)
    reduced = [
        card("r1", {"family_name": "D"}, vct="https://credentials.example.com/reduced"),
        card("r2", {"postal_code": "1"}, vct="https://cred.example/residence_credential"),
    ]
    rewards = card("n", {"rewards_number": "7"}, vct="https://company.example/company_rewards")
    found = match(query, [*reduced, rewards])
    assert [one.candidate_id for one in found.preferred()] == ["r1", "r2"]
    assert [one.candidate_id for one in found.preferred(optional=True)] == ["r1", "r2", "n"]
    assert found.missing == ("pid", "other_pid")
    assert [one.query_id for one in found.pick({"reduced_1": ["r1"], "reduced_2": ["r2"]})] == [
        "reduced_1",
        "reduced_2",
    ]
    with pytest.raises(Refused, match="credential_missing"):
        found.pick({"reduced_1": ["r1"]})
    with pytest.raises(Malformed, match="bad_choice"):
        found.pick({"reduced_1": ["r2"], "reduced_2": ["r2"]})
    with pytest.raises(Refused, match="credential_missing"):
        match(query, [rewards]).preferred()


def test_no_claims_means_only_what_cannot_be_held_back() -> None:
    (choice,) = match(parse_query({"credentials": [sd("a")]}), [card("1", {"secret": 1})]).preferred()
    assert choice.paths == ()


def test_values_match_by_type_and_value_and_narrow_what_is_disclosed() -> None:
    def paths(values: list[object], path: list[object], claims: dict[str, Any]) -> tuple[object, ...] | None:
        query = parse_query({"credentials": [sd("a", claims=[{"path": path, "values": values}])]})
        choices = match(query, [card("1", claims)]).choices.get("a")
        return choices[0].paths if choices else None

    assert paths(["Doe"], ["n"], {"n": "Doe"}) == (("n",),)
    assert paths([1], ["n"], {"n": True}) is None
    assert paths([True], ["n"], {"n": 1}) is None
    assert paths(["1"], ["n"], {"n": 1}) is None
    assert paths([1], ["n"], {"n": 1.0}) is None
    assert paths(["b", "z"], ["n", None], {"n": ["a", "b", "c"]}) == (("n", 1),)


def test_meta_binding_and_authorities() -> None:
    w3c = {
        "credentials": [
            {
                "id": "w",
                "format": "jwt_vc_json",
                "meta": {
                    "type_values": [
                        ["https://www.w3.org/2018/credentials#VerifiableCredential", "https://example.org/#Degree"],
                        ["IdentityCredential"],
                    ]
                },
            }
        ]
    }

    def answers(*types: str, wire: dict[str, Any] = w3c, **more: Any) -> bool:
        one = Candidate(id="1", format=wire["credentials"][0]["format"], types=types, claims={}, **more)
        return match(parse_query(wire), [one]).satisfiable

    assert answers("VerifiableCredential", "https://example.org/#Degree")
    assert answers("VerifiableCredential", "IdentityCredential")
    assert not answers("VerifiableCredential", "Degree")
    assert not answers("VerifiableCredential", "IdentityCredential", holder_bound=False)
    assert answers(PID, wire={"credentials": [sd("a", require_cryptographic_holder_binding=False)]}, holder_bound=False)
    trusted = {"credentials": [sd("a", trusted_authorities=[{"type": "aki", "values": ["x", "y"]}])]}
    assert answers(PID, wire=trusted, authorities=frozenset({("aki", "y")}))
    assert not answers(PID, wire=trusted, authorities=frozenset({("etsi_tl", "y")}))
    assert not answers("https://other.example", wire=trusted)
    unknown = {"credentials": [{"id": "m", "format": "vc+acdc", "meta": {}}]}
    assert not answers("x", wire=unknown)


@pytest.mark.parametrize(
    "wire",
    [
        {},
        {"credentials": []},
        {"credentials": [{"id": "a", "format": "dc+sd-jwt"}]},
        {"credentials": [sd("a b")]},
        {"credentials": [sd("a\n")]},
        {"credentials": [sd("")]},
        {"credentials": [sd("a"), sd("a")]},
        {"credentials": [sd("a", multiple="yes")]},
        {"credentials": [sd("a", claims=[])]},
        {"credentials": [sd("a", claims=[{"path": []}])]},
        {"credentials": [sd("a", claims=[{"path": [1.5]}])]},
        {"credentials": [sd("a", claims=[{"path": [-1]}])]},
        {"credentials": [sd("a", claims=[{"path": [True]}])]},
        {"credentials": [sd("a", claims=[{"path": ["x"], "values": []}])]},
        {"credentials": [sd("a", claims=[{"path": ["x"], "values": [None]}])]},
        {"credentials": [sd("a", claims=[{"path": ["x"], "values": [1.5]}])]},
        {"credentials": [sd("a", claims=[{"id": "x", "path": ["x"]}, {"id": "x", "path": ["y"]}])]},
        {"credentials": [sd("a", claim_sets=[["x"]])]},
        {"credentials": [sd("a", claims=[{"path": ["x"]}], claim_sets=[["x"]])]},
        {"credentials": [sd("a", claims=[{"id": "x", "path": ["x"]}], claim_sets=[["y"]])]},
        {"credentials": [sd("a", trusted_authorities=[])]},
        {"credentials": [sd("a")], "credential_sets": []},
        {"credentials": [sd("a")], "credential_sets": [{"options": [["b"]]}]},
        {"credentials": [sd("a")], "credential_sets": [{"options": [[]]}]},
    ],
)
def test_bad_queries(wire: dict[str, Any]) -> None:
    with pytest.raises(Malformed, match="bad_dcql_query"):
        parse_query(wire)


def shown(claims: dict[str, Any], *, vct: str = PID, bound: bool = True, fmt: str = "dc+sd-jwt") -> Presented:
    return Presented(format=fmt, types=(vct,), claims=claims, holder_bound=bound)


def test_a_full_answer_is_taken() -> None:
    check_answer(
        parse_query(ALTERNATIVES), {"pid": [shown({"family_name": "D", "postal_code": "1", "date_of_birth": "x"})]}
    )
    check_answer(parse_query(SETS), {"pid": [shown({"given_name": "A"})]})
    many = parse_query({"credentials": [sd("a", multiple=True)]})
    check_answer(many, {"a": [shown({}), shown({})]})
    unbound = parse_query({"credentials": [sd("a", require_cryptographic_holder_binding=False)]})
    check_answer(unbound, {"a": [shown({}, bound=False)]})


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"pid": []},
        {"pid": [shown({"given_name": "A"}), shown({"given_name": "A"})]},
        {"pid": [shown({})]},
        {"pid": [shown({"given_name": "A"}, vct="https://evil.example")]},
        {"pid": [shown({"given_name": "A"}, fmt="jwt_vc_json")]},
        {"pid": [shown({"given_name": "A"}, bound=False)]},
        {"pid": [shown({"given_name": "A"})], "stranger": [shown({})]},
        {"reduced_1": [shown({"family_name": "D"}, vct="https://credentials.example.com/reduced")]},
        {"nice_to_have": [shown({"rewards_number": 1}, vct="https://company.example/company_rewards")]},
    ],
)
def test_anything_less_is_not(answers: dict[str, list[Presented]]) -> None:
    with pytest.raises(Rejected, match="request_not_met"):
        check_answer(parse_query(SETS), answers)
