"""The story by clicking: registrar, student and shop, each with a browser of their own. Steps are named by who does what."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from examples.demo.cast import SHOP, UNIVERSITY, Cast
from tests.browser.visitor import Visitor

ROLL = Path(__file__).parents[2] / "examples/registrar/roll.csv"
PASSPHRASE = "a river of cherry petals"


@dataclass
class Registrar:
    visitor: Visitor
    cast: Cast

    def w(self, key: str, **values: object) -> str:
        return self.visitor.words("issuer", key, **values)

    def log_in(self) -> None:
        v = self.visitor
        v.go(f"{self.cast.issuer.url}/{UNIVERSITY}/staff")
        v.look("staff-login")
        v.fill(self.w("login.token"), "tgt_not-the-key")
        v.press(self.w("login.button"))
        assert self.w("login.wrong") in v.page.locator(".error").inner_text()
        v.look("staff-login-wrong")
        v.fill(self.w("login.token"), self.cast.staff_token)
        v.press(self.w("login.button"))
        assert v.heading() == self.w("roll.title")
        v.look("roll")

    def import_roll(self) -> None:
        v = self.visitor
        v.press(self.w("nav.import"))
        v.look("import")
        v.page.locator("input[type=file]").set_input_files(
            {"name": "x.csv", "mimeType": "text/csv", "buffer": b"a,b\n1,2\n"}
        )
        v.press(self.w("import.button"))
        v.see(self.w("import.wrong.column_missing"))
        v.look("import-wrong")
        v.press(self.w("report.other_file"))
        v.page.locator("input[type=file]").set_input_files(ROLL)
        v.press(self.w("import.button"))
        v.see(self.w("report.checked_text"), seconds=30)
        v.look("import-checked")
        assert v.page.locator("#import table tbody tr").count() >= 3
        if v.page.locator("form[action*='/staff/import/'] button").count():
            v.page.locator("form[action*='/staff/import/'] button").click()
        v.see(self.w("report.done_text"), seconds=30)
        v.look("import-done")

    def find(self, number: str) -> None:
        v = self.visitor
        v.press(self.w("nav.roll"))
        v.page.get_by_role("searchbox").fill(number)
        v.press(self.w("roll.find"))
        v.see(self.w("roll.count", count=1))
        v.look("roll-found")
        v.press(number)

    def offer(self, number: str, *, form: str = "") -> tuple[str, str]:
        """(address of the claim page, transaction code). form: the format to choose; the usual one where it is empty."""
        v = self.visitor
        self.find(number)
        v.look("person")
        v.press(self.w("person.make_offer"))
        v.look("make-offer")
        if form:
            v.page.locator("details.more summary").click()
            v.page.locator(f"input[value='{form}']").check()
            v.look("make-offer-format")
        v.press(self.w("make_offer.button"))
        v.see(self.w("done.offered"))
        v.look("offer")
        code = v.page.locator(".digits-shown").inner_text().strip()
        address = v.page.get_by_role("link", name=self.w("offers.open_claim")).get_attribute("href")
        assert address is not None
        return address, code

    def withdraw(self, number: str) -> None:
        v = self.visitor
        self.find(number)
        v.look("person-with-certificate")
        v.press(self.w("person.withdraw"))
        v.look("withdraw")
        v.press(self.w("confirm.withdraw.button"))
        v.see(self.w("done.withdrawn"))
        v.look("withdrawn")

    def correct(self, number: str, family_name: str) -> None:
        v = self.visitor
        self.find(number)
        v.press(self.w("person.correct"))
        v.look("correct")
        v.page.locator("#field-family_name_kana").fill("漢字")
        v.press(self.w("correct.button"))
        v.see(self.w("correct.problems"))
        v.look("correct-wrong")
        v.page.locator("#field-family_name_kana").fill("シンミョウジ")
        v.page.locator("#field-family_name").fill(family_name)
        v.press(self.w("correct.button"))
        v.page.wait_for_url(re.compile("done="))
        v.look("corrected")

    def look_around(self) -> None:
        v = self.visitor
        v.press(self.w("nav.offers"))
        v.look("offers")
        v.press(self.w("nav.record"))
        v.press(self.w("record.check"))
        v.see(self.w("record.whole"))
        v.look("record")


@dataclass
class Student:
    visitor: Visitor
    cast: Cast
    name: str

    def w(self, key: str, **values: object) -> str:
        return self.visitor.words("wallet_agent", key, **values)

    def make_wallet(self) -> None:
        v = self.visitor
        v.go(self.cast.wallet.url)
        v.look("start")
        v.press(self.w("start.create"))
        v.look("new-wallet")
        v.fill(self.w("start.name"), self.name)
        v.page.locator("#field-passphrase").fill(PASSPHRASE)
        v.page.locator("#field-again").fill(PASSPHRASE + "x")
        v.press(self.w("new.button"))
        assert self.w("new.wrong.mismatch") in v.page.locator(".error").inner_text()
        v.look("new-wallet-wrong")
        v.page.locator("#field-passphrase").fill(PASSPHRASE)
        v.page.locator("#field-again").fill(PASSPHRASE)
        v.press(self.w("new.button"))
        v.see(self.w("cards.none"))
        v.look("cards-none")

    def open_claim_page(self, address: str) -> str:
        """The offer's link, as the page shows it."""
        v = self.visitor
        v.go(address)
        v.look("claim")
        v.page.locator(".copyable summary").click()
        return v.page.locator(".copyable .code").inner_text().strip()

    def paste(self, text: str) -> None:
        v = self.visitor
        v.go(f"{self.cast.wallet.url}/{self.name}/add")
        v.look("add")
        v.page.locator("#field-text").fill(text)
        v.press(self.w("add.button"))

    def accept(self, link: str, code: str) -> None:
        v = self.visitor
        self.paste("これは案内ではありません")
        assert self.w("add.wrong.other") in v.page.locator(".error").inner_text()
        v.look("add-wrong")
        v.go(f"{self.cast.wallet.url}/{self.name}/open?{link.partition('?')[2]}")
        v.look("open")
        v.press(self.w("open.offer.button"))
        v.look("accept-offer")
        wrong = "000000" if code != "000000" else "111111"
        v.page.locator("#field-tx_code").fill(wrong)
        v.press(self.w("offer.accept"))
        assert self.w("offer.code_wrong.tx_code_wrong") in v.page.locator(".error").inner_text()
        v.look("accept-offer-wrong-code")
        full_width = "".join(chr(ord(digit) + 0xFEE0) for digit in code)
        v.page.locator("#field-tx_code").fill(full_width)
        v.press(self.w("offer.accept"))
        v.see(self.w("offer.done.text"), seconds=20)
        v.look("offer-done")
        v.press(self.w("offer.to_cards"))
        assert v.page.locator("article.certificate.valid").count() == 1
        v.look("cards")
        v.page.locator("article.certificate h2 a").click()
        v.page.wait_for_load_state("load")
        v.look("card")

    def consent(self, link: str) -> None:
        v = self.visitor
        self.paste(link)
        v.see(self.w("consent.given"))
        v.look("consent")
        v.press(self.w("consent.give"))
        v.see(self.w("answered.done.title"))
        v.look("answered")

    def decline(self, link: str) -> None:
        v = self.visitor
        self.paste(link)
        v.press(self.w("consent.decline"))
        v.see(self.w("answered.declined.title"))
        v.look("declined")

    def see_withdrawal(self) -> None:
        v = self.visitor
        v.go(f"{self.cast.wallet.url}/{self.name}/")
        v.page.locator("article.certificate h2 a").first.click()
        v.page.wait_for_load_state("load")
        v.press(self.w("card.check"))
        v.see(self.w("card.state_text.revoked"))
        v.look("card-revoked")

    def look_around(self) -> None:
        v = self.visitor
        v.press(self.w("nav.history"))
        v.look("history")
        v.press(self.w("nav.settings"))
        v.look("settings")
        v.page.locator("form[action$='/backup'] input[name=passphrase]").fill(PASSPHRASE)
        with v.page.expect_download() as download:
            v.page.locator("form[action$='/backup'] button").click()
        assert download.value.suggested_filename == f"{self.name}.tegata-backup"
        v.go(f"{self.cast.wallet.url}/{self.name}/settings")
        v.press(self.w("nav.lock"))
        v.look("unlock")
        v.page.locator("#field-passphrase").fill("not this one")
        v.press(self.w("unlock.button"))
        assert self.w("unlock.wrong") in v.page.locator(".error").inner_text()
        v.page.locator("#field-passphrase").fill(PASSPHRASE)
        v.press(self.w("unlock.button"))
        assert v.heading() == self.w("cards.title")


@dataclass
class Shop:
    visitor: Visitor
    cast: Cast

    def w(self, key: str, **values: object) -> str:
        return self.visitor.words("verifier", key, **values)

    def log_in(self) -> None:
        v = self.visitor
        v.go(f"{self.cast.verifier.url}/{SHOP}/ask")
        v.look("operator-login")
        v.fill(self.w("login.token"), self.cast.operator_token)
        v.press(self.w("login.button"))
        v.look("ask")

    def ask(self, question: str = "student") -> str:
        """The question's link."""
        v = self.visitor
        v.go(f"{self.cast.verifier.url}/{SHOP}/ask")
        v.page.locator(f"input[value={question}]").check()
        v.press(self.w("ask.button"))
        v.see(self.w("session.scan_with"))
        v.look("question")
        v.page.locator(".copyable summary").click()
        link = v.page.locator(".copyable .code").inner_text().strip()
        assert set(parse_qs(urlsplit(link).query)) >= {"client_id", "request_uri"}
        return link

    def see_answer(self, question: str, answer: str) -> None:
        """The page changes by itself."""
        v = self.visitor
        v.see(self.w(f"answer.{question}.{answer}"), seconds=20)
        v.look(f"verdict-{question}-{answer}")

    def see_earlier(self) -> None:
        v = self.visitor
        v.press(self.w("nav.recent"))
        v.look("recent")
