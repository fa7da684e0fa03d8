"""The scanner and the pass page from a small server of their own, which can be of one version, of the next, or in between; behind it there
is neither hub nor wallet. Both pages are then as they are at a gate with no network, and get what they need from a file or their browser.
"""

from __future__ import annotations

import base64
import json
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page
from starlette.requests import Request

from common.formats.gate_pass.build import build_pass_token
from common.gate.pack import build_pack
from common.gate.pack_members import PackGate
from common.pages import kept_page, static_files
from common.pages.render import Pages
from tests.browser.gate_venue import DAY, EVENT, SEATS, Ticket, Venue
from tests.browser.visitor import texts_of
from verifier.pages import gate_scanner_views
from verifier.pages.gate_scanner_views import scanner_manifest, scanner_version, scanner_words, scanner_worker
from wallet_agent.pages import pass_views
from wallet_agent.pages.pass_views import folder_of, pass_version, pass_words, pass_worker

Answers = dict[str, tuple[str, bytes]]
"""Path → media type, body."""
STATIC = static_files.STATIC_FOLDER
SCRIPTS = ("built/gate/scanner.js", "built/pass/page.js")
HTML = "text/html; charset=utf-8"
HOLDER = "hanako"
PASS = f"{folder_of(HOLDER)}p1"
ASKED = "const asked = (request) => new Promise((done) => { request.onsuccess = () => done(request.result); });"
POINT = f"""async () => {{
  {ASKED}
  const database = await asked(indexedDB.open("tegata-gate"));
  const pair = await asked(database.transaction("device").objectStore("device").get("key"));
  database.close();
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  return [2 + (raw[64] & 1), ...raw.slice(1, 33)];
}}"""
MAKE_KEY = """async () => {
  window.pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  return [2 + (raw[64] & 1), ...raw.slice(1, 33)];
}"""
PUT_PASS = f"""async ([facts, token]) => {{
  {ASKED}
  const opening = indexedDB.open("tegata-pass");
  opening.onupgradeneeded = () => ["passes", "clock"].forEach((name) => opening.result.createObjectStore(name));
  const database = await asked(opening);
  const store = database.transaction("passes", "readwrite").objectStore("passes");
  const bytes = Uint8Array.from(atob(token), (letter) => letter.charCodeAt(0));
  await asked(store.put({{ tenant: "{HOLDER}", facts, pair, holder: "h", token: bytes, checkedAt: Date.now() }}, ["{HOLDER}", facts.id]));
  database.close();
}}"""


def scanner_text(key: str, **values: object) -> str:
    """What the scanner says in Japanese."""
    return texts_of("verifier").text("ja", f"gate_scanner.{key}", values)


class _NoForms:
    secure = False

    def token(self, request: Request) -> str:
        return ""

    def keep(self, request: Request, response: object) -> None: ...


@contextmanager
def _built(folder: Path) -> Iterator[None]:
    """Pages and workers are made of the files in this folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(static_files, "STATIC_FOLDER", folder)
        patch.setattr(kept_page, "STATIC_FOLDER", folder)
        for kept in (static_files.static_url, kept_page.digest_of):
            kept.cache_clear()
        try:
            yield
        finally:
            for kept in (static_files.static_url, kept_page.digest_of):
                kept.cache_clear()


def release(folder: Path, name: str) -> Answers:
    """Everything that a server of this version answers. Its scripts say its name on the page."""
    shutil.copytree(STATIC, folder)
    for script in SCRIPTS:
        with (folder / script).open("a") as end:
            end.write(f'\ndocument.documentElement.dataset.release = "{name}";\n')
    with _built(folder):
        request = Request({"type": "http", "headers": [], "query_string": b"", "method": "GET", "path": "/"})
        made = {**_scanner(request), **_pass_page(request)}
    kinds = {".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm", ".svg": "image/svg+xml"}
    for file in folder.rglob("*"):
        if file.is_file():
            made[f"/static/{file.relative_to(folder)}"] = (kinds.get(file.suffix, "image/png"), file.read_bytes())
    return made


def _scanner(request: Request) -> Answers:
    pages = Pages("verifier", forms=_NoForms())
    words = scanner_words(pages.catalogue)
    version = scanner_version(words)
    page = pages.render(request, gate_scanner_views.TEMPLATE, "ja", {"words": words, "version": version})
    manifest = json.dumps(scanner_manifest(pages.catalogue, "ja"))
    return {
        "/gate/": (HTML, page.encode()),
        "/gate/sw.js": ("text/javascript", scanner_worker(version).encode()),
        "/gate/manifest.webmanifest": ("application/manifest+json", manifest.encode()),
    }


def _pass_page(request: Request) -> Answers:
    pages = Pages("wallet_agent", forms=_NoForms())
    words, folder = pass_words(pages.catalogue), folder_of(HOLDER)
    version = pass_version(words)
    context = {"words": words, "folder": folder, "version": version}
    page = pages.render(request, pass_views.TEMPLATE, "ja", context).encode()
    worker = pass_worker(HOLDER, version).encode()
    return {folder: (HTML, page), PASS: (HTML, page), f"{folder}sw.js": ("text/javascript", worker)}


@dataclass
class Site:
    """answers: what it serves now, by path alone; whatever else is asked gets a 503."""

    answers: Answers
    asked: list[str] = field(default_factory=list)
    server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        assert self.server is not None
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def start(self) -> None:
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = urlsplit(self.path).path
                site.asked.append(path)
                kind, body = site.answers.get(path, ("text/plain", b""))
                self.send_response(200 if body else 503)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Cache-Control", "no-store")
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET  # noqa: N815 - as http.server asks for

            def log_message(self, *_: Any) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()


def load_pack(page: Page, venue: Venue) -> None:
    page.locator("#pack-file").set_input_files(
        {"name": f"{EVENT}.tgpack", "mimeType": "application/cbor", "buffer": build_pack(venue.pack(), venue.organiser)}
    )


def to_the_post(page: Page, venue: Venue, *, name: str = "北口1") -> PackGate:
    """From an open scanner to its post, by a file: the organiser's pack names the device already."""
    page.locator("[data-view=prepare]").wait_for()
    gate = venue.enrol(bytes(page.evaluate(POINT)), name)
    load_pack(page, venue)
    page.locator("[data-trust-yes]").click()
    page.locator("[data-post]").wait_for()
    return gate


def begin_scanning(page: Page) -> None:
    page.locator("[data-post] button").click()
    page.locator("[data-view=scan]").wait_for()


def scan(page: Page, guest: Ticket, answer: str, *, at: int | None = None) -> None:
    """The verdict of the guest before is put away first: it is not the answer."""
    page.evaluate("document.querySelector('[data-next]').click()")
    page.locator("#by-hand").fill(guest.code(at=at))
    page.locator("#by-hand").press("Enter")
    page.locator(f".gate-verdict.{answer}").wait_for()


def put_pass(page: Page, venue: Venue, **change: str) -> bytes:
    """A pass into the browser that stands on the wallet's origin, for a key that never leaves it. Answers its token."""
    token = build_pass_token(
        event=EVENT,
        klass=SEATS,
        index=5,
        flags=0,
        cti=b"kept-one",
        exp=int(time.time()) + DAY,
        holder=bytes(page.evaluate(MAKE_KEY)),
        signer=venue.issuer,
    )
    facts = {
        "id": "p1",
        "event": EVENT,
        "event_name": "隅田川花火大会2026",
        "venue": "隅田公園 第一会場",
        "zone": "指定席 A 12列 8番",
        "entrance": "北口、楽屋口",
        "starts_at": "2026-07-25T10:00:00Z",
        "ends_at": "2026-07-25T12:30:00Z",
        "state": "valid",
        "holder": "h",
    }
    page.evaluate(PUT_PASS, [{**facts, **change}, base64.b64encode(token).decode()])
    return token
