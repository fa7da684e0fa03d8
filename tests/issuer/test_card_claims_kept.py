"""What stays of a card once somebody chose what to take of it: what goes into that, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from issuer.catalogue.registry import CATALOGUE
from issuer.flows.card_record import open_claims
from issuer.store.base import bind
from issuer.store.tables import CardReading
from tests.issuer.card_desk import accept, offer, open_card_school, open_session, read_my_number
from tests.issuer.school import TENANT, School, Wallet
from tests.issuer.test_issuance import verify

AGES = {"age_over_18", "age_over_20", "age_over_65"}


@pytest.fixture(scope="module")
def one_school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    made = open_card_school(tmp_path_factory.mktemp("kept"))
    yield made
    made.deps.database.close_all()


@pytest.fixture
def school(one_school: School) -> School:
    bind(one_school.deps.database)
    return one_school


def kept_of(school: School, reading_id: str) -> dict[str, Any]:
    row = CardReading.get(CardReading.tenant == TENANT, CardReading.id == reading_id)
    return open_claims(school.desk, row)


def test_who_takes_an_age_leaves_no_name_and_no_picture(school: School) -> None:
    session = open_session(school)
    accepted = accept(school, session, read_my_number(session.challenge, parts=("jpki_signature", "surface")))
    assert {"name", "address", "birth_date", "photo"} <= kept_of(school, accepted.id).keys()
    made = offer(school, accepted, "age")
    kept = kept_of(school, accepted.id)
    assert kept.keys() == AGES | {"card_expiry"}, "the last day decides how long the certificate is valid"
    assert kept == {name: accepted.claims[name] for name in kept}
    (text,) = Wallet(school).claim(made, "age_sd_jwt")
    credential = verify(school, text, "dc+sd-jwt")
    assert credential.subject["age_equal_or_over"] == {"18": True, "20": True, "65": False}


def test_of_two_types_both_have_what_they_need(school: School) -> None:
    session = open_session(school)
    accepted = accept(school, session, read_my_number(session.challenge, parts=("jpki_signature", "surface")))
    made = offer(school, accepted, "age", "residence")
    needed = CATALOGUE["age"].card_claims | CATALOGUE["residence"].card_claims
    assert kept_of(school, accepted.id).keys() == (needed & accepted.claims.keys()) | {"card_expiry"}
    wallet = Wallet(school)
    assert wallet.claim(made, "residence_sd_jwt")
