"""The live objects of one issuer process, built from its settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import ec

from common.adapters.background import Background
from common.adapters.clock import open_clock
from common.adapters.database import Database, open_database
from common.adapters.key_file import open_key_file
from common.adapters.mail import SmtpMail
from common.adapters.migrations import migrate
from common.errors import Malformed, Misconfigured
from common.keys.software import SoftwareKey
from common.ports import Clock, SendMail
from common.web.limits import Limits
from common.web.login import Login
from common.x509.sandbox_ca import Use, issue_leaf, load_ca
from issuer.flows.create_institution import Certify
from issuer.flows.desk import Desk, open_desk
from issuer.flows.forget_uploads import forget_uploads
from issuer.flows.publish_status_list import StatusListPublisher
from issuer.flows.run_jobs import JobRounds
from issuer.settings import IssuerSettings
from issuer.store.base import bind
from issuer.store.migrations import MIGRATIONS
from issuer.store.staff import StaffSession, StaffToken, Tries


@dataclass(frozen=True, slots=True, kw_only=True)
class Deps:
    """send_mail: None where no mail server is set. certify: None where the deployment has no certificate authority.

    sweep: for the jobs, deletes a tenant's sessions, counted tries and uploads that are over.
    """

    settings: IssuerSettings
    clock: Clock
    database: Database
    desk: Desk
    login: Login
    limits: Limits
    publisher: StatusListPublisher
    send_mail: SendMail | None
    certify: Certify | None = field(default=None)
    jobs: Background
    sweep: Callable[[str], object]


def open_deps(settings: IssuerSettings, *, clock: Clock | None = None, send_mail: SendMail | None = None) -> Deps:
    """Opens the database, brings its schema up to date, reads the key file (made at the first start).

    Raises Misconfigured; Unavailable where the database does not answer.
    """
    clock = clock or open_clock(settings.fixed_clock)
    database = open_database(settings.database_address)
    bind(database)
    migrate(database, MIGRATIONS, now=clock.now())
    if send_mail is None and settings.smtp_host:
        send_mail = SmtpMail(settings, clock)
    desk = open_desk(settings, clock, database, open_key_file(settings.key_path))
    login, limits = Login(settings, clock, (StaffToken, StaffSession)), Limits(clock, Tries)

    def sweep(tenant: str) -> None:
        login.sweep(tenant)
        limits.sweep(tenant)
        forget_uploads(settings.roll_folder or settings.data_dir / "rolls", tenant)

    def work() -> None:
        rounds.run(jobs.pause)

    rounds = JobRounds(desk, send_mail, sweep=sweep)
    jobs = Background(work, every=settings.jobs_every)
    return Deps(
        settings=settings,
        clock=clock,
        database=database,
        desk=desk,
        login=login,
        limits=limits,
        jobs=jobs,
        sweep=sweep,
        publisher=StatusListPublisher(),
        send_mail=send_mail,
        certify=open_authority(settings, clock),
    )


def open_authority(settings: IssuerSettings, clock: Clock) -> Certify | None:
    """What certifies institutions' keys (x5c), or None where no authority is set."""
    if settings.ca_certificate is None or settings.ca_key is None:
        return None
    try:
        authority = load_ca(settings.ca_certificate.read_bytes(), settings.ca_key.read_bytes())
    except (OSError, Malformed) as error:
        raise Misconfigured("ca_certificate", "the certificate authority's files cannot be read") from error

    def certify(key: SoftwareKey, name: str, identifier: str) -> tuple[str, ...]:
        public = key.private_key().public_key()
        assert isinstance(public, ec.EllipticCurvePublicKey)
        return issue_leaf(authority, public, name=name, use=Use.ISSUER, now=clock.now(), uris=(identifier,)).x5c

    return certify
