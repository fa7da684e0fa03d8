"""The wallet agent's live objects, built once per process from its settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from common.adapters.background import Background
from common.adapters.clock import open_clock
from common.adapters.database import Database
from common.adapters.http import GuardedFetch
from common.adapters.migrations import migrate
from common.adapters.open_fetch import open_fetch
from common.adapters.trust_list_files import refresh, subscribe
from common.did.resolve import Resolver
from common.ports import Clock
from common.status.fetch_status import StatusChecker
from common.trust.anchors import Anchors, open_anchors
from common.trust.issuer_key import IssuerKeyFinder
from common.trust.subscriptions import SubscribedAnchors
from common.web.limits import Limits
from wallet_agent.holder.outside import Outside
from wallet_agent.holder.retention import sweep
from wallet_agent.holder.seal_audits import seal_audits
from wallet_agent.settings import WalletSettings
from wallet_agent.store.base import bind
from wallet_agent.store.migrations import MIGRATIONS
from wallet_agent.store.tries import TRIES, delete_old_tries


@dataclass(frozen=True, slots=True, kw_only=True)
class Deps:
    settings: WalletSettings
    clock: Clock
    database: Database
    fetch: GuardedFetch
    outside: Outside
    limits: Limits
    jobs: Background

    def close(self) -> None:
        """Ends the jobs and the connections. For shutdown."""
        self.jobs.stop()
        self.fetch.close()
        self.database.close_all()


def build_deps(settings: WalletSettings) -> Deps:
    """Opens the database (and brings its schema up to date), the guarded network, and what this deployment believes.

    Raises Misconfigured, Unavailable.
    """
    clock = open_clock(settings.fixed_clock)
    database = bind(settings.database_address)
    migrate(database, MIGRATIONS, now=clock.now())
    fetch = open_fetch(settings)
    own = open_anchors(settings)
    resolver = Resolver(fetch, clock, sandbox=settings.is_sandbox)
    lists = subscribe(own, settings, fetch=fetch, resolver=resolver, clock=clock)
    anchors: Anchors = lists or own
    keys = IssuerKeyFinder(fetch, resolver, anchors)
    outside = Outside(
        fetch=fetch,
        clock=clock,
        resolver=resolver,
        anchors=anchors,
        keys=keys,
        statuses=StatusChecker(fetch, keys.key),
        sandbox=settings.is_sandbox,
        lease=settings.lease_seconds,
        batch=settings.batch_copies,
    )
    return Deps(
        settings=settings,
        clock=clock,
        database=database,
        fetch=fetch,
        outside=outside,
        limits=Limits(clock, TRIES),
        jobs=Background(*_jobs(settings, clock, lists), every=settings.job_seconds),
    )


def _jobs(settings: WalletSettings, clock: Clock, lists: SubscribedAnchors | None) -> tuple[Callable[[], object], ...]:
    def forget() -> None:
        sweep(clock=clock, offer_seconds=settings.offer_retention, request_seconds=settings.request_retention)

    def forget_tries() -> None:
        delete_old_tries(now=clock.now())

    def seal() -> None:
        seal_audits(now=clock.now())

    return forget, forget_tries, seal, *((partial(refresh, lists),) if lists is not None else ())
