"""A card shown in person: chosen, drawn, read by the shop's camera; judged once; on a phone, in both languages, and without script."""

from __future__ import annotations

import io
import time
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Error

from common.formats.shown_code import unpack
from common.formats.shown_frames import join_frames
from common.pages.language import Language
from examples.demo.cast import SHOP, Cast
from tests.browser.test_by_hand import write_film
from tests.browser.test_story import enrolled
from tests.browser.visitor import ARGUMENTS, Visitor, launch, visit
from tests.browser.walk import Registrar, Shop, Student
from tests.qr import read_qr

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(300)]


def student_with_card(
    browser: Browser, cast: Cast, name: str, language: Language, turn: int, shots: Path, *, form: str = ""
) -> Student:
    """On a phone, with a certificate in the wallet, its page open."""
    registrar = Registrar(visit(browser, language, "desk"), cast)
    registrar.log_in()
    registrar.import_roll()
    address, code = registrar.offer(enrolled(turn), form=form)
    student = Student(visit(browser, language, "phone", shots=shots), cast, name)
    student.make_wallet()
    student.accept(student.open_claim_page(address), code)
    registrar.visitor.context.close()
    return student


def drawn_code(visitor: Visitor) -> str:
    """The text of the code on the page, read from the picture that the phone's screen shows."""
    code = visitor.page.locator("svg.qr").locator("visible=true")
    try:
        picture = code.screenshot(scale="device")
    except Error:  # replaced by a new one meanwhile
        picture = code.screenshot(scale="device")
    read = read_qr(Image.open(io.BytesIO(picture)))
    assert read.ec_level == "M"
    return read.text


def drawn_codes(visitor: Visitor) -> list[str]:
    """Of all codes, in their order. Visitors here ask for less motion, so each waits for its press."""
    codes = [drawn_code(visitor)]
    for _ in range(visitor.page.locator("svg.qr").count() - 1):
        visitor.page.locator("[data-frames-next]").click()
        codes.append(drawn_code(visitor))
    return codes


def text_beside(visitor: Visitor) -> str:
    if visitor.page.locator(".copyable:not([open])").count():
        visitor.page.locator(".copyable summary").click()
    return visitor.page.locator(".copyable .code").inner_text().strip()


@pytest.mark.parametrize(
    ("language", "form", "turn"),
    [("ja", "mso_mdoc", 40), pytest.param("en", "ldp_vc", 41, marks=pytest.mark.slow)],
)
def test_a_student_shows_a_card_at_the_counter(
    browser: Browser, cast: Cast, shots: Path, tmp_path: Path, language: Language, form: str, turn: int
) -> None:
    student = student_with_card(browser, cast, f"counter-{language}", language, turn, shots, form=form)
    v = student.visitor
    v.press(student.w("card.show"))
    v.look("choose-what-to-show")
    v.press(student.w("show.button"))
    v.look("shown-code")
    codes = drawn_codes(v)
    assert len(codes) == (2 if form == "mso_mdoc" else 1)
    assert unpack(join_frames("\n".join(reversed(codes)))) == text_beside(v)

    film = write_film(*codes, path=tmp_path / "code.y4m")
    arguments = [*ARGUMENTS, f"--use-file-for-fake-video-capture={film}"]
    chromium = launch(browser.browser_type, arguments)
    shop = Shop(visit(chromium, language, "phone", shots=shots, permissions=["camera"]), cast)
    shop.log_in()
    w = shop.visitor
    w.press(shop.w("shown.instead"))
    w.look("check-what-is-shown")
    w.press(shop.w("scan.start"))
    w.page.wait_for_url(lambda url: "/ask/shown" not in url, timeout=40_000)
    w.look("verdict-of-the-film")

    def paste(text: str) -> None:
        w.go(f"{cast.verifier.url}/{SHOP}/ask/shown")
        w.page.locator("#field-text").fill(text)
        w.press(shop.w("shown.button"))

    v.press(student.w("showing.renew"))
    fresh = text_beside(v)
    paste(fresh)
    w.see(shop.w("answer.student.passed"))
    w.look("verdict-shown-passed")
    paste(fresh)
    w.see(shop.w("answer.student.failed"))
    w.look("verdict-shown-replayed")
    paste("これは証明書ではありません")
    w.see(shop.w("shown.wrong.unreadable"))
    w.look("shown-unreadable")

    v.press(student.w("showing.end"))
    v.press(student.w("nav.history"))
    v.see(student.w("history.kind.shown"))
    v.look("history-with-showing")
    chromium.close()
    v.context.close()


@pytest.mark.slow
def test_codes_take_turns_and_renew_themselves(browser: Browser, cast: Cast, shots: Path) -> None:
    """An SD-JWT VC with its signer's certificate takes two codes. By keyboard."""
    student = student_with_card(browser, cast, "renewing", "ja", 42, shots)
    v = student.visitor
    v.press(student.w("card.show"))
    v.press(student.w("show.button"))
    first = drawn_code(v)
    v.page.wait_for_timeout(700)
    assert drawn_code(v) == first  # this visitor asked for less motion
    v.page.locator("[data-frames-next]").focus()
    v.page.keyboard.press("Enter")
    v.see(v.words("wallet_agent", "qr.frame", number=2, count=2), seconds=2)
    v.page.keyboard.press("Tab")
    v.page.keyboard.press("Space")
    for number in (1, 2, 1):
        v.see(v.words("wallet_agent", "qr.frame", number=number, count=2), seconds=5)
    v.press(student.w("qr.stop"))
    v.look("codes-in-turn")
    if drawn_code(v) != first:
        v.page.locator("[data-frames-next]").click()
    deadline = time.monotonic() + 40
    while drawn_code(v) == first:
        assert time.monotonic() < deadline, "the code was not renewed"
        v.page.wait_for_timeout(1000)
    assert unpack(join_frames("\n".join(drawn_codes(v)))) == text_beside(v)
    v.look("renewed-code")


def test_showing_without_script(browser: Browser, cast: Cast, shots: Path) -> None:
    student = student_with_card(browser, cast, "scriptless", "en", 43, shots)
    here = student.visitor.page.url
    state = student.visitor.context.storage_state()
    plain = browser.new_context(java_script_enabled=False, storage_state=state, locale="en-GB")
    page = plain.new_page()
    page.goto(f"{here}/show")
    page.get_by_role("button", name=student.w("show.button")).click()
    before = page.locator("svg.qr path").last.get_attribute("d")
    page.get_by_role("link", name=student.w("showing.renew")).click()
    assert page.locator("svg.qr path").last.get_attribute("d") != before
    plain.close()
