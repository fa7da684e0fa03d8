"""All that does not run in the browser by nature works in a browser that runs no script."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from examples.demo.cast import SHOP, UNIVERSITY, Cast
from tests.browser.visitor import Visitor, visit
from tests.browser.walk import PASSPHRASE, ROLL

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


def press(visitor: Visitor, selector: str) -> None:
    visitor.page.locator(selector).first.click()
    visitor.page.wait_for_load_state("load")


def test_from_roll_to_verdict(browser: Browser, cast: Cast) -> None:
    staff, student, shop = (visit(browser, "ja", "desk", script=False) for _ in range(3))
    staff.go(f"{cast.issuer.url}/{UNIVERSITY}/staff/login")
    staff.page.locator("#field-token").fill(cast.staff_token)
    press(staff, "main button")
    staff.go(f"{cast.issuer.url}/{UNIVERSITY}/staff/import")
    staff.page.locator("input[type=file]").set_input_files(ROLL)
    press(staff, "main button")
    staff.see(
        staff.words("issuer", "report.checked_text"), seconds=30
    )  # the page reloads itself while the file is read
    if staff.page.locator("#import form button").count():
        press(staff, "#import form button")
        staff.see(staff.words("issuer", "report.done_text"), seconds=30)
    staff.go(f"{cast.issuer.url}/{UNIVERSITY}/staff/roll?q=ハナコ&status=enrolled")
    press(staff, "tbody a")
    press(staff, "a[href$='/offer']")
    press(staff, "main form button")
    code = staff.page.locator(".digits-shown").inner_text().strip()
    address = staff.page.locator("a[href*='/claim/']").first.get_attribute("href")
    assert address

    student.go(address)
    press(student, ".copyable summary")
    link = student.page.locator(".copyable .code").inner_text().strip()
    student.go(f"{cast.wallet.url}/new")
    student.page.locator("#field-name").fill("plain")
    student.page.locator("#field-passphrase").fill(PASSPHRASE)
    student.page.locator("#field-again").fill(PASSPHRASE)
    press(student, "main form button")
    student.go(f"{cast.wallet.url}/plain/add")
    student.page.locator("#field-text").fill(link)
    press(student, "form[data-scan-form] button")
    student.page.locator("#field-tx_code").fill(code)
    press(student, "button[value=accept]")
    student.see(student.words("wallet_agent", "offer.done.text"))

    shop.go(f"{cast.verifier.url}/{SHOP}/login")
    shop.page.locator("#field-token").fill(cast.operator_token)
    press(shop, "main button")
    shop.page.locator("input[value=over_18]").check()
    press(shop, "main button")
    press(shop, ".copyable summary")
    question = shop.page.locator(".copyable .code").inner_text().strip()
    student.go(f"{cast.wallet.url}/plain/add")
    student.page.locator("#field-text").fill(question)
    press(student, "form[data-scan-form] button")
    press(student, "button[value=give]")
    student.see(student.words("wallet_agent", "answered.done.title"))
    shop.see(shop.words("verifier", "answer.over_18.passed"), seconds=15)  # by a refresh in the head of the page
