"""The hub as gates and people see it: the same routes in a venue's own app and in the verifier's."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from common.errors import NotFound, Refused
from common.gate.delta import build_delta
from common.gate.enrolment import build_enrolment
from common.gate.exchange import GateJournal, build_exchange, parse_exchange
from common.gate.journal_entry import Kind
from common.gate.pack import build_pack
from common.keys.software import SoftwareKey
from common.trust.anchors import TrustAnchors
from tests.fakes.app_client import AppClient
from tests.fakes.clock import FixedClock
from tests.fakes.fetch import FakeFetch
from tests.verifier.gate.scene import EVENT, NOW, STANDING, Guest
from tests.verifier.gate.venue import ORGANISER, SIGNER, gate_of, open_gate_database, pack_of
from verifier.app import build_app
from verifier.cli.gate_app import build_hub
from verifier.deps import Deps, build_deps
from verifier.flows.create_relying_party import NewRelyingParty, create_relying_party
from verifier.gate.desk import GateDesk
from verifier.gate.http_link import _error
from verifier.gate.journal.chain import Journal
from verifier.gate.link import Link
from verifier.gate.packs import load_pack, plan_gate, points_of
from verifier.gate.reasons import GateReason
from verifier.gate.settings import GateSettings
from verifier.routes.gate import SMALL_BODY
from verifier.settings import VerifierSettings

KEY = SoftwareKey.generate()
GATE = gate_of(KEY, "北口 1")
PACK = pack_of((GATE,))
DATA = build_pack(PACK, ORGANISER)


class House:
    def __init__(self, deps: Deps, app: Any) -> None:
        self.deps = deps
        self.client = AppClient(app, base_url="https://hub.example")
        create_relying_party(
            NewRelyingParty(slug="venue", name_ja="会場", name_en="Venue"),
            addresses=deps.addresses,
            box=deps.box,
            sandbox=True,
            now=NOW,
            actor="test",
        )
        self.token = deps.login.new_token("venue", "first", "operator")

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def log_in(self) -> str:
        """Opens a session; the token for forms."""
        page = self.client.get("/venue/login").text
        self.client.post("/venue/login", data={"token": self.token, "csrf_token": field(page)})
        return field(self.client.get("/venue/gate").text)

    # a Hub, over HTTP
    def admit(self, event: str, request: bytes, *, seconds: float) -> bytes:
        return self._ask(f"/gate/{event}/admit", request)

    def exchange(self, event: str, body: bytes, *, seconds: float) -> bytes:
        return self._ask(f"/gate/{event}/exchange", body)

    def _ask(self, path: str, body: bytes) -> bytes:
        answer = self.client.post(path, content=body, headers={"Content-Type": "application/cbor"})
        if answer.status_code >= 300:
            raise _error(answer)
        return answer.content


def field(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found, page
    return found[1]


def open_house(folder: Path, *, hub: bool, fetch: FakeFetch | None = None, job_seconds: int = 0) -> House:
    kind: Callable[..., VerifierSettings] = GateSettings if hub else VerifierSettings
    url = f"sqlite:///{folder / 'gate.sqlite3'}"
    open_gate_database(folder).close_all()
    settings = kind(
        environment="sandbox",
        public_url="https://hub.example",
        data_dir=folder,
        database_url=url,
        job_seconds=job_seconds,
    )
    deps = build_deps(settings, clock=FixedClock(NOW), fetch=fetch or FakeFetch(), anchors=TrustAnchors())
    deps.database.execute_sql("PRAGMA synchronous = OFF")
    return House(deps, build_hub(deps) if hub else build_app(deps))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = open_house(tmp_path, hub=True)
    yield made
    made.deps.database.close_all()


@pytest.fixture(params=["hub", "verifier"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    made = open_house(tmp_path, hub=request.param == "hub")
    yield made
    made.deps.database.close_all()


def desk_at(house: House) -> GateDesk:
    load_pack("local", DATA, now=NOW, signer=SIGNER)
    return GateDesk(
        plan_gate(PACK, GATE, 1), Journal("local", EVENT, KEY), lambda: points_of(PACK), link=Link(house, after=0)
    )


def test_who_sends_megabytes_and_no_signature_waits(house: House) -> None:
    desk = desk_at(house)
    entries, false = desk.journal.append(Kind.NOTE, time=NOW * 1000, entrance=1, detail="opened"), bytes(150)
    large = build_exchange(EVENT, (GateJournal(GATE.gate, (entries,) * 900, (false,)),), {})
    small = build_exchange(EVENT, (GateJournal(GATE.gate, (), (false,)),), {})

    def sent(body: bytes) -> int:
        status: int = house.client.post(f"/gate/{EVENT}/exchange", content=body).status_code
        return status

    load_pack("venue", DATA, now=NOW, signer=SIGNER)
    assert len(small) < SMALL_BODY < len(large)
    assert [sent(large) for _ in range(31)] == [200] * 30 + [429]
    assert sent(small) == 200
    assert sent(bytes(SMALL_BODY + 1)) == 429
    house.deps.clock.advance(60)
    head = desk.journal.head(time=NOW * 1000)
    assert head is not None
    proven = build_exchange(EVENT, (GateJournal(GATE.gate, (entries,) * 900, (head,)),), {})
    assert [sent(proven) for _ in range(32)] == [200] * 32
    assert sent(bytes(SMALL_BODY + 1)) == 400


def test_a_gate_at_work_over_http(either: House) -> None:
    assert either.client.get("/gate/events").json() == []
    with pytest.raises(NotFound):
        either.exchange(EVENT, b"", seconds=1)
    load_pack("venue", DATA, now=NOW, signer=SIGNER)
    assert either.client.get("/gate/events").json() == [
        {"event": EVENT, "names": {"en": "Fireworks", "ja": "花火"}, "serial": 1}
    ]
    answer = either.client.get(f"/gate/{EVENT}/pack")
    assert (answer.content, answer.headers["etag"]) == (DATA, '"1"')
    assert either.client.get(f"/gate/{EVENT}/pack", headers={"If-None-Match": '"1"'}).status_code == 304
    assert either.client.get(f"/gate/{EVENT}/delta?from=1").status_code == 204
    desk, guest = desk_at(either), Guest(klass=STANDING)
    assert desk.sync(NOW * 1000) is not None
    assert desk.scan(guest.shows(), NOW * 1000).linked
    assert desk.scan(guest.shows(), NOW * 1000).decision.reason is GateReason.ALREADY_ADMITTED
    assert either.client.post(f"/gate/{EVENT}/admit", content=b"nonsense").status_code == 400
    assert either.client.post(f"/gate/{EVENT}/exchange", content=b"\xa0").status_code == 400
    assert either.client.get("/gate/UPPER/pack").status_code in (400, 404, 422)


def test_entries_go_only_to_who_is_one_of_the_gates(house: House) -> None:
    load_pack("venue", DATA, now=NOW, signer=SIGNER)
    desk = desk_at(house)
    desk.scan(Guest().shows(), NOW * 1000)
    desk.sync(NOW * 1000)
    told = parse_exchange(house.exchange(EVENT, build_exchange(EVENT, (), {}), seconds=1))
    assert told.journals == ()
    assert told.known == {GATE.gate: 1}


def test_the_operators_page(house: House) -> None:
    assert house.client.get("/venue/gate", follow_redirects=False).status_code == 303
    token = house.log_in()
    page = house.client.post(
        "/venue/gate/load",
        data={"csrf_token": token, "signer": SIGNER.hex()},
        files={"file": ("a.tgpack", b"nonsense")},
    )
    assert page.status_code == 400
    page = house.client.post("/venue/gate/load", data={"csrf_token": token}, files={"file": (f"{EVENT}.tgpack", DATA)})
    assert page.status_code == 400, "nobody said whose key it is"
    page = house.client.post(
        "/venue/gate/load",
        data={"csrf_token": token, "signer": SIGNER.hex()},
        files={"file": (f"{EVENT}.tgpack", DATA)},
    )
    assert page.status_code == 200
    assert str(page.url).endswith(f"/venue/gate/{EVENT}")
    desk = desk_at(house)
    desk.scan(Guest().shows(), NOW * 1000)
    desk.override(Guest(1).cti, "came with a broken phone", NOW * 1000)
    desk.sync(NOW * 1000)
    for language, text in (("en", "2 in, 0 out, 2 inside now."), ("ja", "入場2、退場0、場内2。")):
        page = house.client.get(f"/venue/gate/{EVENT}?lang={language}")
        assert text in page.text
        assert "<rect" in page.text, "a chart"
        assert "北口 1" in page.text
        assert Guest(1).cti.hex() in page.text, "the conflict is told"
    part = house.client.get(f"/venue/gate/{EVENT}/part")
    assert part.status_code == 200
    assert "<html" not in part.text
    journal = house.client.get(f"/venue/gate/{EVENT}/journal")
    assert len(parse_exchange(journal.content).journals[0].entries) == 2
    taken = house.client.post(
        f"/venue/gate/{EVENT}/journal", data={"csrf_token": token}, files={"file": ("x.tgjournal", journal.content)}
    )
    assert taken.status_code == 200
    asked = house.client.get(f"/venue/gate/{EVENT}?lock={GATE.gate.hex()}&lang=en").text
    assert "for a device that is lost" in asked, "it asks once more"
    assert "for a device that is lost" not in house.client.get(f"/venue/gate/{EVENT}?lock=zz").text
    locked = house.client.post(f"/venue/gate/{EVENT}/lock", data={"csrf_token": token, "gate": GATE.gate.hex()})
    assert locked.status_code == 200
    with pytest.raises(Refused) as refused:
        house.exchange(EVENT, _own_body(desk), seconds=1)
    assert refused.value.code == "device_locked"


def _own_body(desk: GateDesk) -> bytes:
    head = desk.journal.head(time=NOW * 1000)
    assert head is not None
    return build_exchange(EVENT, (GateJournal(desk.journal.gate, (), (head,)),), {})


def test_a_delta_reaches_the_gates(house: House) -> None:
    token = house.log_in()
    later = build_pack(pack_of((GATE,), serial=2), ORGANISER)
    delta = build_delta(PACK, later, ORGANISER)
    answer = house.client.post("/venue/gate/load", data={"csrf_token": token}, files={"file": ("a.tgdelta", delta)})
    assert answer.status_code == 400, "there is nothing that it changes"
    load_pack("venue", DATA, now=NOW, signer=SIGNER)
    house.client.post("/venue/gate/load", data={"csrf_token": token}, files={"file": ("a.tgdelta", delta)})
    assert house.client.get(f"/gate/{EVENT}/pack").content == later
    assert house.client.get(f"/gate/{EVENT}/delta?from=1").content == delta
    assert house.client.get(f"/gate/{EVENT}/delta?from=2").status_code == 204
    old = house.client.post("/venue/gate/load", data={"csrf_token": token}, files={"file": ("a.tgpack", DATA)})
    assert "older" in old.text or "古い" in old.text


def test_a_new_device_waits_for_the_organiser(house: House) -> None:
    load_pack("venue", DATA, now=NOW, signer=SIGNER)
    body = build_enrolment(event=EVENT, code="ABCD-2345", name="西口", signer=SoftwareKey.generate())
    answer = house.client.post(f"/gate/{EVENT}/enrol", content=body)
    assert answer.status_code == 202
    assert house.client.post(f"/gate/{EVENT}/enrol", content=body[:-1] + bytes([body[-1] ^ 1])).status_code == 400
    house.log_in()
    assert "西口" in house.client.get(f"/venue/gate/{EVENT}").text


def test_doors_that_need_a_login(either: House) -> None:
    load_pack("venue", DATA, now=NOW, signer=SIGNER)
    door, asked = f"/venue/api/gate/{EVENT}/lock", {"gate": GATE.gate.hex()}
    assert either.client.get(f"/venue/gate/{EVENT}/events").status_code == 401
    assert either.client.post(door, json=asked).status_code == 401
    for gate, status in (("00" * 8, 404), ("zz", 400)):
        assert either.client.post(door, json={"gate": gate}, headers=either.bearer).status_code == status
    assert either.client.post(door, json=asked, headers=either.bearer).json() == {"locked": GATE.gate.hex()}
    for path in ("/venue/gate", f"/venue/gate/{EVENT}", f"/venue/gate/{EVENT}/journal"):
        assert either.client.get(path, follow_redirects=False).status_code == 303
    door = either.client.get("/gate/operator", follow_redirects=False)
    assert (door.status_code, door.headers["location"]) == (303, "/venue/gate")


def test_the_scanners_page_stands_at_the_hub(house: House) -> None:
    assert house.client.get("/gate/").status_code == 200
    assert "text/javascript" in house.client.get("/gate/sw.js").headers["content-type"]
    assert house.client.get("/gate/manifest.webmanifest").json()["scope"] == "/gate/"


def test_an_address_typed_by_hand_leads_to_the_scanner(house: House) -> None:
    for typed in ("/", "/gate"):
        answer = house.client.get(typed, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (307, "/gate/")
