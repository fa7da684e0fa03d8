"""The scanner in a real Chromium, from a hub that is a process of its own, over https under a name that is not localhost."""

from __future__ import annotations

import io
import re
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from common.gate.enrolment import parse_enrolment
from common.gate.exchange import parse_exchange
from common.gate.journal_entry import Kind, hash_entry, parse_journal_entry, parse_journal_head
from common.gate.signed import HEAD, verify_message
from common.pages.language import Language
from tests.browser.gate_venue import EVENT, PAPER, REVOKED, Venue, film, open_venue
from tests.browser.visitor import Visitor, launch, texts_of, visit
from tests.qr import read_qr
from verifier.gate.frames import split

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Venue]:
    opened = open_venue(tmp_path_factory.mktemp("venue"))
    opened.publish()
    opened.start()
    yield opened
    opened.stop()


@pytest.fixture(scope="module")
def chromium(browser: Browser, venue: Venue) -> Iterator[Browser]:
    launched = launch(browser.browser_type, venue.arguments())
    yield launched
    launched.close()


def w(visitor: Visitor, key: str, **values: object) -> str:
    return visitor.words("verifier", f"gate_scanner.{key}", **values)


def point_of_last_device(venue: Venue) -> bytes:
    """Of the newest request to be enrolled: what the hub forwards to the organiser."""
    with sqlite3.connect(venue.folder / "hub.sqlite3") as database:
        (request,) = database.execute("SELECT request FROM gate_enrolment ORDER BY rowid DESC").fetchone()
    return parse_enrolment(request, event=EVENT).point


def prepare(visitor: Visitor, venue: Venue, *, looks: bool = False, entrance: int = 1, leaving: bool = False) -> bytes:
    """From the first visit to the post; answers the device's identifier."""
    page = visitor.page
    visitor.go(venue.address)
    name = {"ja": "隅田川花火大会2026", "en": "Sumida Fireworks 2026"}[visitor.language]
    page.get_by_role("button", name=name).click()
    fingerprint = page.locator("[data-fingerprint]")
    fingerprint.wait_for()
    assert venue.fingerprint in fingerprint.inner_text()
    if looks:
        visitor.look("scanner-trust")
    visitor.press(w(visitor, "pack.trust_yes"))
    page.locator("#enrol-code").fill("k7qf-2m9p")
    page.locator("#enrol-name").fill("North 1")
    if looks:
        visitor.look("scanner-enrol")
    visitor.press(w(visitor, "enrol.button"))
    visitor.see(w(visitor, "enrol.waiting"))
    if looks:
        page.reload()
        visitor.see(w(visitor, "enrol.waiting"))  # it goes on waiting
    gate = venue.enrol(point_of_last_device(venue), "北口1" if visitor.language == "ja" else "North 1")
    venue.publish()
    deadline = time.monotonic() + 20
    while not page.locator("[data-post]").is_visible():
        assert time.monotonic() < deadline
        page.get_by_role("button", name=name).click()
        page.wait_for_timeout(300)
    page.locator("#post-entrance").select_option(str(entrance))
    page.locator("#post-clock").select_option("60")
    if leaving:
        page.locator("[name=direction][value=out]").check()
    if looks:
        visitor.look("scanner-post")
    visitor.press(w(visitor, "post.start"))
    page.locator("[data-view=scan]").wait_for()
    return gate.gate


def type_code(page: Page, text: str) -> None:
    page.locator("#by-hand").fill(text)
    page.locator("#by-hand").press("Enter")


def expect(visitor: Visitor, answer: str, word: str) -> None:
    visitor.page.locator(f".gate-verdict.{answer} .gate-word", has_text=w(visitor, word)).wait_for(timeout=15_000)


def verdict(visitor: Visitor, text: str, answer: str, word: str) -> None:
    type_code(visitor.page, text)
    expect(visitor, answer, word)


def saved_journal(page: Page, gate: bytes, venue: Venue) -> list[tuple[Kind, bytes | None]]:
    """The file that the scanner saves, its chain and its last head verified."""
    page.locator("[data-view=scan] [data-go=share]").click()
    with page.expect_download() as download:
        page.locator("[data-save]").click()
    assert download.value.suggested_filename == f"{EVENT}.tgjournal"
    (journal,) = [one for one in parse_exchange(Path(download.value.path()).read_bytes()).journals if one.gate == gate]
    entries = [parse_journal_entry(data) for data in journal.entries]
    assert [entry.sequence for entry in entries] == list(range(1, len(entries) + 1))
    assert [entry.previous for entry in entries[1:]] == [hash_entry(data) for data in journal.entries[:-1]]
    head = parse_journal_head(journal.heads[-1])
    assert head.head.hash == hash_entry(journal.entries[-1])
    verify_message(head.message, [one.point for one in venue.gates if one.gate == gate], HEAD)
    page.locator("[data-view=share] [data-go=scan]").click()
    return [(entry.kind, entry.cti) for entry in entries]


def admissions(entries: list[tuple[Kind, bytes | None]], ticket: bytes) -> int:
    return sum(1 for kind, cti in entries if kind is Kind.IN and cti == ticket)


@pytest.mark.parametrize(("language", "dark"), [("ja", False), pytest.param("en", True, marks=pytest.mark.slow)])
def test_a_steward_prepares_and_scans(
    chromium: Browser, venue: Venue, shots: Path, language: Language, dark: bool
) -> None:
    visitor = visit(chromium, language, "phone", shots=shots, dark=dark)
    page, mark = visitor.page, b"\x11" if dark else b"\x12"
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(urlsplit(request.url).netloc))
    gate = prepare(visitor, venue, looks=True)
    page.get_by_text(w(visitor, "scan.linked"), exact=True).wait_for()
    visitor.look("scanner-ready")
    guest = venue.ticket(mark * 8)
    verdict(visitor, guest.code(), "passed", "reason.admitted")
    visitor.look("verdict-admitted")
    verdict(visitor, guest.code(), "failed", "reason.already_admitted")
    assert w(visitor, "earlier").split("{")[1].split("}")[-1] in page.locator("[data-more]").inner_text()
    visitor.look("verdict-already")
    verdict(visitor, venue.ticket(mark * 7 + b"r", index=REVOKED).code(), "failed", "reason.revoked")
    visitor.look("verdict-revoked")
    verdict(visitor, "https://example.com/", "failed", "reason.malformed")
    verdict(visitor, guest.code(at=int(time.time()) - 120), "failed", "reason.stale_code")
    verdict(visitor, guest.code(at=int(time.time()) + 120), "failed", "reason.clock_off")
    paper = venue.ticket(mark * 7 + b"p", klass=PAPER, paper=True)
    verdict(visitor, paper.code(), "undetermined", "reason.document_required")
    visitor.look("verdict-document")
    visitor.press(w(visitor, "scan.document"))
    expect(visitor, "passed", "reason.admitted")
    visitor.press(w(visitor, "scan.undo"))
    expect(visitor, "undetermined", "undone")
    visitor.press(w(visitor, "scan.override"))
    page.locator("#override-reason").fill("VIP")
    visitor.look("override")
    visitor.press(w(visitor, "scan.override_yes"))
    expect(visitor, "passed", "overridden")
    other: Literal["ja", "en"] = "en" if language == "ja" else "ja"
    page.locator(f"[data-lang={other}]").click()
    page.get_by_text(texts_of("verifier").text(other, "gate_scanner.overridden")).first.wait_for()
    page.locator(f"[data-lang={language}]").click()
    entries = saved_journal(page, gate, venue)
    assert [kind for kind, _ in entries if kind is not Kind.NOTE] == [Kind.IN, Kind.IN, Kind.UNDO, Kind.OVERRIDE]
    page.locator("[data-view=scan] [data-go=share]").click()
    visitor.press(w(visitor, "share.show"))
    page.locator("canvas").wait_for()
    visitor.look("journals-as-codes")
    assert asked == {urlsplit(venue.address).netloc}
    visitor.context.close()


def test_with_no_network_and_no_server_before_the_first_scan(browser: Browser, venue: Venue, tmp_path: Path) -> None:
    """The camera sees a ticket, nothing, and the same ticket again: once admitted, once refused; the journal says so after a reload."""
    guest = venue.ticket(b"offline1")
    watched = film(
        tmp_path / "gate.y4m",
        [
            (guest.code(at=int(time.time()) + 30), 2.5),
            (None, 4),
            (guest.code(at=int(time.time()) + 45), 2.5),
            (None, 1),
        ],
    )
    launched = launch(browser.browser_type, venue.arguments(watched))
    visitor = visit(launched, "ja", "phone", permissions=["camera"])
    page = visitor.page
    gate = prepare(visitor, venue)
    kept = page.evaluate("navigator.serviceWorker.ready.then(() => caches.keys())")
    assert len(kept) == 1
    venue.stop()
    visitor.context.set_offline(True)
    try:
        visitor.press(w(visitor, "scan.start"))
        expect(visitor, "passed", "reason.admitted")
        expect(visitor, "failed", "reason.already_admitted")
        page.get_by_text(w(visitor, "scan.alone"), exact=True).wait_for()
        page.reload()  # from the service worker: there is nobody else
        visitor.see(w(visitor, "prepare.title"))
        page.locator("[data-post]").wait_for()
        assert page.locator("#post-clock").input_value() == "60"
        visitor.press(w(visitor, "post.start"))
        verdict(visitor, guest.code(), "failed", "reason.already_admitted")
        assert admissions(saved_journal(page, gate, venue), b"offline1") == 1
    finally:
        launched.close()
        venue.start()


HANG = """(when) => {
  const begin = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = function (names, mode, options) {
    const one = begin.call(this, names, mode, options);
    if (mode !== "readwrite" || ![...names].includes("tails")) return one;
    if (options?.durability !== "strict") throw new Error("not durable");
    if (when === "before") {
      const store = one.objectStore("tails");
      const goOn = () => (store.get("nothing").onsuccess = goOn);
      goOn();
      setTimeout(() => console.log("hangs"), 300);
    } else {
      Object.defineProperty(one, "oncomplete", { set: () => undefined });
      one.addEventListener("complete", () => console.log("hangs"));
    }
    return one;
  };
}"""
"""Writing goes on for ever and never ends, or has ended and the page never hears of it. Then the page is killed."""


@pytest.mark.parametrize("when", [pytest.param("before", marks=pytest.mark.slow), "after"])
def test_a_page_killed_between_verify_and_green_admits_once(chromium: Browser, venue: Venue, when: str) -> None:
    visitor = visit(chromium, "en", "phone")
    gate = prepare(visitor, venue)
    visitor.page.get_by_text(w(visitor, "scan.linked"), exact=True).wait_for()
    visitor.context.set_offline(True)
    cti = b"killed-" + when[:1].encode()
    guest = venue.ticket(cti)
    visitor.page.evaluate(HANG, when)
    with visitor.page.expect_console_message(lambda message: message.text == "hangs"):
        type_code(visitor.page, guest.code())
    assert visitor.page.locator(".gate-verdict").is_hidden()
    visitor.page.close()
    again = reopened(visitor, venue)
    word = {"before": ("passed", "reason.admitted"), "after": ("failed", "reason.already_admitted")}[when]
    verdict(again, guest.code(), *word)
    verdict(again, guest.code(), "failed", "reason.already_admitted")
    assert admissions(saved_journal(again.page, gate, venue), cti) == 1
    visitor.context.close()


def reopened(visitor: Visitor, venue: Venue) -> Visitor:
    """The same phone after a crash, still without a network."""
    page = visitor.context.new_page()
    again = Visitor(visitor.language, visitor.device, visitor.context, page, None)
    page.goto(venue.address)
    page.locator("[data-post]").wait_for()
    again.press(w(again, "post.start"))
    return again


@pytest.mark.slow
def test_two_linked_gates_admit_once_and_a_locked_one_nobody(chromium: Browser, venue: Venue) -> None:
    north, south = visit(chromium, "ja", "phone"), visit(chromium, "en", "phone")
    first = prepare(north, venue)
    prepare(south, venue)
    for one in (north, south):
        one.page.get_by_text(w(one, "scan.linked"), exact=True).wait_for()
    guest = venue.ticket(b"twogates")
    verdict(north, guest.code(), "passed", "reason.admitted")
    verdict(south, guest.code(), "failed", "reason.already_admitted")
    assert "北口1" in south.page.locator("[data-more]").inner_text()
    assert not north.page.locator("[data-locked]").is_visible()
    venue.lock(first)
    time.sleep(0.5)
    verdict(north, venue.ticket(b"lockedno").code(), "failed", "reason.device_locked")
    verdict(north, venue.ticket(b"lockedn2").code(), "failed", "reason.device_locked")
    north.see(w(north, "scan.locked"))
    assert not south.page.locator("[data-locked]").is_visible()
    assert (Kind.LOCK_SEEN, None) in saved_journal(north.page, first, venue)
    for one in (north, south):
        one.context.close()


@pytest.mark.slow
def test_a_challenge_entrance_and_counting_out(chromium: Browser, venue: Venue) -> None:
    visitor = visit(chromium, "ja", "phone")
    prepare(visitor, venue, entrance=3)
    number = int(visitor.page.locator("[data-number]").inner_text())
    assert 100 <= number <= 999
    assert visitor.page.locator("[data-clock]").inner_text() == ""
    guest = venue.ticket(b"challeng")
    verdict(visitor, "5bwu-bcz3-v668", "failed", "reason.malformed")
    visitor.see(w(visitor, "sentence.ticket_number"))
    verdict(visitor, guest.code(), "failed", "reason.challenge_unanswered")
    verdict(visitor, guest.code(challenge=number), "passed", "reason.admitted")
    visitor.page.locator("[data-view=scan] [data-go=prepare]").click()
    visitor.page.locator("[name=direction][value=out]").check()
    visitor.press(w(visitor, "post.start"))
    visitor.see(w(visitor, "scan.title_out", place="楽屋口"))
    assert int(visitor.page.locator("[data-number]").inner_text()) == number  # it stays for whoever is typing it
    verdict(visitor, guest.code(challenge=number), "passed", "left")
    assert visitor.page.locator("[data-count-out]").inner_text() == "1"
    verdict(visitor, guest.code(challenge=number), "undetermined", "reason.not_inside")
    assert visitor.page.locator("[data-count-out]").inner_text() == "1"
    visitor.press(w(visitor, "scan.insist"))
    expect(visitor, "passed", "left")
    assert visitor.page.locator("[data-count-out]").inner_text() == "2"
    visitor.context.close()


@pytest.mark.slow
def test_journals_go_from_screen_to_camera(browser: Browser, chromium: Browser, venue: Venue, tmp_path: Path) -> None:
    """Two gates that never share a network: the one shows its journal as an animated code, the other's camera reads it."""
    north = visit(chromium, "ja", "phone")
    gate = prepare(north, venue)
    north.context.set_offline(True)
    guests = [venue.ticket(b"screen%02d" % number) for number in range(8)]
    for guest in guests:
        verdict(north, guest.code(), "passed", "reason.admitted")
        north.press(w(north, "scan.next"))
    north.page.locator("[data-view=scan] [data-go=share]").click()
    with north.page.expect_download() as download:
        north.page.locator("[data-save]").click()
    data = Path(download.value.path()).read_bytes()
    north.press(w(north, "share.show"))
    shown = north.page.locator("canvas").screenshot()
    frames = split(data)
    read = read_qr(Image.open(io.BytesIO(shown)))
    assert read.text.startswith(f"TGX:1/{len(frames)}/")
    watched = film(tmp_path / "codes.y4m", [(frame, 0.6) for frame in frames], side=720)
    launched = launch(browser.browser_type, venue.arguments(watched))
    south = visit(launched, "en", "phone", permissions=["camera"])
    prepare(south, venue)
    south.context.set_offline(True)
    south.press(w(south, "scan.start"))
    said = re.compile(re.escape(w(south, "share.absorbed", count="COUNT")).replace("COUNT", r"\d+"))
    south.page.locator("[data-says]", has_text=said).wait_for(timeout=60_000)
    south.page.locator("[data-camera-stop]").click()
    verdict(south, guests[3].code(), "failed", "reason.already_admitted")
    assert gate.hex() not in south.page.locator("[data-more]").inner_text()  # by the name that people gave it
    launched.close()
    north.context.close()


@pytest.mark.slow
def test_out_at_one_gate_and_in_again_at_another(chromium: Browser, venue: Venue) -> None:
    """Where tickets may come back: what the hub knows better, the gate hears before it says no."""
    venue.re_entry = True
    try:
        north, south = visit(chromium, "en", "phone"), visit(chromium, "en", "phone")
        prepare(north, venue)
        prepare(south, venue, leaving=True)
        for one in (north, south):
            one.page.get_by_text(w(one, "scan.linked"), exact=True).wait_for()
        north.page.locator("[data-view=scan] [data-go=share]").click()
        north.press(w(north, "share.sync"))  # south is new here: the pack that names it is fetched
        north.page.wait_for_timeout(7000)
        north.press(w(north, "share.back"))
        guest = venue.ticket(b"in&outin")
        verdict(north, guest.code(), "passed", "reason.admitted")
        north.page.locator("[data-view=scan] [data-go=share]").click()
        north.press(w(north, "share.sync"))
        north.see(w(north, "share.synced"))
        north.press(w(north, "share.back"))
        verdict(south, guest.code(), "passed", "left")
        south.page.locator("[data-view=scan] [data-go=share]").click()
        south.press(w(south, "share.sync"))
        south.see(w(south, "share.synced"))
        north.press(w(north, "scan.next"))
        verdict(north, guest.code(), "passed", "reason.admitted")
        verdict(north, guest.code(), "failed", "reason.already_admitted")
        assert north.page.locator("[data-count-in]").inner_text() == "2"
        for one in (north, south):
            one.context.close()
    finally:
        venue.re_entry = False


@pytest.mark.slow
def test_a_device_whose_clock_was_moved_says_so(chromium: Browser, venue: Venue) -> None:
    """Its codes are all stale or ahead, and the hub's clock tells why."""
    visitor = visit(chromium, "en", "phone")
    visitor.page.add_init_script("const real = Date.now; Date.now = () => real() + 900_000;")
    prepare(visitor, venue)
    visitor.page.locator("[data-clock]", has_text=w(visitor, "span.minutes", n=15)).or_(
        visitor.page.locator("[data-clock]", has_text=w(visitor, "span.minutes", n=14))
    ).wait_for()
    verdict(visitor, venue.ticket(b"movedclk").code(), "failed", "reason.stale_code")
    visitor.context.close()
