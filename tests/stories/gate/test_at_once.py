"""A ticket that falls at the organiser opens no linked gate from the next scan on: organiser, hub and gate by the programs' own routes."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from common.encoding import b64url_decode
from common.formats.gate_pass.build import build_pass_proof, write_pass_text
from common.keys.software import SoftwareKey
from common.ports import Fetched
from issuer.flows.events.end_ticket import refund
from issuer.flows.events.find_events import find_event
from issuer.flows.events.gates import make_code
from tests.issuer.events.festival import enrol, open_event, receive, ticket
from tests.issuer.school import BASE, TENANT, School, open_school
from tests.verifier.gate.test_hub_http import House, open_house
from verifier.gate.desk import GateDesk
from verifier.gate.devices import own_key
from verifier.gate.journal.chain import Journal
from verifier.gate.link import Link
from verifier.gate.packs import load_delta, load_pack, plan_gate, points_of, require_event
from verifier.gate.plan import GatePlan
from verifier.gate.reasons import GateReason


@dataclass(slots=True)
class Road:
    """Implements ports.Fetch: from the hub to the organiser's app."""

    school: School

    def get(self, url: str, *, accept: str = "*/*", headers: Mapping[str, str] | None = None) -> Fetched:
        answer = self.school.client.get(url.removeprefix(BASE), headers={**(headers or {}), "Accept": accept})
        return Fetched(url=url, status=answer.status_code, body=answer.content)

    def post(
        self, url: str, *, body: bytes, content_type: str, accept: str = "*/*", headers: Mapping[str, str] | None = None
    ) -> Fetched:
        sent = {**(headers or {}), "Accept": accept, "Content-Type": content_type}
        answer = self.school.client.post(url.removeprefix(BASE), content=body, headers=sent)
        return Fetched(url=url, status=answer.status_code, body=answer.content)


@pytest.fixture
def school(tmp_path: Path) -> Iterator[School]:
    made = open_school(f"sqlite:///{tmp_path / 'issuer.sqlite3'}", tmp_path)
    yield made
    made.deps.database.close_all()


def test_a_refund_at_the_organiser_is_known_at_the_gate_with_the_next_scan(school: School, tmp_path: Path) -> None:
    event = open_event(school)
    key = SoftwareKey.generate()
    row = ticket(school, event)
    _, (credential,) = receive(school, row, "ticket_gate_pass", key=key)
    _, gate_key = enrol(school, event)
    (tmp_path / "hub").mkdir()
    hub = open_house(tmp_path / "hub", hub=True, fetch=Road(school), job_seconds=600)  # type: ignore[arg-type]
    now = hub.deps.clock.now()
    assert now == school.clock.now()
    hub.deps.organiser.enrol(
        "venue",
        f"{BASE}/{TENANT}",
        event,
        code=make_code(school.desk, TENANT, event, role="hub", actor="test").code,
        name="hub",
        key=own_key("venue", "hub", box=hub.deps.box, now=now),
        signer=None,
        trust_first=True,
        now=now,
    )
    desk = gate_at(hub, event, gate_key, now)
    assert desk.sync(now * 1000) is not None
    hub.deps.followers.start()
    before = require_event("venue", event).pack.serial
    time.sleep(0.5)  # the question is open by now
    refund(school.desk, TENANT, event, row.id, actor="test")
    fell = time.monotonic()
    while require_event("venue", event).pack.serial == before:
        assert time.monotonic() - fell < 20
        time.sleep(0.05)
    assert time.monotonic() - fell < 7, "the hub waits for no job"
    assert desk.plan.serial == before, "the gate has not asked since"
    text = write_pass_text(build_pass_proof(b64url_decode(credential), event=event, iat=now, signer=key))
    outcome = desk.scan(text, now * 1000)
    assert (outcome.decision.reason, outcome.linked, outcome.sequence) == (GateReason.REVOKED, True, None)
    assert desk.plan.serial == find_event(TENANT, event).serial
    hub.deps.followers.stop()
    hub.deps.database.close_all()


def gate_at(hub: House, event: str, key: SoftwareKey, now: int) -> GateDesk:
    """A gate in a terminal, whose packs come from the hub."""

    def plan() -> GatePlan:
        pack = require_event("local", event).pack
        return plan_gate(pack, pack.gate_by_id[journal.gate], 1)

    def newer(serial: int, _: float) -> GatePlan | None:
        delta = hub.client.get(f"/gate/{event}/delta?from={serial}")
        if delta.status_code == 204:
            return None
        load_delta("local", delta.content, now=now)
        return plan()

    load_pack("local", hub.client.get(f"/gate/{event}/pack").content, now=now, trust_first=True)
    journal = Journal("local", event, key)
    return GateDesk(
        plan(), journal, lambda: points_of(require_event("local", event).pack), link=Link(hub, after=0), newer=newer
    )
