"""Holders of revoked cards are asked to have them read again: once, in their language, at an address that is nowhere in the clear."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from common.cards.trust import CardTrust
from common.errors import Malformed
from common.ports import Mail
from common.x509.revocation import Standing
from examples.cards.people import PEOPLE
from issuer.catalogue.contract import Language
from issuer.deps import open_deps
from issuer.flows.card_notice_mail import build_card_notice
from issuer.flows.card_record import Contact, make_contact
from issuer.flows.open_card_session import find_reading
from issuer.flows.run_jobs import run_jobs
from issuer.flows.send_offers import LEASE_SECONDS, send_offers
from issuer.flows.watch_revocation import watch_revocation
from issuer.store.tables import OutboxMail
from tests.fakes.clock import FixedClock
from tests.forks import Forks
from tests.issuer.card_desk import Told, accept_my_number, offer, open_card_school, told
from tests.issuer.kiosk_world import PASSWORD, Script, deal, open_counter
from tests.issuer.kiosk_world import open_card_school as open_kiosk_school
from tests.issuer.school import BASE, TENANT, School, Wallet, settings_for

DAY = 86_400
ADDRESS = "moved.away@example.jp"


@pytest.fixture
def source() -> Told:
    return Told()


@pytest.fixture
def school(tmp_path: Path, source: Told) -> Iterator[School]:
    made = open_card_school(tmp_path, believed=told(source), card_page=True)
    yield made
    made.deps.database.close_all()


def take(school: School, contact: Contact | None, *, claims: bool = True) -> str:
    accepted = accept_my_number(school)
    made = offer(school, accepted, "identity", contact=contact)
    if claims:
        Wallet(school).claim(made, "identity_sd_jwt")
    return accepted.id


def revoke(school: School, source: Told) -> None:
    source.standing = Standing.REVOKED
    school.clock.advance(DAY)


def sent(school: School) -> list[Mail]:
    run_jobs(school.desk, school.outbox, pause=lambda _: None)  # notes
    run_jobs(school.desk, school.outbox, pause=lambda _: None)  # sends
    return school.outbox.mails


WORDS: dict[Language, tuple[str, ...]] = {
    "ja": (
        "マイナンバーカードに入っている電子証明書が失効しました。",
        "住所が変わった",
        "本人確認証明書",
        "一時停止しました",
        "もう一度読み取り",
        "市区町村の窓口",
    ),
    "en": (
        "The certificate on your My Number card has been revoked.",
        "your address or name has changed",
        "has been put on hold",
        "read again",
        "city office",
    ),
}


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_holder_is_told_what_happened_why_and_where_to_go(school: School, source: Told, language: Language) -> None:
    take(school, make_contact(f" {ADDRESS} ", language))
    assert sent(school) == []
    revoke(school, source)
    (mail,) = sent(school)
    assert mail.to == ADDRESS
    assert [word for word in WORDS[language] if word not in mail.text] == []
    assert f"{BASE}/{TENANT}/card" in mail.text
    assert "{" not in mail.subject + mail.text
    names = PEOPLE["hanako"].name.split("\u3000")
    assert not any(part in mail.subject + mail.text for part in (*names, "ocsp"))
    school.clock.advance(DAY)
    assert len(sent(school)) == 1, "the event is over"


def test_the_address_is_sealed_and_goes_when_there_is_nothing_more_to_tell(
    school: School, source: Told, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    reading = take(school, make_contact(ADDRESS, "en"))
    assert ADDRESS.encode() not in bytes(find_reading(TENANT, reading).contact)
    revoke(school, source)
    assert len(sent(school)) == 1
    school.clock.advance(DAY)
    run_jobs(school.desk, school.outbox)
    assert find_reading(TENANT, reading).contact is None
    assert find_reading(TENANT, reading).record is not None
    with sqlite3.connect(tmp_path / "issuer.sqlite3") as database:
        dumped = "\n".join(database.iterdump())
    assert ADDRESS not in dumped
    assert ADDRESS.encode().hex().upper() not in dumped
    assert ADDRESS not in "".join(capfd.readouterr())
    assert ADDRESS not in repr(make_contact(ADDRESS, "en"))


def test_the_address_goes_with_the_record(tmp_path: Path) -> None:
    school = open_card_school(tmp_path, believed=told(Told()), evidence_retention=2 * DAY)
    reading = take(school, make_contact(ADDRESS, "ja"))
    school.clock.advance(2 * DAY)
    run_jobs(school.desk, school.outbox)
    row = find_reading(TENANT, reading)
    assert (row.record, row.contact) == (None, None)
    assert row.questions is not None, "the certificate still stands"
    school.deps.database.close_all()


def test_the_address_goes_when_nothing_was_taken(school: School) -> None:
    reading = take(school, make_contact(ADDRESS, "ja"), claims=False)
    school.clock.advance(school.desk.settings.card_offer_seconds)
    run_jobs(school.desk, school.outbox)
    run_jobs(school.desk, school.outbox)
    assert find_reading(TENANT, reading).contact is None


def test_who_left_no_address_is_told_by_the_wallet_alone(school: School, source: Told) -> None:
    take(school, None)
    revoke(school, source)
    assert watch_revocation(school.desk).told == 0
    assert sent(school) == []


@pytest.mark.parametrize("lack", ["no_source", "no_mail"])
def test_no_address_is_kept_that_could_never_be_used(tmp_path: Path, lack: str) -> None:
    believed = told(Told())
    if lack == "no_source":
        believed = CardTrust(**{**{name: getattr(believed, name) for name in believed.__slots__}, "revocation": {}})
    more: dict[str, Any] = {"smtp_host": ""} if lack == "no_mail" else {"card_unknown_revocation": "issue"}
    school = open_card_school(tmp_path, believed=believed, **more)
    accepted = accept_my_number(school)
    assert not accepted.may_tell
    offer(school, accepted, "age", contact=make_contact(ADDRESS, "ja"))
    assert find_reading(TENANT, accepted.id).contact is None
    school.deps.database.close_all()


@pytest.mark.parametrize(
    "typed", ["", "hanako", "a b@example.jp", "a@b", "x@example.jp\nBcc: y@example.jp", "x" * 400 + "@example.jp"]
)
def test_what_is_no_address_is_refused_without_being_repeated(typed: str) -> None:
    with pytest.raises(Malformed) as refused:
        make_contact(typed, "ja")
    assert not typed or typed not in str(refused.value)


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("outcome", ["suspended", "stands", "not_taken"])
@pytest.mark.parametrize("card", ["my_number", "passport", "mynumber_licence"])
def test_every_text_is_whole(card: str, outcome: Any, language: Language) -> None:
    school = {"ja": "桜川大学", "en": "Sakuragawa University"}
    mail = build_card_notice(
        to="a@example.jp", language=language, school=school, card=card, types=("identity", "age"), outcome=outcome,
        place="", message_id="<1@example.jp>",
    )  # fmt: skip
    assert "{" not in mail.subject + mail.text
    assert school[language] in mail.subject
    assert ("パスポート" in mail.text or "passport" in mail.text) == (card == "passport")
    assert language == "ja" or not any("\u3040" <= letter <= "\u9fff" for letter in mail.text)


def _watch(folder: str, trust: CardTrust, now: int) -> None:
    settings = settings_for(f"sqlite:///{folder}/issuer.sqlite3", Path(folder))
    watch_revocation(open_deps(settings, clock=FixedClock(now), card_trust=trust).desk)


def test_two_processes_queue_one_mail(school: School, source: Told, tmp_path: Path) -> None:
    take(school, make_contact(ADDRESS, "ja"))
    revoke(school, source)
    school.deps.database.close_all()
    racers = [
        Forks.Process(target=_watch, args=(str(tmp_path), told(source), school.clock.now() + late))
        for late in (0, DAY)  # the second finds it due again, while the first is at it
    ]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(60)
    assert [racer.exitcode for racer in racers] == [0, 0]
    assert OutboxMail.select().where(OutboxMail.tenant == TENANT).count() == 1
    school.clock.advance(DAY)
    assert len(sent(school)) == 1


def test_who_was_overtaken_changes_nothing(school: School, source: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process noted the revocation between this one's question and its answer."""
    take(school, make_contact(ADDRESS, "ja"))
    revoke(school, source)
    asked, status = 0, source.status

    def overtaken(**question: Any) -> Any:
        nonlocal asked
        asked += 1
        if asked == 1:
            school.clock.advance(DAY)
            assert watch_revocation(school.desk).told == 1
        return status(**question)

    monkeypatch.setattr(source, "status", overtaken)
    report = watch_revocation(school.desk)
    assert (report.asked, report.revoked, report.suspended, report.told) == (1, 0, 0, 0)
    assert OutboxMail.select().where(OutboxMail.tenant == TENANT).count() == 1


def test_a_sender_that_died_is_followed_with_the_same_message_id(school: School, source: Told) -> None:
    class PowerCut(BaseException):
        pass

    take(school, make_contact(ADDRESS, "ja"))
    revoke(school, source)
    watch_revocation(school.desk)
    school.outbox.error = PowerCut()  # type: ignore[assignment]  # not even an Exception, as a kill is not
    with pytest.raises(PowerCut):
        send_offers(school.desk, school.outbox)
    school.outbox.error = None
    assert send_offers(school.desk, school.outbox).sent == 0
    school.clock.advance(LEASE_SECONDS)
    assert send_offers(school.desk, school.outbox).sent == 1
    (mail,) = school.outbox.mails
    assert mail.message_id.startswith(f"<{OutboxMail.get(OutboxMail.tenant == TENANT).id}@")


def test_the_kiosk_asks_of_cards_that_can_be_revoked_and_of_no_others(tmp_path: Path) -> None:
    school = open_kiosk_school(tmp_path)
    person = Script(secrets={PASSWORD: ["ABC123"]}, addresses=["no address", ADDRESS])
    counter = open_counter(school, deal("my-number"), person)
    assert counter.serve() is None
    asked = [type(stage).__name__ for stage in person.seen]
    assert asked.count("AddressAsked") == 2
    assert asked.index("AddressAsked") < asked.index("Asked") < asked.index("Proven")
    (row,) = [find_reading(TENANT, url.split("/")[-2]) for _, url in counter.fetch.asked if url.endswith("/offer")]
    assert row.contact is not None
    assert ADDRESS not in repr(person.seen)
    licence = Script(secrets={"driving_licence_pin_1": ["1234"], "driving_licence_pin_2": ["5678"]})
    open_counter(school, deal("driving-licence"), licence).serve()
    assert "AddressAsked" not in [type(stage).__name__ for stage in licence.seen]
    school.deps.database.close_all()
