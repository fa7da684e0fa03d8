"""The issuer's pages with an event in them, served over HTTP from a thread of this process."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import uvicorn

from issuer.app import build_app
from tests.issuer.events.fake_verifier import FakeVerifier
from tests.issuer.events.festival import PLAN, buy, enrol, open_event
from tests.issuer.school import School, open_school
from tests.ports import free_port


@dataclass
class EventServer:
    """event: with two orders, a ticket in a wallet, and a scanner."""

    school: School
    verifier: FakeVerifier
    event: str
    at: str


@contextmanager
def serving(folder: Path) -> Iterator[EventServer]:
    port = free_port()
    at = f"http://localhost:{port}"
    school = open_school(f"sqlite:///{folder / 'issuer.sqlite3'}", folder, public_url=at, roll_folder=folder / "rolls")
    verifier = FakeVerifier(expires_at=school.clock.now() + 600)
    school.deps = replace(school.deps, desk=replace(school.deps.desk, verifier=verifier))  # type: ignore[arg-type]  # its double
    room = (replace(PLAN.classes[0], capacity=900), *PLAN.classes[1:])
    event = open_event(school, capacity=1000, classes=room)
    buy(school, event, name="髙橋 花子", email="hanako@example.jp", count=2)
    buy(school, event, key="k2", name="吉田 太郎")
    enrol(school, event)
    config = uvicorn.Config(build_app(school.deps), host="127.0.0.1", port=port, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    end = time.monotonic() + 20
    while not server.started:
        assert time.monotonic() < end
        time.sleep(0.02)
    yield EventServer(school, verifier, event, at)
    server.should_exit = True
    thread.join(20)
    school.deps.database.close_all()
