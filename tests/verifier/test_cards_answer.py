"""What each kind of card can answer: read from the virtual ones, judged by the issuer, put to the questions that demand a chip."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from common.cards.evidence import Evidence
from common.cards.evidence_json import build_evidence
from common.cards.trust import CardTrust
from issuer.catalogue.contract import CardFacts
from issuer.catalogue.registry import CATALOGUE
from issuer.flows.accept_card import AcceptedCard
from tests.cards.my_number_reader import NOW
from tests.issuer.card_desk import accept, open_card_school, open_session
from tests.issuer.every_card import KINDS, read_card, roots_in, take_in_hand
from tests.issuer.school import School
from tests.verifier.checks.cases import good_case
from verifier.checks.registry import CHECKS
from verifier.flows.put_question import ask
from verifier.queries.registry import QUESTIONS

VCT_BASE = "https://issuer.example/types"
NEVER = "not issued"
YES, NO_CHIP = "verified_test_card", "chip_not_offered"
EXPECTED = {
    "my_number_jpki": (YES, YES),
    "my_number_text": ("chip_not_checked", "chip_not_checked"),
    "driving_licence": (NO_CHIP, NEVER),
    "mynumber_licence": (YES, YES),
    "residence_card_1": (NEVER, NEVER),
    "residence_card_2": (NO_CHIP, NEVER),
    "specified_residence_card": (YES, YES),
    "passport": (YES, NEVER),
    "passport_2025": (YES, NEVER),
}
"""By kind of card: what *over 20* and *identity* hear of the chip. *Not issued*: no certificate of the type, or one that lacks a claim."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[School, CardTrust]]:
    folder = tmp_path_factory.mktemp("answers")
    trust = roots_in(folder / "roots")
    school = open_card_school(folder, believed=trust, card_environment="test")
    yield school, trust
    school.deps.database.close_all()


def hear(accepted: AcceptedCard, question: str, type_name: str) -> str:
    """What the rule says of a certificate of this type, made from this card."""
    kind = CATALOGUE[type_name]
    if type_name not in accepted.types:
        return NEVER
    claims = {name: value for name, value in accepted.claims.items() if name in kind.card_claims}
    evidence: Evidence = accepted.evidence.of_claims(kind.card_claims)
    built = kind.build(CardFacts(claims=claims, evidence=evidence), "桜川市", date(2026, 1, 1))
    if not {claim.path[0] for claim in QUESTIONS[question].claims} <= built.keys():
        return NEVER
    wanted = next(one for one in ask(QUESTIONS[question], VCT_BASE).wanted if one.format == "dc+sd-jwt")
    case = good_case(wanted=wanted, says={"claims": {"evidence": build_evidence(evidence)}}, test_cards=True)
    return CHECKS["chip_verified"].check(replace(case, now=NOW)).reason


def test_every_kind_of_card_is_asked() -> None:
    assert EXPECTED.keys() == KINDS.keys()


@pytest.mark.parametrize("name", EXPECTED)
def test_what_a_card_can_answer(desk: tuple[School, CardTrust], name: str) -> None:
    school, trust = desk
    session, kind = open_session(school), KINDS[name]
    accepted = accept(school, session, *read_card(kind, take_in_hand(kind), session.challenge, trust))
    heard = hear(accepted, "over_20_chip", "age"), hear(accepted, "identity", "identity")
    assert heard == EXPECTED[name]
