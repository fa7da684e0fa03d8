"""The holder's pass in a real Chromium: it turns and reloads with the network cut and the server stopped, and Python reads every code; its
key cannot be taken out; it is bound anew when the browser forgot it; it says when the ticket ended."""

from __future__ import annotations

import io
import time
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from common.formats.gate_pass.build import challenge_nonce
from common.formats.gate_pass.parse import parse_gate_pass
from common.formats.gate_pass.verify import VerifiedPass, verify_gate_pass
from common.gate.pack import GatePack
from common.pages.language import Language
from examples.demo.cast import Cast
from tests.browser.ticket_office import TicketOffice
from tests.browser.visitor import Device, visit
from tests.browser.walk import PASSPHRASE, Student
from tests.qr import read_qr

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(300)]

FAST = 10 * 60 + 30
"""Seconds by which the clock of a phone is wrong."""
LARGEST = 21 + 4 * 11  # modules on a side of version 12
OPENED = """const asked = (request) => new Promise((done) => { request.onsuccess = () => done(request.result); });
  const database = await asked(indexedDB.open("tegata-pass"));
  const passes = database.transaction("passes").objectStore("passes");"""
EXPORTS = f"""async () => {{
  {OPENED}
  const all = await asked(passes.getAll());
  database.close();
  const out = (pair, form) => crypto.subtle.exportKey(form, pair.privateKey).then(() => "out", (error) => error.name);
  const tries = await Promise.all(all.flatMap(({{ pair }}) => ["jwk", "pkcs8", "raw"].map((form) => out(pair, form))));
  return {{ count: all.length, extractable: all.map(({{ pair }}) => pair.privateKey.extractable), tries }};
}}"""
COUNT = f"""async () => {{
  {OPENED}
  const count = await asked(passes.count());
  database.close();
  return count;
}}"""
FORGET = """() => new Promise((done, failed) => {
  const request = indexedDB.deleteDatabase("tegata-pass");
  request.onsuccess = () => done(true);
  request.onblocked = () => failed("in use");
})"""


SPOIL = f"""async (how) => {{
  {OPENED}
  const [key] = await asked(passes.getAllKeys());
  const kept = await asked(passes.get(key));
  const other = await crypto.subtle.generateKey({{ name: "ECDSA", namedCurve: "P-256" }}, false, ["sign", "verify"]);
  kept.pair = {{ none: {{}}, other, half: {{ ...kept.pair, privateKey: other.privateKey }} }}[how];
  await asked(database.transaction("passes", "readwrite").objectStore("passes").put(kept, key));
  database.close();
}}"""


@pytest.fixture(scope="module")
def office(cast: Cast) -> TicketOffice:
    office = TicketOffice(cast)
    office.open()
    return office


def holder_of(
    browser: Browser,
    cast: Cast,
    name: str,
    link: str,
    language: Language,
    device: Device,
    shots: Path,
    *,
    dark: bool = False,
) -> Student:
    """On a phone, with the ticket in the wallet and the pass page open."""
    v = visit(browser, language, device, shots=shots, dark=dark)
    holder = Student(v, cast, name)
    holder.make_wallet()
    holder.paste(link)
    v.look("ticket-offer")
    v.press(holder.w("offer.accept"))
    v.see(holder.w("offer.done.text"), seconds=20)
    v.look("ticket-received")
    v.press(holder.w("card.pass_open"))
    shown_code(v.page)
    return holder


def shown_code(page: Page, *, after: int = 0) -> tuple[str, int]:
    """(text, second that it was signed at) of the code on the screen, the first that was signed after that second."""
    code = page.locator("[data-qr][data-iat]")
    code.wait_for(timeout=20_000)
    page.wait_for_function(
        "after => Number(document.querySelector('[data-qr]').dataset.iat) > after", arg=after, timeout=15_000
    )
    code.scroll_into_view_if_needed()
    iat, picture = 0, b""
    while str(iat) != code.get_attribute("data-iat"):  # it turned while the picture was taken
        iat = int(code.get_attribute("data-iat") or 0)
        picture = code.screenshot(scale="device")
    read = read_qr(Image.open(io.BytesIO(picture)))
    assert read.ec_level == "M"
    side = page.evaluate("document.querySelector('[data-qr]').viewBox.baseVal.width") - 8
    assert side <= LARGEST
    return read.text, iat


def at_gate(pack: GatePack, code: str, now: int) -> tuple[VerifiedPass, bool]:
    """What a gate finds with this pack, which it loaded before; and whether the pass was revoked."""
    found = verify_gate_pass(parse_gate_pass(code), event=pack.event, issuer_keys=pack.keys, now=now)
    return found, found.index in pack.status.revoked


def test_the_pass_turns_with_the_network_cut(browser: Browser, cast: Cast, office: TicketOffice, shots: Path) -> None:
    holder = holder_of(browser, cast, "flight", office.offer(office.sell()), "ja", "phone", shots)
    v, page = holder.visitor, holder.visitor.page
    v.look("pass")
    assert page.locator("[data-event]").inner_text() == "隅田川花火大会"
    assert page.locator("[data-zone]").inner_text() == "一般自由席"
    assert page.locator("[data-entrances]").inner_text() == "入口：北口、南口"
    tried = page.evaluate(EXPORTS)
    assert (tried["count"], tried["extractable"], set(tried["tries"])) == (1, [False], {"InvalidAccessError"})
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    kept = page.evaluate(
        "async () => (await (await caches.open((await caches.keys())[0])).keys()).map((one) => one.url)"
    )
    assert not [url for url in kept if page.url.rpartition("/")[2] in url or "facts" in url]

    pack = office.pack()
    v.context.set_offline(True)
    cast.wallet.stop()
    try:
        last, seen, indices = 0, set(), set()
        for _ in range(3):
            code, last = shown_code(page, after=last)
            found, revoked = at_gate(pack, code, int(time.time()))
            assert (found.iat, found.klass, revoked) == (last, 1, False)
            assert abs(time.time() - last) < 12
            seen.add(code)
            indices.add(found.index)
        assert (len(seen), len(indices)) == (3, 1)

        page.reload()
        code, last = shown_code(page)
        assert at_gate(pack, code, int(time.time()))[0].iat == last
        page.locator("[data-link].offline").wait_for()
        page.locator("#challenge").fill("４７２")
        page.wait_for_function(
            "before => document.querySelector('[data-qr] path').getAttribute('d') !== before",
            arg=page.locator("[data-qr] path").get_attribute("d"),
        )
        code, last = shown_code(page)
        assert at_gate(pack, code, int(time.time()))[0].cnonce == challenge_nonce(472)
        page.goto(f"{cast.wallet.url}/flight/passes/")
        page.wait_for_url(lambda url: not url.endswith("/passes/"))
        shown_code(page)
        v.complaints[:] = [one for one in v.complaints if "net::ERR_" not in one]
        v.look("pass-offline")
        page.set_viewport_size({"width": 844, "height": 390})
        shown_code(page)
        v.look("pass-sideways")
    finally:
        cast.wallet.start()
        cast.wallet.wait()
    v.context.set_offline(False)
    v.complaints.clear()
    make_forget(holder, f"{cast.wallet.url}/flight")
    v.look("pass-gone")
    page.get_by_role("button", name=holder.w("pass_page.bind")).press("Enter")
    again, _ = shown_code(page)
    pack, now = office.pack(), int(time.time())
    assert [at_gate(pack, one, now)[1] for one in (code, again)] == [True, False]
    v.context.close()


def make_forget(holder: Student, wallet: str) -> None:
    """As a browser that clears a site's storage: the key is gone. The pass page is open before and after."""
    v, address = holder.visitor, holder.visitor.page.url
    v.go(f"{wallet}/settings")
    assert v.page.evaluate(FORGET)
    v.go(address)
    v.see(holder.w("pass_page.says.gone.title"))


@pytest.mark.slow
def test_a_browser_that_forgot_and_a_phone_that_was_lost(
    browser: Browser, cast: Cast, office: TicketOffice, shots: Path
) -> None:
    holder = holder_of(
        browser, cast, "forgot", office.offer(office.sell(language="en")), "en", "phone", shots, dark=True
    )
    v, page = holder.visitor, holder.visitor.page
    v.look("pass-dark")
    v.go(f"{cast.wallet.url}/forgot/settings")
    v.look("settings-with-leave")
    v.page.go_back()
    shown_code(page)
    address = page.url
    for how in ("none", "other", "half"):  # the record is there, its key is not
        page.evaluate(SPOIL, how)
        page.reload()
        v.see(holder.w("pass_page.says.gone.title"))
        assert page.locator("[data-code]").is_hidden()
        v.press(holder.w("pass_page.bind"))
        shown_code(page)
    make_forget(holder, f"{cast.wallet.url}/forgot")
    v.look("pass-gone-in-the-dark")
    v.press(holder.w("pass_page.bind"))
    second, _ = shown_code(page)

    other = visit(browser, "en", "tiny", shots=shots)
    other.page.add_init_script(f"const real = Date.now; Date.now = () => real() + {FAST * 1000};")
    other.go(address)
    other.see(holder.w("pass_page.says.login_needed.title"))
    other.look("pass-locked")
    other.press(holder.w("pass_page.unlock"))
    other.page.locator("#field-passphrase").fill(PASSPHRASE)
    other.press(holder.w("unlock.button"))
    other.see(holder.w("pass_page.says.gone.title"))
    other.press(holder.w("pass_page.bind"))
    third, signed_at = shown_code(other.page)
    assert abs(time.time() - signed_at) < 14
    other.see(holder.w("pass_page.clock.ahead", span=holder.w("pass_page.span.minutes", n=FAST // 60)))
    other.look("pass-tiny")
    page.reload()
    v.see(holder.w("pass_page.says.moved.title"))
    assert page.locator("[data-code]").is_hidden()
    v.look("pass-moved")
    pack, now = office.pack(), int(time.time())
    assert [at_gate(pack, code, now)[1] for code in (second, third)] == [True, False]

    other.page.evaluate("document.documentElement.style.fontSize = '200%'")
    other.look("pass-large-print")
    other.context.clear_cookies()
    other.page.reload()
    shown_code(other.page)
    other.page.locator("[data-link].locked").wait_for()
    for one in (v, other):
        one.context.close()


@pytest.mark.slow
def test_it_says_when_the_ticket_ended_and_goes_with_it(
    browser: Browser, cast: Cast, office: TicketOffice, shots: Path
) -> None:
    ticket = office.sell()
    holder = holder_of(browser, cast, "ended", office.offer(ticket), "ja", "tiny", shots)
    v, page = holder.visitor, holder.visitor.page
    address = page.url
    first, _ = shown_code(page)
    office.act(ticket, "lost")
    page.wait_for_timeout(1500)  # this issuer's status lists are good for a second
    page.reload()
    v.see(holder.w("pass_page.says.ended.title"))
    assert page.locator("[data-code]").is_hidden()
    v.look("pass-ended")

    holder.paste(office.offer(ticket))
    v.press(holder.w("offer.accept"))
    v.see(holder.w("offer.done.text"), seconds=20)
    v.press(holder.w("card.pass_open"))
    again, _ = shown_code(page)
    pack, now = office.pack(), int(time.time())
    assert [at_gate(pack, code, now)[1] for code in (first, again)] == [True, False]
    v.go(f"{cast.wallet.url}/ended/passes/")
    v.look("pass-list")
    v.go(f"{cast.wallet.url}/ended/")
    v.look("cards-with-tickets")
    v.go(address)
    page.locator("[data-about] summary").click()
    page.once("dialog", lambda dialog: dialog.accept())
    v.press(holder.w("pass_page.remove"))
    page.wait_for_url(lambda url: url != address and not url.endswith("/passes/"))
    shown_code(page)
    assert page.evaluate(COUNT) == 1

    v.go(f"{cast.wallet.url}/ended/settings")
    v.press(holder.w("settings.forget_button"))
    v.see(holder.w("done.left"))
    assert page.evaluate(COUNT) == 0
    v.context.close()
