"""One process of a race: waits for its start, posts one response body, prints the status, or dies at a fail-point."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from fastapi.testclient import TestClient

from common import failpoints
from common.trust.anchors import TrustAnchors
from tests.fakes.clock import FixedClock
from tests.fakes.fetch import FakeFetch
from verifier.app import build_app
from verifier.deps import build_deps
from verifier.settings import VerifierSettings


def main(url: str, data_dir: str, path: str, body_file: str, start: str, fail_at: str = "") -> None:
    settings = VerifierSettings(
        environment="sandbox",
        public_url="https://verifier.example",
        database_url=url,
        data_dir=Path(data_dir),
        job_seconds=0,
    )
    deps = build_deps(settings, clock=FixedClock(), fetch=FakeFetch(), anchors=TrustAnchors())
    client = TestClient(build_app(deps))
    body = Path(body_file).read_bytes()
    failpoints.arm(fail_at)
    print("ready", flush=True)
    while not Path(start).exists():
        time.sleep(0.001)
    answer = client.post(path, content=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
    print(answer.status_code, flush=True)
    deps.database.close_all()


if __name__ == "__main__":
    main(*sys.argv[1:])
