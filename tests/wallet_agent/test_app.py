"""The program over HTTP: unlocking, the whole way of an offer and a question, other people's tokens, and hostile input."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from common.formats.shown_code import unpack
from tests.fakes.clock import FixedClock
from tests.wallet_agent.conftest import PASSPHRASE, make_outside
from tests.wallet_agent.fake_issuer import FakeIssuer
from tests.wallet_agent.fake_verifier import FakeVerifier
from tests.wallet_agent.internet import Internet
from wallet_agent.app import build_app
from wallet_agent.deps import build_deps
from wallet_agent.settings import WalletSettings

OPEN_PATHS = {"/api/holders", "/{tenant}/api/unlock", "/health/live", "/health/ready", "/metrics"}


@pytest.fixture
def client(tmp_path: Path, internet: Internet, clock: FixedClock) -> Iterator[TestClient]:
    settings = WalletSettings(
        environment="sandbox",
        data_dir=tmp_path,
        passphrase_passes=1,
        passphrase_memory=8 << 10,
        guess_limit="1000/minute",
    )
    deps = build_deps(settings)
    deps.limits.clock = clock
    deps = dataclasses.replace(deps, clock=clock, outside=make_outside(internet, clock))
    with TestClient(build_app(deps), raise_server_exceptions=False) as client:
        yield client


def sign_up(client: TestClient, name: str = "hanako") -> dict[str, str]:
    made = client.post("/api/holders", json={"name": name, "passphrase": PASSPHRASE})
    assert made.status_code == 201, made.text
    answer = client.post(f"/{name}/api/unlock", json={"passphrase": PASSPHRASE})
    assert answer.status_code == 200
    return {"Authorization": f"Bearer {answer.json()['token']}"}


def test_from_offer_to_answer_over_http(
    client: TestClient, issuer: FakeIssuer, internet: Internet, clock: FixedClock
) -> None:
    me = sign_up(client)
    issuer.tx_code = "123456"
    offer = client.post("/hanako/api/offers", json={"link": issuer.link()}, headers=me)
    assert offer.status_code == 201
    assert offer.json()["tx_code"]["length"] == 6
    accept = f"/hanako/api/offers/{offer.json()['id']}/accept"
    assert client.post(accept, json={}, headers=me).json()["code"] == "tx_code_needed"
    assert client.post(accept, json={"tx_code": "000000"}, headers=me).status_code == 403
    done = client.post(accept, json={"tx_code": "123456"}, headers=me).json()
    assert done["state"] == "done"
    (card,) = client.get("/hanako/api/cards", headers=me).json()
    assert card["names"]["ja"] == "在学証明書"
    assert {"path": ["family_name"], "names": {"ja": "姓", "en": "Family name"}, "group": [], "value": "髙橋"} in card[
        "claims"
    ]

    verifier = FakeVerifier(internet, clock, issuer)
    question = client.post("/hanako/api/requests", json={"link": verifier.ask()}, headers=me).json()
    assert question["asker"]["proof"] == "did_web"
    assert question["preselected"] == {"student": card["id"]}
    answer = client.post(f"/hanako/api/requests/{question['id']}/answer", json={}, headers=me).json()
    assert (answer["state"], answer["redirect_uri"]) == ("answered", verifier.redirect_uri)
    again = client.post(f"/hanako/api/requests/{question['id']}/answer", json={}, headers=me)
    assert again.status_code == 409
    kinds = [one["kind"] for one in client.get("/hanako/api/history", headers=me).json()]
    assert sorted(kinds) == ["presented", "received"]

    issuer.publish_status()
    checked = client.post(f"/hanako/api/cards/{card['id']}/check", headers=me).json()
    assert checked["standing"] == "valid"
    file = client.post("/hanako/api/backup", json={}, headers=me)
    assert file.content.startswith(b"TEGATA-BACKUP\n")
    assert client.delete(f"/hanako/api/cards/{card['id']}", headers=me).status_code == 204
    restored = client.post(
        "/hanako/api/restore", files={"file": file.content}, data={"passphrase": PASSPHRASE}, headers=me
    ).json()
    assert restored["cards"] == 1


def test_locking_closes_the_door(client: TestClient) -> None:
    me = sign_up(client)
    assert client.get("/hanako/api/cards", headers=me).status_code == 200
    assert client.post("/hanako/api/lock", json={}, headers=me).status_code == 204
    shut = client.get("/hanako/api/cards", headers=me)
    assert shut.status_code == 401
    assert shut.json()["code"] == "login_needed"


def test_a_new_passphrase_ends_every_session(client: TestClient) -> None:
    me = sign_up(client)
    body = {"old": PASSPHRASE, "new": "another passphrase"}
    assert client.post("/hanako/api/passphrase", json={**body, "old": "wrong one"}, headers=me).status_code == 403
    assert client.post("/hanako/api/passphrase", json=body, headers=me).status_code == 204
    assert client.get("/hanako/api/cards", headers=me).status_code == 401


def test_production_lets_no_stranger_sign_up(tmp_path: Path) -> None:
    settings = WalletSettings(public_url="https://wallet.example", data_dir=tmp_path)
    with TestClient(build_app(build_deps(settings)), base_url="https://wallet.example") as client:
        answer = client.post("/api/holders", json={"name": "hanako", "passphrase": PASSPHRASE})
    assert (answer.status_code, answer.json()["code"]) == (403, "signup_closed")


def operations(client: TestClient) -> list[tuple[str, str]]:
    document: dict[str, Any] = client.get("/openapi.json").json()
    return [(path, method) for path, methods in document["paths"].items() for method in methods]


def test_every_route_is_closed_to_strangers_and_to_other_holders(client: TestClient) -> None:
    """Walks the OpenAPI with no token, with noise, and with another wallet's token."""
    sign_up(client)
    taro = sign_up(client, "taro")
    tried = 0
    for path, method in operations(client):
        if path in OPEN_PATHS:
            continue
        url = path.replace("{tenant}", "hanako")
        for name in ("offer_id", "card_id", "request_id", "entry_id", "pass_id"):
            url = url.replace(f"{{{name}}}", "x1")
        for headers in ({}, {"Authorization": "Bearer noise"}, {"Authorization": "Basic x"}, taro):
            answer = client.request(method, url, headers=headers, json={} if method in ("post", "put") else None)
            assert answer.status_code in (400, 401), (method, path, answer.status_code)
            if answer.status_code == 400:  # the body is read first; it is wrong for everybody
                assert answer.json()["code"] == "invalid_request"
            tried += 1
    assert tried >= 4 * 18


@pytest.mark.parametrize("name", ["api", "static", "Hanako", "a" * 64, "../x", ""])
def test_bad_names_are_400(client: TestClient, name: str) -> None:
    assert client.post("/api/holders", json={"name": name, "passphrase": PASSPHRASE}).status_code == 400


@pytest.mark.parametrize(
    "link", ["", "x", "openid4vp://", "{" * 5000, "\x00", "openid-credential-offer://?credential_offer=%7B%7D"]
)
def test_noise_for_a_link_is_a_problem_document(client: TestClient, link: str) -> None:
    me = sign_up(client)
    for place in ("offers", "requests"):
        answer = client.post(f"/hanako/api/{place}", json={"link": link}, headers=me)
        assert answer.status_code == 400
        assert answer.headers["content-type"] == "application/problem+json"


def test_ready_and_described(client: TestClient) -> None:
    assert client.get("/health/ready").json()["checks"] == {"database": True, "migrations": True}
    assert len(operations(client)) >= 25


def test_a_card_is_shown_in_person_over_http(client: TestClient, issuer: FakeIssuer, clock: FixedClock) -> None:
    me = sign_up(client)
    offer = client.post("/hanako/api/offers", json={"link": issuer.link()}, headers=me).json()
    client.post(f"/hanako/api/offers/{offer['id']}/accept", json={}, headers=me)
    (card,) = client.get("/hanako/api/cards", headers=me).json()
    door = f"/hanako/api/cards/{card['id']}/show"
    shown = client.post(door, json={"claims": [["family_name"]]}, headers=me)
    assert shown.status_code == 200, shown.text
    body = shown.json()
    assert ["family_name"] in [claim["path"] for claim in body["given"]]
    assert [unpack(code) for code in body["codes"]] == [body["text"]]
    clock.advance(30)
    again = client.post(door, json={"showing": body["id"]}, headers=me).json()
    assert (again["id"], again["given"], again["text"] == body["text"]) == (body["id"], body["given"], False)
    assert client.post(door, json={"claims": [["shoe_size"]]}, headers=me).status_code == 400
    assert client.post(door, json={"claims": [[]]}, headers=me).status_code == 400
    assert client.post(door, json={"showing": "nothing"}, headers=me).status_code == 404
    clock.advance(600)
    assert client.post(door, json={"showing": body["id"]}, headers=me).status_code == 409
    kinds = [one["kind"] for one in client.get("/hanako/api/history", headers=me).json()]
    assert kinds.count("shown") == 1
