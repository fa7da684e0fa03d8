"""By keyboard alone; on a narrow screen and at twice the size; with the camera; and with another site trying."""

from __future__ import annotations

from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page

from examples.demo.cast import SHOP, Cast
from tests.browser.visitor import ARGUMENTS, launch, visit
from tests.browser.walk import PASSPHRASE, Shop, Student

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(180)]


def focused(page: Page) -> str:
    """What has the focus: its id, name or text."""
    return str(
        page.evaluate("(() => { const e = document.activeElement; return e.id || e.name || e.textContent.trim(); })()")
    )


def tab_to(page: Page, wanted: str) -> None:
    for _ in range(40):
        page.keyboard.press("Tab")
        if focused(page) == wanted:
            ring = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
            assert ring in ("4px", "0px"), f"{wanted}: no ring of focus"
            return
    raise AssertionError(f"{wanted} cannot be reached with the tabulator")


def test_a_wallet_and_a_question_by_keyboard_alone(browser: Browser, cast: Cast) -> None:
    holder = visit(browser, "en", "desk")
    holder.go(f"{cast.wallet.url}/new")
    keys = holder.page.keyboard
    keys.press("Tab")
    assert focused(holder.page) == holder.words("wallet_agent", "common.skip")
    keys.press("Enter")
    assert focused(holder.page) == "main"
    for field, text in (("field-name", "keys"), ("field-passphrase", PASSPHRASE), ("field-again", PASSPHRASE)):
        tab_to(holder.page, field)
        keys.type(text)
    tab_to(holder.page, holder.words("wallet_agent", "new.button"))
    keys.press("Enter")
    holder.page.wait_for_url("**/keys/")

    shop = visit(browser, "en", "desk")
    shop.go(f"{cast.verifier.url}/{SHOP}/login")
    tab_to(shop.page, "field-token")
    shop.page.keyboard.type(cast.operator_token)
    shop.page.keyboard.press("Enter")
    shop.page.wait_for_url("**/ask")
    tab_to(shop.page, "question")
    shop.page.keyboard.press("ArrowDown")
    tab_to(shop.page, shop.words("verifier", "ask.button"))
    shop.page.keyboard.press("Enter")
    shop.see(shop.words("verifier", "session.scan_with"))
    assert "graduat" in shop.heading().lower()


@pytest.mark.parametrize("language", ["ja", "en"])
def test_narrow_screens_and_large_type(browser: Browser, cast: Cast, language: str) -> None:
    holder = visit(browser, "ja" if language == "ja" else "en", "tiny")
    student = Student(holder, cast, f"tiny-{language}")
    student.make_wallet()
    for place in ("add", "history", "settings"):
        holder.go(f"{cast.wallet.url}/tiny-{language}/{place}")
        holder.look(place)
    holder.page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert holder.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_the_camera_reads_a_question(cast: Cast, browser: Browser, tmp_path: Path) -> None:
    """A film of the question's code in front of Chromium's pretended camera; the reader is served from our own origin."""
    shop = Shop(visit(browser, "ja", "desk"), cast)
    shop.log_in()
    film = write_film(shop.ask("over_18"), path=tmp_path / "code.y4m")
    arguments = [*ARGUMENTS, f"--use-file-for-fake-video-capture={film}"]
    chromium = launch(browser.browser_type, arguments)
    holder = visit(chromium, "ja", "phone", permissions=["camera"])
    student = Student(holder, cast, "camera")
    student.make_wallet()
    holder.go(f"{cast.wallet.url}/camera/add")
    holder.look("scan")
    holder.press(student.w("scan.start"))
    holder.see(student.w("consent.impossible_title"), seconds=30)
    holder.look("consent-impossible")
    chromium.close()


def test_a_picture_is_read_too(cast: Cast, browser: Browser, tmp_path: Path) -> None:
    shop = Shop(visit(browser, "en", "desk"), cast)
    shop.log_in()
    code_of(shop.ask()).save(tmp_path / "code.png")
    holder = visit(browser, "en", "phone")
    student = Student(holder, cast, "picture")
    student.make_wallet()
    holder.go(f"{cast.wallet.url}/picture/add")
    holder.page.locator("#picture").set_input_files(tmp_path / "code.png")
    holder.see(student.w("consent.impossible_title"), seconds=30)
    assert holder.complaints == []


def test_a_link_of_the_same_device_asks_for_the_wallet_and_then_goes_on(cast: Cast, browser: Browser) -> None:
    shop = Shop(visit(browser, "ja", "desk"), cast)
    shop.log_in()
    shop.ask()
    same_device = shop.visitor.page.get_by_role("link", name=shop.w("session.same_device")).get_attribute("href")
    assert same_device is not None
    assert same_device.startswith(cast.wallet.url)
    holder = visit(browser, "ja", "phone")
    student = Student(holder, cast, "same-device")
    student.make_wallet()
    holder.press(student.w("nav.lock"))
    holder.go(same_device)
    holder.page.locator("#field-passphrase").fill(PASSPHRASE)
    holder.press(student.w("unlock.button"))
    assert cast.verifier.url.partition("//")[2].partition(":")[0] in holder.page.locator(".host").inner_text()
    holder.press(student.w("open.question.button"))
    holder.see(student.w("consent.impossible_title"))


def test_another_wallets_pages_stay_shut(cast: Cast, browser: Browser) -> None:
    holder = visit(browser, "ja", "phone")
    Student(holder, cast, "first-one").make_wallet()
    for place in ("", "add", "history", "settings", "cards/x", "offers/x", "requests/x"):
        holder.go(f"{cast.wallet.url}/second-one/{place}")
        assert holder.page.url.startswith(f"{cast.wallet.url}/second-one/unlock"), place


def code_of(text: str) -> Image.Image:
    """The QR code of a text as a picture, white around it."""
    drawn = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M").to_image(scale=6)
    code = Image.fromarray(drawn).convert("L")
    side = max(code.size) + 80
    sheet = Image.new("L", (side, side), 255)
    sheet.paste(code, ((side - code.width) // 2, (side - code.height) // 2))
    return sheet


def write_film(*texts: str, path: Path) -> Path:
    """The codes one after the other in YUV4MPEG2, which Chromium plays again and again; each for half a second."""
    with path.open("wb") as file:
        file.write(b"YUV4MPEG2 W640 H640 F10:1 Ip A1:1 C420jpeg\n")
        for text in texts:
            frame = code_of(text).resize((640, 640)).tobytes()
            file.write((b"FRAME\n" + frame + b"\x80" * (2 * 320 * 320)) * 5)
    return path
