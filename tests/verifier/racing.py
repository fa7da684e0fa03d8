"""One process of a race: waits for its start, posts one response body, says the status, or dies at a fail-point."""

from __future__ import annotations

from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path

from common import failpoints
from common.trust.anchors import TrustAnchors
from tests.fakes.app_client import AppClient
from tests.fakes.clock import FixedClock
from tests.fakes.fetch import FakeFetch
from verifier.app import build_app
from verifier.deps import build_deps
from verifier.settings import VerifierSettings


def post_response(
    url: str, data_dir: str, path: str, body: bytes, start: Barrier, statuses: Queue[int], fail_at: str
) -> None:
    settings = VerifierSettings(
        environment="sandbox",
        public_url="https://verifier.example",
        database_url=url,
        data_dir=Path(data_dir),
        job_seconds=0,
    )
    deps = build_deps(settings, clock=FixedClock(), fetch=FakeFetch(), anchors=TrustAnchors())
    client = AppClient(build_app(deps))
    failpoints.arm(fail_at)
    start.wait(60)
    answer = client.post(path, content=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
    statuses.put(answer.status_code)
    deps.database.close_all()
