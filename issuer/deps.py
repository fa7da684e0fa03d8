"""The live objects of one issuer process, built from its settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from common.adapters.background import Background
from common.adapters.clock import open_clock
from common.adapters.database import Database, open_database
from common.adapters.document_policy import open_policy
from common.adapters.key_file import open_key_file, refuse_open_file
from common.adapters.mail import SmtpMail
from common.adapters.migrations import migrate
from common.adapters.open_fetch import open_fetch
from common.adapters.pkcs11 import Pkcs11Token, open_token
from common.adapters.schema_files import open_schemas
from common.cards.trust import CardTrust
from common.errors import Malformed, Misconfigured
from common.formats.data_integrity.policy import Policy
from common.jose.jwk import parse_public_jwk
from common.ports import Clock, Fetch, SendMail
from common.trust.anchors import read_roots
from common.web.limits import Limits
from common.web.login import Login
from common.x509.sandbox_ca import Use, issue_leaf, load_ca
from common.x509.sandbox_iaca import issue_document_signer
from issuer.flows.desk import Certify, Desk, open_desk
from issuer.flows.document_schemas import DocumentSchemas
from issuer.flows.events.verifier_api import VerifierApi
from issuer.flows.forget_uploads import forget_uploads
from issuer.flows.number_attempts import forget_attempts
from issuer.flows.publish_status_list import StatusListPublisher
from issuer.flows.run_jobs import JobRounds
from issuer.flows.stamp_credentials import Stamping
from issuer.settings import DAY, IssuerSettings
from issuer.store.base import bind
from issuer.store.migrations import MIGRATIONS
from issuer.store.staff import StaffSession, StaffToken, Tries


@dataclass(frozen=True, slots=True, kw_only=True)
class Deps:
    """send_mail: None where no mail server is set.

    sweep: for the jobs, deletes a tenant's sessions, counted tries and uploads that are over.
    policy: under which documents are read that others wrote. stamping: None where no time-stamping authority is set.
    """

    settings: IssuerSettings
    clock: Clock
    database: Database
    desk: Desk
    login: Login
    limits: Limits
    publisher: StatusListPublisher
    send_mail: SendMail | None
    jobs: Background
    sweep: Callable[[str], object]
    policy: Policy
    stamping: Stamping | None


def open_deps(
    settings: IssuerSettings,
    *,
    clock: Clock | None = None,
    send_mail: SendMail | None = None,
    fetch: Fetch | None = None,
    card_trust: CardTrust | None = None,
) -> Deps:
    """Opens the database, brings its schema up to date, reads the key file (made at the first start).

    Raises Misconfigured; Unavailable where the database does not answer.
    """
    clock = clock or open_clock(settings.fixed_clock)
    database = open_database(settings.database_address)
    bind(database)
    migrate(database, MIGRATIONS, now=clock.now())
    if send_mail is None and settings.smtp_host:
        send_mail = SmtpMail(settings, clock)
    schemas = open_schemas(settings.schemas)
    desk = open_desk(
        settings,
        clock,
        database,
        open_key_file(settings.key_path, strict=not settings.is_sandbox),
        token=open_key_token(settings),
        schemas=DocumentSchemas(settings.addresses, settings.named_schemas, held=schemas),
        certify=open_authority(settings, clock),
        certify_documents=open_iaca(settings, clock),
        card_trust=open_cards(settings, fetch, now=clock.now()) if card_trust is None else card_trust,
        verifier=open_verifier(settings, fetch),
    )
    login, limits = Login(settings, clock, (StaffToken, StaffSession)), Limits(clock, Tries)

    def sweep(tenant: str) -> None:
        login.sweep(tenant)
        limits.sweep(tenant)
        forget_attempts(desk, tenant)
        forget_uploads(settings.roll_folder or settings.data_dir / "rolls", tenant)

    def work() -> None:
        rounds.run(jobs.pause)

    stamping = open_stamping(settings, fetch)
    rounds = JobRounds(desk, send_mail, stamping=stamping, sweep=sweep)
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
        policy=open_policy(settings, schemas=schemas),
        stamping=stamping,
    )


def open_cards(settings: IssuerSettings, fetch: Fetch | None, *, now: int | None = None) -> CardTrust | None:
    """By whom cards are believed, or None where no cards are read. fetch: given by tests. now: seconds. Raises Misconfigured."""
    if settings.card_environment == "test" and not settings.is_sandbox:
        raise Misconfigured("card_environment", "cards of test hierarchies are believed in a sandbox only")
    if not settings.card_trust:
        return None
    from common.adapters.card_trust_files import open_card_trust  # a tenth of a second, for those who read cards

    responders = dict(_read_responder(entry) for entry in settings.card_ocsp)
    asks = fetch or (open_fetch(settings) if responders else None)
    return open_card_trust(settings.card_trust, responders=responders, fetch=asks, now=now)


def _read_responder(entry: str) -> tuple[str, str]:
    scheme, _, address = entry.partition("=")
    if not scheme or not address.startswith(("http://", "https://")):
        raise Misconfigured("card_ocsp", "a responder is written scheme=address")
    return scheme, address


def open_stamping(settings: IssuerSettings, fetch: Fetch | None) -> Stamping | None:
    """The time-stamping authority, or None where none is set. fetch: given by tests. Raises Misconfigured."""
    if not settings.tsa_url:
        return None
    roots = read_roots(settings.trusted_tsa_roots)
    if not roots:
        raise Misconfigured("tsa_url", "tsa_url needs trusted_tsa_roots: a time-stamp is checked before it is kept")
    return Stamping(fetch=fetch or open_fetch(settings), address=settings.tsa_url, roots=roots)


def open_verifier(settings: IssuerSettings, fetch: Fetch | None) -> VerifierApi | None:
    """Whom to ask where tickets demand a credential, or None. fetch: given by tests. Raises Misconfigured."""
    if not settings.verifier_url:
        return None
    token = settings.verifier_token.get_secret_value()
    if not token or not settings.verifier_url.startswith(("https://", "http://")):
        raise Misconfigured("verifier_url", "verifier_url is an address, and needs verifier_token")
    return VerifierApi(fetch or open_fetch(settings), settings.verifier_url, token)


def open_authority(settings: IssuerSettings, clock: Clock) -> Certify | None:
    """What certifies institutions' keys (x5c), or None where no authority is set."""
    if settings.ca_certificate is None or settings.ca_key is None:
        return None
    try:
        authority = load_ca(settings.ca_certificate.read_bytes(), settings.ca_key.read_bytes())
    except (OSError, Malformed) as error:
        raise Misconfigured("ca_certificate", "the certificate authority's files cannot be read") from error

    def certify(jwk: Mapping[str, Any], name: str, identifier: str) -> tuple[str, ...]:
        public = parse_public_jwk(jwk).key
        return issue_leaf(authority, public, name=name, use=Use.ISSUER, now=clock.now(), uris=(identifier,)).x5c

    return certify


def open_iaca(settings: IssuerSettings, clock: Clock) -> Certify | None:
    """What certifies institutions' keys as document signers, or None where no IACA is set."""
    if settings.iaca_certificate is None or settings.iaca_key is None:
        return None
    try:
        iaca = load_ca(settings.iaca_certificate.read_bytes(), settings.iaca_key.read_bytes())
    except (OSError, Malformed) as error:
        raise Misconfigured("iaca_certificate", "the files of the IACA cannot be read") from error

    def certify(jwk: Mapping[str, Any], name: str, identifier: str) -> tuple[str, ...]:
        public, now = parse_public_jwk(jwk).key, clock.now()
        midnight = (
            now - now % DAY
        )  # the day of issue is all that a certificate tells, and the signer vouches for all of it
        return issue_document_signer(iaca, public, name=name, address=identifier, now=midnight).x5c

    return certify


def open_key_token(settings: IssuerSettings) -> Pkcs11Token | None:
    """The token in which keys are made, logged in to, or None where no module is set. Raises Misconfigured."""
    if settings.pkcs11_module is None:
        return None
    return open_token(
        settings.pkcs11_module, settings.pkcs11_token, _read_pin(settings), sessions=settings.pkcs11_sessions
    )


def _read_pin(settings: IssuerSettings) -> str:
    pin = settings.pkcs11_pin.get_secret_value()
    if bool(pin) == (settings.pkcs11_pin_file is not None) or not settings.pkcs11_token:
        raise Misconfigured("pkcs11", "pkcs11_module needs pkcs11_token, and either pkcs11_pin or pkcs11_pin_file")
    if settings.pkcs11_pin_file is not None:
        try:
            pin = settings.pkcs11_pin_file.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise Misconfigured("pkcs11_pin_file", "the file with the token's PIN cannot be read") from error
        refuse_open_file(settings.pkcs11_pin_file, strict=not settings.is_sandbox)
    return pin
