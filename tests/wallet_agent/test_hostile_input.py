"""Schemathesis over the wallet's own OpenAPI: whatever is sent, the answer is a described one and never a 500."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fakes.app_client import AppClient
from tests.fakes.clock import FixedClock
from tests.wallet_agent.conftest import PASSPHRASE, make_outside
from tests.wallet_agent.internet import Internet
from wallet_agent.app import build_app
from wallet_agent.deps import build_deps
from wallet_agent.settings import WalletSettings


@pytest.fixture
def api(tmp_path: Path) -> tuple[Any, Callable[[], dict[str, str]]]:
    made = WalletSettings(
        environment="sandbox",
        data_dir=tmp_path,
        fetch_loopback=False,
        passphrase_passes=1,
        passphrase_memory=8 << 10,
        guess_limit="100000/minute",
    )
    clock = FixedClock()
    deps = build_deps(made)
    deps = dataclasses.replace(deps, clock=clock, outside=make_outside(Internet(), clock))
    app = build_app(deps)
    client = AppClient(app, raise_server_exceptions=False)
    client.post("/api/holders", json={"name": "hanako", "passphrase": PASSPHRASE})

    def unlock() -> dict[str, str]:
        clock.advance(1000)  # past any wait that wrong passphrases brought
        token = client.post("/hanako/api/unlock", json={"passphrase": PASSPHRASE}).json()["token"]
        return {"Authorization": f"Bearer {token}"}

    return schemathesis.openapi.from_asgi("/openapi.json", app), unlock


def test_nothing_sent_makes_a_500(api: tuple[Any, Callable[[], dict[str, str]]]) -> None:
    """For every operation of the OpenAPI: generated cases, as another's wallet and as one's own."""
    schema, unlock = api
    statuses: Counter[int] = Counter()
    for found in schema.get_all_operations():
        operation, bearer = found.ok(), unlock()

        @given(case=operation.as_strategy(), own=st.booleans(), bearer=st.just(bearer))
        @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        def probe(case: Any, own: bool, bearer: dict[str, str]) -> None:
            if own and "tenant" in (case.path_parameters or {}):
                case.path_parameters["tenant"] = "hanako"
            response = case.call(headers=bearer if own else {})
            statuses[response.status_code] += 1
            assert response.status_code < 500, (case.method, case.path, response.text[:300])
            if response.status_code >= 400:
                assert response.headers["content-type"][0].startswith("application/problem+json")

        probe()
    assert statuses.total() > 200
    assert statuses[200] > 10, statuses  # the token was believed, so flows were reached and not the door alone
