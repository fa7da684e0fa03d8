"""Ages of people of whom nobody knows the whole birth date: certified where they are sure, left out where they are not."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from common.cards.contract import Authenticated
from common.cards.evidence import (
    Environment,
    Evidence,
    Origin,
    OriginKind,
    RevocationAnswer,
    RevocationFinding,
    SourceEvidence,
    not_offered,
    proven,
)
from issuer.catalogue.registry import CATALOGUE
from issuer.flows.card_judgement import facts_for_card, with_ages
from tests.issuer.card_desk import accept_my_number, offer, open_card_school
from tests.issuer.school import Wallet
from tests.issuer.test_issuance import verify


def test_ages_of_who_has_no_whole_birth_date(tmp_path: Path) -> None:
    """Born in 1941, nobody knows on which day: plainly over 65, and certified so, without a date."""
    school = open_card_school(tmp_path)
    accepted = accept_my_number(school, person="kiyo")
    assert "age" in accepted.types
    assert "birth_date" not in accepted.claims
    (text,) = Wallet(school).claim(offer(school, accepted, "age"), "age_sd_jwt")
    told = verify(school, text, "dc+sd-jwt").claims["age_equal_or_over"]
    assert dict(told) == {"18": True, "20": True, "65": True}
    school.deps.database.close_all()


@pytest.mark.parametrize(
    ("birth", "told"),
    [
        ("1941-00-00", {"age_over_18": True, "age_over_20": True, "age_over_65": True}),
        ("2006-00-00", {"age_over_18": True, "age_over_65": False}),
        ("0000-03-01", {}),
    ],
)
def test_an_age_that_nobody_can_know_is_left_out(birth: str, told: dict[str, bool]) -> None:
    found = accept_card_claims(birth)
    assert {name: value for name, value in found.claims.items() if name.startswith("age_")} == told
    facts = facts_for_card(CATALOGUE["age"], found.claims, found.evidence)
    assert CATALOGUE["age"].entitled(facts) is bool(told)
    if told:
        ages = CATALOGUE["age"].build(facts, "桜川大学", date(2026, 11, 21))["age_equal_or_over"]
        assert ages == {name.removeprefix("age_over_"): value for name, value in told.items()}


def accept_card_claims(birth: str) -> Authenticated:
    """As a driver tells that works out no ages itself."""
    origin = Origin(claim="birth_date_incomplete", kind=OriginKind.SIGNED_TEXT, file="entries", signed_by="x")
    source = SourceEvidence(
        source="driving_licence",
        origins=(origin,),
        data_authenticity=proven("signature"),
        chip_genuineness=not_offered("no_challenge"),
        holder_verification=proven("pin"),
        revocation=RevocationFinding(answer=RevocationAnswer.NOT_OFFERED, reason="no_service"),
        trust_anchor=Environment.PRODUCTION,
    )
    evidence = Evidence(card="driving_licence", read_at=0, sources=(source,))
    return with_ages(Authenticated(claims={"birth_date_incomplete": birth}, evidence=evidence), date(2026, 11, 21))
