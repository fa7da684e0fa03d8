"""One process of a race: waits for its start, accepts one shown text, prints the verdict's reason, or dies at a fail-point."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from common import failpoints
from common.trust.anchors import TrustAnchors
from tests.fakes.clock import FixedClock
from tests.fakes.fetch import FakeFetch
from tests.verifier.world import trusted_issuers
from verifier.deps import build_deps
from verifier.flows.accept_shown import accept_shown
from verifier.settings import VerifierSettings
from verifier.store.relying_parties import find_relying_party


def main(url: str, data_dir: str, pages: str, text: str, start: str, fail_at: str = "") -> None:
    settings = VerifierSettings(
        environment="sandbox",
        public_url="https://verifier.example",
        vct_base="https://issuer.example/types",
        database_url=url,
        data_dir=Path(data_dir),
        job_seconds=0,
    )
    found = {address: page.encode() for address, page in json.loads(Path(pages).read_text()).items()}
    deps = build_deps(
        settings, clock=FixedClock(), fetch=FakeFetch(found), anchors=TrustAnchors(issuers=trusted_issuers())
    )
    party, code = find_relying_party("cafe"), Path(text).read_text()
    failpoints.arm(fail_at)
    print("ready", flush=True)
    while not Path(start).exists():
        time.sleep(0.001)
    accepted = accept_shown(
        party,
        "student",
        code,
        actor="test",
        addresses=deps.addresses,
        box=deps.box,
        gatherer=deps.gatherer,
        now=deps.clock.now(),
    )
    print(accepted.verdict.reason, flush=True)
    deps.database.close_all()


if __name__ == "__main__":
    main(*sys.argv[1:])
