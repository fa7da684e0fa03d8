"""Each rule passes, fails, or leaves open, for the one reason that the case was made for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from common.keys.history import KeyEntry
from tests.verifier.checks.cases import BELIEVED, NOW, check, faulty_case, good_case
from verifier.checks.contract import IssuerFact, SchemaFact, StatusFact
from verifier.checks.registry import CHECKS
from verifier.checks.verdict import Answer, Mender

PASSED, FAILED, OPEN = Answer.PASSED, Answer.FAILED, Answer.UNDETERMINED
STRANGER = IssuerFact(believed=None, trusted=False)
AWAY = IssuerFact(believed=None, trusted=True, unreachable=True)


@pytest.mark.parametrize("name", CHECKS.names)
def test_every_rule_passes_the_good_case(name: str) -> None:
    assert check(name, good_case())[0] is PASSED


@pytest.mark.parametrize(
    ("name", "fault", "answer", "reason"),
    [
        ("format_valid", "malformed", FAILED, "malformed"),
        ("format_valid", "disclosure_invalid", FAILED, "disclosure_invalid"),
        ("format_valid", "algorithm_not_allowed", FAILED, "algorithm_not_allowed"),
        ("format_valid", "unsupported", FAILED, "unsupported"),
        ("format_valid", "expired", PASSED, "well_formed"),
        ("issuer_signature", "bad_signature", FAILED, "bad_signature"),
        ("issuer_signature", "untrusted_key", FAILED, "no_key"),
        ("issuer_signature", "malformed", OPEN, "not_reached"),
        ("issuer_trusted", "malformed", OPEN, "not_reached"),
        ("holder_bound", "wrong_holder", FAILED, "wrong_holder"),
        ("holder_bound", "bad_signature", OPEN, "not_reached"),
        ("not_replayed", "wrong_nonce", FAILED, "wrong_nonce"),
        ("not_replayed", "wrong_audience", FAILED, "wrong_audience"),
        ("not_replayed", "replayed", FAILED, "replayed"),
        ("not_replayed", "stale", FAILED, "stale"),
        ("not_replayed", "bad_signature", OPEN, "not_reached"),
        ("within_validity", "expired", FAILED, "expired"),
        ("within_validity", "not_yet_valid", FAILED, "not_yet_valid"),
        ("within_validity", "bad_signature", OPEN, "not_reached"),
        ("type_asked", "wrong_type", FAILED, "wrong_type"),
        ("not_revoked", "expired", OPEN, "not_reached"),
        ("claims_asked", "expired", OPEN, "not_reached"),
        ("age_at_least", "expired", OPEN, "not_reached"),
    ],
)
def test_what_a_fault_does_to_a_rule(name: str, fault: str, answer: Answer, reason: str) -> None:
    assert check(name, faulty_case(fault)) == (answer, reason)


@pytest.mark.parametrize(
    ("status", "answer", "reason"),
    [
        (StatusFact(listed=False), PASSED, "no_status"),
        (StatusFact(listed=True, value=0, as_of=NOW - 86_400), PASSED, "not_revoked"),
        (StatusFact(listed=True, value=0, as_of=NOW - 86_401), OPEN, "status_stale"),
        (StatusFact(listed=True, value=0), OPEN, "status_stale"),
        (StatusFact(listed=True, value=1, as_of=NOW), FAILED, "revoked"),
        (StatusFact(listed=True, value=1, as_of=NOW - 90_000_000), FAILED, "revoked"),
        (StatusFact(listed=True, value=2, as_of=NOW), FAILED, "suspended"),
        (StatusFact(listed=True, value=2, as_of=NOW - 90_000_000), OPEN, "status_stale"),
        (StatusFact(listed=True, value=3, as_of=NOW), OPEN, "status_unknown"),
        (StatusFact(listed=True, reason="status_unreachable"), OPEN, "status_unreachable"),
        (StatusFact(listed=True, reason="a word nobody knows"), OPEN, "status_unknown"),
    ],
)
def test_not_revoked(status: StatusFact, answer: Answer, reason: str) -> None:
    assert check("not_revoked", good_case(status=status)) == (answer, reason)


def test_the_verdict_says_how_old_the_status_is() -> None:
    assert CHECKS["not_revoked"].check(good_case()).as_of == NOW - 60


def test_a_stranger_is_not_trusted_and_his_key_is_not_looked_at() -> None:
    case = faulty_case("no_key", issuer=STRANGER)
    assert check("issuer_trusted", case) == (FAILED, "untrusted_issuer")
    assert check("issuer_signature", case) == (OPEN, "not_reached")


def test_an_issuer_that_does_not_answer_leaves_the_signature_open() -> None:
    assert check("issuer_signature", faulty_case("no_key", issuer=AWAY)) == (OPEN, "issuer_unreachable")
    unknown = IssuerFact(believed=None, trusted=False, unreachable=True)
    assert check("issuer_trusted", faulty_case("no_key", issuer=unknown)) == (OPEN, "issuer_unreachable")


def test_a_key_that_the_issuer_does_not_publish() -> None:
    known = IssuerFact(believed=None, trusted=True)
    assert check("issuer_signature", faulty_case("no_key", issuer=known)) == (FAILED, "no_key")


@pytest.mark.parametrize(
    ("life", "proven_before", "answer", "reason"),
    [
        ({}, None, PASSED, "signed"),
        ({"retired_at": NOW + 1}, None, PASSED, "signed"),
        ({"retired_at": NOW - 60}, None, PASSED, "signed_by_rotated_key"),
        ({"retired_at": NOW - 2 * 3600}, None, FAILED, "key_retired"),
        ({"retired_at": NOW - 2 * 3600}, NOW - 3 * 3600, PASSED, "signed_by_rotated_key"),
        ({"compromised_since": NOW}, None, FAILED, "key_compromised"),
        ({"compromised_since": NOW}, NOW, FAILED, "key_compromised"),
        ({"compromised_since": NOW}, NOW - 1, PASSED, "signed_before_compromise"),
        ({"compromised_since": NOW - 3600, "retired_at": NOW}, NOW - 3601, PASSED, "signed_before_compromise"),
    ],
)
def test_the_life_of_the_key(life: dict[str, int], proven_before: int | None, answer: Answer, reason: str) -> None:
    """The credential of the good case was issued an hour ago."""
    entry = KeyEntry(key_id="k", **life)
    issuer = IssuerFact(believed=BELIEVED, trusted=True, key=entry, proven_before=proven_before)
    assert check("issuer_signature", good_case(issuer=issuer)) == (answer, reason)


def test_a_compromised_key_is_told_even_where_the_credential_failed() -> None:
    issuer = IssuerFact(believed=BELIEVED, trusted=True, key=KeyEntry(key_id="k", compromised_since=NOW))
    assert check("issuer_signature", faulty_case("expired", issuer=issuer)) == (FAILED, "key_compromised")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"types": ("https://issuer.example/types/graduation",)}, "wrong_type"),
        ({"types": ()}, "wrong_type"),
        ({"format": "jwt_vc_json"}, "wrong_format"),
    ],
)
def test_type_asked(changes: dict[str, Any], reason: str) -> None:
    assert check("type_asked", good_case(says=changes)) == (FAILED, reason)


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({}, "claim_missing"),
        ({"affiliation": "alum"}, "claim_differs"),
        ({"affiliation": ["student"]}, "claim_differs"),
        ({"affiliation": None}, "claim_differs"),
    ],
)
def test_claims_asked(claims: dict[str, Any], reason: str) -> None:
    assert check("claims_asked", good_case(says={"claims": claims})) == (FAILED, reason)


@pytest.mark.parametrize(
    ("claim", "answer", "reason"),
    [
        ({"18": False}, FAILED, "not_old_enough"),
        ({"18": 1}, OPEN, "age_not_shown"),
        ({"18": "true"}, OPEN, "age_not_shown"),
        ({"20": True}, OPEN, "age_not_shown"),
    ],
)
def test_age_at_least(claim: dict[str, Any], answer: Answer, reason: str) -> None:
    assert check("age_at_least", good_case(says={"claims": {"age_equal_or_over": claim}})) == (answer, reason)


def test_age_is_left_out_only_where_no_age_was_asked() -> None:
    rule, path = CHECKS["age_at_least"], good_case().wanted.age_path
    pathless = replace(good_case().wanted, age_path=None)
    assert path is not None
    assert not rule.applies(good_case(minimum_age=None, wanted=pathless))
    for half in (good_case(minimum_age=None), good_case(wanted=pathless)):
        assert rule.applies(half)
        assert rule.check(half).answer is OPEN


@pytest.mark.parametrize("name", CHECKS.names)
def test_whether_a_rule_applies_hangs_on_the_question_alone(name: str) -> None:
    """Else a holder could choose, by what is shown, which rules to meet."""
    applies = CHECKS[name].applies
    asked = replace(good_case().wanted, format="ldp_vc")  # the format that every rule concerns
    assert applies(good_case(wanted=asked))
    assert all(applies(faulty_case(fault, wanted=asked)) for fault in ("bad_signature", "malformed", "no_key"))
    assert applies(good_case(wanted=asked, says={"claims": {}}, status=StatusFact(listed=False), presentation=None))


@pytest.mark.parametrize(
    ("reason", "answer"),
    [
        ("no_schema", PASSED),
        ("schema_kept", PASSED),
        ("schema_not_known", PASSED),
        ("schema_demanded", OPEN),
        ("schema_violated", FAILED),
        ("schema_changed", FAILED),
        ("schema_malformed", FAILED),
    ],
)
def test_schema_kept(reason: str, answer: Answer) -> None:
    assert check("schema_kept", good_case(schema=SchemaFact(reason=reason))) == (answer, reason)
    assert check("schema_kept", faulty_case("expired", schema=SchemaFact(reason=reason))) == (OPEN, "not_reached")


def test_schemas_are_for_the_formats_of_the_w3c_and_a_violation_says_where() -> None:
    rule, case = CHECKS["schema_kept"], good_case()
    asked = {name: replace(case.wanted, format=name) for name in ("dc+sd-jwt", "mso_mdoc", "jwt_vc_json", "ldp_vc")}
    assert [name for name, wanted in asked.items() if rule.applies(replace(case, wanted=wanted))] == [
        "jwt_vc_json",
        "ldp_vc",
    ]
    fact = SchemaFact(reason="schema_violated", place="/credentialSubject/name")
    assert rule.check(good_case(schema=fact)).as_json()["place"] == "/credentialSubject/name"
    assert "place" not in rule.check(good_case(schema=SchemaFact(place="/x"))).as_json()


@pytest.mark.parametrize("name", CHECKS.names)
def test_every_reason_is_said_in_both_languages_and_names_who_can_mend_it(name: str) -> None:
    rule = CHECKS[name]
    assert any(answer is PASSED for answer, _, _ in rule.reasons.values())
    assert any(answer is not PASSED for answer, _, _ in rule.reasons.values())
    for answer, mender, sentence in rule.reasons.values():
        assert sentence.ja.endswith("。")
        assert sentence.en.endswith(".")
        assert sentence.en.isascii()
        assert answer is not PASSED or mender is Mender.NOBODY


@pytest.mark.parametrize("name", ["holder_bound", "not_replayed"])
def test_a_bare_credential_proves_no_holder(name: str) -> None:
    assert check(name, good_case(presentation=None)) == (OPEN, "not_reached")
