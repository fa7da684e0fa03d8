"""The wallet agent with two holders: cards, offers on their way, questions waiting, a history."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from tests.fakes.app_client import AppClient
from tests.fakes.clock import FixedClock
from tests.hostile.residents import Door, Place, Resident
from tests.wallet_agent.conftest import PASSPHRASE, make_outside
from tests.wallet_agent.fake_ticket_office import FakeTicketOffice
from tests.wallet_agent.fake_verifier import FakeVerifier
from tests.wallet_agent.internet import Internet
from wallet_agent.app import build_app
from wallet_agent.deps import build_deps
from wallet_agent.settings import WalletSettings

BASE = "http://localhost:8102"
PUBLIC = frozenset(
    {
        Door("POST", "/api/holders"),
        Door("POST", "/{tenant}/api/unlock"),
        Door("GET", "/{tenant}/unlock"),
        Door("POST", "/{tenant}/unlock"),
        Door("POST", "/{tenant}/lock"),
        Door("GET", "/"),
        Door("GET", "/open"),
        Door("POST", "/open"),
        Door("GET", "/new"),
        Door("POST", "/new"),
        Door("GET", "/restore"),
        Door("GET", "/{tenant}"),
        Door("POST", "/restore"),
        Door("POST", "/{tenant}/settings/leave"),  # locks whoever asks
        *(
            Door("GET", f"/{{tenant}}/passes/{name}")
            for name in ("", "{pass_id}", "sw.js", "clock", "manifest.webmanifest")
        ),
    }
)
"""The page of passes is the same for everybody: what is in it is in the browser that it was issued to."""


def _nothing(_: Resident) -> dict[str, Any]:
    return {}


def _empty(_: Resident) -> dict[str, Any]:
    return {"json": {}}


def _file(_: Resident) -> dict[str, Any]:
    return {"files": {"file": b"TEGATA-BACKUP\nno"}, "data": {"passphrase": PASSPHRASE, "name": "saburo"}}


def _offer(who: Resident) -> dict[str, Any]:
    return {"json": {"link": who.known["offer_link"]}}


def _question(who: Resident) -> dict[str, Any]:
    return {"json": {"link": who.known["request_link"]}}


API = "/{tenant}/api"
FORMS = {
    Door("POST", "/api/holders"): lambda _: {"json": {"name": "saburo", "passphrase": PASSPHRASE}},
    Door("POST", f"{API}/unlock"): lambda _: {"json": {"passphrase": PASSPHRASE}},
    Door("POST", f"{API}/lock"): _empty,
    Door("POST", f"{API}/passphrase"): lambda _: {"json": {"old": "not the right one", "new": "another long one"}},
    Door("POST", f"{API}/offers"): _offer,
    Door("POST", f"{API}/offers/resume"): _nothing,
    Door("POST", f"{API}/offers/{{offer_id}}/accept"): _empty,
    Door("POST", f"{API}/offers/{{offer_id}}/decline"): _nothing,
    Door("POST", f"{API}/requests"): _question,
    Door("POST", f"{API}/requests/{{request_id}}/answer"): _empty,
    Door("POST", f"{API}/requests/{{request_id}}/decline"): _nothing,
    Door("POST", f"{API}/cards/{{card_id}}/check"): _nothing,
    Door("POST", f"{API}/cards/{{card_id}}/renew"): _nothing,
    Door("POST", f"{API}/cards/{{card_id}}/show"): _empty,
    Door("POST", f"{API}/backup"): _empty,
    Door("POST", f"{API}/restore"): _file,
    Door("POST", "/open"): lambda _: {"data": {"name": "hanako"}},
    Door("POST", "/new"): lambda _: {"data": {"name": "shiro", "passphrase": PASSPHRASE, "again": PASSPHRASE}},
    Door("POST", "/restore"): _file,
    Door("POST", "/{tenant}/unlock"): lambda _: {"data": {"passphrase": PASSPHRASE}},
    Door("POST", "/{tenant}/lock"): _nothing,
    Door("POST", "/{tenant}/add"): lambda who: {"data": {"text": who.known["offer_link"]}},
    Door("POST", "/{tenant}/offers/{offer_id}"): lambda _: {"data": {"answer": "accept"}},
    Door("POST", "/{tenant}/offers/{offer_id}/again"): _nothing,
    Door("POST", "/{tenant}/requests/{request_id}"): lambda _: {"data": {"answer": "give"}},
    Door("POST", "/{tenant}/requests/{request_id}/again"): _nothing,
    Door("POST", "/{tenant}/cards/{card_id}/check"): _nothing,
    Door("POST", "/{tenant}/cards/{card_id}/renew"): _nothing,
    Door("POST", "/{tenant}/cards/{card_id}/show"): _nothing,
    Door("POST", "/{tenant}/cards/{card_id}/delete"): _nothing,
    Door("POST", "/{tenant}/settings/backup"): lambda _: {"data": {"passphrase": PASSPHRASE}},
    Door("POST", "/{tenant}/settings/passphrase"): lambda _: {"data": {"old": "wrong", "new": "another long one"}},
    Door("POST", "/{tenant}/settings/lock"): _nothing,
    Door("POST", "/{tenant}/settings/leave"): _nothing,
    Door("POST", "/{tenant}/passes/{pass_id}/proof"): _empty,
    Door("POST", "/{tenant}/passes/{pass_id}/bind"): lambda _: {"json": {"proof": "x.y.z"}},
    Door("POST", f"{API}/passes/{{pass_id}}/proof"): _nothing,
    Door("POST", f"{API}/passes/{{pass_id}}/bind"): lambda _: {"json": {"proof": "x.y.z"}},
}


def open_wallet(folder: Path, **settings: Any) -> Place:
    """A fresh wallet agent with two holders in ``folder``. Close it at the end."""
    clock, internet = FixedClock(), Internet()
    values: dict[str, Any] = {
        "environment": "sandbox",
        "data_dir": folder,
        "database_url": f"sqlite:///{folder / 'wallet.sqlite3'}",
        "passphrase_passes": 1,
        "passphrase_memory": 8 << 10,
        "guess_limit": "100000/minute",
        **settings,
    }
    deps = build_deps(WalletSettings(**values))
    deps.limits.clock = clock
    deps = dataclasses.replace(deps, clock=clock, outside=make_outside(internet, clock))
    app = build_app(deps)
    client = AppClient(app, base_url=BASE, raise_server_exceptions=False)
    issuer = FakeTicketOffice(internet, clock)
    verifier = FakeVerifier(internet, clock, issuer)
    a = _settle(app, client, issuer, verifier, "hanako", "髙橋")
    b = _settle(app, client, issuer, verifier, "taro", "星野")
    issuer.publish_status()
    return Place(
        name="wallet",
        app=app,
        client=client,
        database=folder / "wallet.sqlite3",
        a=a,
        b=b,
        public=PUBLIC,
        forms=FORMS,
        pages_login="/{tenant}/unlock",
        csrf_cookie="csrf-wallet",
        close=deps.close,
    )


def _settle(
    app: Any, client: AppClient, issuer: FakeTicketOffice, verifier: FakeVerifier, name: str, family: str
) -> Resident:
    issuer.claims["family_name"] = family
    made = client.post("/api/holders", json={"name": name, "passphrase": PASSPHRASE})
    assert made.status_code == 201, made.text
    token = client.post(f"/{name}/api/unlock", json={"passphrase": PASSPHRASE}).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}

    def post(path: str, **sent: Any) -> Any:
        answer = client.post(f"/{name}/api/{path}", headers=headers, **sent)
        assert answer.status_code < 300, answer.text
        return answer.json()

    offer = post("offers", json={"link": issuer.link()})
    post(f"offers/{offer['id']}/accept", json={})
    waiting = post("offers", json={"link": issuer.link()})
    (card,) = client.get(f"/{name}/api/cards", headers=headers).json()
    answered = post("requests", json={"link": verifier.ask()})
    post(f"requests/{answered['id']}/answer", json={})
    asked = post("requests", json={"link": verifier.ask()})
    showing = post(f"cards/{card['id']}/show", json={})
    ticket = post("offers", json={"link": issuer.ticket_link()})
    post(f"offers/{ticket['id']}/accept", json={})
    (gate_pass,) = client.get(f"/{name}/api/passes", headers=headers).json()
    history = client.get(f"/{name}/api/history", headers=headers).json()
    browser = AppClient(app, base_url=BASE)
    browser.get(f"/{name}/unlock")
    form = {"passphrase": PASSPHRASE, "csrf_token": browser.cookies["csrf-wallet"]}
    assert browser.post(f"/{name}/unlock", data=form, follow_redirects=False).status_code == 303
    return Resident(
        slug=name,
        ids={
            "offer_id": waiting["id"],
            "card_id": card["id"],
            "kind": "svg",
            "request_id": asked["id"],
            "entry_id": history[0]["id"],
            "showing_id": showing["id"],
            "pass_id": gate_pass["id"],
        },
        headers=headers,
        secrets=(family,),
        browser=browser,
        known={"offer_link": issuer.link(), "request_link": verifier.ask(), "token": token},
    )
