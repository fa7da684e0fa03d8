"""Somebody who wants somebody else's certificate: guessing, replaying, racing, and talking the issuer's pages into things."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from common.adapters.mail import build_message
from common.encoding import b64url_encode, compact_json
from common.errors import Conflict, Malformed
from common.jose.jwt import build_jwt
from common.keys.software import SoftwareKey
from common.oid4vci.proof_jwt import build_proof_jwt
from common.ports import Mail
from issuer.flows.correct_person import correct_person
from issuer.flows.create_institution import create_institution
from issuer.flows.make_offer import make_offer
from issuer.flows.reissue import reissue
from issuer.flows.withdraw import withdraw
from issuer.store.audit import record
from issuer.store.tables import Grant, Person
from tests.issuer.school import BASE, PRE_AUTHORIZED, TENANT, School, Wallet, open_school

HTML = {"accept": "text/html"}


@pytest.fixture
def school(tmp_path: Path) -> Iterator[School]:
    made = open_school(f"sqlite:///{tmp_path / 'issuer.sqlite3'}", tmp_path)
    yield made
    made.deps.database.close_all()


@pytest.fixture
def any_school(database_url: str, tmp_path: Path) -> Iterator[School]:
    made = open_school(database_url, tmp_path)
    yield made
    made.deps.database.close_all()


def offered(school: School, number: str = "S001", **options: Any) -> Any:
    return make_offer(school.desk, TENANT, school.person(number), types=["enrolment"], actor="test", **options)


# -- the token endpoint ---------------------------------------------------------------------------------------------------


def test_a_token_request_meant_for_another_issuer_is_refused(school: School) -> None:
    """Mix-up: a wallet that was lured by evil.example says so in ``locations`` (OpenID4VCI 1.0 §6.1)."""
    made = offered(school)
    for location, expect in (("https://evil.example", 400), (f"{BASE}/{TENANT}", 200)):
        detail = {
            "type": "openid_credential",
            "credential_configuration_id": "enrolment_sd_jwt",
            "locations": [location],
        }
        Wallet(school).redeem(made, expect=expect, authorization_details=compact_json([detail]).decode())


def test_codes_over_many_offers_from_one_address_are_stopped_before_they_are_tried(tmp_path: Path) -> None:
    """Five tries an offer are few, but somebody with a hundred links has five hundred. The limit of his address ends them all,
    the right code included: else the answer 429 would only say *wrong* in another word."""
    school = open_school(f"sqlite:///{tmp_path / 'i.sqlite3'}", tmp_path, guess_limit="6/minute")
    offers = [offered(school, number) for number in ("S001", "S002", "S001", "S002")]
    answers = []
    for made in offers[:3]:
        for _ in range(3):
            code = school.desk.secrets.token(TENANT, "pre-authorised code", made.id)
            wrong = "000000" if made.tx_code != "000000" else "000001"
            form = {"grant_type": PRE_AUTHORIZED, "pre-authorized_code": code, "tx_code": wrong}
            answers.append(school.client.post(f"/{TENANT}/token", data=form).status_code)
    assert answers[:6] == [400] * 6
    assert set(answers[6:]) == {429}
    right = {
        "grant_type": PRE_AUTHORIZED,
        "pre-authorized_code": school.desk.secrets.token(TENANT, "pre-authorised code", offers[3].id),
        "tx_code": offers[3].tx_code,
    }
    assert school.client.post(f"/{TENANT}/token", data=right).status_code == 429
    school.clock.advance(60)
    assert school.client.post(f"/{TENANT}/token", data=right).status_code == 200
    school.deps.database.close_all()


@pytest.mark.parametrize("typed", ["０００００００", "12345", "1234567", "-00001", " 00001", "None", "", "0x1e24"])
def test_a_transaction_code_is_compared_as_text(school: School, typed: str) -> None:
    made = offered(school)
    form = {
        "grant_type": PRE_AUTHORIZED,
        "pre-authorized_code": school.desk.secrets.token(TENANT, "pre-authorised code", made.id),
        "tx_code": typed,
    }
    assert school.client.post(f"/{TENANT}/token", data=form).status_code == 400


@pytest.mark.parametrize("where", ["code", "refresh", "access"])
def test_what_was_given_by_one_institution_is_worth_nothing_at_another(school: School, where: str) -> None:
    create_institution(school.desk, "momoyama", name_ja="桃山大学", name_en="Momoyama", seal="桃山", actor="test")
    wallet, made = Wallet(school), offered(school)
    code = school.desk.secrets.token(TENANT, "pre-authorised code", made.id)
    if where == "code":
        form = {"grant_type": PRE_AUTHORIZED, "pre-authorized_code": code, "tx_code": made.tx_code}
        assert school.client.post("/momoyama/token", data=form).status_code == 400
        return
    wallet.redeem(made)
    if where == "refresh":
        form = {"grant_type": "refresh_token", "refresh_token": wallet.refresh_token}
        assert school.client.post("/momoyama/token", data=form).status_code == 400
        return
    proof = wallet.proofs()
    answer = school.client.post(
        "/momoyama/credential",
        json={"credential_configuration_id": "enrolment_sd_jwt", "proofs": {"jwt": proof}},
        headers={"Authorization": f"Bearer {wallet.access_token}"},
    )
    assert answer.status_code == 401


# -- key proofs -------------------------------------------------------------------------------------------------------------


def _proof(school: School, **header: Any) -> tuple[str, SoftwareKey]:
    key = SoftwareKey.generate()
    nonce = school.client.post(f"/{TENANT}/nonce").json()["c_nonce"]
    claims = {"aud": f"{BASE}/{TENANT}", "iat": school.clock.now(), "nonce": nonce}
    return build_jwt({"typ": "openid4vci-proof+jwt", **header}, claims, key), key


def test_a_proof_for_a_key_that_is_not_the_signers(school: School) -> None:
    """Somebody else's public key in ``jwk``, our signature below: the certificate would be bound to a key we do not have."""
    wallet = Wallet(school)
    wallet.redeem(offered(school))
    victim = SoftwareKey.generate().public_jwk()
    text, _ = _proof(school, jwk={name: victim[name] for name in ("kty", "crv", "x", "y")})
    assert wallet.ask("enrolment_sd_jwt", [text], expect=400)["error"] == "invalid_proof"


@pytest.mark.parametrize(
    "injected",
    [
        {"jku": "https://evil.example/keys"},
        {"x5u": "https://evil.example/chain"},
        {"jwk": {"kty": "oct", "k": "AAAA"}},
        {"kid": "did:web:evil.example#key"},
        {"kid": "https://evil.example/key"},
        {"jwk": {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}},
        {"x5c": ["AAAA"]},
    ],
)
def test_keys_injected_by_header(school: School, injected: dict[str, Any]) -> None:
    wallet = Wallet(school)
    wallet.redeem(offered(school))
    text, _ = _proof(school, **injected)
    assert wallet.ask("enrolment_sd_jwt", [text], expect=400)["error"] == "invalid_proof"


@pytest.mark.parametrize("alg", ["none", "None", "HS256", "RS256", "ES256K", ""])
def test_algorithms_that_prove_nothing(school: School, alg: str) -> None:
    wallet = Wallet(school)
    wallet.redeem(offered(school))
    (good,) = wallet.proofs()
    _, payload, signature = good.split(".")
    jwk = SoftwareKey.generate().public_jwk()
    header = b64url_encode(compact_json({"alg": alg, "typ": "openid4vci-proof+jwt", "jwk": jwk}))
    for text in (f"{header}.{payload}.", f"{header}.{payload}.{signature}"):
        assert wallet.ask("enrolment_sd_jwt", [text], expect=400)["error"] == "invalid_proof"


def test_a_nonce_is_used_once_even_with_another_key_and_another_grant(school: School) -> None:
    one, two = Wallet(school), Wallet(school)
    one.redeem(offered(school))
    two.redeem(offered(school, "S002"))
    nonce = one.nonce()
    one.ask("enrolment_sd_jwt", one.proofs(nonce=nonce))
    assert two.ask("enrolment_sd_jwt", two.proofs(nonce=nonce), expect=400)["error"] == "invalid_nonce"


def test_a_proof_made_for_another_issuer(school: School) -> None:
    """An evil issuer relays the honest one's nonce and forwards the proof: ``aud`` says whom it was made for."""
    wallet = Wallet(school)
    wallet.redeem(offered(school))
    text = build_proof_jwt(
        SoftwareKey.generate(), issuer="https://evil.example", nonce=wallet.nonce(), now=school.clock.now()
    )
    assert wallet.ask("enrolment_sd_jwt", [text], expect=400)["error"] == "invalid_proof"


# -- races of the staff's acts with a claim -------------------------------------------------------------------------------------


def test_a_code_redeemed_while_the_phone_is_reported_lost_gives_nothing(
    any_school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thief's redemption has written its grant and not committed yet when the registrar presses *lost phone*."""
    school = any_school
    Wallet(school).claim(offered(school))
    second = offered(school)
    thief = Wallet(school)
    written, go_on = threading.Event(), threading.Event()

    def slow_record(*arguments: Any, **words: Any) -> None:
        record(*arguments, **words)
        written.set()
        go_on.wait(3)

    monkeypatch.setattr("issuer.flows.redeem_code.record", slow_record)
    theft = threading.Thread(target=thief.redeem, args=(second,))
    theft.start()
    assert written.wait(5)
    lost = threading.Thread(target=reissue, args=(school.desk, TENANT, school.person()), kwargs={"actor": "test"})
    lost.start()
    lost.join(0.5)  # on PostgreSQL it has read by now what there is, and waits for the row that the thief holds
    go_on.set()
    theft.join(20)
    lost.join(20)
    living = Grant.select().where(
        Grant.tenant == TENANT, (Grant.access_expires_at > school.clock.now()) | (Grant.refresh_hash != "")
    )
    assert [grant.offer_id for grant in living] == []
    thief.ask("enrolment_sd_jwt", thief.proofs(), expect=401)


def test_a_correction_begun_before_a_withdrawal_does_not_undo_it(school: School) -> None:
    """Two of the staff at work: one has the student's page open while the other withdraws the student."""
    seen_before = school.person()
    withdraw(school.desk, TENANT, school.person(), actor="one")
    with pytest.raises(Conflict):
        correct_person(school.desk, TENANT, seen_before, {"faculty": "薬学部"}, actor="two")
    assert Person.get(Person.tenant == TENANT, Person.student_number == "S001").status == "withdrawn"


def test_a_withdrawal_begun_before_a_correction_does_not_undo_it(school: School) -> None:
    seen_before = school.person()
    correct_person(school.desk, TENANT, school.person(), {"family_name": "新名"}, actor="one")
    with pytest.raises(Conflict):
        withdraw(school.desk, TENANT, seen_before, actor="two")
    found = Person.get(Person.tenant == TENANT, Person.student_number == "S001")
    assert (found.family_name, found.status) == ("新名", "enrolled")


# -- addresses, headers, pages, mails ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "tenant",
    ["%5Cevil.example", "%5C%5Cevil.example", "x%0d%0aSet-Cookie:%20a=b", "桜", "%00", "evil.example%5C@", "%2e%2e"],
)
@pytest.mark.parametrize("page", ["staff", "staff/roll", "staff/record", "staff/import"])
def test_no_redirect_leads_out_and_no_header_is_smuggled_in(school: School, tenant: str, page: str) -> None:
    answer = school.client.get(f"/{tenant}/{page}", headers=HTML, follow_redirects=False)
    assert answer.status_code < 500
    target = answer.headers.get("location", "/")
    assert target.startswith("/")
    assert not target.startswith(("//", "/\\"))
    assert "\r" not in target
    assert "\n" not in target
    assert "set-cookie" not in answer.headers


HOSTILE_NAMES = ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{7*7}}", "${7*7}", "'-alert(1)-'")


def test_names_in_the_roll_are_text_on_every_page(school: School) -> None:
    number = 0
    for name in HOSTILE_NAMES:
        number += 1
        Person.insert(
            tenant=TENANT,
            id=f"hostile{number}",
            **{
                **dict.fromkeys(("given_name_kana", "family_name_latin", "given_name_latin", "graduated_on"), ""),
                "student_number": f"X{number}",
                "family_name": name,
                "given_name": name,
                "family_name_kana": name,
                "birth_date": "2005-01-01",
                "email": f"x{number}@example.jp",
                "faculty": name,
                "department": name,
                "degree": "",
                "enrolled_on": "2024-04-01",
                "status": "enrolled",
                "withdrawn_on": "",
                "language": "ja",
                "search": name,
                "fingerprint": str(number),
                "created_at": 1,
                "updated_at": 1,
            },
        ).execute()
    browser = school.client
    browser.get(f"/{TENANT}/staff/login", headers=HTML)
    login = {"token": school.token, "csrf_token": browser.cookies["csrf-issuer"]}
    assert browser.post(f"/{TENANT}/staff/login", data=login, headers=HTML).status_code == 200
    made = offered(school, "X1")
    pages = [f"/{TENANT}/staff/roll?q=%3Cscript%3E", made.claim_url.removeprefix(BASE), f"/{TENANT}/staff/offers"]
    pages += [f"/{TENANT}/staff/people/hostile{one}" for one in range(1, number + 1)]
    for page in pages:
        text = browser.get(page, headers=HTML).text
        for name in HOSTILE_NAMES[:2]:
            assert name not in text, page
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert ">49<" not in text


@pytest.mark.parametrize(
    "to", ["a@example.jp\r\nBcc: all@example.jp", "a@example.jp, b@example.jp", "a@example.jp\nX: y", "<a@b>,c@d", ""]
)
def test_a_mail_address_smuggles_no_header_and_no_second_recipient(school: School, to: str) -> None:
    with pytest.raises(Malformed):
        build_message(Mail(to=to, subject="s", text="t"), school.deps.settings, now=1)


def test_a_subject_smuggles_no_header(school: School) -> None:
    with pytest.raises(Malformed):
        build_message(Mail(to="a@example.jp", subject="x\r\nBcc: b@example.jp", text="t"), school.deps.settings, now=1)
