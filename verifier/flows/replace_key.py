"""Gives a relying party a new key for its requests: published at once, used after the overlap, the old one kept as long as it is needed.

A session is signed to its end with the key of the time at which it was opened, so no question in work is disturbed.
"""

from __future__ import annotations

from dataclasses import dataclass

from common.adapters.database import transaction
from common.errors import Conflict, Refused
from common.x509.names import dns_names
from common.x509.x5c import parse_x5c
from verifier.flows.own_identity import OwnIdentity
from verifier.flows.sealed_box import SealedBox
from verifier.store.audit import record
from verifier.store.base import database
from verifier.store.party_keys import PartyKey, PartyKeyRow, key_at, read_keys
from verifier.store.relying_parties import REMEMBERED_SECONDS, RelyingPartyRow, find_relying_party

KEPT_SECONDS = 3600
"""How long a replaced key stays in the DID document after its last session: wallets remember documents, and clocks differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplacedKey:
    kid: str
    replaces: str
    active_from: int


def replace_key(
    tenant: str, identity: OwnIdentity, *, box: SealedBox, overlap: int, compromised: bool, now: int, actor: str
) -> ReplacedKey:
    """identity: the new key, with the certificate that the party's prefix needs. overlap: seconds until it signs.

    It signs no sooner than every process has heard of it. compromised: the old keys are deleted, now; questions that are open under a
    hash of the old certificate are then refused by wallets and have to be put again.
    Raises Conflict("successor_published") where one waits already, Refused("certificate_needed", "another_name"), NotFound.
    """
    party = find_relying_party(tenant)
    old = key_at(read_keys(party), now)
    _check_certificate(party, old, identity)
    with transaction(database, "replace_key"):
        RelyingPartyRow.update(created_at=RelyingPartyRow.created_at).where(RelyingPartyRow.tenant == tenant).execute()
        keys = read_keys(
            find_relying_party(tenant)
        )  # of two at once the second one waits above, and sees the first one's key
        if any(key.active_from > now for key in keys) and not compromised:
            raise Conflict("successor_published", "a new key is published already, and will sign when its time comes")
        active_from = now if compromised else now + max(overlap, REMEMBERED_SECONDS + 1)
        if compromised:
            _start_afresh(tenant, identity, box)
        else:
            _append(tenant, identity, box, now=now, active_from=active_from)
        act = "key.compromised" if compromised else "key.replaced"
        record(tenant, at=now, actor=actor, act=act, subject=identity.key.kid)
    return ReplacedKey(kid=identity.key.kid, replaces=str(old.public_jwk["kid"]), active_from=active_from)


def _append(tenant: str, identity: OwnIdentity, box: SealedBox, *, now: int, active_from: int) -> None:
    key = identity.key
    PartyKeyRow.create(
        tenant=tenant,
        kid=key.kid,
        sealed_key=box.close(key.private_jwk(), tenant=tenant, purpose="signing key", what=f"{tenant}/{key.kid}"),
        public_jwk=key.public_jwk(),
        x5c=list(identity.x5c),
        created_at=now,
        active_from=active_from,
    )


def _start_afresh(tenant: str, identity: OwnIdentity, box: SealedBox) -> None:
    PartyKeyRow.delete().where(PartyKeyRow.tenant == tenant).execute()
    key = identity.key
    RelyingPartyRow.update(
        sealed_key=box.close(key.private_jwk(), tenant=tenant, purpose="signing key", what=tenant),
        public_jwk=key.public_jwk(),
        x5c=list(identity.x5c),
    ).where(RelyingPartyRow.tenant == tenant).execute()


def _check_certificate(party: RelyingPartyRow, old: PartyKey, identity: OwnIdentity) -> None:
    if not str(party.prefix).startswith("x509"):
        return
    if not identity.x5c:
        raise Refused("certificate_needed", f"the prefix {party.prefix} needs a certificate for the new key")
    if party.prefix == "x509_san_dns" and _host(identity.x5c) != _host(old.x5c):
        raise Refused(
            "another_name", "the new certificate is for another host: wallets would take it for somebody else"
        )


def _host(x5c: tuple[str, ...]) -> str:
    return next(iter(dns_names(parse_x5c(x5c)[0])), "")


def published_keys(party: RelyingPartyRow, *, now: int) -> tuple[PartyKey, ...]:
    """Those that the DID document names: to come, in use, and replaced but perhaps still in somebody's hands."""
    keys = read_keys(party)
    kept = now - int(party.session_seconds) - KEPT_SECONDS
    return tuple(
        key
        for key, successor in zip(keys, (*keys[1:], None), strict=True)
        if successor is None or successor.active_from > kept
    )
