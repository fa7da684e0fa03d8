"""Tokens, sessions, forms and limits: who may come in, how often they may try, and who sent the form. On both databases."""

from __future__ import annotations

import re
import threading

import pytest

from common.adapters.database import across_tenants
from common.audit.entry import AuditEntry
from common.errors import Misconfigured, TooMany
from common.web.csrf import Csrf
from common.web.limits import parse_limit
from common.web.login import Login, Visitor
from tests.common.web.conftest import ACCESS_TOKEN, SESSION, TRIES, Toy, problem_in
from tests.common.web.toy_settings import ToySettings
from tests.fakes.clock import FixedClock


def test_a_token_is_kept_as_a_hash_only(stored: Toy) -> None:
    token = stored.login.new_token("a", "registrar")
    row = ACCESS_TOKEN.get(ACCESS_TOKEN.tenant == "a")
    assert token not in repr(row.__data__)
    assert len(row.digest) == 64
    assert stored.login.has_token("a")
    assert not stored.login.has_token("b")


def test_a_token_opens_a_session_until_logout(stored: Toy) -> None:
    client = stored.client
    token = stored.login.new_token("a", "registrar")
    answer = client.post("/a/staff/login", data={"token": f" {token} "})
    assert answer.json() == "registrar"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie, "the sandbox is plain http"
    assert token not in cookie
    assert client.get("/a/staff/who").json() == "registrar"
    secret = client.cookies["tegata-issuer"]
    with across_tenants("looking"):
        assert secret not in repr([row.__data__ for row in SESSION.select()])
    client.post("/a/staff/logout")
    client.cookies.set("tegata-issuer", secret)
    assert client.get("/a/staff/who").status_code == 401, "the server forgot it too"


def test_a_session_of_one_tenant_is_none_at_another(stored: Toy) -> None:
    stored.client.post("/a/staff/login", data={"token": stored.login.new_token("a", "x")})
    assert stored.client.get("/a/staff/who").status_code == 200
    assert stored.client.get("/b/staff/who").status_code == 401


def test_a_browser_without_a_session_is_sent_to_the_login_page(toy: Toy) -> None:
    answer = toy.client.get("/a/staff/who", headers={"accept": "text/html"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/a/staff/login"


def test_a_session_ends_by_itself_and_is_swept(stored: Toy) -> None:
    stored.client.post("/a/staff/login", data={"token": stored.login.new_token("a", "x")})
    stored.clock.advance(8 * 3600)
    assert stored.client.get("/a/staff/who").status_code == 401
    assert stored.login.sweep("a") == 1


def test_a_revoked_token_ends_its_sessions(stored: Toy) -> None:
    token = stored.login.new_token("a", "x")
    stored.client.post("/a/staff/login", data={"token": token})
    assert stored.login.revoke_token("a", "x") == 1
    assert stored.client.get("/a/staff/who").status_code == 401
    assert stored.client.get("/a/api/who", headers={"authorization": f"Bearer {token}"}).status_code == 401


@pytest.mark.parametrize("token", ["", "x", "tgt_", "tgt_" + "a" * 43, "tgt_" + "a" * 500, "tgt_\x00", "tgt_髙"])
def test_other_texts_are_no_token(stored: Toy, token: str) -> None:
    stored.login.new_token("a", "x")
    answer = stored.client.post("/a/staff/login", data={"token": token})
    assert answer.status_code in (400, 403)
    problem_in(answer)
    assert "set-cookie" not in answer.headers


def test_an_api_wants_a_bearer_token_of_its_tenant_and_role(stored: Toy) -> None:
    bearer = {"authorization": f"Bearer {stored.login.new_token('a', 'robot')}"}
    assert stored.client.get("/a/api/who", headers=bearer).json() == "robot"
    answer = stored.client.get("/b/api/who", headers=bearer)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert stored.client.get("/a/api/roles", headers=bearer).status_code == 403
    stored.client.post("/a/staff/login", data={"token": bearer["authorization"][7:]})
    assert stored.client.get("/a/api/who").status_code == 401, "a cookie opens pages, not the API"
    for nonsense in ("Bearer", "Basic eA==", "Bearer  ", "Bearer \u00e9"):
        headers = {"authorization": nonsense.encode("latin-1")}
        assert stored.client.get("/a/api/who", headers=headers).status_code == 401


# -- forms -------------------------------------------------------------------------------------------------------------


def test_a_form_of_ours_passes(toy: Toy) -> None:
    token = toy.client.get("/form").json()
    assert toy.client.post("/form", data={"csrf_token": token, "name": "x"}).json() == "x"
    assert toy.client.post("/form", data={"name": "x"}, headers={"x-csrf-token": token}).json() == "x"
    assert toy.client.get("/form").json() == token, "one value for all of a visitor's forms"


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ],
)
def test_a_strangers_page_does_not(toy: Toy, headers: dict[str, str]) -> None:
    token = toy.client.get("/form").json()
    answer = toy.client.post("/form", data={"csrf_token": token}, headers=headers)
    assert answer.status_code == 403
    assert problem_in(answer)["code"] == "csrf"


@pytest.mark.parametrize("form", [{}, {"csrf_token": ""}, {"csrf_token": "guess"}, {"csrf_token": "髙"}])
def test_nor_does_a_form_without_the_value(toy: Toy, form: dict[str, str]) -> None:
    toy.client.get("/form")
    assert toy.client.post("/form", data=form).status_code == 403


def test_nor_one_without_the_cookie(toy: Toy) -> None:
    token = toy.client.get("/form").json()
    toy.client.cookies.clear()
    assert toy.client.post("/form", data={"csrf_token": token}).status_code == 403
    assert toy.client.post("/form", data={"csrf_token": ""}).status_code == 403


def test_cookies_over_https_are_secure_and_each_programs_own() -> None:
    settings = ToySettings(public_url="https://x.example")
    for guard in (Csrf(settings), Login(settings, FixedClock(), (ACCESS_TOKEN, SESSION))):
        assert guard.secure
        assert guard.cookie.startswith("__Host-")
        assert guard.cookie.endswith("-issuer"), "three programs may share one host name"


# -- limits ------------------------------------------------------------------------------------------------------------


def test_tries_are_counted_per_tenant_subject_and_window(stored: Toy) -> None:
    limits = stored.limits
    for _ in range(3):
        limits.count("a", "3/minute", "tx_code", "203.0.113.5")
    with pytest.raises(TooMany) as stop:
        limits.count("a", "3/minute", "tx_code", "203.0.113.5")
    assert 0 < stop.value.retry_after <= 60
    limits.count("a", "3/minute", "tx_code", "203.0.113.6")
    limits.count("b", "3/minute", "tx_code", "203.0.113.5")
    stored.clock.advance(stop.value.retry_after)
    limits.count("a", "3/minute", "tx_code", "203.0.113.5")
    assert limits.sweep("a") == 2
    with across_tenants("looking"):
        assert "203.0.113" not in repr([row.__data__ for row in TRIES.select()]), "addresses are kept as hashes"


def test_no_try_of_many_threads_is_lost(stored: Toy) -> None:
    refused = []

    def hammer() -> None:
        for _ in range(5):
            try:
                stored.limits.count("a", "12/hour", "x")
            except TooMany:
                refused.append(1)

    threads = [threading.Thread(target=hammer) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 8


def test_a_limit_that_is_none_is_the_operators_mistake() -> None:
    with pytest.raises(Misconfigured, match="30/minute"):
        parse_limit("often")


def test_the_record_names_the_token_and_never_a_person() -> None:
    def actor(name: str) -> str:
        return Visitor(tenant="a", name=name, role="staff").actor

    assert actor("registrar-2") == "staff:registrar-2"
    for name in ("山田 花子", "Hanako Yamada", "hanako@example.jp", "", "job:mail"):
        assert re.fullmatch(r"staff:[0-9a-f]{16}", actor(name))
        AuditEntry(at=0, actor=actor(name), act="asked", subject="x")  # fits into an entry
    assert len({actor("山田 花子"), actor("山田 太郎")}) == 2
