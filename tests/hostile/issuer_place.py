"""The issuer with two institutions: rolls, open and claimed offers, certificates, uploads, staff."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from common import cbor
from common.cards.binding import SharedSession
from common.cards.reading import encode_reading
from common.keys.software import SoftwareKey
from common.oid4vci.proof_jwt import build_proof_jwt
from issuer.connectors.csv_file import read_rows
from issuer.flows.accept_card import accept_card
from issuer.flows.create_institution import create_institution
from issuer.flows.did_log import publish_did_log
from issuer.flows.import_roll import import_roll
from issuer.flows.make_offer import make_offer
from issuer.flows.open_card_session import open_card_session
from issuer.flows.person_facts import find_person
from issuer.store.tables import Credential
from tests.cards.my_number_reader import NOW, trust
from tests.cards.my_number_world import card
from tests.fakes.app_client import AppClient
from tests.hostile import issuer_events
from tests.hostile.residents import Door, Place, Resident
from tests.issuer.card_desk import read_my_number
from tests.issuer.school import BASE, HEADER, PRE_AUTHORIZED, ROLL, TENANT, School, open_school

OTHER = "momoyama"
OTHER_ROLL = f"""{HEADER}
M001,星野,桃子,ホシノ,モモコ,Hoshino,Momoko,2004-02-29,momoko@momoyama.example,医学部,医学科,学士（医学）,2023-04-01,,enrolled,,ja
M002,岩城,剛,イワキ,ツヨシ,Iwaki,Tsuyoshi,2003-12-31,tsuyoshi@momoyama.example,法学部,法律学科,学士（法学）,2022-04-01,,enrolled,,en
M003,鳴海,涼,ナルミ,リョウ,Narumi,Ryo,2003-11-30,ryo@momoyama.example,法学部,法律学科,学士（法学）,2022-04-01,,enrolled,,en
"""
SECRETS = ("銚子市", "星野", "Hoshino", "momoko@", "岩城", "Iwaki", "鳴海", "Narumi", "2004-02-29")
OWN_SECRETS = ("西新宿", "髙橋", "Takahashi", "hanako@", "𠮷田", "Yoshida")
PUBLIC = frozenset(
    {
        Door("GET", "/.well-known/jwt-vc-issuer/{tenant}"),
        Door("GET", "/.well-known/oauth-authorization-server/{tenant}"),
        Door("GET", "/.well-known/openid-credential-issuer/{tenant}"),
        Door("GET", "/{tenant}/did.json"),
        Door("GET", "/{tenant}/did.jsonl"),
        Door("GET", "/{tenant}/did-witness.json"),
        Door("GET", "/{tenant}/offers/{reference}"),
        Door("POST", "/{tenant}/token"),
        Door("POST", "/{tenant}/nonce"),
        Door("GET", "/{tenant}/status"),
        Door("GET", "/{tenant}/status/{list_id}"),
        Door("GET", "/{tenant}/status/{list_id}/changes"),
        Door("GET", "/{tenant}/status/{list_id}/{purpose}"),
        Door("GET", "/{tenant}/time-stamps/{digest}"),
        Door("GET", "/{tenant}/api/claims/{claim_token}"),
        Door("POST", "/{tenant}/api/claims/{claim_token}/code"),
        Door("GET", "/{tenant}/card"),
        Door("POST", "/{tenant}/card"),
        Door("GET", "/{tenant}/card/{session_id}/{token}"),
        Door("GET", "/{tenant}/claim/{claim_token}"),
        Door("POST", "/{tenant}/claim/{claim_token}"),
        Door("GET", "/{tenant}/staff"),
        Door("GET", "/{tenant}/staff/login"),
        Door("POST", "/{tenant}/staff/login"),
        Door("POST", "/{tenant}/staff/logout"),
    }
)


def _bearer(who: Resident) -> dict[str, str]:
    return {"Authorization": f"Bearer {who.known['access_token']}"}


def _nothing(_: Resident) -> dict[str, Any]:
    return {}


def _empty(_: Resident) -> dict[str, Any]:
    return {"json": {}}


def _roll(_: Resident) -> dict[str, Any]:
    return {"files": {"file": ("roll.csv", ROLL.encode(), "text/csv")}, "data": {"dry_run": "true"}}


def _document(tenant: str) -> dict[str, Any]:
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": f"did:web:localhost%3A8101:{tenant}",
        "credentialSubject": {"id": "did:example:alice", "name": "Alice"},
    }


FORMS = {
    Door("POST", "/{tenant}/token"): lambda who: {
        "data": {
            "grant_type": PRE_AUTHORIZED,
            "pre-authorized_code": who.known["code"],
            "tx_code": who.known["tx_code"],
        }
    },
    Door("GET", "/{tenant}/status/{list_id}/changes"): lambda _: {"params": {"since": 0}},
    Door("POST", "/{tenant}/nonce"): _nothing,
    Door("POST", "/{tenant}/credential"): lambda who: {
        "json": {"credential_configuration_id": "enrolment_sd_jwt", "proofs": {"jwt": [who.known["proof"]]}}
    },
    Door("POST", "/{tenant}/notification"): lambda who: {
        "json": {"notification_id": who.known["notification_id"], "event": "credential_accepted"}
    },
    Door("POST", "/{tenant}/api/roll"): _roll,
    Door("POST", "/{tenant}/api/people/{student_number}/correct"): lambda _: {
        "json": {"changes": {"faculty": "薬学部"}}
    },
    Door("POST", "/{tenant}/api/people/{student_number}/withdraw"): _nothing,
    Door("POST", "/{tenant}/api/people/{student_number}/reissue"): _empty,
    Door("POST", "/{tenant}/api/certificates/{certificate_id}/status"): lambda _: {"json": {"to": "suspended"}},
    Door("POST", "/{tenant}/api/people/{student_number}/offers"): _empty,
    Door("POST", "/{tenant}/card"): _nothing,
    Door("POST", "/{tenant}/api/cards/sessions"): _nothing,
    Door("POST", "/{tenant}/api/cards/invitations"): _nothing,
    Door("POST", "/{tenant}/api/cards/sessions/{session_id}/readings"): lambda who: {
        "content": bytes.fromhex(who.known["readings"]),
        "headers": {"Content-Type": "application/cbor"},
    },
    Door("POST", "/{tenant}/api/cards/sessions/{session_id}/attempts"): lambda _: {"json": {"reader": "desk"}},
    Door("POST", "/{tenant}/api/cards/sessions/{session_id}/attempts/right"): lambda _: {
        "json": {"reader": "desk", "attempt": 1}
    },
    Door("POST", "/{tenant}/api/cards/sessions/{session_id}/offer"): lambda _: {"json": {"types": ["age"]}},
    Door("POST", "/{tenant}/api/offers"): lambda _: {"json": {"type": "enrolment", "dry_run": True}},
    Door("POST", "/{tenant}/api/offers/{offer_id}/mail"): _nothing,
    Door("POST", "/{tenant}/api/offers/{offer_id}/cancel"): _nothing,
    Door("POST", "/{tenant}/api/audit/verify"): _nothing,
    Door("POST", "/{tenant}/api/keys"): lambda _: {"json": {"alg": "EdDSA"}},
    Door("POST", "/{tenant}/api/keys/rotate"): _empty,
    Door("POST", "/{tenant}/api/keys/{kid}/compromised"): lambda _: {"json": {"since": 1}},
    Door("POST", "/{tenant}/api/keys/{kid}/certificate"): _nothing,
    Door("POST", "/{tenant}/api/renewals"): lambda _: {"json": {"type": "enrolment", "mail": False}},
    Door("POST", "/{tenant}/credentials/issue"): lambda who: {"json": {"credential": _document(who.slug)}},
    Door("POST", "/{tenant}/credentials/status"): lambda who: {
        "json": {
            "credentialId": who.known["document_id"],
            "credentialStatus": {"type": "BitstringStatusListEntry", "statusPurpose": "suspension"},
        }
    },
    Door("POST", "/{tenant}/credentials/derive"): lambda who: {
        "json": {"verifiableCredential": json.loads(who.known["base_proof"])}
    },
    Door("POST", "/{tenant}/api/claims/{claim_token}/code"): lambda who: {
        "json": {"birth_date": who.known["birth_date"]}
    },
    Door("POST", "/{tenant}/claim/{claim_token}"): lambda who: {"data": {"birth_date": who.known["birth_date"]}},
    Door("POST", "/{tenant}/staff/login"): lambda who: {"data": {"token": who.known["staff_token"]}},
    Door("POST", "/{tenant}/staff/logout"): _nothing,
    Door("POST", "/{tenant}/staff/people/{person_id}/offer"): lambda _: {"data": {"type": "enrolment"}},
    Door("POST", "/{tenant}/staff/people/{person_id}/correct"): lambda _: {"data": {"faculty": "歯学部"}},
    Door("POST", "/{tenant}/staff/people/{person_id}/withdraw"): _nothing,
    Door("POST", "/{tenant}/staff/people/{person_id}/lost"): _nothing,
    Door("POST", "/{tenant}/staff/people/{person_id}/certificates/{credential_id}"): lambda _: {
        "data": {"act": "suspend"}
    },
    Door("POST", "/{tenant}/staff/offers/many"): lambda _: {"data": {"type": "enrolment"}},
    Door("POST", "/{tenant}/staff/offers/{offer_id}/mail"): _nothing,
    Door("POST", "/{tenant}/staff/offers/{offer_id}/cancel"): _nothing,
    Door("POST", "/{tenant}/staff/offers/{offer_id}/certificates/{credential_id}"): lambda _: {
        "data": {"act": "suspend"}
    },
    Door("POST", "/{tenant}/staff/cards"): _nothing,
    Door("POST", "/{tenant}/staff/cards/{session_id}/withdraw"): _nothing,
    Door("POST", "/{tenant}/staff/import"): lambda _: {"files": {"file": ("roll.csv", ROLL.encode(), "text/csv")}},
    Door("POST", "/{tenant}/staff/import/{job_id}"): _nothing,
    Door("POST", "/{tenant}/staff/record"): _nothing,
}


def open_issuer(folder: Path, **settings: Any) -> Place:
    """A fresh issuer with two institutions in ``folder``. Close it at the end."""
    database = folder / "issuer.sqlite3"
    school = open_school(f"sqlite:///{database}", folder, card_trust_given=trust(), now=NOW, card_page=True, **settings)
    desk = school.desk
    create_institution(desk, OTHER, name_ja="桃山大学", name_en="Momoyama University", seal="桃山", actor="test")
    import_roll(desk, OTHER, read_rows(io.BytesIO(OTHER_ROLL.encode())), actor="test")
    a = _settle(school, TENANT, "S001", "S002", ROLL, OWN_SECRETS)
    b = _settle(school, OTHER, "M001", "M002", OTHER_ROLL, SECRETS)
    return Place(
        name="issuer",
        app=school.client.app,  # type: ignore[arg-type]  # the app that build_app made
        client=school.client,
        database=database,
        a=a,
        b=b,
        public=PUBLIC | issuer_events.PUBLIC,
        forms=FORMS | issuer_events.FORMS,
        pages_login="/{tenant}/staff/login",
        csrf_cookie="csrf-issuer",
        own_headers={
            "/{tenant}/credential": _bearer,
            "/{tenant}/notification": _bearer,
            issuer_events.HUBS_LOCK: issuer_events.hubs_token,
        },
        foreign={Door("POST", "/{tenant}/token"): frozenset({400})},
        close=school.deps.database.close_all,
    )


def _settle(school: School, tenant: str, claimed: str, waiting: str, roll: str, secrets: tuple[str, ...]) -> Resident:
    """One person has claimed a certificate, another has an open offer, and a third one's code is redeemed but not used yet."""
    desk, client = school.desk, school.client
    token = school.deps.login.new_token(tenant, "registrar", "staff")
    holder = find_person(tenant, student_number=claimed)
    made = make_offer(desk, tenant, holder, types=["enrolment"], actor="test")
    access = _redeem(school, tenant, made)
    answer = client.post(
        f"/{tenant}/credential",
        json={"credential_configuration_id": "enrolment_sd_jwt", "proofs": {"jwt": [_proof(school, tenant)]}},
        headers={"Authorization": f"Bearer {access}"},
    )
    assert answer.status_code == 200, answer.text
    copy = Credential.get(Credential.tenant == tenant)
    publish_did_log(desk, tenant, actor="test")
    opened = make_offer(desk, tenant, find_person(tenant, student_number=waiting), types=["enrolment"], actor="test")
    reference = unquote(opened.link).rpartition("/")[2]
    offer = client.get(f"/{tenant}/offers/{reference}").json()
    browser = AppClient(school.client.app, base_url=BASE)
    login = f"/{tenant}/staff/login"
    browser.get(login)
    form = {"token": token, "csrf_token": browser.cookies["csrf-issuer"]}
    assert browser.post(login, data=form, follow_redirects=False).status_code == 303
    upload = browser.post(
        f"/{tenant}/staff/import",
        data={"csrf_token": form["csrf_token"]},
        files={"file": ("roll.csv", roll.encode(), "text/csv")},
        follow_redirects=False,
    )
    assert upload.status_code == 303, upload.text
    card_session, readings = _read_card(school, tenant, "hanako" if tenant == TENANT else "takasaki")
    event_ids, event_known = issuer_events.settle_event(school, tenant, browser, secrets[1])
    people = client.get(f"/{tenant}/api/people/{claimed}", headers={"Authorization": f"Bearer {token}"}).json()
    return Resident(
        slug=tenant,
        ids={
            "student_number": claimed,
            "person_id": str(holder.id),
            "offer_id": opened.id,
            "session_id": card_session,
            "token": school.desk.secrets.token(tenant, "card session", card_session),
            "reference": reference,
            "claim_token": opened.claim_url.rpartition("/")[2],
            "certificate_id": people["certificates"][0]["id"],
            "credential_id": people["certificates"][0]["id"],
            "list_id": str(copy.list_id),
            "purpose": "revocation",
            "digest": ("d" if tenant == TENANT else "e") * 43,
            "job_id": upload.headers["location"].rpartition("/")[2],
            "what": "lost",
            "kid": str(copy.kid),
            **event_ids,
        },
        headers={"Authorization": f"Bearer {token}"},
        secrets=secrets,
        browser=browser,
        known={
            "code": offer["grants"][PRE_AUTHORIZED]["pre-authorized_code"],
            "tx_code": str(opened.tx_code),
            "access_token": access,
            "proof": _proof(school, tenant),
            "notification_id": json.loads(answer.text)["notification_id"],
            "staff_token": token,
            **event_known,
            "readings": readings.hex(),
            "birth_date": str(find_person(tenant, student_number=waiting).birth_date),
            "document_id": _issue(school, tenant, token, status=["suspension"])["id"],
            "base_proof": json.dumps(_issue(school, tenant, token, cryptosuite="ecdsa-sd-2023")),
        },
    )


def _read_card(school: School, tenant: str, person: str) -> tuple[str, bytes]:
    """A card that was read and judged, and of which nothing was offered yet. Answers its session, and the readings as they went over."""
    session = open_card_session(school.desk, tenant, actor="test")
    reading = read_my_number(session.challenge, card(person, pretends=True), person=person)
    accepted = accept_card(school.desk, tenant, session.id, [reading], shared=SharedSession.OWN_READER, actor="test")
    assert "age" in accepted.types
    return session.id, cbor.encode([encode_reading(reading)])


def _issue(school: School, tenant: str, token: str, **options: Any) -> dict[str, Any]:
    """A document secured by the VC API."""
    answer = school.client.post(
        f"/{tenant}/credentials/issue",
        json={"credential": _document(tenant), "options": options},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 201, answer.text
    return dict(answer.json()["verifiableCredential"])


def _redeem(school: School, tenant: str, made: Any) -> str:
    reference = unquote(made.link).rpartition("/")[2]
    offer = school.client.get(f"/{tenant}/offers/{reference}").json()
    form = {
        "grant_type": PRE_AUTHORIZED,
        "pre-authorized_code": offer["grants"][PRE_AUTHORIZED]["pre-authorized_code"],
        "tx_code": made.tx_code,
    }
    return str(school.client.post(f"/{tenant}/token", data=form).json()["access_token"])


def _proof(school: School, tenant: str) -> str:
    nonce = school.client.post(f"/{tenant}/nonce").json()["c_nonce"]
    return build_proof_jwt(SoftwareKey.generate(), issuer=f"{BASE}/{tenant}", nonce=nonce, now=school.clock.now())
