"""Every page of staff and operators, asked for with the session of another institution or shop: the way in, and nothing else."""

from __future__ import annotations

import json
import re
from pathlib import Path

import httpx
import pytest

from examples.demo.cast import SHOP, UNIVERSITY, Cast

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

ROOT = Path(__file__).parents[2]
ROUTE = re.compile(r'@router\.(get|post)\(\s*"(/\{tenant\}/[^"]*)"')


def routes(program: str, prefix: str) -> list[tuple[str, str]]:
    """(method, path template) of all pages behind the login."""
    found = [
        (method, path)
        for file in sorted((ROOT / program / "routes").glob("pages*.py"))
        for method, path in ROUTE.findall(file.read_text(encoding="utf-8"))
        if path.startswith("/{tenant}" + prefix) and not path.endswith(("/login", "/logout", "/staff"))
    ]
    assert len(found) > 3
    return found


def fill(path: str, tenant: str) -> str:
    return re.sub(r"\{\w+\}", "0" * 24, path.replace("{tenant}", tenant))


def logged_in(url: str, tenant: str, login: str, token: str) -> httpx.Client:
    client = httpx.Client(base_url=url, headers={"Accept": "text/html", "Accept-Language": "en"})
    page = client.get(f"/{tenant}{login}").text
    form = re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]
    answer = client.post(f"/{tenant}{login}", data={"csrf_token": form, "token": token})
    assert answer.status_code == 303, answer.text
    client.headers["x-csrf-token"] = form
    return client


@pytest.mark.parametrize("program", ["issuer", "verifier"])
def test_a_session_of_one_opens_no_page_of_another(cast: Cast, program: str) -> None:
    name, prefix, login = {
        "issuer": ("other-school", "/staff/", "/staff/login"),
        "verifier": ("other-shop", "/ask", "/login"),
    }[program]
    server = cast.programs[program]
    command = "new-institution" if program == "issuer" else "new-relying-party"
    made = server.command(command, name, "--name-ja", "別の名", "--name-en", "Another", "--json")
    home = UNIVERSITY if program == "issuer" else SHOP
    client = logged_in(server.url, name, login, json.loads(made)["token"])
    for method, path in routes(program, prefix):
        answer = client.request(method, fill(path, home))
        assert answer.status_code == 303, (method, path, answer.status_code)
        assert answer.headers["location"] == f"/{home}{login}", (method, path)
    for method, path in routes(program, prefix):
        if "{person_id}" in path or "{offer_id}" in path or "{session}" in path or "{job_id}" in path:
            answer = client.request(method, fill(path, name))
            assert answer.status_code in (400, 404), (method, path, answer.status_code)
            assert "text/html" in answer.headers["content-type"]


def test_forms_of_another_site_are_refused(cast: Cast) -> None:
    client = logged_in(cast.verifier.url, SHOP, "/login", cast.operator_token)
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://elsewhere.example"},
        {"x-csrf-token": "x" * 32},
    ):
        answer = client.post(f"/{SHOP}/ask", data={"question": "student"}, headers=headers)
        assert answer.status_code == 403, headers
        assert "text/html" in answer.headers["content-type"]
    assert client.post(f"/{SHOP}/ask", data={"question": "student"}).status_code == 303
