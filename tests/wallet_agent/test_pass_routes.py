"""Passes over HTTP: an app with a key of its own; the page, which is the same for everybody; what its script asks, behind the lock."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from common.encoding import b64url_decode
from common.formats.gate_pass.parse import parse_pass_token
from common.keys.compressed_point import compress
from common.keys.software import SoftwareKey
from common.oid4vci.proof_jwt import build_proof_jwt
from common.pages.catalogue import Catalogue
from tests.fakes.clock import FixedClock
from tests.wallet_agent.conftest import PASSPHRASE, make_outside
from tests.wallet_agent.fake_issuer import ISSUER
from tests.wallet_agent.fake_ticket_office import EVENT, FakeTicketOffice
from tests.wallet_agent.internet import Internet
from wallet_agent.app import build_app
from wallet_agent.deps import build_deps
from wallet_agent.settings import WalletSettings

PAGES = Path(__file__).parents[2] / "wallet_agent/pages/messages"
KEY = SoftwareKey.generate()


@pytest.fixture
def office(internet: Internet, clock: FixedClock) -> FakeTicketOffice:
    return FakeTicketOffice(internet, clock)


@pytest.fixture
def client(tmp_path: Path, internet: Internet, clock: FixedClock) -> Iterator[TestClient]:
    settings = WalletSettings(environment="sandbox", data_dir=tmp_path, passphrase_passes=1, passphrase_memory=8 << 10)
    deps = build_deps(settings)
    deps = dataclasses.replace(deps, clock=clock, outside=make_outside(internet, clock))
    with TestClient(build_app(deps), base_url="http://localhost:8102", raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def me(client: TestClient) -> dict[str, str]:
    """Hanako's bearer token."""
    client.post("/api/holders", json={"name": "hanako", "passphrase": PASSPHRASE})
    token = client.post("/hanako/api/unlock", json={"passphrase": PASSPHRASE}).json()["token"]
    return {"Authorization": f"Bearer {token}"}


def take(client: TestClient, office: FakeTicketOffice, me: dict[str, str]) -> str:
    """The id of the pass of a ticket just received."""
    offer = client.post("/hanako/api/offers", json={"link": office.ticket_link()}, headers=me).json()
    assert client.post(f"/hanako/api/offers/{offer['id']}/accept", json={}, headers=me).json()["state"] == "done"
    return str(client.get("/hanako/api/passes", headers=me).json()[0]["id"])


def enter(client: TestClient) -> None:
    """Unlocks by the page: the session is in a cookie."""
    form = re.findall(r'name="csrf_token" value="([^"]+)"', client.get("/hanako/unlock").text)[0]
    answer = client.post("/hanako/unlock", data={"passphrase": PASSPHRASE, "csrf_token": form}, follow_redirects=False)
    assert answer.status_code == 303, answer.text


def test_an_app_with_a_key_of_its_own(
    client: TestClient, office: FakeTicketOffice, me: dict[str, str], clock: FixedClock
) -> None:
    at = f"/hanako/api/passes/{take(client, office, me)}"
    wanted = client.post(f"{at}/proof", headers=me).json()
    assert wanted["audience"] == ISSUER
    proof = build_proof_jwt(KEY, issuer=ISSUER, nonce=wanted["nonce"], now=clock.now())
    bound = client.post(f"{at}/bind", json={"proof": proof}, headers=me)
    assert bound.status_code == 200, bound.text
    assert parse_pass_token(b64url_decode(bound.json()["token"])).holder == compress(KEY.public_jwk())
    office.publish_status()
    known = client.get(at, headers=me).json()
    assert (known["event"], known["holder"], known["state"]) == (EVENT, bound.json()["holder"], "valid")
    again = client.post(f"{at}/bind", json={"proof": proof}, headers=me)
    assert (again.status_code, again.json()["code"]) == (403, "invalid_nonce")
    assert client.post(f"{at}/bind", json={"proof": "x"}, headers=me).status_code == 400
    (card,) = client.get("/hanako/api/cards", headers=me).json()
    assert client.delete(f"/hanako/api/cards/{card['id']}", headers=me).status_code == 204
    assert client.get(at, headers=me).json()["code"] == "no_such_pass"


def test_the_page_is_everybodys_and_says_nothing_of_anybody(
    client: TestClient, office: FakeTicketOffice, me: dict[str, str]
) -> None:
    pass_id = take(client, office, me)
    client.cookies.clear()
    page = client.get(f"/hanako/passes/{pass_id}")
    assert page.status_code == 200
    client.cookies.clear()
    assert page.text == client.get("/hanako/passes/nothing-of-that-name").text == client.get("/hanako/passes/").text
    for said in (EVENT, "隅田川", pass_id, "csrf"):
        assert said not in page.text
    words = json.loads(re.findall(r'data-words="([^"]*)"', page.text)[0].replace("&#34;", '"').replace("&#39;", "'"))
    texts = Catalogue((PAGES,))
    assert (
        set(words["ja"])
        == set(words["en"])
        == {key.removeprefix("pass_page.") for key in texts.keys("ja") if key.startswith("pass_page.")}
    )
    script = client.get("/hanako/passes/sw.js")
    assert script.headers["content-type"].startswith("text/javascript")
    assert '"folder": "/hanako/passes/"' in script.text
    manifest = client.get("/hanako/passes/manifest.webmanifest").json()
    assert (manifest["scope"], manifest["start_url"]) == ("/hanako/passes/", "/hanako/passes/")
    assert client.get("/Not A Name/passes/sw.js").status_code == 400
    assert client.get("/hanako/passes/clock").json() == {"now": FixedClock().now()}


def test_what_the_script_asks_is_behind_the_lock_and_the_form_guard(
    client: TestClient, office: FakeTicketOffice, me: dict[str, str], clock: FixedClock
) -> None:
    at = f"/hanako/passes/{take(client, office, me)}"
    locked = client.get(f"{at}/facts", headers={"Accept": "application/json"})
    assert (locked.status_code, locked.json()["code"]) == (401, "login_needed")
    enter(client)
    facts = client.get(f"{at}/facts").json()
    assert (facts["event"], facts["entrance"], facts["holder"]) == (EVENT, "北口、南口", "")
    assert client.post(f"{at}/proof").json()["code"] == "csrf"
    assert client.post(f"{at}/bind", json={"proof": "x"}).json()["code"] == "csrf"
    mine = {"X-CSRF-Token": facts["csrf"]}
    stranger = {**mine, "Sec-Fetch-Site": "cross-site"}
    assert client.post(f"{at}/proof", headers=stranger).json()["code"] == "csrf"
    nonce = client.post(f"{at}/proof", headers=mine).json()["nonce"]
    proof = build_proof_jwt(KEY, issuer=ISSUER, nonce=nonce, now=clock.now())
    bound = client.post(f"{at}/bind", json={"proof": proof}, headers=mine).json()
    assert client.get(f"{at}/facts").json()["holder"] == bound["holder"]
    assert client.get("/hanako/passes/nothing/facts").json()["code"] == "no_such_pass"


def test_pages_lead_to_the_pass_and_out_again(client: TestClient, office: FakeTicketOffice, me: dict[str, str]) -> None:
    pass_id = take(client, office, me)
    enter(client)
    (card,) = client.get("/hanako/api/cards", headers=me).json()
    assert f'href="/hanako/passes/{pass_id}"' in client.get(f"/hanako/cards/{card['id']}").text
    assert f'data-ids="{pass_id}"' in client.get("/hanako/").text
    assert f'data-forget-pass="{pass_id}"' in client.get(f"/hanako/cards/{card['id']}/delete").text
    settings = client.get("/hanako/settings").text
    form = re.findall(r'name="csrf_token" value="([^"]+)"', settings)[0]
    left = client.post("/hanako/settings/leave", data={"csrf_token": form}, follow_redirects=False)
    assert left.headers["location"] == "/hanako/unlock?done=left"
    assert client.get("/hanako/settings", follow_redirects=False).status_code == 303
