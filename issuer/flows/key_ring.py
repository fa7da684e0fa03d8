"""An institution's name and keys, opened once and remembered for a minute: every request needs them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from common.cache import FreshCache
from common.encoding import parse_json, parse_json_object
from common.errors import NotFound, Unavailable
from common.keys.software import SoftwareKey
from common.ports import Clock, Signer
from issuer.flows.tenant_secrets import TenantSecrets
from issuer.store.tables import Institution, SigningKey

REMEMBERED_SECONDS = 60
"""How long another process may sign with a key after it was retired here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """An institution as it signs. signer: its newest key. x5c: that key's certificates, leaf first, or empty.

    public_jwks: all keys whose signatures shall hold, newest first.
    """

    tenant: str
    name_ja: str
    name_en: str
    seal: str
    signer: Signer = field(repr=False)
    x5c: tuple[str, ...]
    public_jwks: tuple[Mapping[str, Any], ...]


class KeyRing:
    """Safe between threads."""

    def __init__(self, secrets: TenantSecrets, clock: Clock, *, capacity: int = 256) -> None:
        self._secrets = secrets
        self._clock = clock
        self._cache: FreshCache[Identity] = FreshCache(capacity)

    def identity(self, tenant: str) -> Identity:
        """Raises NotFound("no_such_institution"), and Unavailable where the institution has no key to sign with."""
        now = self._clock.now()
        if (remembered := self._cache.get(tenant, now=now)) is not None:
            return remembered.value
        found = self._load(tenant)
        self._cache.put(tenant, found, now=now, ttl=REMEMBERED_SECONDS)
        return found

    def forget(self, tenant: str) -> None:
        self._cache.forget(tenant)

    def _load(self, tenant: str) -> Identity:
        row = Institution.get_or_none(Institution.tenant == tenant)
        if row is None:
            raise NotFound("no_such_institution", "no such institution here")
        keys = list(
            SigningKey.select().where(SigningKey.tenant == tenant).order_by(SigningKey.created_at.desc(), SigningKey.id)
        )
        active = next((key for key in keys if key.retired_at is None), None)
        if active is None:
            raise Unavailable("no_signing_key", "this institution has no key to sign with")
        private = parse_json_object(self._secrets.open_key(tenant, active.id, bytes(active.sealed)))
        return Identity(
            tenant=tenant,
            name_ja=row.name_ja,
            name_en=row.name_en,
            seal=row.seal,
            signer=SoftwareKey.from_private_jwk(private),
            x5c=tuple(parse_json(active.x5c)),
            public_jwks=tuple(parse_json_object(key.public_jwk) for key in keys),
        )
