"""The organiser's pages and the buyer's in a real Chromium, by what is written on them: at phone and desk size, in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from common.pages.language import Language
from issuer.flows.events.find_events import list_events
from issuer.flows.events.pack import signer_fingerprint
from issuer.flows.send_offers import send_offers
from tests.browser.conftest import browser, shots
from tests.browser.visitor import Device, Visitor, visit
from tests.issuer.events.festival import buy
from tests.issuer.events.pages_server import EventServer, serving
from tests.issuer.school import TENANT

__all__ = ["browser", "shots"]
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(300)]

Say = Callable[..., str]
FILE = "注文番号,氏名,券種,枚数\nA-1,山﨑 彩,一般,2\nA-2,誰か,なし,1\n".encode()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EventServer]:
    with serving(tmp_path_factory.mktemp("event-pages")) as running:
        yield running


@pytest.mark.parametrize(("language", "device"), [("ja", "phone"), pytest.param("en", "desk", marks=pytest.mark.slow)])
def test_a_festival_by_clicking(
    browser: Browser, server: EventServer, shots: Path, language: Language, device: Device
) -> None:
    v = visit(browser, language, device, shots=shots)
    staff = f"{server.at}/{TENANT}/staff"

    def w(key: str, **values: object) -> str:
        return v.words("issuer", key, **values)

    v.go(f"{staff}/login")
    v.fill(w("login.token"), server.school.token)
    v.press(w("login.button"))
    v.press(w("nav.events"))
    v.look("events")
    make_one(v, w, server)
    look_around(v, w, server, staff)
    buy_and_receive(v, w, server, staff)
    v.context.close()


def make_one(v: Visitor, w: Say, server: EventServer) -> None:
    """A form that is wrong first, then right; filled with the keyboard alone at its end."""
    v.press(w("events.new"))
    v.look("event-form")
    fill = {"name_ja": "春の音楽会", "name_en": f"Spring Concert {v.language}", "capacity": "50"}
    for name, text in fill.items():
        v.page.fill(f"#field-{name}", text)
    v.page.fill("#field-starts_at", "2027-04-01T18:00")
    v.page.fill("#field-ends_at", "2027-04-01T17:00")
    v.page.fill("#field-class_1_name_ja", "一般")
    v.page.fill("#field-class_1_name_en", "General")
    v.page.fill("#field-class_1_capacity", "fifty")
    v.press(w("events.create"))
    v.see(w("events.several_wrong", count=2))
    for at, word in (("ends_at", "bad_times"), ("class_1_capacity", "bad_capacity")):
        assert w(f"events.wrong.{word}") in v.page.inner_text(f"#error-{at}")
    v.look("event-form-wrong")
    v.page.fill("#field-class_1_capacity", "50")
    v.page.fill("#field-ends_at", "2027-04-01T21:00")
    v.page.focus("#field-capacity")
    v.page.keyboard.press("Enter")
    v.page.wait_for_url(re.compile("done=event_made"))
    v.look("event-made")
    made = next(one for one in list_events(TENANT) if one.name_en == f"Spring Concert {v.language}")
    assert (made.ends_at - made.starts_at, made.capacity) == (3 * 3600, 50)
    v.press(w("events.edit"))
    assert v.page.input_value("#field-starts_at") == "2027-04-01T18:00"
    v.page.fill("#field-capacity", "60")
    v.press(w("events.save"))
    v.see(w("done.saved"))


def look_around(v: Visitor, w: Say, server: EventServer, staff: str) -> None:
    v.go(f"{staff}/events/{server.event}")
    v.look("event")
    with v.page.expect_download() as download:
        v.page.get_by_role("link", name=w("events.pack")).click()
    assert download.value.suggested_filename == f"{server.event}.tgpack"
    v.press(w("events.part.import"))
    v.look("event-import")
    v.page.set_input_files("input[type=file]", {"name": "b.csv", "mimeType": "text/csv", "buffer": FILE})
    v.press(w("import.button"))
    v.see(w("buyers.checked_text"), seconds=20)
    v.look("event-import-checked")
    v.page.locator("#import form button").click()
    v.see(w("buyers.done_text"), seconds=20)
    mail_the_links(v, w, server)
    v.press(w("events.part.gates"))
    v.press(w("gates.make_code"))
    v.see(w("gates.code.scanner"))
    v.see(signer_fingerprint(server.school.desk.keys.identity(TENANT)))
    v.look("event-gates")
    v.press(w("gates.lock"))
    v.look("event-gates-sure")
    v.press(w("common.back"))
    v.press(w("gates.cancel"))
    v.press(w("events.part.exclusions"))
    v.page.fill("#field-text", "nobody@example.jp")
    v.press(w("exclusions.button"))
    v.look("event-exclusions")
    v.press(w("exclusions.end"))
    v.press(w("events.part.tickets"))
    v.page.select_option("#field-state", "sold")
    v.press(w("roll.find"))
    v.look("event-tickets")
    v.page.locator("tbody a").first.click()
    v.look("event-ticket")
    v.press(w("ticket.act.exclude"))
    v.look("event-ticket-sure")
    v.press(w("ticket.act.exclude"))
    v.see(w("done.ticket_exclude"))
    v.press(w("ticket.act.lift"))
    v.see(w("done.ticket_lift"))


def mail_the_links(v: Visitor, w: Say, server: EventServer) -> None:
    """From the report of an import; the page tells by itself when they are gone."""
    buy(server.school, server.event, key=f"mail {v.language}", email=f"{v.language}@example.jp")
    v.press(w("links.title"))
    v.look("event-mail")
    v.page.locator("#links button").click()
    v.see(w("done.links_mailed"))
    v.look("event-mail-waiting")
    send_offers(server.school.desk, server.school.outbox, pause=lambda _: None)
    v.see(w("links.all_sent"), seconds=15)
    v.look("event-mail-sent")
    assert f"{v.language}@example.jp" in [one.to for one in server.school.outbox.mails]


def buy_and_receive(v: Visitor, w: Say, server: EventServer, staff: str) -> None:
    """The buyer proves, the page changes by itself; the ticket is received, handed on, put on paper."""
    server.verifier.says("waiting")
    v.go(f"{staff}/events/{server.event}/orders")
    v.page.select_option("#field-class", "2")
    v.look("event-orders")
    v.press(w("orders.sell_button"))
    v.see(w("done.ticket_sold"))
    v.look("event-order")
    v.press(w("orders.page"))
    v.see(w("demand.title"))
    v.look("order-asked")
    server.verifier.says("failed")
    server.school.clock.advance(2)
    lacking = w("common.comma").join(w(f"event_flag.{one}") for one in ("chip", "over_20"))
    v.see(w("demand.failed").format(what=lacking), seconds=15)
    v.look("order-failed")
    server.verifier.says("waiting")
    v.press(w("demand.again"))
    v.page.locator("svg.qr").wait_for()
    server.verifier.says("passed")
    server.school.clock.advance(2)
    v.see(w("order.lead"), seconds=15)
    v.look("order-sold")
    v.press(w("order.open"))
    v.look("ticket")
    v.press(w("holder.act.receive"))
    v.see(w("holder.receive_text"))
    v.press(w("holder.act.transfer"))
    v.look("ticket-offered")
    v.press(w("holder.act.lost"))
    v.look("ticket-sure")
    v.press(w("holder.act.lost"))
    v.see(w("done.phone_lost"))
    v.go(f"{staff}/events/{server.event}/orders")
    v.press(w("orders.sell_button"))
    v.press(w("orders.page"))
    v.press(w("order.open"))
    v.press(w("holder.act.transfer"))
    v.page.fill("#field-email", "friend@example.jp")
    v.press(w("holder.act.mail"))
    v.see(w("done.links_mailed"))
    v.page.locator(".copyable summary").last.click()
    link = v.page.locator(".copyable .code").last.inner_text().strip()
    v.press(w("holder.act.paper"))
    v.press(w("holder.act.paper"))
    v.look("paper")
    v.go(link)
    v.look("transfer")
    v.page.fill("#field-name", "山田 太郎")
    v.press(w("transfer.take"))
    v.see(w("done.ticket_taken"))
    v.go(link)
    assert "/tickets/" in v.page.url, "an answer that was lost is found again in the same browser"
    v.context.clear_cookies(name="tegata-taker")
    v.go(link)
    v.see(w("transfer.not_open.taken"))
    v.look("transfer-taken")
