"""Hub and verifier follow an event's organiser by their jobs: newer packs, the lock of a lost device, devices that wait."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from common.errors import Refused
from common.gate.delta import build_delta
from common.gate.enrolment import build_enrolment
from common.gate.exchange import build_exchange
from common.gate.journal_entry import Kind
from common.gate.pack import build_pack
from common.keys.software import SoftwareKey
from common.ports import Fetched
from tests.fakes.fetch import FakeFetch
from tests.verifier.gate.chains import Chain
from tests.verifier.gate.scene import EVENT, NOW
from tests.verifier.gate.test_hub_http import DATA, KEY, PACK, House, open_house
from tests.verifier.gate.venue import ORGANISER, SIGNER, gate_of, pack_of
from verifier.cli import commands, follow_event
from verifier.gate.devices import own_key, waiting
from verifier.gate.packs import require_event

ORIGIN = f"https://issuer.example/city/events/{EVENT}"


@pytest.fixture
def internet() -> FakeFetch:
    return FakeFetch({f"{ORIGIN}/gates": _answer(b'{"token":"t"}', 201), f"{ORIGIN}/pack": DATA})


@pytest.fixture(params=["hub", "verifier"])
def house(request: pytest.FixtureRequest, tmp_path: Path, internet: FakeFetch) -> Iterator[House]:
    made = open_house(tmp_path, hub=request.param == "hub", fetch=internet, job_seconds=1)
    key = own_key("venue", "hub", box=made.deps.box, now=NOW)
    made.deps.organiser.enrol(
        "venue",
        "https://issuer.example/city",
        EVENT,
        code="ABCD-2345",
        name="hub",
        key=key,
        signer=SIGNER,
        trust_first=False,
        now=NOW,
    )
    yield made
    made.deps.database.close_all()


def _answer(body: bytes, status: int = 200) -> Fetched:
    return Fetched(url=ORIGIN, status=status, body=body)


def test_the_jobs_of_a_running_server_fetch_packs_and_locks(house: House, internet: FakeFetch) -> None:
    locked = build_pack(pack_of((gate_of(KEY, "北口 1", locked_at=NOW - 5),), serial=2), ORGANISER)
    internet.pages[f"{ORIGIN}/delta?from=1"] = _answer(build_delta(PACK, locked, ORGANISER))
    internet.pages[f"{ORIGIN}/delta?from=2"] = _answer(b"", 204)
    asks = build_enrolment(event=EVENT, code="WXYZ-2345", name="phone", signer=SoftwareKey.generate())
    assert house.client.post(f"/gate/{EVENT}/enrol", content=asks).status_code == 202
    body = build_exchange(EVENT, (Chain([(Kind.NOTE, None, 0)], key=KEY).journal(),), {})
    house.exchange(EVENT, body, seconds=1)
    with TestClient(house.client.app):  # the server starts, and its jobs with it
        deadline = time.monotonic() + 30
        while waiting("venue", EVENT) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert waiting("venue", EVENT) == ()
        assert require_event("venue", EVENT).pack.serial == 2
        assert house.client.get(f"/gate/{EVENT}/pack").content == locked, "gates get it from here"
        with pytest.raises(Refused) as refused:
            house.exchange(EVENT, body, seconds=1)
    assert refused.value.code == "device_locked"


def test_a_verifier_becomes_the_hub_of_an_event_by_a_command(
    tmp_path: Path, internet: FakeFetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = open_house(tmp_path, hub=False, fetch=internet)
    monkeypatch.setattr(follow_event, "open_desk", lambda: house.deps)
    words = ["follow-event", "venue", EVENT, "--organiser", "https://issuer.example/city", "--code", "ABCD-2345"]
    for more, said in (([], "unknown_signer"), (["--signer", "zz"], "66"), (["--signer", SIGNER.hex()], "pack 1")):
        done = CliRunner().invoke(commands.app, [*words, *more])
        assert said in done.output, done.output
    assert require_event("venue", EVENT).pack.serial == 1
    assert house.client.get(f"/gate/{EVENT}/pack").content == DATA
    help_text = CliRunner().invoke(commands.app, ["follow-event", "--help"]).output
    assert "locks of lost devices" in " ".join(help_text.split())
    house.deps.database.close_all()
