"""Several processes, one response: one wins, on both databases; a verdict is reached exactly once."""

from __future__ import annotations

import signal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from common.adapters.database import across_tenants
from common.encoding import parse_json_object
from common.oid4vp.authorization_request import AuthorizationRequest
from tests.forks import Forks
from tests.verifier.racing import post_response
from tests.verifier.world import World
from verifier.flows.accept_response import resume
from verifier.store.sessions import SessionRow, mark_answered
from verifier.store.verdicts import VerdictRow


def test_one_response_wins_among_processes(world: World) -> None:
    opened = world.ask()
    request = world.read_request(opened["link"])
    start, statuses = Forks.Barrier(3), Forks.Queue()
    body = world.present(request, world.issue())
    racers = [_racer(world, request, body, start, statuses) for _ in range(3)]
    for racer in racers:
        racer.start()
    assert sorted(statuses.get(timeout=60) for _ in racers) == [200, 409, 409]
    for racer in racers:
        racer.join(30)
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


def _racer(
    world: World, request: AuthorizationRequest, body: bytes, start: Any, statuses: Any, fail_at: str = ""
) -> Any:
    settings, path = world.deps.settings, urlsplit(request.response_uri).path
    arguments = (settings.database_address, str(settings.data_dir), path, body, start, statuses, fail_at)
    return Forks.Process(target=post_response, args=arguments)


@pytest.mark.parametrize(
    ("fail_at", "state"),
    [
        ("accept_response.before_commit", "served"),
        ("accept_response.after_commit", "answered"),
        ("store_verdict.before_commit", "answered"),
        ("store_verdict.after_commit", "judged"),
    ],
)
def test_a_process_killed_at_a_commit_loses_nothing_and_repeats_nothing(world: World, fail_at: str, state: str) -> None:
    opened = world.ask()
    request = world.read_request(opened["link"])
    body = world.present(request, world.issue())
    alone, statuses = Forks.Barrier(1), Forks.Queue()
    killed = _racer(world, request, body, alone, statuses, fail_at)
    killed.start()
    killed.join(60)
    assert killed.exitcode == -signal.SIGKILL
    assert world.result(opened["id"])["state"] == state
    again = world.post(request, body).status_code
    assert again == (200 if state == "served" else 409)
    world.clock.advance(60)
    world.deps.jobs.run()
    assert world.result(opened["id"])["state"] == "judged"
    assert VerdictRow.select().where(VerdictRow.tenant == "cafe").count() == 1
