"""What lies about, what production lets through, who hears too much: files, settings, logs, headers, sessions."""

from __future__ import annotations

import io
import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import Request, Response

from common.adapters.open_fetch import open_fetch
from common.errors import Misconfigured, NotFound, Refused
from common.web.login import Login
from issuer.routes.roll_jobs import RollJobs
from issuer.settings import IssuerSettings
from tests.issuer.school import HEADER, ROLL, TENANT, School, open_school
from verifier.settings import VerifierSettings
from wallet_agent.settings import WalletSettings

PROGRAMS = (IssuerSettings, VerifierSettings, WalletSettings)


@pytest.fixture
def school(tmp_path: Path) -> Iterator[School]:
    made = open_school(f"sqlite:///{tmp_path / 'data' / 'issuer.sqlite3'}", tmp_path / "data")
    yield made
    made.deps.database.close_all()


def test_files_with_personal_data_and_keys_are_their_owners_alone(school: School, tmp_path: Path) -> None:
    found = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "data").rglob("*") if path.is_file()}
    assert {"issuer.sqlite3", "issuer.key"} <= found.keys()
    assert [name for name, mode in found.items() if mode & 0o077] == []


@pytest.mark.parametrize("settings", PROGRAMS)
@pytest.mark.parametrize(
    "switch",
    [
        {"public_url": "http://issuer.example"},
        {"public_url": "http://localhost:8101"},
        {"sandbox_anchors": ("ca.pem",)},
        {"fetch_loopback": True},
        {"fixed_clock": 1},
        {"wire_log": "wire.jsonl"},
        {"fail_at": "redeem_code.before_commit"},
        {"fail_trace": "trace"},
    ],
)
def test_production_refuses_the_toys_of_the_sandbox(settings: Any, switch: dict[str, Any]) -> None:
    with pytest.raises(Misconfigured, match="sandbox_only"):
        settings(**{"public_url": "https://tegata.example", **switch})


@pytest.mark.parametrize("settings", PROGRAMS)
def test_production_is_what_one_gets_without_asking(settings: Any) -> None:
    made = settings(public_url="https://tegata.example")
    assert not made.is_sandbox
    assert not made.may_fetch_loopback


def test_strangers_cannot_make_wallets_in_production_unless_somebody_says_so() -> None:
    assert not WalletSettings(public_url="https://tegata.example").signup_is_open


def test_two_issuers_cannot_compare_the_id_of_one_request() -> None:
    """The page with all cards asks every issuer's status list; one id in all these requests would link the cards."""
    production = open_fetch(WalletSettings(public_url="https://tegata.example"))
    sandbox = open_fetch(WalletSettings(environment="sandbox"))
    try:
        assert production._request_id is None
        assert sandbox._request_id is not None
    finally:
        production.close()
        sandbox.close()


@pytest.mark.parametrize("secret", ["postgresql://user:hunter2@db/tegata"])
def test_settings_show_no_secret(secret: str) -> None:
    made = IssuerSettings(
        public_url="https://tegata.example", database_url=secret, smtp_password="hunter2", smtp_host="mail.example"
    )
    told = repr(made) + str(made) + "".join(row.value for row in made.describe())
    assert "hunter2" not in told


def test_a_log_line_says_nothing_of_whom_it_is_about(real_logs: io.StringIO, school: School) -> None:
    """Claim tokens, names and codes come in by paths, queries, bodies and headers; forged lines by line breaks in all of these."""
    smuggled = "x%0a%7B%22event%22:%22forged%22%7D"
    secrets = ["SECRETTOKEN", "髙橋", "forged", school.token]
    school.client.get(f"/{TENANT}/claim/SECRETTOKEN{smuggled}?name=髙橋")
    school.client.get(
        f"/{TENANT}/staff/roll?q=髙橋{smuggled}",
        headers={"accept": "text/html", "user-agent": "forged", "x-request-id": "a\tforged"},
    )
    school.client.post(f"/{TENANT}/token", data={"grant_type": "SECRETTOKEN", "tx_code": "SECRETTOKEN"})
    school.client.get(f"/{TENANT}/api/people", headers=school.staff)
    told = real_logs.getvalue()
    lines = [json.loads(line) for line in told.splitlines()]
    assert [line["status"] for line in lines if line.get("event") == "request"][-2:] == [400, 200]
    assert [secret for secret in secrets if secret in told] == []


# -- staff sessions -------------------------------------------------------------------------------------------------------------


def _request(cookie: str) -> Request:
    return Request({"type": "http", "headers": [(b"cookie", cookie.encode())], "method": "GET", "path": "/"})


def _log_in(login: Login, token: str) -> str:
    response = Response()
    login.log_in(TENANT, token, response)
    return response.headers["set-cookie"].split(";")[0]


def test_a_session_of_ones_own_choosing_is_no_session(school: School) -> None:
    """Fixation: the victim's browser is given a cookie beforehand; logging in makes a new one, and the old one opens nothing."""
    login = school.deps.login
    planted = f"{login.cookie}=planted-planted-planted-planted"
    fresh = _log_in(login, school.token)
    assert fresh != planted
    assert login.find_session(TENANT, _request(planted)) is None
    assert login.find_session(TENANT, _request(fresh)) is not None


def test_a_session_of_one_institution_is_none_at_another(school: School) -> None:
    assert school.deps.login.find_session("momoyama", _request(_log_in(school.deps.login, school.token))) is None


def test_a_token_withdrawn_while_its_owner_logs_in_leaves_no_session(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    login = school.deps.login
    find = login.find_token
    calls: list[int] = []

    def find_then_withdraw(tenant: str, token: str) -> Any:
        found = find(tenant, token)
        if not calls:
            calls.append(1)
            login.revoke_token(tenant, "registrar")
        return found

    monkeypatch.setattr(login, "find_token", find_then_withdraw)
    with pytest.raises(Refused, match="login_failed"):
        login.log_in(TENANT, school.token, Response())
    rows = login.sessions
    assert not rows.select().where(rows.tenant == TENANT).exists()


@pytest.mark.parametrize("text", ["", "tgt_", "tgt_x' OR '1'='1", "tgt_" + "a" * 200, "TGT_x", "%00"])
def test_no_other_text_is_a_token(school: School, text: str) -> None:
    assert school.deps.login.find_token(TENANT, text) is None


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost:8101.evil.example"},
        {},
    ],
)
def test_a_form_sent_by_a_strangers_page_changes_nothing(school: School, headers: dict[str, str]) -> None:
    browser = school.client
    browser.get(f"/{TENANT}/staff/login")
    token = {"csrf_token": browser.cookies["csrf-issuer"]}
    browser.post(f"/{TENANT}/staff/login", data={"token": school.token, **token})
    person = school.person()
    address = f"/{TENANT}/staff/people/{person.id}/withdraw"
    guess = (
        token if headers else {"csrf_token": "a" * 32}
    )  # even with the right value; and with a guessed one from nowhere
    assert browser.post(address, data=guess, headers=headers).status_code == 403
    assert school.person().status == "enrolled"


# -- a roll as a weapon ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cell",
    ["=cmd|' /C calc'!A0", "+1+1", "@SUM(1)", "-2+3", "\t=1", "<script>alert(1)</script>", "{{7*7}}", "\u202eevil"],
)
def test_a_cell_that_is_a_formula_or_a_script_is_text_or_a_wrong_row(school: School, cell: str) -> None:
    report = school.import_text(
        f"{HEADER}\nF001,{cell},花子,タカハシ,ハナコ,,,2005-04-02,a@example.jp,{cell},学科,学士,2024-04-01,,enrolled,,ja\n"
    )
    person = school.person("F001") if report.added else None
    school.client.get(f"/{TENANT}/staff/login")
    token = {"csrf_token": school.client.cookies["csrf-issuer"]}
    school.client.post(f"/{TENANT}/staff/login", data={"token": school.token, **token})
    page = school.client.get(f"/{TENANT}/staff/roll", params={"q": cell}, headers={"accept": "text/html"}).text
    assert "<script>alert" not in page
    assert person is None or person.family_name.strip() in (cell.strip(), person.family_name)
    assert json.dumps(report.wrong + report.added) == "1"


def test_a_roll_that_was_uploaded_and_forgotten_does_not_lie_about(school: School, tmp_path: Path) -> None:
    """Nobody uploads another one for weeks: the job must remove it, not the next upload."""
    jobs = RollJobs(school.desk, tmp_path / "data" / "rolls", start=lambda act: act())
    old = jobs.upload(TENANT, io.BytesIO(ROLL.encode()), actor="test", largest=1 << 20)
    fresh = jobs.upload(TENANT, io.BytesIO(ROLL.encode()), actor="test", largest=1 << 20)
    home = tmp_path / "data" / "rolls" / TENANT
    os.utime(home / old.id, (1, 1))
    school.deps.sweep(TENANT)
    assert [path.name for path in home.iterdir()] == [fresh.id]


@pytest.mark.parametrize("job", ["../../issuer", "..", "%2e%2e%2fissuer.key", "a" * 24 + "/../..", "\x00", "A" * 24])
def test_the_name_of_an_import_is_no_path(school: School, tmp_path: Path, job: str) -> None:
    jobs = RollJobs(school.desk, tmp_path / "data" / "rolls")
    with pytest.raises(NotFound):
        jobs.read(TENANT, job)
    with pytest.raises(NotFound):
        jobs.go_on(TENANT, job, actor="test")
