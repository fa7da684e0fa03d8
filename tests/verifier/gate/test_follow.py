"""Hub and verifier follow an event's organiser by their jobs: newer packs, the lock of a lost device, devices that wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from common.errors import Refused
from common.gate.delta import build_delta
from common.gate.enrolment import build_enrolment
from common.gate.exchange import build_exchange
from common.gate.journal_entry import Kind
from common.gate.pack import build_pack
from common.gate.signed import name_of
from common.keys.compressed_point import compress
from common.keys.software import SoftwareKey
from common.ports import Fetched
from tests.fakes.fetch import FakeFetch
from tests.verifier.gate.chains import Chain
from tests.verifier.gate.scene import EVENT, NOW
from tests.verifier.gate.test_hub_http import DATA, KEY, PACK, House, open_house
from tests.verifier.gate.venue import ORGANISER, SIGNER, gate_of, pack_of
from verifier.cli import commands, follow_event
from verifier.gate.devices import own_key, waiting
from verifier.gate.live import look
from verifier.gate.organiser import WAIT_SECONDS
from verifier.gate.packs import load_pack, require_event

ORIGIN = f"https://issuer.example/city/events/{EVENT}"


@pytest.fixture
def internet() -> FakeFetch:
    return FakeFetch({f"{ORIGIN}/gates": _answer(b'{"token":"t"}', 201), f"{ORIGIN}/pack": DATA})


@pytest.fixture(params=["hub", "verifier"])
def house(request: pytest.FixtureRequest, tmp_path: Path, internet: FakeFetch) -> Iterator[House]:
    made = open_house(tmp_path, hub=request.param == "hub", fetch=internet, job_seconds=1)
    enrol_hub(made)
    yield made
    made.deps.database.close_all()


def enrol_hub(made: House) -> None:
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


def _answer(body: bytes, status: int = 200) -> Fetched:
    return Fetched(url=ORIGIN, status=status, body=body)


def test_the_jobs_of_a_running_server_fetch_packs_and_locks(house: House, internet: FakeFetch) -> None:
    locked = build_pack(pack_of((gate_of(KEY, "北口 1", locked_at=NOW - 5),), serial=2), ORGANISER)
    internet.pages[f"{ORIGIN}/delta?from=1"] = _answer(build_delta(PACK, locked, ORGANISER))
    internet.pages[f"{ORIGIN}/delta?from=2"] = _answer(b"", 204)
    asks = build_enrolment(event=EVENT, code="WXYZ-2345", name="phone", signer=SoftwareKey.generate())
    there = internet.pages.pop(f"{ORIGIN}/gates")
    assert house.client.post(f"/gate/{EVENT}/enrol", content=asks).status_code == 202
    internet.pages[f"{ORIGIN}/gates"] = there
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


def test_a_question_that_is_kept_open_brings_a_change_at_once(
    tmp_path: Path, internet: FakeFetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The jobs come in ten minutes; the organiser answers when something fell. One that is away is asked again, less and less often."""
    fell = threading.Event()
    later = build_pack(pack_of((gate_of(KEY, "北口 1"),), serial=2), ORGANISER)

    def kept(_: bytes) -> Fetched:
        return _answer(build_delta(PACK, later, ORGANISER)) if fell.wait(20) else _answer(b"", 204)

    questions = [f"{ORIGIN}/delta?from={serial}&wait={WAIT_SECONDS}" for serial in (1, 2)]
    internet.pages[questions[0]] = kept
    monkeypatch.setattr("verifier.gate.follow.FIRST_PAUSE", 600.0)
    made = open_house(tmp_path, hub=True, fetch=internet, job_seconds=600)
    enrol_hub(made)
    with TestClient(made.client.app):
        until(lambda: ("GET", questions[0]) in internet.requests)
        assert require_event("venue", EVENT).pack.serial == 1
        fell.set()
        until(lambda: require_event("venue", EVENT).pack.serial == 2)
        until(lambda: ("GET", questions[1]) in internet.requests)
        time.sleep(0.3)
        assert internet.requests.count(("GET", questions[1])) == 1, "nobody answers there"
    made.deps.database.close_all()


@pytest.mark.parametrize("by", ["page", "program"])
def test_a_lock_is_passed_on_at_once_and_by_the_jobs_until_the_pack_says_it(
    tmp_path: Path, internet: FakeFetch, by: str
) -> None:
    made = open_house(tmp_path, hub=True, fetch=internet)
    enrol_hub(made)
    gate = name_of(compress(KEY.public_jwk())).hex()
    told = ("POST", f"{ORIGIN}/gates/{gate}/lock")
    made.deps.pass_locks_on("venue", EVENT)
    assert told not in internet.requests, "nothing is locked"
    if by == "page":
        form = {"csrf_token": made.log_in(), "gate": gate}
        assert made.client.post(f"/venue/gate/{EVENT}/lock", data=form).status_code < 400
    else:
        path = f"/venue/api/gate/{EVENT}/lock"
        assert made.client.post(path, json={"gate": gate}, headers=made.bearer).json() == {"locked": gate}
    assert internet.requests.count(told) == 1, "the organiser is away, and the operator is not kept waiting for it"
    internet.pages[told[1]] = _answer(b'{"locked_at":1}')
    internet.pages[f"{ORIGIN}/delta?from=1"] = _answer(b"", 204)
    made.deps.follow_events()
    assert internet.requests.count(told) == 2
    locked = build_pack(pack_of((gate_of(KEY, "北口 1", locked_at=NOW),), serial=2), ORGANISER)
    internet.pages[f"{ORIGIN}/delta?from=1"] = _answer(build_delta(PACK, locked, ORGANISER))
    made.deps.follow_events()
    assert internet.requests.count(told) == 2, "its pack says so by now"
    made.deps.database.close_all()


def test_a_device_hears_the_organisers_word_and_waits_only_without_one(tmp_path: Path, internet: FakeFetch) -> None:
    made = open_house(tmp_path, hub=True, fetch=internet)
    enrol_hub(made)
    there = internet.pages.pop(f"{ORIGIN}/gates")
    asks = build_enrolment(event=EVENT, code="WXYZ-2345", name="phone", signer=SoftwareKey.generate())

    def answer() -> tuple[int, str | None, int]:
        said = made.client.post(f"/gate/{EVENT}/enrol", content=asks, headers={"Content-Type": "application/cbor"})
        return said.status_code, said.json().get("code"), len(waiting("venue", EVENT))

    assert answer() == (202, None, 1), "nobody answers"
    for away in (_answer(b"", 503), _answer(b"", 429), _answer(b"<html>", 403)):
        internet.pages[f"{ORIGIN}/gates"] = away
        assert answer() == (202, None, 1), "a proxy's no is not the organiser's"
    internet.pages[f"{ORIGIN}/gates"] = _answer(b'{"code":"wrong_code"}', 403)
    assert answer() == (403, "wrong_code", 0)
    internet.pages[f"{ORIGIN}/gates"] = _answer(b'{"code":"device_locked"}', 409)
    assert answer() == (403, "device_locked", 0)
    internet.pages[f"{ORIGIN}/gates"] = there
    assert answer() == (201, None, 0)
    made.deps.database.close_all()


def test_a_hub_is_not_silent_to_itself(tmp_path: Path, internet: FakeFetch) -> None:
    made = open_house(tmp_path, hub=True, fetch=internet)
    enrol_hub(made)
    key = own_key("venue", "hub", box=made.deps.box, now=NOW)
    point = compress(key.public_jwk())
    own = msgspec.structs.replace(gate_of(KEY, "hub"), gate=name_of(point), point=point, role=1)
    load_pack("venue", build_pack(pack_of((gate_of(KEY, "北口 1"), own), serial=2), ORGANISER), now=NOW)
    seen = {one.gate: one.seen_at for one in look("venue", EVENT, now=NOW).devices}
    assert seen == {own.gate: NOW, name_of(compress(KEY.public_jwk())): None}
    made.deps.database.close_all()


@pytest.mark.parametrize("whole", [False, True])
def test_the_end_does_not_wait_for_an_answer(tmp_path: Path, internet: FakeFetch, *, whole: bool) -> None:
    """Neither for a delta nor, where there is none, for the whole pack."""
    over, answered = threading.Event(), threading.Event()
    later = build_pack(pack_of((gate_of(KEY, "北口 1"),), serial=2), ORGANISER)

    def kept(_: bytes) -> Fetched:
        over.wait(20)
        answered.set()
        return _answer(later if whole else build_delta(PACK, later, ORGANISER))

    question = f"{ORIGIN}/delta?from=1&wait={WAIT_SECONDS}"
    made = open_house(tmp_path, hub=True, fetch=internet, job_seconds=600)
    enrol_hub(made)
    if whole:
        internet.pages[question] = _answer(b"", 404)
        question = f"{ORIGIN}/pack"
        internet.requests.clear()
    internet.pages[question] = kept
    made.deps.followers.start()
    until(lambda: ("GET", question) in internet.requests)
    began = time.monotonic()
    made.deps.followers.stop()
    assert time.monotonic() - began < 10
    over.set()
    assert answered.wait(20)
    time.sleep(0.1)
    assert require_event("venue", EVENT).pack.serial == 1, "what came after the end is not taken in"
    made.deps.database.close_all()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


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
