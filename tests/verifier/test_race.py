"""Several processes, one response: one wins, on both databases; a verdict is reached exactly once."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from common.adapters.database import across_tenants
from common.encoding import parse_json_object
from common.oid4vp.authorization_request import AuthorizationRequest
from tests.verifier.world import World
from verifier.flows.accept_response import resume
from verifier.store.sessions import SessionRow, mark_answered
from verifier.store.verdicts import VerdictRow


def test_one_response_wins_among_processes(world: World, tmp_path: Path) -> None:
    opened = world.ask()
    request = world.read_request(opened["link"])
    body, start = tmp_path / "body", tmp_path / "start"
    body.write_bytes(world.present(request, world.issue()))
    command = _command(world, request, body, start)
    racers = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) for _ in range(3)
    ]
    for racer in racers:
        assert racer.stdout is not None
        for line in racer.stdout:
            if line == "ready\n":
                break
    start.touch()
    statuses = sorted(racer.communicate(timeout=60)[0].strip().splitlines()[-1] for racer in racers)
    assert statuses == ["200", "409", "409"]
    assert VerdictRow.select().where(VerdictRow.tenant == "cafe").count() == 1


def test_an_answer_whose_process_died_is_judged_later_and_once(world: World) -> None:
    opened = world.ask(response_mode="direct_post")
    request = world.read_request(opened["link"])
    deps, session = world.deps, opened["id"]
    text = _presentation(world, request)
    sealed = deps.box.close([["enrolment_sd_jwt", "dc+sd-jwt", text]], tenant="cafe", purpose="response", what=session)
    assert mark_answered("cafe", session, sealed_response=sealed, code_hash=None, now=world.clock.now())
    world.clock.advance(600)

    def run() -> int:
        return resume(
            "cafe",
            addresses=deps.addresses,
            box=deps.box,
            gatherer=deps.gatherer,
            older_than=30,
            now=world.clock.now(),
        )

    assert (run(), run()) == (1, 0)
    assert world.result(session)["verdict"]["accepted"]
    with across_tenants("test"):
        row = SessionRow.get(SessionRow.session == session)
    assert row.sealed_response is None


def _presentation(world: World, request: AuthorizationRequest) -> str:
    form = parse_qs(world.present(request, world.issue()).decode())
    text: str = parse_json_object(form["vp_token"][0])["enrolment_sd_jwt"][0]
    return text


def _command(world: World, request: AuthorizationRequest, body: Path, start: Path, *more: str) -> list[str]:
    settings, path = world.deps.settings, urlsplit(request.response_uri).path
    program = [sys.executable, "-m", "tests.verifier.racing"]
    return [*program, settings.database_address, str(settings.data_dir), path, str(body), str(start), *more]


@pytest.mark.parametrize(
    ("fail_at", "state"),
    [
        ("accept_response.before_commit", "served"),
        ("accept_response.after_commit", "answered"),
        ("store_verdict.before_commit", "answered"),
        ("store_verdict.after_commit", "judged"),
    ],
)
def test_a_process_killed_at_a_commit_loses_nothing_and_repeats_nothing(
    world: World, tmp_path: Path, fail_at: str, state: str
) -> None:
    opened = world.ask()
    request = world.read_request(opened["link"])
    body, start = tmp_path / "body", tmp_path / "start"
    body.write_bytes(world.present(request, world.issue()))
    start.touch()
    killed = subprocess.run(
        _command(world, request, body, start, fail_at), cwd=Path(__file__).parents[2], timeout=60, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert world.result(opened["id"])["state"] == state
    again = world.post(request, body.read_bytes()).status_code
    assert again == (200 if state == "served" else 409)
    world.clock.advance(60)
    world.deps.jobs.run()
    assert world.result(opened["id"])["state"] == "judged"
    assert VerdictRow.select().where(VerdictRow.tenant == "cafe").count() == 1
