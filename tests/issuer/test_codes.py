"""Pre-authorised codes, transaction codes and refresh tokens: what works once, what is counted, what is over."""

from __future__ import annotations

from typing import Any

import pytest

from issuer.flows.cancel_offer import cancel_offer
from issuer.flows.make_offer import MadeOffer, make_offer
from tests.issuer.school import PRE_AUTHORIZED, TENANT, School, Wallet


def offer(school: School, **options: Any) -> MadeOffer:
    return make_offer(school.desk, TENANT, school.person(), types=["enrolment"], actor="test", **options)


def code_of(school: School, made: MadeOffer) -> str:
    return str(school.desk.secrets.token(TENANT, "pre-authorised code", made.id))


def test_a_code_works_once(any_school: School) -> None:
    made = offer(any_school)
    wallet = Wallet(any_school)
    code, data = code_of(any_school, made), {"grant_type": PRE_AUTHORIZED, "tx_code": made.tx_code or ""}
    wallet.post_token({**data, "pre-authorized_code": code})
    assert wallet.post_token({**data, "pre-authorized_code": code}, expect=400)["error"] == "invalid_grant"


def test_five_wrong_transaction_codes_kill_the_offer(any_school: School) -> None:
    made = offer(any_school)
    wallet = Wallet(any_school)
    code = code_of(any_school, made)
    wrong = "000000" if made.tx_code != "000000" else "000001"
    data = {"grant_type": PRE_AUTHORIZED, "pre-authorized_code": code}
    for _ in range(5):
        assert wallet.post_token({**data, "tx_code": wrong}, expect=400)["error"] == "invalid_grant"
    assert wallet.post_token({**data, "tx_code": made.tx_code or ""}, expect=400)["error"] == "invalid_grant"
    shown = any_school.client.get(f"/{TENANT}/api/offers", headers=any_school.staff).json()["offers"][0]
    assert (shown["state"], shown["wrong_codes"]) == ("dead", 5)


def test_the_fifth_try_may_be_the_right_one(school: School) -> None:
    made = offer(school)
    wallet = Wallet(school)
    wrong = "000000" if made.tx_code != "000000" else "000001"
    for _ in range(4):
        wallet.redeem(made, tx_code=wrong, expect=400)
    wallet.redeem(made)


def test_a_transaction_code_is_owed_or_out_of_place(school: School) -> None:
    assert Wallet(school).redeem(offer(school), tx_code=None, expect=400)["error"] == "invalid_request"
    without = offer(school, tx_code=False)
    assert Wallet(school).redeem(without, tx_code="123456", expect=400)["error"] == "invalid_request"
    Wallet(school).redeem(without)


def test_an_offer_ends(school: School) -> None:
    late, taken_back = offer(school, seconds=60), offer(school)
    late_code, back_code = code_of(school, late), code_of(school, taken_back)
    cancel_offer(school.desk, TENANT, taken_back.id, actor="test")
    school.clock.advance(60)
    for code, made in ((late_code, late), (back_code, taken_back)):
        data = {"grant_type": PRE_AUTHORIZED, "pre-authorized_code": code, "tx_code": made.tx_code or ""}
        assert Wallet(school).post_token(data, expect=400)["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": PRE_AUTHORIZED}, "invalid_request"),
        ({"grant_type": PRE_AUTHORIZED, "pre-authorized_code": "x"}, "invalid_grant"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, "invalid_grant"),
    ],
)
def test_error_codes_of_the_text(school: School, data: dict[str, str], error: str) -> None:
    answer = school.client.post(f"/{TENANT}/token", data=data)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert answer.headers["cache-control"] == "no-store"


def test_more_than_was_offered_is_refused(school: School) -> None:
    details = '[{"type":"openid_credential","credential_configuration_id":"graduation_sd_jwt"}]'
    answer = Wallet(school).redeem(offer(school), expect=400, authorization_details=details)
    assert answer["error"] == "invalid_request"


def test_a_refresh_token_works_once(any_school: School) -> None:
    wallet = Wallet(any_school)
    wallet.redeem(offer(any_school))
    first = wallet.refresh_token
    any_school.clock.advance(3600)
    wallet.post_token({"grant_type": "refresh_token", "refresh_token": first})
    again = wallet.post_token({"grant_type": "refresh_token", "refresh_token": first}, expect=400)
    assert again["error"] == "invalid_grant"
    wallet.ask("enrolment_sd_jwt", wallet.proofs())


def test_no_secret_is_stored_in_the_clear(school: School) -> None:
    made = offer(school)
    wallet = Wallet(school)
    code = code_of(school, made)
    wallet.redeem(made)
    school.deps.database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    raw = (school.deps.settings.data_dir / "issuer.sqlite3").read_bytes()
    reference = made.link.rpartition("%2F")[2]
    for secret in (code, reference, made.claim_url.rpartition("/")[2], wallet.access_token, wallet.refresh_token):
        assert secret.encode() not in raw
    assert school.token.encode() not in raw
