"""A wallet in a fresh database, an internet in memory, and an issuer on it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from common.adapters.migrations import migrate
from common.did.resolve import Resolver
from common.ids import Tenant
from common.status.fetch_status import StatusChecker
from common.trust.anchors import TrustAnchors
from common.trust.issuer_key import IssuerKeyFinder
from tests.fakes.clock import FixedClock
from tests.wallet_agent.fake_issuer import FakeIssuer
from tests.wallet_agent.internet import Internet
from wallet_agent.holder.create_holder import create_holder
from wallet_agent.holder.outside import Outside
from wallet_agent.store.base import bind
from wallet_agent.store.migrations import MIGRATIONS
from wallet_agent.vault.open_vault import OpenVault
from wallet_agent.vault.wrapping import Cost

CHEAP = Cost(ops=1, memory=8 << 10)
HANAKO = Tenant("hanako")
PASSPHRASE = "a river of cherries"


def make_outside(internet: Internet, clock: FixedClock, **changes: object) -> Outside:
    resolver = Resolver(internet, clock, sandbox=True)
    anchors = TrustAnchors()
    keys = IssuerKeyFinder(internet, resolver, anchors)
    statuses = StatusChecker(internet, keys.key, max_age=0)
    values: dict[str, object] = {"sandbox": True, "lease": 30, "batch": 3, **changes}
    return Outside(
        fetch=internet,
        clock=clock,
        resolver=resolver,
        anchors=anchors,
        keys=keys,
        statuses=statuses,
        **values,  # type: ignore[arg-type]  # a test's short way
    )


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def internet() -> Internet:
    return Internet()


@pytest.fixture
def outside(internet: Internet, clock: FixedClock) -> Outside:
    return make_outside(internet, clock)


@pytest.fixture
def issuer(internet: Internet, clock: FixedClock) -> FakeIssuer:
    return FakeIssuer(internet, clock)


@pytest.fixture
def store(database_url: str) -> Iterator[None]:
    database = bind(database_url)
    migrate(database, MIGRATIONS, now=1)
    yield
    database.close_all()


@pytest.fixture
def vault(store: None, clock: FixedClock) -> OpenVault:
    return create_holder("hanako", PASSPHRASE, cost=CHEAP, clock=clock)
