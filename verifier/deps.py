"""The live objects of one process, built from settings once. Routes and the command line take what they use from here."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from common.adapters.clock import open_clock
from common.adapters.database import Database, open_database
from common.adapters.document_policy import open_policy
from common.adapters.key_file import open_key_file
from common.adapters.migrations import migrate
from common.adapters.open_fetch import open_fetch
from common.adapters.schema_files import open_schemas
from common.adapters.trust_list_files import subscribe
from common.did.resolve import Resolver
from common.errors import TegataError
from common.formats.data_integrity.policy import Policy, Profile
from common.ports import Clock, Fetch
from common.trust.anchors import TrustAnchors, open_anchors, read_roots
from common.trust.subscriptions import SubscribedAnchors
from common.web.limits import Limits
from common.web.login import Login
from verifier.flows.believe_schema import SchemaBeliever
from verifier.flows.gather_facts import FactGatherer
from verifier.flows.run_jobs import Jobs
from verifier.flows.sealed_box import SealedBox
from verifier.gate.follow import Followers
from verifier.gate.organiser import Organiser, follow_all, followed_events
from verifier.settings import Addresses, VerifierSettings
from verifier.store.base import bind
from verifier.store.migrations import MIGRATIONS
from verifier.store.operators import OperatorSession, OperatorToken, Tries
from verifier.store.relying_parties import list_relying_parties


@dataclass(frozen=True, slots=True, kw_only=True)
class Deps:
    """Everything that touches the world, by name. policy: of the VC API, under which documents of anybody's are read."""

    settings: VerifierSettings
    addresses: Addresses
    clock: Clock
    database: Database
    box: SealedBox
    gatherer: FactGatherer
    lists: SubscribedAnchors | None
    resolver: Resolver
    policy: Policy
    login: Login
    limits: Limits
    jobs: Jobs
    organiser: Organiser
    followers: Followers

    def pass_locks_on(self, tenant: str, event: str) -> None:
        """Once a device was locked here. An organiser that is away is told by the jobs."""
        try:
            self.organiser.pass_locks_on(tenant, event)
        except TegataError as error:
            structlog.get_logger("tegata.gate").info("organiser_away", gate_event=event, code=error.code)

    def follow_events(self) -> None:
        """A job: newer packs of every event whose organiser knows this machine, and devices that wait are passed on."""
        follow_all(list_relying_parties(), self.organiser, now=self.clock.now())


def build_deps(
    settings: VerifierSettings,
    *,
    clock: Clock | None = None,
    fetch: Fetch | None = None,
    anchors: TrustAnchors | None = None,
) -> Deps:
    """Opens the database, brings its schema up to date, reads the key file and the anchors. Raises Misconfigured.

    clock, fetch, anchors: given by tests; otherwise the real ones.
    """
    the_clock = clock or open_clock(settings.fixed_clock)
    database = open_database(settings.database_address)
    bind(database)
    migrate(database, MIGRATIONS, now=the_clock.now())
    the_fetch = fetch or open_fetch(settings)
    resolver = Resolver(the_fetch, the_clock, sandbox=settings.is_sandbox)
    box = SealedBox(open_key_file(settings.key_path, strict=not settings.is_sandbox))
    own = anchors if anchors is not None else open_anchors(settings)
    lists = subscribe(own, settings, fetch=the_fetch, resolver=resolver, clock=the_clock)
    without_schemas = FactGatherer(
        fetch=the_fetch,
        resolver=resolver,
        anchors=lists or own,
        sandbox=settings.is_sandbox,
        status_cache_seconds=settings.status_cache_seconds,
        tsa_roots=read_roots(settings.trusted_tsa_roots),
    )
    schemas = open_schemas(
        settings.schemas, believe=SchemaBeliever(without_schemas, the_clock), demanded=settings.demand_schemas
    )
    gatherer = without_schemas.with_schemas(schemas.check if schemas is not None else None)
    profile = Profile(settings.document_profile)
    change = {"profile": profile} if profile is not Profile.CONTROLLED else {}
    policy = open_policy(settings, schemas=schemas, **change)
    login = Login(settings, the_clock, (OperatorToken, OperatorSession))
    limits = Limits(the_clock, Tries)
    organiser = Organiser(the_fetch, box)
    return Deps(
        settings=settings,
        addresses=settings.addresses,
        clock=the_clock,
        database=database,
        box=box,
        gatherer=gatherer,
        lists=lists,
        resolver=resolver,
        policy=policy,
        login=login,
        limits=limits,
        jobs=Jobs(
            tenants=list_relying_parties,
            sweeps=(login.sweep, limits.sweep),
            addresses=settings.addresses,
            box=box,
            gatherer=gatherer,
            clock=the_clock,
            resume_seconds=settings.resume_seconds,
            test_cards=settings.believes_test_cards,
        ),
        organiser=organiser,
        followers=Followers(
            organiser, lambda: followed_events(list_relying_parties()), the_clock.now, every=settings.job_seconds
        ),
    )
