"""Scenes at the registrar's office. They are played at an institution of their own, since one of them offers to everybody."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from examples.demo.people import NotDone, Registrar
from examples.demo.story import ROLL
from tests.stories.own_wallet import OwnWallet
from tests.stories.scene import Scene
from tests.stories.stage import Stage
from tests.stories.watch import Watch

SCHOOL = "kita"
NUMBERS = (f"26K{number:05}" for number in itertools.count(1))
SCHOOLS = (f"school-{number}" for number in itertools.count(1))
FREE_OF_CODES: dict[str, Any] = {"tx_code": False}


def open_school(stage: Stage, slug: str = SCHOOL) -> None:
    """The institution with its own registrar, once."""
    if slug in stage.offices:
        return
    words = ("new-institution", slug, "--name-ja", "北大学", "--name-en", "Kita University", "--json")
    office = Registrar(stage.cast, slug)
    office.http.headers["Authorization"] = f"Bearer {json.loads(stage.cast.issuer.command(*words))['token']}"
    stage.offices[slug] = office


def enrol(stage: Stage, insist: Callable[[Callable[[], Any]], Any] = lambda act: act(), *, school: str = SCHOOL) -> str:
    """One more student by a roll of one row: the number. The import is repeated until it is answered."""
    number = next(NUMBERS)
    head, hanako = ROLL.read_text(encoding="utf-8-sig").splitlines()[:2]
    file = Path(stage.cast.folder, f"{number}.csv")
    file.write_text(f"{head}\n{hanako.replace('24S00001', number)}\n", encoding="utf-8")
    report = insist(lambda: stage.offices[school].import_roll(file))
    assert report["added"] + report["same"] == 1
    return number


def enter(stage: Stage, watch: Watch) -> None:
    """A student enters, is offered a certificate with all the others, and the offer is taken back."""
    office, number = stage.offices[SCHOOL], enrol(stage, watch.insist)
    wanted = {"type": "enrolment", "mail": False}
    watch.insist(lambda: office.ask("POST", f"{office.base}/offers", json=wanted))
    (offer,) = watch.insist(lambda: office.person(number))["offers"]
    cancel = f"{office.base}/offers/{offer['id']}/cancel"
    once(watch, lambda: office.ask("POST", cancel), "offer_over")
    (offer,) = watch.insist(lambda: office.person(number))["offers"]
    assert offer["state"] == "cancelled"


def first_certificate(stage: Stage, watch: Watch) -> None:
    """A new institution's first certificate opens its first status list."""
    school = next(SCHOOLS)
    open_school(stage, school)
    made = stage.offices[school].offer(enrol(stage, school=school), **FREE_OF_CODES)
    wallet = OwnWallet(cast=stage.cast, tenant=school)
    token = wallet.post(wallet.token_message(made)).json()["access_token"]
    message = wallet.credential_message(token, nonce=wallet.nonce())
    assert watch.insist(lambda: wallet.post(message)).status_code == 200
    lists = "SELECT COUNT(*) FROM statuslist WHERE tenant = ? AND next_position > 0"
    assert stage.ledger("issuer").one(lists, school) == 1


def mail(stage: Stage, watch: Watch) -> None:
    """An offer goes into the outbox once. A registrar who heard nothing looks whether it is there, and sends it from there.

    The student, who has only the mail, is told the transaction code for the birth date.
    """
    office, number = stage.offices[SCHOOL], enrol(stage)
    path, wanted = f"{office.base}/people/{number}/offers", {"types": ["enrolment"], "mail": True}

    def offer() -> str:
        known = [one["id"] for one in office.person(number)["offers"] if one["state"] == "open"]
        if known:
            office.ask("POST", f"{office.base}/offers/{known[0]}/mail")
        return str(known[0] if known else office.ask("POST", path, json=wanted)["id"])

    offer_id = watch.insist(offer)
    waiting = "SELECT COUNT(*) FROM outboxmail WHERE offer_id = ? AND state = 'queued'"
    assert stage.ledger("issuer").one(waiting, offer_id) == 1
    made = watch.insist(lambda: office.show_offer(offer_id))
    code = f"{office.base}/claims/{made['claim_url'].rpartition('/')[2]}/code"
    told = watch.insist(lambda: office.ask("POST", code, json={"birth_date": "2005-11-03"}))
    assert told["tx_code"] == made["tx_code"]
    watch.insist(lambda: office.ask("POST", f"{office.base}/offers/{offer_id}/cancel"))
    assert stage.ledger("issuer").one(waiting, offer_id) == 0


def guess(stage: Stage, watch: Watch) -> None:
    """Somebody guesses at a transaction code: every guess counts, also one whose answer was lost, and the offer dies in time."""
    office, wallet = stage.offices[SCHOOL], OwnWallet(cast=stage.cast, tenant=SCHOOL)
    made = office.offer(enrol(stage))
    wrong = wallet.token_message(made, tx_code="000000" if made["tx_code"] != "000000" else "000001")
    for _ in range(5):
        assert watch.insist(lambda: wallet.post(wrong)).status_code == 400
    right = wallet.token_message(made)
    assert watch.insist(lambda: wallet.post(right)).status_code == 400
    assert offer_state(stage, made) == "dead"


def change(stage: Stage, watch: Watch) -> None:
    """A name changes, a phone is lost, a certificate is suspended and reinstated, a student leaves."""
    office, number = stage.offices[SCHOOL], enrol(stage)
    wallet = OwnWallet(cast=stage.cast, tenant=SCHOOL)
    wallet.claim(office.offer(number, **FREE_OF_CODES))
    path = f"{office.base}/people/{number}"
    changes = {"changes": {"family_name": "𠮷野"}, **FREE_OF_CODES}
    watch.insist(lambda: office.ask("POST", f"{path}/correct", json=changes))
    assert watch.insist(lambda: office.person(number))["person"]["family_name"] == "𠮷野"
    assert live_sets(stage, number) == 1  # the old one, until the new one is claimed
    wallet.claim(newest_offer(stage, watch, number))
    assert live_sets(stage, number) == 1
    once(watch, lambda: office.ask("POST", f"{path}/reissue", json=FREE_OF_CODES), "nothing_to_reissue")
    assert live_sets(stage, number) == 0
    wallet.claim(newest_offer(stage, watch, number))
    held = [one for one in watch.insist(lambda: office.person(number))["certificates"] if one["state"] == "valid"]
    status = f"{office.base}/certificates/{held[0]['id']}/status"
    once(watch, lambda: office.ask("POST", status, json={"to": "suspended"}), "already_moved")
    once(watch, lambda: office.ask("POST", status, json={"to": "valid"}), "already_moved")
    assert live_sets(stage, number) == 1
    once(watch, lambda: office.withdraw(number), "already_withdrawn")
    assert live_sets(stage, number) == 0


def renew(stage: Stage, watch: Watch) -> None:
    """A refresh token works once, whether or not its answer arrived."""
    wallet = OwnWallet(cast=stage.cast, tenant=SCHOOL)
    made = stage.offices[SCHOOL].offer(enrol(stage))
    token = wallet.post(wallet.token_message(made)).json()
    message = wallet.refresh_message(token["refresh_token"])
    answers = [watch.insist(lambda: wallet.post(message)).status_code for _ in range(2)]
    assert answers in ([200, 400], [400, 400])


def once(watch: Watch, act: Callable[[], Any], already: str) -> None:
    """Done now, or by the try whose answer was lost."""
    try:
        watch.insist(act)
    except NotDone as no:
        if no.problem.get("code") != already or not watch.deaths:
            raise


def newest_offer(stage: Stage, watch: Watch, number: str) -> dict[str, Any]:
    office = stage.offices[SCHOOL]
    offers = [one for one in watch.insist(lambda: office.person(number))["offers"] if one["state"] == "open"]
    assert len(offers) == 1
    return watch.insist(lambda: office.show_offer(offers[0]["id"]))


def offer_state(stage: Stage, made: dict[str, Any]) -> str:
    return str(stage.ledger("issuer").one("SELECT state FROM offer WHERE id = ?", made["id"]))


def live_sets(stage: Stage, number: str) -> int:
    query = (
        "SELECT COUNT(DISTINCT c.batch_id) FROM credential c JOIN person p ON p.id = c.person_id AND p.tenant = c.tenant "
        "WHERE p.student_number = ? AND c.state <> 'revoked'"
    )
    return int(stage.ledger("issuer").one(query, number))


OFFICE_SCENES = {
    "a student enters": Scene(
        program="issuer",
        points=frozenset({"import_rows", "offer_many", "cancel_offer"}),
        play=enter,
        prepare=open_school,
    ),
    "somebody guesses": Scene(program="issuer", points=frozenset({"count_tx_code"}), play=guess, prepare=open_school),
    "things change": Scene(
        program="issuer",
        points=frozenset({"correct_person", "reissue", "change_status", "withdraw"}),
        play=change,
        prepare=open_school,
    ),
    "the first certificate": Scene(program="issuer", points=frozenset({"open_status_list"}), play=first_certificate),
    "an offer by mail": Scene(
        program="issuer", points=frozenset({"make_offer", "queue_mail", "reveal_code"}), play=mail, prepare=open_school
    ),
    "a token is renewed": Scene(program="issuer", points=frozenset({"refresh_token"}), play=renew, prepare=open_school),
}
