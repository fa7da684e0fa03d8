"""A ticket that demands a credential, from shop to gate, by the real issuer, verifier and wallet agent: what the chip of a card proves
opens the sale, stands in the pass as flags, and is what the gate admits by; whoever cannot prove it hears what is lacking.

The three programs are in this process, each with its own database, and reach one another over an internet of their own addresses alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from common.adapters.database import Database
from common.encoding import b64url_decode
from common.formats.gate_pass.build import build_pass_proof, write_pass_text
from common.keys.software import SoftwareKey
from common.oid4vci.proof_jwt import build_proof_jwt
from common.ports import Fetched
from common.trust.anchors import TrustAnchors, TrustedIssuer
from common.trust.issuer_key import IssuerKeyFinder
from common.x509.sandbox_iaca import make_iaca
from issuer.app import build_app as build_issuer
from issuer.flows.events.pack import signer_points
from issuer.flows.events.verifier_api import VerifierApi
from issuer.flows.run_jobs import run_jobs
from issuer.store.base import bind as bind_issuer
from issuer.store.event_tables import CredentialDemand
from tests.cards.my_number_reader import NOW
from tests.cards.my_number_world import card
from tests.fakes.app_client import AppClient
from tests.issuer.card_desk import Told, accept_my_number, offer, open_card_school, told
from tests.issuer.school import BASE, TENANT, School
from tests.verifier.gate.venue import open_gate_database
from tests.verifier.world import add_party
from tests.wallet_agent.conftest import PASSPHRASE, make_outside
from verifier.app import build_app as build_verifier
from verifier.deps import build_deps as build_verifier_deps
from verifier.gate.desk import GateDesk
from verifier.gate.journal.chain import Journal
from verifier.gate.packs import load_pack, plan_gate, points_of
from verifier.gate.reasons import GateReason
from verifier.settings import VerifierSettings
from verifier.store.base import bind as bind_verifier
from wallet_agent.app import build_app as build_wallet
from wallet_agent.deps import build_deps as build_wallet_deps
from wallet_agent.settings import WalletSettings
from wallet_agent.store.base import database as wallet_tables

VERIFIER, WALLET, PARTY = "http://localhost:8103", "http://localhost:8102", "festival"
HANAKO = "山田 花子"
"""As she types it; her card has a wide space in it."""
SEATS = ["chip", "over_20", "name"]
HOUR = 3600


class _Internet:
    """Implements common.ports.Fetch over the programs' apps; nobody else is there."""

    def __init__(self) -> None:
        self.apps: dict[str, AppClient] = {}
        self.cut = False

    def _send(self, method: str, url: str, **sent: Any) -> Fetched:
        parts = urlsplit(url)
        assert not self.cut, url
        answer = self.apps[f"{parts.scheme}://{parts.netloc}"].request(method, url, **sent)
        return Fetched(url=url, status=answer.status_code, body=answer.content, headers=dict(answer.headers))

    def get(self, url: str, *, accept: str = "*/*", headers: Any = None) -> Fetched:
        return self._send("GET", url, headers={"accept": accept, **(headers or {})})

    def post(self, url: str, *, body: bytes, content_type: str, accept: str = "*/*", headers: Any = None) -> Fetched:
        told_of = {"accept": accept, "content-type": content_type, **(headers or {})}
        return self._send("POST", url, content=body, headers=told_of)


@dataclass
class Shop:
    """An organiser, who is the city that reads cards too; a relying party of its own at the verifier; wallets."""

    school: School
    internet: _Internet
    verifier: Database
    wallet: Database
    event: str = ""

    def ask(self, method: str, path: str, *, expect: int = 200, **sent: Any) -> Any:
        headers = {**self.school.staff, **sent.pop("headers", {})}
        answer = self.internet.apps[BASE].request(method, f"/{TENANT}/api/{path}", headers=headers, **sent)
        assert answer.status_code == expect, answer.text
        return answer.json() if answer.content else None

    def buy(self, name: str) -> Any:
        asked = {"tickets": [{"class": 1, "quantity": 1}], "name": name}
        key = {"Idempotency-Key": f"for {name}".encode().hex()}
        return self.ask("POST", f"events/{self.event}/orders", json=asked, headers=key, expect=201)

    def look(self, order: Any) -> Any:
        """A second later, as the page that waits does."""
        self.school.clock.advance(1)
        return self.ask("GET", f"events/{self.event}/orders/{order['id']}")

    def page(self, order: Any, language: str) -> str:
        """What the buyer reads, without marks."""
        answer = self.internet.apps[BASE].get(order["url"], headers={"accept-language": language})
        assert answer.status_code == 200
        return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


@dataclass
class Buyer:
    """Somebody with a wallet, at its API."""

    shop: Shop
    name: str
    token: str = ""

    def __post_init__(self) -> None:
        said = {"name": self.name, "passphrase": PASSPHRASE}
        self.ask("POST", "/api/holders", json=said)
        self.token = self.ask("POST", f"/{self.name}/api/unlock", json={"passphrase": said["passphrase"]})["token"]

    def ask(self, method: str, path: str, **sent: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        answer = self.shop.internet.apps[WALLET].request(method, path, headers=headers, **sent)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    def take(self, link: str) -> Any:
        made = self.ask("POST", f"/{self.name}/api/offers", json={"link": link})
        done = self.ask("POST", f"/{self.name}/api/offers/{made['id']}/accept", json={})
        assert done["state"] == "done", done
        return done

    def have_card_read(self, person: str) -> None:
        """Puts a My Number card into the city's reader and takes the certificates of it."""
        school = self.shop.school
        accepted = accept_my_number(school, card(person, pretends=True), person=person)
        self.take(offer(school, accepted, "identity", "age").link)

    def look_at(self, order: Any) -> Any:
        return self.ask("POST", f"/{self.name}/api/requests", json={"link": order["demand"]["link"]})

    def prove(self, order: Any) -> Any:
        """Consents to what the consent page proposes; what it says would be given."""
        view = self.look_at(order)
        assert view["satisfiable"], view
        answered = self.ask("POST", f"/{self.name}/api/requests/{view['id']}/answer", json={"cards": None})
        assert answered["state"] == "answered", answered
        return view

    def open_pages(self) -> AppClient:
        """The wallet's own pages, in English."""
        page = AppClient(self.shop.internet.apps[WALLET].app, base_url=WALLET)
        page.headers["accept-language"] = "en"
        (field,) = re.findall(r'name="csrf_token" value="([^"]+)"', page.get(f"/{self.name}/unlock").text)[:1]
        page.post(f"/{self.name}/unlock", data={"passphrase": PASSPHRASE, "csrf_token": field})
        return page

    def code(self) -> str:
        """What the pass page shows: a pass bound to a key of its own, and a code signed now."""
        now = self.shop.school.clock.now()
        (held,) = self.ask("GET", f"/{self.name}/api/passes")
        at, key = f"/{self.name}/api/passes/{held['id']}", SoftwareKey.generate()
        wanted = self.ask("POST", f"{at}/proof")
        proof = build_proof_jwt(key, issuer=wanted["audience"], nonce=wanted["nonce"], now=now)
        token = b64url_decode(self.ask("POST", f"{at}/bind", json={"proof": proof})["token"])
        return write_pass_text(build_pass_proof(token, event=self.shop.event, iat=now, signer=key))


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The programs, for all tests; each has an event and buyers of its own, and time only goes on."""
    folder, internet = tmp_path_factory.mktemp("shop"), _Internet()
    iaca = make_iaca("Test IACA", country="JP", address=BASE, now=NOW)
    (folder / "iaca.pem").write_bytes(iaca.pem)
    (folder / "iaca.key").write_bytes(iaca.key_pem)
    files = {"iaca_certificate": folder / "iaca.pem", "iaca_key": folder / "iaca.key"}
    school = open_card_school(folder, believed=told(Told()), **files)
    clock = school.clock
    types = frozenset(f"{BASE}/types/{name}" for name in ("identity", "age", "ticket"))
    types |= {"tegata.ticket.1"}
    anchors = TrustAnchors(
        roots=(iaca.certificate,), issuers=(TrustedIssuer(identifier=f"{BASE}/{TENANT}", types=types, names={}),)
    )
    verifier = build_verifier_deps(
        VerifierSettings(
            environment="sandbox",
            public_url=VERIFIER,
            vct_base=f"{BASE}/types",
            database_url=f"sqlite:///{folder / 'verifier.sqlite3'}",
            data_dir=folder / "verifier",
            job_seconds=0,
            card_environment="test",
        ),
        clock=clock,
        fetch=internet,
        anchors=anchors,
    )
    add_party(verifier, PARTY)
    asks = VerifierApi(internet, f"{VERIFIER}/{PARTY}", verifier.login.new_token(PARTY, "shop", "operator"))
    school.deps = replace(school.deps, desk=replace(school.deps.desk, verifier=asks))
    wallet = build_wallet_deps(
        WalletSettings(
            environment="sandbox", data_dir=folder / "wallet", passphrase_passes=1, passphrase_memory=8 << 10
        )
    )
    outside = make_outside(internet, clock)  # type: ignore[arg-type]  # another network
    outside = replace(outside, anchors=anchors, keys=IssuerKeyFinder(internet, outside.resolver, anchors))
    internet.apps = {
        BASE: AppClient(build_issuer(school.deps), base_url=BASE),
        VERIFIER: AppClient(build_verifier(verifier), base_url=VERIFIER),
        WALLET: AppClient(build_wallet(replace(wallet, clock=clock, outside=outside)), base_url=WALLET),
    }
    yield Shop(school=school, internet=internet, verifier=verifier.database, wallet=wallet.database)
    for database in (school.deps.database, verifier.database, wallet.database):
        database.close_all()


@pytest.fixture
def shop(town: Shop) -> Shop:
    """With a new event, whose seats demand all three."""
    bind_issuer(town.school.deps.database)
    bind_verifier(town.verifier)
    wallet_tables.initialize(town.wallet)
    now = town.school.clock.now()
    plan = {
        "slug": "hanabi",
        "name_ja": "花火",
        "name_en": "Fireworks",
        "capacity": 9,
        "starts_at": now + HOUR,
        "ends_at": now + 4 * HOUR,
        "entrances": [{"name_ja": "北口", "name_en": "North"}],
        "classes": [{"name_ja": "有料席", "name_en": "Seats", "capacity": 9, "required": SEATS}],
    }
    town.event = town.ask("POST", "events", json=plan, expect=201)["id"]
    return town


def test_a_ticket_for_whom_a_chip_says_they_are_and_old_enough(shop: Shop, tmp_path: Path) -> None:
    hanako = Buyer(shop, "hanako")
    hanako.have_card_read("hanako")
    order = shop.buy(HANAKO)
    assert (order["state"], order["tickets"][0]["state"], order["demand"]["state"]) == ("asked", "held", "open")
    shop.ask("POST", f"events/{shop.event}/tickets/{order['tickets'][0]['number']}/offer", expect=404)
    assert "QRコード" in shop.page(order, "ja")

    view = hanako.prove(order)
    (given,) = [one["given"] for cards in view["options"].values() for one in cards][:1]
    told_to_the_shop = {line["path"][0] for line in given} - {"evidence", "issuing_authority", "issuing_country"}
    assert {"name", "birthdate"} <= told_to_the_shop
    assert not told_to_the_shop & {"address", "sex", "portrait"}
    sold = shop.look(order)
    (ticket,) = sold["tickets"]
    assert (sold["state"], sold["demand"]["state"], sold["demand"]["lacking"]) == ("sold", "passed", [])
    assert set(ticket["flags"]) == {"chip", "over_18", "over_20", "name"}
    row = CredentialDemand.get(CredentialDemand.tenant == TENANT, CredentialDemand.subject == order["id"])
    assert "1990-" not in str(row.__data__), "what she showed was compared and let go"

    link = shop.ask("POST", f"events/{shop.event}/tickets/{ticket['number']}/offer")["link"]
    hanako.take(link)
    see_one_card(hanako)
    code, now = hanako.code(), shop.school.clock.now()
    with gate_of(shop, tmp_path) as desk:
        assert desk.plan.asks.classes[1].flags == 1 | 4 | 8, "the pack tells the gate what the class demands"
        outcome = desk.scan(code, now * 1000)
    assert outcome.decision.reason is GateReason.ADMITTED
    assert outcome.decision.read is not None
    assert outcome.decision.read.flags == 15
    delete_ticket(hanako)


def see_one_card(hanako: Buyer) -> None:
    """Two forms of one ticket are one card of the wallet's pages, with its pass, whichever form is opened."""
    forms = {one["format"]: one["id"] for one in tickets_of(hanako)}
    assert sorted(forms) == ["dc+sd-jwt", "mso_mdoc"]
    page = hanako.open_pages()
    cards = page.get("/hanako/").text
    assert (forms["dc+sd-jwt"] in cards, forms["mso_mdoc"] in cards) == (True, False)
    for shown, other in (("dc+sd-jwt", "mso_mdoc"), ("mso_mdoc", "dc+sd-jwt")):
        card = page.get(f"/hanako/cards/{forms[shown]}").text
        assert "Forms of this certificate:" in card
        assert f"/hanako/cards/{forms[other]}" in card
        assert "/hanako/passes/" in card


def tickets_of(buyer: Buyer) -> list[Any]:
    return [one for one in buyer.ask("GET", f"/{buyer.name}/api/cards") if one["names"]["en"] == "Ticket"]


def delete_ticket(hanako: Buyer) -> None:
    page, card = hanako.open_pages(), tickets_of(hanako)[0]["id"]
    asked = page.get(f"/hanako/cards/{card}/delete").text
    assert "Its 2 forms are deleted together." in asked
    (field,) = re.findall(r'name="csrf_token" value="([^"]+)"', asked)[:1]
    assert page.post(f"/hanako/cards/{card}/delete", data={"csrf_token": field}).status_code == 200
    assert (tickets_of(hanako), hanako.ask("GET", "/hanako/api/passes")) == ([], [])


@contextmanager
def gate_of(shop: Shop, folder: Path) -> Iterator[GateDesk]:
    """A gate with the organiser's newest pack, and no network."""
    answer = shop.internet.apps[BASE].get(f"/{TENANT}/events/{shop.event}/pack", headers=shop.school.staff)
    assert answer.status_code == 200, answer.text
    signer = next(iter(signer_points(shop.school.desk.keys.identity(TENANT))))
    database = open_gate_database(folder)
    pack = load_pack("gate", answer.content, now=shop.school.clock.now(), signer=signer)
    shop.internet.cut = True
    journal = Journal("gate", shop.event, SoftwareKey.generate())
    yield GateDesk(plan_gate(pack, None, 1), journal, lambda: points_of(pack))
    shop.internet.cut = False
    database.close_all()


def test_whoever_has_no_credential_hears_so_and_gets_nothing(shop: Shop) -> None:
    taro = Buyer(shop, "taro")
    order = shop.buy("吉田 太郎")
    view = taro.look_at(order)
    assert not view["satisfiable"]
    assert "identity_sd_jwt" in view["missing"]
    taro.ask("POST", f"/taro/api/requests/{view['id']}/decline")
    told_no = shop.look(order)
    assert (told_no["state"], told_no["demand"]["state"]) == ("asked", "failed")
    assert told_no["demand"]["lacking"] == SEATS
    assert "Not proved: " in shop.page(order, "en")
    assert "確かめられなかったもの: " in shop.page(order, "ja")
    number = told_no["tickets"][0]["number"]
    shop.ask("POST", f"events/{shop.event}/tickets/{number}/offer", expect=404)
    shop.school.clock.advance(shop.school.desk.settings.ticket_hold_seconds)
    run_jobs(shop.school.desk, None)
    assert shop.look(order)["state"] == "released"
    assert shop.ask("GET", f"events/{shop.event}")["sold"] == 0


@pytest.mark.parametrize(
    ("name", "person", "lacking"),
    [("鈴木 一郎", "hanako", ["name"]), ("佐藤 蓮", "nineteen", ["over_20"])],
    ids=["another name", "nineteen years old"],
)
def test_a_card_that_does_not_prove_it(shop: Shop, name: str, person: str, lacking: list[str]) -> None:
    buyer = Buyer(shop, f"has-card-of-{person}")
    buyer.have_card_read(person)
    order = shop.buy(name)
    buyer.prove(order)
    told_no = shop.look(order)
    assert (told_no["state"], told_no["demand"]["state"], told_no["demand"]["lacking"]) == ("asked", "failed", lacking)
    (ticket,) = told_no["tickets"]
    assert (ticket["state"], ticket["flags"]) == ("held", [])
    shop.ask("POST", f"events/{shop.event}/tickets/{ticket['number']}/offer", expect=404)
