"""From an offer to verified credentials, over HTTP, in both formats."""

from __future__ import annotations

from typing import Any

import pytest

from common.formats.registry import FORMATS
from common.jose.jwk import parse_public_jwk
from common.status.token_status_list import parse_status_list_token, verify_status_list_token
from issuer.flows.make_offer import make_offer
from tests.issuer.school import BASE, TENANT, School, Wallet


def verify(school: School, text: str, form: str) -> Any:
    """By the keys that the institution publishes."""
    parsed = FORMATS[form].parse(text)
    kid = (parsed.issuer_key_hint.kid or "").rpartition("#")[2]
    jwks = school.client.get(f"/.well-known/jwt-vc-issuer/{TENANT}").json()["jwks"]["keys"]
    key = next(parse_public_jwk(jwk) for jwk in jwks if jwk["kid"] == kid)
    return FORMATS[form].verify(parsed, key, now=school.clock.now())


def status_of(school: School, credential: Any) -> int:
    uri = credential.status.uri
    answer = school.client.get(uri)
    assert answer.headers["content-type"].startswith("application/statuslist+jwt")
    key = parse_public_jwk(school.client.get(f"/.well-known/jwt-vc-issuer/{TENANT}").json()["jwks"]["keys"][0])
    found = verify_status_list_token(
        parse_status_list_token(answer.text), key, uri=uri, issuer=f"{BASE}/{TENANT}", now=school.clock.now()
    )
    return found.get(credential.status.index)


def test_an_enrolment_certificate_reaches_the_holder(any_school: School) -> None:
    school = any_school
    made = make_offer(school.desk, TENANT, school.person(), types=["enrolment"], actor="test")
    (text,) = Wallet(school).claim(made)
    credential = verify(school, text, "dc+sd-jwt")
    assert credential.types[0] == f"{BASE}/types/enrolment"
    assert credential.subject["family_name"] == "髙橋"
    assert credential.subject["family_name#ja-Kana-JP"] == "タカハシ"
    assert credential.subject["age_equal_or_over"] == {"18": True, "20": True}
    assert credential.subject["eduperson_primary_affiliation"] == "student"
    assert credential.issued_at % 86_400 == 0
    assert status_of(school, credential) == 0


def test_the_same_certificate_as_a_w3c_credential(school: School) -> None:
    made = make_offer(school.desk, TENANT, school.person(), types=["enrolment"], formats=["jwt_vc_json"], actor="test")
    (text,) = Wallet(school).claim(made, "enrolment_w3c_jwt")
    credential = verify(school, text, "jwt_vc_json")
    assert credential.issuer == f"did:web:localhost%3A8101:{TENANT}"
    assert credential.subject["given_name"] == "花子"
    assert "birthdate" not in credential.subject  # nothing can be hidden in this format
    assert credential.holder_did.startswith("did:key:z")
    assert status_of(school, credential) == 0


def test_a_batch_has_distinct_keys_salts_and_indices(school: School) -> None:
    made = make_offer(school.desk, TENANT, school.person(), types=["enrolment"], actor="test")
    texts = Wallet(school).claim(made, copies=10)
    credentials = [verify(school, text, "dc+sd-jwt") for text in texts]
    assert len({one.status.index for one in credentials}) == 10
    assert len({str(one.holder_jwk) for one in credentials}) == 10
    disclosures = [part for text in texts for part in text.split("~")[1:-1]]
    assert len(set(disclosures)) == len(disclosures)
    assert len({(one.issued_at, one.valid_from, one.valid_until) for one in credentials}) == 1


def test_graduates_get_the_other_certificate(school: School) -> None:
    made = make_offer(school.desk, TENANT, school.person("G003"), types=["graduation"], actor="test", tx_code=False)
    (text,) = Wallet(school).claim(made, "graduation_sd_jwt")
    credential = verify(school, text, "dc+sd-jwt")
    assert credential.subject["awarded_date"] == "2024-03-24"
    assert credential.subject["eduperson_primary_affiliation"] == "alum"


def test_copies_beyond_the_advertised_batch_are_refused(school: School) -> None:
    made = make_offer(school.desk, TENANT, school.person(), types=["enrolment"], actor="test")
    wallet = Wallet(school)
    wallet.redeem(made)
    assert wallet.ask("enrolment_sd_jwt", wallet.proofs(11), expect=400)["error"] == "invalid_proof"


def test_one_key_for_two_copies_is_refused(school: School) -> None:
    made = make_offer(school.desk, TENANT, school.person(), types=["enrolment"], actor="test")
    wallet = Wallet(school)
    wallet.redeem(made)
    nonce = wallet.nonce()
    proof = wallet.proofs(1, nonce=nonce)
    assert wallet.ask("enrolment_sd_jwt", proof * 2, expect=400)["error"] == "invalid_proof"


def test_a_nonce_works_once_and_a_lost_answer_is_replaced(school: School) -> None:
    made = make_offer(school.desk, TENANT, school.person(), types=["enrolment"], actor="test")
    wallet = Wallet(school)
    wallet.redeem(made)
    nonce = wallet.nonce()
    first = wallet.ask("enrolment_sd_jwt", wallet.proofs(nonce=nonce))
    assert wallet.ask("enrolment_sd_jwt", wallet.proofs(nonce=nonce), expect=400)["error"] == "invalid_nonce"
    again = wallet.ask("enrolment_sd_jwt", wallet.proofs())
    lost = verify(school, first["credentials"][0]["credential"], "dc+sd-jwt")
    kept = verify(school, again["credentials"][0]["credential"], "dc+sd-jwt")
    assert (status_of(school, lost), status_of(school, kept)) == (1, 0)


@pytest.mark.parametrize("strange", ["", "AAAA", "A" * 51])
def test_foreign_nonces_are_refused(school: School, strange: str) -> None:
    made = make_offer(school.desk, TENANT, school.person(), types=["enrolment"], actor="test")
    wallet = Wallet(school)
    wallet.redeem(made)
    proofs = wallet.proofs(nonce=strange or "x")
    assert wallet.ask("enrolment_sd_jwt", proofs, expect=400)["error"] == "invalid_nonce"


def test_an_old_nonce_is_refused(school: School) -> None:
    made = make_offer(school.desk, TENANT, school.person(), types=["enrolment"], actor="test")
    wallet = Wallet(school)
    wallet.redeem(made)
    nonce = wallet.nonce()
    school.clock.advance(299)
    wallet.ask("enrolment_sd_jwt", wallet.proofs(nonce=nonce))
    nonce = wallet.nonce()
    school.clock.advance(400)
    wallet.post_token({"grant_type": "refresh_token", "refresh_token": wallet.refresh_token})
    assert wallet.ask("enrolment_sd_jwt", wallet.proofs(nonce=nonce), expect=400)["error"] == "invalid_nonce"


def test_unknown_and_uncovered_configurations(school: School) -> None:
    made = make_offer(school.desk, TENANT, school.person(), types=["enrolment"], actor="test")
    wallet = Wallet(school)
    wallet.redeem(made)
    assert wallet.ask("diploma", wallet.proofs(), expect=400)["error"] == "unknown_credential_configuration"
    assert wallet.ask("graduation_sd_jwt", wallet.proofs(), expect=403)["error"] == "insufficient_scope"


def test_access_tokens(school: School) -> None:
    made = make_offer(school.desk, TENANT, school.person(), types=["enrolment"], actor="test")
    wallet = Wallet(school)
    wallet.redeem(made)
    body = {"credential_configuration_id": "enrolment_sd_jwt", "proofs": {"jwt": wallet.proofs()}}
    in_query = school.client.post(f"/{TENANT}/credential?access_token={wallet.access_token}", json=body)
    assert (in_query.status_code, in_query.json()["error"]) == (400, "invalid_request")
    none = school.client.post(f"/{TENANT}/credential", json=body)
    assert none.status_code == 401
    assert none.headers["www-authenticate"].startswith("Bearer")
    school.clock.advance(300)
    assert wallet.ask("enrolment_sd_jwt", wallet.proofs(), expect=401)["error"] == "invalid_token"


def test_identifiers_once_given_must_be_used(school: School) -> None:
    made = make_offer(school.desk, TENANT, school.person(), types=["enrolment"], actor="test")
    wallet = Wallet(school)
    details = '[{"type":"openid_credential","credential_configuration_id":"enrolment_sd_jwt"}]'
    answer = wallet.redeem(made, authorization_details=details)
    (identifier,) = answer["authorization_details"][0]["credential_identifiers"]
    assert wallet.ask("enrolment_sd_jwt", wallet.proofs(), expect=400)["error"] == "invalid_credential_request"
    answer = school.client.post(
        f"/{TENANT}/credential",
        json={"credential_identifier": identifier, "proofs": {"jwt": wallet.proofs()}},
        headers={"Authorization": f"Bearer {wallet.access_token}"},
    )
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"


def test_notifications(school: School) -> None:
    made = make_offer(school.desk, TENANT, school.person(), types=["enrolment"], actor="test")
    wallet = Wallet(school)
    wallet.redeem(made)
    notification_id = wallet.ask("enrolment_sd_jwt", wallet.proofs())["notification_id"]
    headers = {"Authorization": f"Bearer {wallet.access_token}"}
    told = {"notification_id": notification_id, "event": "credential_accepted"}
    for _ in range(2):
        assert school.client.post(f"/{TENANT}/notification", json=told, headers=headers).status_code == 204
    strange = {**told, "notification_id": "other"}
    answer = school.client.post(f"/{TENANT}/notification", json=strange, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_notification_id")
