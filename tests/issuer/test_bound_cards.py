"""A document on a My Number card, whose chip is known by the card's own certificate: what speaks against that one speaks against both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from common.cards.evidence import Environment, RevocationAnswer
from common.cards.trust import CardTrust
from common.x509.revocation import Standing
from issuer.catalogue.registry import CATALOGUE
from issuer.flows.accept_card import AcceptedCard
from issuer.flows.card_judgement import facts_for_card
from issuer.flows.watch_revocation import watch_revocation
from issuer.store.tables import CardReading
from tests.issuer.card_desk import Told, accept, open_card_school, open_session
from tests.issuer.every_card import KINDS, read_card, roots_in, take_in_hand
from tests.issuer.school import TENANT, School

DOCUMENTS = {"mynumber_licence": "driving_privileges", "specified_residence_card": "residence_status"}


@pytest.fixture(scope="module")
def roots(tmp_path_factory: pytest.TempPathFactory) -> CardTrust:
    return roots_in(tmp_path_factory.mktemp("roots"))


@pytest.fixture
def school(tmp_path: Path) -> Iterator[list[School]]:
    opened: list[School] = []
    yield opened
    for each in opened:
        each.deps.database.close_all()


def insert(opened: list[School], folder: Path, name: str, believed: CardTrust, **settings: str) -> AcceptedCard:
    made = open_card_school(folder, believed=believed, **settings)
    opened.append(made)
    session = open_session(made)
    readings = read_card(KINDS[name], take_in_hand(KINDS[name]), session.challenge, believed)
    return accept(made, session, *readings)


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize(("standing", "why"), [(Standing.REVOKED, "revoked"), (Standing.UNKNOWN, "revocation_unknown")])
def test_a_lost_card_vouches_for_no_document(
    tmp_path: Path, school: list[School], roots: CardTrust, name: str, standing: Standing, why: str
) -> None:
    """Its certificate was revoked, and nobody can be asked about the document itself."""
    believed = replace(roots, revocation={**roots.revocation, "jpki_signature": Told(standing)})
    found = insert(school, tmp_path, name, believed, card_environment="test")
    assert found.types == ()
    assert found.refusals[DOCUMENTS[name]] == why


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_test_card_vouches_for_no_document_of_production(
    tmp_path: Path, school: list[School], roots: CardTrust, name: str
) -> None:
    """The document's root is one of production; the certificate's calls itself a test, whatever folder it is in."""
    believed = replace(roots, anchors=tuple(replace(one, environment=Environment.PRODUCTION) for one in roots.anchors))
    found = insert(school, tmp_path, name, believed, card_environment="production")
    assert found.evidence.sources[0].trust_anchor is Environment.PRODUCTION
    assert found.refusals[DOCUMENTS[name]] == "test_card"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_certificate_says_who_vouched_and_is_asked_about(
    tmp_path: Path, school: list[School], roots: CardTrust, name: str
) -> None:
    source = Told()
    believed = replace(roots, revocation={**roots.revocation, "jpki_signature": source})
    found = insert(school, tmp_path, name, believed, card_environment="test", card_revocation_seconds="60")
    document = DOCUMENTS[name]
    facts = facts_for_card(CATALOGUE[document], found.claims, found.evidence)
    vouching = facts.evidence.sources[-1]
    assert (vouching.source, vouching.origins) == ("jpki_signature", ())
    assert vouching.revocation.answer is RevocationAnswer.GOOD
    assert {one.source for one in facts_for_card(CATALOGUE["age"], found.claims, found.evidence).evidence.sources} == {
        "jpki_signature"
    }, "what does not lean on anybody stands alone"
    # and afterwards
    desk = school[0].desk
    CardReading.update(next_question_at=desk.now).where(CardReading.tenant == TENANT).execute()
    source.standing = Standing.REVOKED
    assert watch_revocation(desk).revoked == 1
    (row,) = CardReading.select().where(CardReading.tenant == TENANT)
    assert row.revoked_at is not None
