"""From a card to a credential: sessions, what is accepted, what is offered, and what is kept of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.issuer.card_desk import accept_my_number, offer, open_card_school
from tests.issuer.school import School, Wallet
from tests.issuer.test_issuance import verify


@pytest.fixture
def cards(tmp_path: Path) -> School:
    return open_card_school(tmp_path)


def test_a_card_becomes_credentials(cards: School) -> None:
    accepted = accept_my_number(cards)
    assert accepted.types == ("identity", "age", "residence")
    assert accepted.refusals == {
        "driving_privileges": "not_told",
        "residence_status": "not_told",
        "nationality": "not_told",
    }
    made = offer(cards, accepted)
    assert made.person_id == accepted.id
    assert made.tx_code is None
    wallet = Wallet(cards)
    (text,) = wallet.claim(made, "identity_sd_jwt")
    assert wallet.refresh_token == ""
    credential = verify(cards, text, "dc+sd-jwt")
    assert credential.subject["family_name"] == "山田"
    assert credential.claims["evidence"][0]["chip_genuineness"] == {"answer": "proven", "by": "possession_signature"}
