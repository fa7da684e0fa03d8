"""Anything at all, sent to the public endpoints: a refusal in the right words, never a 500."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from issuer.flows.make_offer import make_offer
from tests.issuer.school import PRE_AUTHORIZED, TENANT, School, Wallet

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def refused(answer: Any) -> None:
    assert 400 <= answer.status_code < 500, answer.text
    assert "error" in answer.json() or answer.headers["content-type"] == "application/problem+json"


@QUICK
@given(body=st.binary(max_size=300))
def test_token(school: School, body: bytes) -> None:
    for kind in ("application/x-www-form-urlencoded", "application/json", ""):
        refused(school.client.post(f"/{TENANT}/token", content=body, headers={"Content-Type": kind}))


@QUICK
@given(code=st.text(max_size=50), tx_code=st.text(max_size=10), details=JSON)
def test_token_fields(school: School, code: str, tx_code: str, details: Any) -> None:
    data = {"grant_type": PRE_AUTHORIZED, "pre-authorized_code": code, "tx_code": tx_code}
    data["authorization_details"] = json.dumps(details)
    refused(school.client.post(f"/{TENANT}/token", data=data))


@pytest.fixture
def holder(school: School) -> Wallet:
    wallet = Wallet(school)
    wallet.redeem(make_offer(school.desk, TENANT, school.person(), types=["enrolment"], actor="test"))
    return wallet


@QUICK
@given(body=JSON, proof=JSON)
def test_credential(holder: Wallet, body: Any, proof: Any) -> None:
    headers = {"Authorization": f"Bearer {holder.access_token}"}
    address = f"/{TENANT}/credential"
    refused(holder.school.client.post(address, json=body, headers=headers))
    asked = {"credential_configuration_id": "enrolment_sd_jwt", "proofs": proof}
    refused(holder.school.client.post(address, json=asked, headers=headers))
    asked = {"credential_configuration_id": "enrolment_sd_jwt", "proofs": {"jwt": [proof]}}
    refused(holder.school.client.post(address, json=asked, headers=headers))


@QUICK
@given(data=st.data())
def test_any_changed_byte_of_a_proof(holder: Wallet, data: st.DataObject) -> None:
    (proof,) = holder.proofs()
    place = data.draw(st.integers(0, len(proof) - 1))
    other = data.draw(st.sampled_from("ABab01-_.~"))
    if proof[place] == other:
        return
    broken = proof[:place] + other + proof[place + 1 :]
    answer = holder.school.client.post(
        f"/{TENANT}/credential",
        json={"credential_configuration_id": "enrolment_sd_jwt", "proofs": {"jwt": [broken]}},
        headers={"Authorization": f"Bearer {holder.access_token}"},
    )
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"] in ("invalid_proof", "invalid_nonce")


@QUICK
@given(word=st.text(min_size=1, max_size=40).filter(lambda word: word not in (".", "..")))  # these no client sends
def test_paths(school: School, word: str) -> None:
    part = quote(word, safe="")
    for path in (f"/{part}/did.json", f"/{TENANT}/offers/{part}", f"/{TENANT}/status/{part}", f"/types/{part}"):
        answer = school.client.get(path)
        assert answer.status_code in (400, 404, 307, 405), (path, answer.status_code)
    answer = school.client.get(f"/{TENANT}/api/claims/{part}")
    assert answer.status_code in (400, 401, 404, 405)


@QUICK
@given(body=st.binary(max_size=400))
def test_rolls(school: School, body: bytes) -> None:
    answer = school.client.post(f"/{TENANT}/api/roll", files={"file": ("r.csv", body)}, headers=school.staff)
    assert answer.status_code in (200, 400), answer.text


@pytest.mark.parametrize("strange", ["%00", "%ED%A0%80", "%F0%9F", "..%2F..%2Fetc", "a" * 5000])
def test_strange_names_on_both_databases(any_school: School, strange: str) -> None:
    client, staff = any_school.client, any_school.staff
    for path in (
        f"/{strange}/did.json",
        f"/.well-known/openid-credential-issuer/{strange}",
        f"/{TENANT}/status/{strange}",
        f"/{TENANT}/offers/{strange}",
        f"/{strange}/status/abc",
        f"/{strange}/offers/abc",
        f"/{strange}/api/people",
        f"/{TENANT}/api/claims/{strange}",
        f"/{TENANT}/api/people/{strange}",
        f"/{TENANT}/api/people?query={strange}",
        f"/{TENANT}/api/people?status={strange}",
        f"/{TENANT}/api/offers?state={strange}",
    ):
        answer = client.get(path, headers=staff)
        assert answer.status_code < 500, (path, answer.text)
    for path in (f"/{strange}/token", f"/{strange}/nonce"):
        assert client.post(path, data={"grant_type": "x"}).status_code < 500, path


def test_too_large(school: School) -> None:
    answer = school.client.post(
        f"/{TENANT}/token", content=b"a" * 300_000, headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert answer.status_code == 413
