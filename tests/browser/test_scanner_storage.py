"""What a browser keeps of a scanner, and what it loses: cleared storage, older copies of it, no leave to keep anything at all.

What stands in for the browser's answers is placed by init scripts, named STUB_….
"""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.gate_site import PASS, Site, begin_scanning, load_pack, scan, to_the_post
from tests.browser.gate_site import scanner_text as w
from tests.browser.gate_venue import Venue
from tests.browser.visitor import CHROMIUM, texts_of
from tests.ports import free_port

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(120)]

ASKED = "const asked = (request) => new Promise((done) => { request.onsuccess = () => done(request.result); });"
KEYS = f"""async () => {{
  {ASKED}
  const database = await asked(indexedDB.open("tegata-gate"));
  const keys = await asked(database.transaction("entries").objectStore("entries").getAllKeys());
  database.close();
  return keys.map(([event, gate, sequence]) => [gate, sequence]);
}}"""
CLEAR = "() => new Promise((done) => { indexedDB.deleteDatabase('tegata-gate').onsuccess = () => done(true); })"
COPY = f"""async () => {{
  {ASKED}
  const database = await asked(indexedDB.open("tegata-gate"));
  const copy = {{}};
  for (const name of database.objectStoreNames) {{
    const store = database.transaction(name).objectStore(name);
    copy[name] = {{ keys: await asked(store.getAllKeys()), values: await asked(store.getAll()) }};
  }}
  const cache = await asked(indexedDB.open("copy", 1));
  database.close();
  cache.close();
  await asked(indexedDB.deleteDatabase("copy"));
  const opening = indexedDB.open("copy", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("copy");
  const kept = await asked(opening);
  await asked(kept.transaction("copy", "readwrite").objectStore("copy").put([copy, localStorage.getItem("gate-device")], 0));
  kept.close();
}}"""
"""Everything that the scanner has, kept aside in the same browser, since its key cannot leave it."""
RESTORE = f"""async (withNote) => {{
  {ASKED}
  const kept = await asked(indexedDB.open("copy"));
  const [copy, note] = await asked(kept.transaction("copy").objectStore("copy").get(0));
  kept.close();
  const database = await asked(indexedDB.open("tegata-gate"));
  for (const [name, {{ keys, values }}] of Object.entries(copy)) {{
    const store = database.transaction(name, "readwrite").objectStore(name);
    store.clear();
    await Promise.all(keys.map((key, at) => asked(store.put(values[at], key))));
  }}
  database.close();
  if (withNote) localStorage.setItem("gate-device", note);
}}"""
EMPTY = f"""async (names) => {{
  {ASKED}
  const database = await asked(indexedDB.open("tegata-gate"));
  for (const name of names) await asked(database.transaction(name, "readwrite").objectStore(name).clear());
  database.close();
}}"""
STUB_PERSIST = """(answers) => {
  let kept = answers === "already";
  StorageManager.prototype.persisted = () => Promise.resolve(kept);
  StorageManager.prototype.persist = async () => {
    window.asked = (window.asked ?? 0) + 1;
    return (kept = answers === "yes");
  };
}"""
STUB_NO_KEYS_IN_STORAGE = """() => {
  const { put } = IDBObjectStore.prototype;
  const holds = (value) => value?.privateKey instanceof CryptoKey || value?.pair?.privateKey instanceof CryptoKey;
  IDBObjectStore.prototype.put = function (value, ...key) {
    if (holds(value)) throw new DOMException("a key cannot be cloned", "DataCloneError");
    return put.call(this, value, ...key);
  };
}"""


def enrolled_anew(page: Page, venue: Venue, lost: str) -> str:
    """The page names the device that it was, is another one now, and can be taken in anew. Answers the new number."""
    page.locator("[data-lost]").wait_for()
    assert page.locator("[data-lost-says]").inner_text() == w("lost_journal.text", gate=lost)
    gate = to_the_post(page, venue, name="北口1の2").gate.hex()
    assert gate != lost
    assert page.locator("[data-lost]").is_hidden()
    begin_scanning(page)
    return gate


def test_a_browser_that_cleared_its_storage_is_another_device(
    context: BrowserContext, site: Site, venue: Venue
) -> None:
    """The database is gone, the note beside it is not."""
    page = context.new_page()
    page.goto(f"{site.url}/gate/")
    first = to_the_post(page, venue).gate.hex()
    begin_scanning(page)
    for name in (b"one-----", b"two-----"):
        scan(page, venue.ticket(name), "passed")
    assert page.evaluate(KEYS) == [[first, 1], [first, 2]]
    page.goto(f"{site.url}/static/icon.svg")
    page.evaluate(CLEAR)
    page.goto(f"{site.url}/gate/")
    second = enrolled_anew(page, venue, first)
    scan(page, venue.ticket(b"three---"), "passed")
    assert page.evaluate(KEYS) == [[second, 1]]

    # Only the journal is lost, or only its end: the key that is still there signs no second chain.
    page.goto(f"{site.url}/static/icon.svg")
    page.evaluate(COPY)
    page.evaluate(EMPTY, ["entries", "heads", "tails"])
    page.goto(f"{site.url}/gate/")
    page.locator("[data-lost]").wait_for()
    assert second in page.locator("[data-lost-says]").inner_text()
    page.goto(f"{site.url}/static/icon.svg")
    page.evaluate(RESTORE, True)
    page.goto(f"{site.url}/gate/")
    page.locator("[data-post]").wait_for()
    assert page.locator("[data-lost]").is_hidden()
    begin_scanning(page)
    scan(page, venue.ticket(b"four----"), "passed")
    page.goto(f"{site.url}/static/icon.svg")
    page.evaluate(RESTORE, False)
    page.goto(f"{site.url}/gate/")
    page.locator("[data-lost]").wait_for()
    assert page.locator("[data-post]").is_hidden()
    load_pack(page, venue)
    page.locator("[data-enrol]").wait_for()


@pytest.mark.slow
def test_a_browser_that_keeps_no_keys_says_so(context: BrowserContext, site: Site) -> None:
    """No key that scripts can read is made instead."""
    context.add_init_script(f"({STUB_NO_KEYS_IN_STORAGE})()")
    page = context.new_page()
    page.goto(f"{site.url}/gate/")
    page.get_by_text(w("no_storage")).wait_for()
    assert page.locator("[data-view]:visible").count() == 0
    page.close()
    for path, text in (
        ("/gate/", w("no_storage")),
        (PASS, texts_of("wallet_agent").text("ja", "pass_page.says.no_storage.title")),
    ):
        page = context.new_page()
        page.add_init_script(
            "Object.defineProperty(IDBFactory.prototype, 'open', "
            "{ value: () => { throw new DOMException('no', 'SecurityError'); } })"
        )
        page.goto(f"{site.url}{path}")
        page.get_by_text(text).wait_for()


@pytest.mark.slow
@pytest.mark.parametrize("answers", ["already", "yes", "no"])
def test_it_asks_to_be_kept_and_says_what_the_browser_answered(
    context: BrowserContext, site: Site, venue: Venue, answers: str
) -> None:
    context.add_init_script(f"({STUB_PERSIST})({answers!r})")
    page = context.new_page()
    page.goto(f"{site.url}/gate/")
    to_the_post(page, venue)
    said = page.locator("[data-storage]")
    assert said.inner_text() == (w("post.kept") if answers == "already" else "")
    assert page.evaluate("window.asked") is None  # not before a person begins
    begin_scanning(page)
    page.wait_for_function(f"(window.asked ?? 0) === {0 if answers == 'already' else 1}")
    assert page.locator("[data-kept]").is_visible() == (answers == "no")
    page.locator("[data-view=scan] [data-go=prepare]").click()
    assert said.inner_text() == w("post.not_kept" if answers == "no" else "post.kept")


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.parametrize("empty", [False, True])
def test_the_hub_knows_more_of_a_device_than_itself(browser: Browser, tmp_path: Path, empty: bool) -> None:
    """A browser that went back to an older copy of everything, its note too: the hub tells, and no number is used twice."""
    venue = Venue(tmp_path, free_port())
    venue.publish()
    venue.start()
    launched = browser.browser_type.launch(executable_path=CHROMIUM, args=venue.arguments())
    try:
        context = launched.new_context(locale="ja-JP")
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.goto(venue.address)
        blank = venue.address.replace("/gate/", "/static/icon.svg")
        gate = to_the_post(page, venue).gate.hex()
        if empty:
            page.goto(blank)
            page.evaluate(COPY)
            page.goto(venue.address)
            page.locator("[data-post]").wait_for()
        venue.publish()
        page.wait_for_timeout(500)
        begin_scanning(page)
        scan(page, venue.ticket(b"before--"), "passed")
        if not empty:
            page.goto(blank)
            page.evaluate(COPY)
            page.goto(venue.address)
            page.locator("[data-post]").wait_for()
            begin_scanning(page)
        page.get_by_text(w("scan.linked"), exact=True).wait_for()
        scan(page, venue.ticket(b"after---"), "passed")
        page.locator("[data-view=scan] [data-go=share]").click()
        page.locator("[data-sync]").click()
        page.get_by_text(w("share.synced")).wait_for()
        there = [tuple(one) for one in page.evaluate(KEYS)]
        page.goto(blank)
        page.evaluate(RESTORE, True)
        before = [tuple(one) for one in page.evaluate(KEYS)]
        assert len(before) < len(there)
        assert (before == []) == empty
        page.goto(venue.address)
        page.locator("[data-post] button").click()  # and it is at the beginning again before anybody can scan
        page.locator("[data-lost]").wait_for()
        assert gate in page.locator("[data-lost-says]").inner_text()
        assert [tuple(one) for one in page.evaluate(KEYS)] == before
    finally:
        launched.close()
        venue.stop()
