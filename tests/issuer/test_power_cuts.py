"""kill -9 at every commit and every send: started again, nothing is lost, nothing is had twice."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest

from common import failpoints
from common.ports import Mail
from common.status.contract import REFRESH, REVOKED
from issuer.app import build_app
from issuer.deps import open_deps
from issuer.flows.correct_person import correct_person
from issuer.flows.delete_expired import delete_expired
from issuer.flows.find_people import find_offers, held_by
from issuer.flows.make_offer import describe_offer, make_offer
from issuer.flows.reissue import reissue
from issuer.flows.send_offers import LEASE_SECONDS, queue_mail, send_offers
from issuer.flows.withdraw import withdraw
from issuer.store.audit import AUDIT
from issuer.store.tables import Credential, Offer, OutboxMail, StatusEntry
from tests.fakes.app_client import AppClient
from tests.fakes.clock import FixedClock
from tests.forks import Forks
from tests.issuer.school import BASE, ROLL, TENANT, Outbox, School, Wallet, open_school, settings_for

ADDRESS = "issuer.sqlite3"


class Postbox:
    """A mail server in a file, with the fail-points that the real sender has."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def send(self, mail: Mail) -> None:
        failpoints.hit("mail.before_send")
        with self.file.open("a", encoding="utf-8") as box:
            box.write(mail.message_id + "\n")
        failpoints.hit("mail.after_send")

    def ids(self) -> list[str]:
        return self.file.read_text().splitlines() if self.file.exists() else []


def a_day(school: School, postbox: Postbox) -> None:
    """Everything that commits or sends, once."""
    school.import_text(ROLL.replace("物理学科", "化学科"))
    made = make_offer(school.desk, TENANT, school.person(), types=["enrolment"], actor="test")
    queue_mail(school.desk, TENANT, Offer.get(Offer.tenant == TENANT, Offer.id == made.id), actor="test")
    send_offers(school.desk, postbox, pause=lambda _: None)
    wallet = Wallet(school)
    wrong = "000000" if made.tx_code != "000000" else "000001"
    wallet.redeem(made, tx_code=wrong, expect=400)
    wallet.redeem(made)
    wallet.ask("enrolment_sd_jwt", wallet.proofs())
    wallet.post_token({"grant_type": "refresh_token", "refresh_token": wallet.refresh_token})
    corrected = correct_person(school.desk, TENANT, school.person(), {"family_name": "𠮷野"}, actor="test")
    assert corrected.offer is not None
    Wallet(school).claim(corrected.offer)
    Wallet(school).claim(reissue(school.desk, TENANT, school.person(), actor="test"))
    make_offer(school.desk, TENANT, school.person("S002"), types=["enrolment"], actor="test")
    withdraw(school.desk, TENANT, school.person("S002"), actor="test")
    AUDIT.seal_all(TENANT, now=school.desk.now)
    delete_expired(school.desk, TENANT)


def _child(folder: str, at: str, trace: str) -> None:
    where = Path(folder)
    school = open_school(f"sqlite:///{where / ADDRESS}", where)
    failpoints.arm(at, Path(trace) if trace else None)
    a_day(school, Postbox(where / "postbox"))


def live() -> list[Any]:
    return list(Credential.select().where(Credential.tenant == TENANT, Credential.state != "revoked"))


def check_and_go_on(folder: Path) -> None:
    """What must hold after any power cut, and the day goes on to its end."""
    clock = FixedClock()
    postbox = Postbox(folder / "postbox")
    deps = open_deps(settings_for(f"sqlite:///{folder / ADDRESS}", folder), clock=clock, send_mail=postbox)
    token = deps.login.new_token(TENANT, "again", "staff")
    school = School(
        deps=deps, clock=clock, client=AppClient(build_app(deps), base_url=BASE), outbox=Outbox(), token=token
    )
    # at most one set of copies per person, type and grant is valid; every revoked one is on its list
    assert len({row.batch_id for row in live()}) <= 1
    for row in Credential.select().where(Credential.tenant == TENANT, Credential.state == "revoked"):
        entry = StatusEntry.get(
            StatusEntry.tenant == TENANT,
            StatusEntry.list_id == row.list_id,
            StatusEntry.list_index == row.list_index,
        )
        assert entry.value in (REVOKED, REVOKED | REFRESH)
    # a used code stays used, an unused one still works
    for view in find_offers(school.desk, TENANT).offers:
        if view.state == "open" and view.row.person_id == school.person().id:
            Wallet(school).redeem(describe_offer(school.desk, TENANT, view.row))
    # a mail that was promised goes out; a repeat has the same Message-ID
    clock.advance(LEASE_SECONDS + 60)
    send_offers(school.desk, postbox, pause=lambda _: None)
    for mail in OutboxMail.select().where(OutboxMail.tenant == TENANT):
        assert mail.state in ("sent", "cancelled")
    assert len(set(postbox.ids())) <= 1
    # the student ends with exactly one certificate
    person = school.person()
    if held_by(school.desk, TENANT, [person.id]) and live():
        made = reissue(school.desk, TENANT, person, actor="test")
    else:
        made = make_offer(school.desk, TENANT, person, types=["enrolment"], actor="test")
    Wallet(school).claim(made)
    assert len(live()) == 1
    # the record is whole
    AUDIT.seal_all(TENANT, now=school.desk.now)
    assert AUDIT.verify(TENANT).whole
    deps.database.close_all()


def run_child(folder: Path, at: str = "", trace: str = "") -> int | None:
    child = Forks.Process(target=_child, args=(str(folder), at, trace))
    child.start()
    child.join(60)
    return child.exitcode


def places(tmp_path: Path) -> list[str]:
    """Every fail-point that the day passes, with its hits counted: ``name:1``, ``name:2`` …"""
    trace = tmp_path / "trace"
    folder = tmp_path / "whole"
    folder.mkdir()
    assert run_child(folder, trace=str(trace)) == 0
    check_and_go_on(folder)
    names = trace.read_text().splitlines()
    found, seen = [], dict.fromkeys(names, 0)
    for name in names:
        seen[name] += 1
        if seen[name] <= 2:
            found.append(f"{name}:{seen[name]}")
    return found


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_at_every_place(tmp_path: Path) -> None:
    all_places = places(tmp_path)
    assert len(all_places) > 25
    assert {"redeem_code.after_commit:1", "issue_credential.after_commit:1", "mail.after_send:1"} <= set(all_places)
    for number, place in enumerate(all_places):
        folder = tmp_path / str(number)
        folder.mkdir()
        assert run_child(folder, place) == -signal.SIGKILL, place
        check_and_go_on(folder)
