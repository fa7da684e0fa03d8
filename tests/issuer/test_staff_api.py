"""The registrar's API, and that nobody reaches another institution's rows."""

from __future__ import annotations

from typing import Any

import pytest

from issuer.flows.create_institution import create_institution
from issuer.flows.make_offer import make_offer
from tests.issuer.school import ROLL, TENANT, School, Wallet

OTHER = "momoyama"


def test_a_day_at_the_registrars_office(school: School) -> None:
    client, staff = school.client, school.staff
    base = f"/{TENANT}/api"
    files = {"file": ("roll.csv", ROLL.replace("文学部", "文芸学部").encode("cp932", "replace"), "text/csv")}
    tried = client.post(f"{base}/roll", files=files, data={"dry_run": "true"}, headers=staff)
    assert tried.status_code == 200, tried.text
    assert tried.json()["dry_run"] is True
    people = client.get(f"{base}/people", params={"query": "ﾊﾅｺ"}, headers=staff).json()
    assert (people["total"], people["people"][0]["student_number"]) == (1, "S001")
    made = client.post(f"{base}/people/S001/offers", json={"mail": True}, headers=staff)
    assert made.status_code == 201, made.text
    assert len(made.json()["tx_code"]) == 6
    again = client.post(f"{base}/offers/{made.json()['id']}/mail", headers=staff)
    assert again.status_code == 202
    shown = client.get(f"{base}/people/S001", headers=staff).json()
    assert (shown["offers"][0]["state"], shown["offers"][0]["mail"]) == ("open", "queued")
    corrected = client.post(f"{base}/people/S001/correct", json={"changes": {"given_name": "華子"}}, headers=staff)
    assert corrected.json()["changed"] == ["given_name"]
    assert corrected.json()["offer"]["configurations"] == ["enrolment_sd_jwt"]
    withdrawn = client.post(f"{base}/people/S001/withdraw", headers=staff)
    assert withdrawn.json() == {"revoked": 0, "offers": 1}
    assert client.post(f"{base}/people/S001/withdraw", headers=staff).status_code == 409
    many = client.post(f"{base}/offers", json={"type": "enrolment", "dry_run": True}, headers=staff)
    assert many.json()["people"] == 1
    chain = client.post(f"{base}/audit/verify", headers=staff).json()
    assert chain["whole"] is True
    assert client.get(f"{base}/audit", headers=staff).json()["latest"][0]["act"] == "person_withdrawn"


def test_certificates_by_api(school: School) -> None:
    made = make_offer(school.desk, TENANT, school.person(), types=["enrolment"], actor="test")
    Wallet(school).claim(made, copies=3)
    base = f"/{TENANT}/api"
    (held,) = school.client.get(f"{base}/people/S001", headers=school.staff).json()["certificates"]
    assert (held["state"], held["copies"]) == ("valid", 3)
    moved = school.client.post(
        f"{base}/certificates/{held['id']}/status", json={"to": "suspended"}, headers=school.staff
    )
    assert moved.json() == {"copies": 3}
    made_again = school.client.post(f"{base}/people/S001/reissue", json={}, headers=school.staff)
    assert made_again.status_code == 200


def test_keys_by_api(school: School) -> None:
    issue(school)
    base, staff, client = f"/{TENANT}/api", school.staff, school.client

    def keys() -> list[dict[str, Any]]:
        return list(client.get(f"{base}/keys", headers=staff).json()["keys"])

    (first,) = [key for key in keys() if key["alg"] == "ES256"]
    assert (first["state"], first["copies"]) == ("active", 1)
    rotated = client.post(f"{base}/keys/rotate", json={"overlap": 0}, headers=staff).json()
    assert (rotated["replaces"], rotated["made"]) == (first["kid"], True)
    again = client.post(f"{base}/keys/rotate", json={"replacing": first["kid"]}, headers=staff).json()
    assert (again["kid"], again["made"]) == (rotated["kid"], False)
    since = {"since": school.clock.now()}
    fallen = client.post(f"{base}/keys/{first['kid']}/compromised", json=since, headers=staff).json()
    assert (fallen["credentials"], fallen["successor"]) == (1, "")
    asked = {"type": "enrolment", "alg": "EdDSA", "mail": False}
    renewed = client.post(f"{base}/renewals", json=asked, headers=staff).json()
    assert (renewed["people"], renewed["offered"]) == (1, 1)
    assert client.post(f"{base}/keys", json={"alg": "ES384"}, headers=staff).status_code == 200
    states = {(key["alg"], key["state"]) for key in keys()}
    assert states == {("ES256", "compromised"), *((alg, "active") for alg in ("ES256", "EdDSA", "ES384"))}
    for path, body, status in (
        ("keys", {"alg": "none"}, 400),
        ("keys/rotate", {"overlap": -1}, 400),
        ("keys/rotate", {"replacing": "nobody"}, 404),
        ("keys/nobody/compromised", since, 404),
        (f"keys/{first['kid']}/certificate", None, 404),
        (f"keys/{rotated['kid']}/certificate", None, 403),
        ("renewals", {"type": "nothing"}, 400),
    ):
        answer = client.post(f"{base}/{path}", json=body, headers=staff)
        assert answer.status_code == status, (path, answer.text)


def issue(school: School) -> None:
    made = make_offer(school.desk, TENANT, school.person(), types=["enrolment"], actor="test")
    Wallet(school).claim(made)


def test_the_claim_pages_data(school: School) -> None:
    made = make_offer(school.desk, TENANT, school.person(), types=["enrolment"], actor="test")
    token = made.claim_url.rpartition("/")[2]
    view = school.client.get(f"/{TENANT}/api/claims/{token}").json()
    assert (view["state"], view["types"], view["seal"]) == ("open", ["enrolment"], "桜川")
    assert view["link"] == made.link
    Wallet(school).claim(made)
    view = school.client.get(f"/{TENANT}/api/claims/{token}").json()
    assert (view["state"], view["link"]) == ("issued", "")
    assert school.client.get(f"/{TENANT}/api/claims/x{token}").status_code == 404


@pytest.mark.parametrize("authorization", [None, "Bearer tgt_wrong", "Basic abc"])
def test_no_way_in_without_a_token(school: School, authorization: str | None) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    answer = school.client.get(f"/{TENANT}/api/people", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


def staff_operations(school: School) -> list[tuple[str, str]]:
    document: dict[str, Any] = school.client.get("/openapi.json").json()
    return [
        (method, path)
        for path, operations in document["paths"].items()
        for method in operations
        if path.startswith("/{tenant}/api/") and "/claims/" not in path
    ]


def test_the_wrong_tenants_token_opens_nothing(school: School) -> None:
    create_institution(school.desk, OTHER, name_ja="桃山大学", name_en="Momoyama University", actor="test")
    stranger = {"Authorization": f"Bearer {school.deps.login.new_token(OTHER, 'stranger', 'staff')}"}
    operations = staff_operations(school)
    assert len(operations) >= 14
    for method, path in operations:
        address = path.replace("{tenant}", TENANT)
        for name in ("student_number", "offer_id", "certificate_id"):
            address = address.replace("{" + name + "}", "S001")
        answer = school.client.request(method.upper(), address, headers=stranger, json={})
        assert answer.status_code == 401, (method, path, answer.text)


def test_own_token_finds_no_foreign_rows(school: School) -> None:
    create_institution(school.desk, OTHER, name_ja="桃山大学", name_en="Momoyama University", actor="test")
    own = {"Authorization": f"Bearer {school.deps.login.new_token(OTHER, 'registrar', 'staff')}"}
    made = make_offer(school.desk, TENANT, school.person(), types=["enrolment"], actor="test")
    base = f"/{OTHER}/api"
    assert school.client.get(f"{base}/people", headers=own).json()["total"] == 0
    assert school.client.get(f"{base}/offers", headers=own).json()["total"] == 0
    for address in (f"{base}/people/S001", f"{base}/offers/{made.id}"):
        assert school.client.get(address, headers=own).status_code == 404
    reference = made.link.rpartition("%2F")[2]
    assert school.client.get(f"/{OTHER}/offers/{reference}").status_code == 404
    code = school.desk.secrets.token(TENANT, "pre-authorised code", made.id)
    grant = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
    data = {"grant_type": grant, "pre-authorized_code": code, "tx_code": made.tx_code or ""}
    assert school.client.post(f"/{OTHER}/token", data=data).json()["error"] == "invalid_grant"
    wallet = Wallet(school)
    wallet.redeem(made)
    body = {"credential_configuration_id": "enrolment_sd_jwt", "proofs": {"jwt": wallet.proofs()}}
    headers = {"Authorization": f"Bearer {wallet.access_token}"}
    assert school.client.post(f"/{OTHER}/credential", json=body, headers=headers).status_code == 401


def test_wrong_bodies_are_problems(school: School) -> None:
    address = f"/{TENANT}/api/people/S001/offers"
    bodies: list[Any] = [{"types": []}, {"type": "enrolment"}, {"types": ["diploma"]}, {"types": ["graduation"]}, []]
    for body in bodies:
        answer = school.client.post(address, json=body, headers=school.staff)
        assert answer.status_code in (400, 403), answer.text
        assert answer.headers["content-type"] == "application/problem+json"
