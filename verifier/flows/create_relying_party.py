"""Take in a relying party: its names, its identity (did:web, and a certificate where one is given), its limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import peewee

from common.adapters.database import transaction
from common.did.methods.web import did_for_address
from common.errors import Conflict, Refused
from common.keys.software import SoftwareKey
from verifier.checks.registry import CHECKS
from verifier.flows.sealed_box import SealedBox
from verifier.queries.registry import QUESTIONS
from verifier.settings import DAY, Addresses
from verifier.store.audit import record
from verifier.store.base import database
from verifier.store.party_keys import PartyKey
from verifier.store.relying_parties import RelyingPartyRow, check_slug

Prefix = Literal["decentralized_identifier", "x509_san_dns", "x509_hash", "redirect_uri"]
PREFIXES: tuple[Prefix, ...] = ("decentralized_identifier", "x509_san_dns", "x509_hash", "redirect_uri")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRelyingParty:
    """slug: its place in every address. x5c: base64 certificates for ``key``, leaf first, needed for the x509 prefixes.

    forgive: checks that may stay undetermined (default none). Lengths of life in seconds; keep_claims_seconds 0: claims are not kept.
    """

    slug: str
    name_ja: str
    name_en: str
    prefix: Prefix = "decentralized_identifier"
    key: SoftwareKey | None = None
    x5c: Sequence[str] = ()
    questions: Sequence[str] = QUESTIONS.names
    forgive: Sequence[str] = ()
    max_status_age: int = DAY
    session_seconds: int = 300
    max_open_sessions: int = 1000
    keep_claims_seconds: int = 3600
    keep_verdict_seconds: int = 90 * DAY


def create_relying_party(
    new: NewRelyingParty, *, addresses: Addresses, box: SealedBox, sandbox: bool, now: int, actor: str
) -> RelyingPartyRow:
    """Raises Malformed for a bad slug, Unsupported for an unknown question or check, Refused and Conflict as said below."""
    check_slug(new.slug)
    for question in new.questions:
        _ = QUESTIONS[question]
    for check in new.forgive:
        _ = CHECKS[check]
    if new.prefix == "redirect_uri" and not sandbox:
        raise Refused("sandbox_only", "the prefix redirect_uri cannot sign its requests: only a sandbox allows it")
    if new.prefix.startswith("x509") and not new.x5c:
        raise Refused("certificate_needed", f"the prefix {new.prefix} needs a certificate")
    key = new.key or SoftwareKey.generate()
    did = did_for_address(addresses.public_url, new.slug)
    try:
        with transaction(database, "create_relying_party"):
            row: RelyingPartyRow = RelyingPartyRow.create(
                tenant=new.slug,
                name_ja=new.name_ja,
                name_en=new.name_en,
                did=did,
                prefix=new.prefix,
                sealed_key=box.close(key.private_jwk(), tenant=new.slug, purpose="signing key", what=new.slug),
                public_jwk=key.public_jwk(),
                x5c=list(new.x5c),
                questions=list(new.questions),
                forgive=list(new.forgive),
                max_status_age=new.max_status_age,
                session_seconds=new.session_seconds,
                max_open_sessions=new.max_open_sessions,
                keep_claims_seconds=new.keep_claims_seconds,
                keep_verdict_seconds=new.keep_verdict_seconds,
                created_at=now,
            )
            record(new.slug, at=now, actor=actor, act="relying_party.created", subject=new.slug)
    except peewee.IntegrityError:
        raise Conflict("slug_taken", f"there is a relying party {new.slug!r} already") from None
    return row


def signing_key(key: PartyKey, box: SealedBox, *, tenant: str) -> SoftwareKey:
    """What signs a relying party's requests. Raises Rejected when the key file is another one."""
    return _open_key(box, tenant, key.sealed, key.what)


@lru_cache(maxsize=256)
def _open_key(box: SealedBox, tenant: str, sealed: bytes, what: str) -> SoftwareKey:
    return SoftwareKey.from_private_jwk(box.open(sealed, tenant=tenant, purpose="signing key", what=what))
