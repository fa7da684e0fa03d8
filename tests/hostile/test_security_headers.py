"""What a browser is told with every answer, what stands in cookies, and that forms and guesses are watched.

Every page and every API operation of the three programs is visited, as their owner and as a stranger.
"""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.app_client import AppClient
from tests.hostile.issuer_place import open_issuer
from tests.hostile.residents import Door, Place, noise_like
from tests.hostile.verifier_place import open_verifier
from tests.hostile.wallet_place import open_wallet

WHOLE = "https://www.tegata.example"
INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)[^>]*>|<[^>]+\son\w+\s*=|<[^>]+\sstyle\s*=|javascript:|<style", re.IGNORECASE
)
JSON_SCRIPT = re.compile(r'<script[^>]*type="application/(?:ld\+)?json"[^>]*>', re.IGNORECASE)
CACHEABLE = {
    *("/static", "/.well-known/", "/types/", "did.json", "did-witness.json", "/status"),
    *("/passes/sw.js", "/passes/manifest.webmanifest"),
    *("/gate/sw.js", "/gate/manifest.webmanifest", "/gate/{event}/pack", "/gate/{event}/delta"),
}
SAME_FOR_ALL = {"/{tenant}/passes/{pass_id}"}
"""Shells that know nothing: one answer, whatever is there or not."""
COOKIE_PARTS = ("httponly", "samesite=")


def visits(place: Place, by: str) -> list[tuple[Door, Any]]:
    """GETs of all doors: pages as their owner, the API with its token, or everything as a stranger."""
    found = []
    for door in place.all_doors():
        if door.method != "GET" or door.path.endswith("/events"):
            continue
        ids = {**place.a.ids, "name": "enrolment"}
        who = "nobody" if by == "nobody" else "page" if door in place.page_doors() else "api"
        found.append((door, place.knock(door, place.a, at=place.a.slug, ids=ids, by=who)))
    return found


def policy_of(answer: Any) -> dict[str, list[str]]:
    parts = [part.split() for part in answer.headers["content-security-policy"].split(";")]
    return {words[0]: words[1:] for words in parts if words}


@pytest.mark.parametrize("by", ["owner", "nobody"])
def test_every_answer_carries_its_headers(place: Place, by: str) -> None:
    for door, answer in visits(place, by):
        headers = answer.headers
        assert headers["x-content-type-options"] == "nosniff", door
        assert headers["referrer-policy"] in ("same-origin", "no-referrer"), door
        assert headers["x-frame-options"] == "DENY", door
        assert headers["cross-origin-opener-policy"] == "same-origin", door
        assert len(headers["x-request-id"]) >= 8, door
        assert "server" not in headers, door
        policy = policy_of(answer)
        assert policy["default-src"] == ["'none'"], door
        assert policy["frame-ancestors"] == ["'none'"], door
        assert policy["base-uri"] == ["'none'"], door
        assert policy["object-src" if "object-src" in policy else "default-src"] == ["'none'"], door
        for words in policy.values():
            assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "http:", "https:"} & set(words), door
        if not any(part in door.path for part in CACHEABLE):
            assert "no-store" in headers["cache-control"], (door, headers["cache-control"])


def test_no_page_has_anything_inline(place: Place) -> None:
    pages = 0
    for door, answer in visits(place, "owner"):
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        pages += 1
        assert not INLINE.search(JSON_SCRIPT.sub("", answer.text)), (door, INLINE.search(answer.text))
        for address in re.findall(r'(?:src|action)="([^"]+)"', answer.text):
            assert address.startswith(("/", "?", "data:image", "#")), (door, address)
            assert not address.startswith("//"), (door, address)
    assert pages >= 5


def test_every_form_refuses_strangers(place: Place) -> None:
    """Without the form's token, with a wrong one, from another site's page: 403, and nothing is changed."""
    a = place.a
    posts = [door for door in place.page_doors() if door.method == "POST"]
    assert posts
    before = place.rows_of(a.slug)
    right = str(a.browser.cookies[place.csrf_cookie])
    base = str(place.client.base_url)
    for door in posts:
        form = place.forms[door](a)
        for token, headers in (
            ("", {}),
            ("x" * len(right), {}),
            (right[:-1], {}),
            (right, {"Origin": "https://evil.example"}),
            (right, {"Origin": "null"}),
            (right, {"Sec-Fetch-Site": "cross-site"}),
            (right, {"Sec-Fetch-Site": "same-site", "Origin": base}),
            (right, {"Sec-Fetch-Site": "none"}),
        ):
            sent = {**form, "data": {**form.get("data", {}), "csrf_token": token}, "headers": headers}
            answer = a.browser.post(door.address(a.slug, a.ids), follow_redirects=False, **sent)
            assert answer.status_code == 403, (door, token, headers, answer.status_code)
    assert place.rows_of(a.slug) == before


def test_cookies_open_no_api(place: Place) -> None:
    """The JSON API takes tokens only: a browser's cookie, which it sends by itself, opens nothing there."""
    for door in place.api_doors():
        if "tenant" not in door.names or door in place.public or door.path.endswith("/events"):
            continue
        form = dict(place.forms[door](place.a)) if door in place.forms else {}
        answer = place.a.browser.request(door.method, door.address(place.a.slug, place.a.ids), **form)
        assert answer.status_code == 401, (door, answer.status_code)
        assert "www-authenticate" in answer.headers, door


@pytest.mark.parametrize(("make", "cookies"), [(open_issuer, 2), (open_wallet, 2), (open_verifier, 2)])
def test_cookies_are_closed(make: Any, cookies: int, tmp_path: Path) -> None:
    """On https: Secure, HttpOnly, SameSite, and __Host- for what is worth stealing."""
    place: Place = make(tmp_path)
    secure = str(place.client.base_url).startswith("https")
    try:
        kept = [cookie for cookie in place.a.browser.cookies.jar if "lang" not in cookie.name]
        assert len(kept) >= cookies
        for cookie in kept:
            assert cookie.has_nonstandard_attr("HttpOnly"), cookie.name
            assert cookie.has_nonstandard_attr("SameSite"), cookie.name
            assert not cookie.domain_specified, cookie.name
            assert bool(cookie.secure) == secure
            if secure:
                assert cookie.name.startswith("__Host-"), cookie.name
    finally:
        place.close()


def test_a_program_on_https_marks_every_cookie_secure(tmp_path: Path) -> None:
    """Also behind a proxy that ends TLS: the public address decides, not the scheme of the request that arrives."""
    place = open_verifier(tmp_path)
    try:
        inside = AppClient(place.app, base_url="http://127.0.0.1:8103")
        for path in (f"/{place.a.slug}/login", f"/{place.a.slug}/login?lang=en"):
            set_cookies = inside.get(path).headers.get_list("set-cookie")
            assert set_cookies
            for line in set_cookies:
                assert "secure" in line.lower(), line
                assert all(part in line.lower() for part in COOKIE_PARTS), line
    finally:
        place.close()


def test_hsts_where_it_is_https(tmp_path: Path) -> None:
    place = open_verifier(tmp_path)
    try:
        assert "max-age=" in place.client.get("/health/live").headers["strict-transport-security"]
    finally:
        place.close()


def test_no_token_stands_in_the_database(place: Place) -> None:
    """Everything that opens a door is looked for in the bytes of the database, as text, as hex and as base64."""
    from base64 import b64encode, urlsafe_b64encode

    with sqlite3.connect(place.database) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.close()
    stored = b"".join(path.read_bytes() for path in place.database.parent.glob(f"{place.database.name}*"))
    assert len(stored) > 10_000
    for who in (place.a, place.b):
        secrets = {value for name, value in who.known.items() if len(value) >= 16 and name != "notification_id"}
        secrets |= {value.removeprefix("tgt_") for value in secrets}
        secrets |= {
            str(cookie.value)
            for cookie in who.browser.cookies.jar
            if "lang" not in cookie.name and cookie.value != who.slug
        }
        if place.name == "issuer":
            secrets |= {who.ids["reference"], who.ids["claim_token"]}
        assert len(secrets) >= 2
        for secret in secrets:
            raw_bytes = secret.encode()
            for form in (
                raw_bytes,
                raw_bytes.hex().encode(),
                b64encode(raw_bytes)[:-4],
                urlsafe_b64encode(raw_bytes)[:-4],
            ):
                assert form not in stored, f"{place.name}: a secret of {who.slug} stands in the database"


GUESSES = {
    "issuer": [
        ("/sakuragawa/token", {"data": {"grant_type": "urn:ietf:params:oauth:grant-type:pre-authorized_code",
                                        "pre-authorized_code": "guess", "tx_code": "1"}}),
        ("/sakuragawa/api/claims/guess", None),
        ("/sakuragawa/claim/guess", None),
        ("/sakuragawa/claim/guess", {"data": {"birth_date": "2001-02-03"}}),
        ("/sakuragawa/api/claims/guess/code", {"json": {"birth_date": "2001-02-03"}}),
        ("/sakuragawa/staff/login", {"data": {"token": "tgt_guess"}}),
    ],
    "verifier": [
        ("/cafe/login", {"data": {"token": "tgt_guess"}}),
        ("/cafe/done/guess?response_code=x", None),
        ("/cafe/result/guess?response_code=x", None),
    ],
    "wallet": [
        ("/hanako/api/unlock", {"json": {"passphrase": "not this one"}}),
        ("/hanako/unlock", {"data": {"passphrase": "not this one"}}),
        ("/nobody-here/unlock", {"data": {"passphrase": "not this one"}}),
        ("/nobody-here/api/unlock", {"json": {"passphrase": "not this one"}}),
    ],
}  # fmt: skip
OPEN = {"issuer": open_issuer, "verifier": open_verifier, "wallet": open_wallet}
MOST = 130
"""Guesses in one minute after which every guessable thing must have said 429."""


@pytest.mark.parametrize(("name", "which"), [(name, n) for name, all_ in GUESSES.items() for n in range(len(all_))])
def test_guessing_is_limited(name: str, which: int, tmp_path: Path) -> None:
    place: Place = OPEN[name](tmp_path, guess_limit="20/minute")
    try:
        path, sent = GUESSES[name][which]
        client = place.stranger()
        if sent and "data" in sent:
            sent = {"data": {**sent["data"], "csrf_token": client.cookies[place.csrf_cookie]}}
        for _ in range(MOST):
            answer = client.get(path) if sent is None else client.post(path, follow_redirects=False, **sent)
            assert answer.status_code in (400, 403, 404, 429), (path, answer.status_code)
            if answer.status_code == 429:
                assert int(answer.headers["retry-after"]) >= 1
                return
        pytest.fail(f"{path} was never limited")
    finally:
        place.close()


def test_wallets_that_do_not_exist_answer_like_those_that_do(tmp_path: Path) -> None:
    """Wrong passphrases, one after another, at a wallet and at nobody's: the same statuses, waits and texts."""
    place = open_wallet(tmp_path)
    try:
        for path in ("/{}/api/unlock", "/{}/unlock"):
            heard = []
            for name in ("hanako" if "api" in path else "taro", "nobody-here" if "api" in path else "nobody2"):
                client, answers = place.stranger(), []
                for _ in range(6):
                    sent: dict[str, Any] = {"json": {"passphrase": "not this one"}}
                    if "api" not in path:
                        sent = {"data": {"passphrase": "not this one", "csrf_token": client.cookies[place.csrf_cookie]}}
                    answer = client.post(path.format(name), **sent)
                    answers.append(
                        (answer.status_code, answer.headers.get("retry-after"), answer.text.replace(name, "<name>"))
                    )
                heard.append(answers)
            assert heard[0] == heard[1]
            assert [status for status, *_ in heard[0]][-1] == 429
            assert (
                place.client.get(path.format("nobody3")).status_code
                == place.client.get(path.format("taro")).status_code
            )
    finally:
        place.close()


def test_unknown_and_foreign_are_one_answer(place: Place) -> None:
    """Public pages: a thing that is not there, one that is another tenant's, and one of an unknown tenant's shape cannot be told apart."""
    visitor = place.stranger()
    for door in sorted(place.public):
        names = [name for name in door.names if name != "tenant"]
        if not names or door.method != "GET":
            continue
        params = {"response_code": "x" * 20, "since": "0"}
        heard = []
        for ids in (place.b.ids, {name: noise_like(place.b.ids[name]) for name in names}):
            answer = visitor.get(door.address(place.a.slug, ids), params=params)
            text = answer.text
            for name in names:
                text = text.replace(ids[name], "<id>")
            kept = {name: value for name, value in answer.headers.items() if name != "x-request-id"}
            heard.append(
                (
                    answer.status_code,
                    kept.get("content-type"),
                    sorted(kept),
                    re.sub(r'csrf_token" value="[^"]*"', "", text),
                )
            )
        assert heard[0] == heard[1], door
        assert heard[0][0] == (200 if door.path in SAME_FOR_ALL else 404), door
