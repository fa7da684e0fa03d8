"""An institution's name and keys, opened once and remembered for a minute: every request needs them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from common.cache import FreshCache
from common.encoding import parse_json, parse_json_object
from common.errors import NotFound, Unavailable
from common.keys import bls
from common.keys.bls import BbsKey, BbsSigner
from common.keys.history import KeyEntry
from common.ports import Clock, Signer
from issuer.flows.key_homes import ALGS, KeyHomes
from issuer.store.tables import Institution, SigningChoice, SigningKey

REMEMBERED_SECONDS = 60
"""How long another process may sign with a key after it was retired here, and how long it may not yet publish a new one."""
DEFAULT_ALG = ALGS[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveKey:
    """x5c: the key's certificates, leaf first, or empty. document_signer: the same for mdocs."""

    signer: Signer = field(repr=False)
    x5c: tuple[str, ...] = ()
    document_signer: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedKey:
    """A key as the world shall know it. public: its JWK, or for BBS an object with kid, alg and publicKeyMultibase."""

    public: Mapping[str, Any]
    entry: KeyEntry

    @property
    def alg(self) -> str:
        return str(self.public["alg"])

    @property
    def kid(self) -> str:
        return str(self.public["kid"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """An institution as it signs. active: the key that signs now, by algorithm; bbs: the one for BBS, which signs points and not bytes.

    published: all keys that it ever announced, newest first.
    choices: algorithm by type of certificate, where the institution chose one.
    """

    tenant: str
    name_ja: str
    name_en: str
    seal: str
    active: Mapping[str, ActiveKey] = field(repr=False)
    bbs: BbsSigner | None = field(default=None, repr=False)
    published: tuple[PublishedKey, ...] = field(repr=False)
    choices: Mapping[str, str] = field(default_factory=dict)

    @property
    def signer(self) -> Signer:
        """The key for what has no algorithm of its own: status lists, for example."""
        return self.signer_for(DEFAULT_ALG)

    @property
    def x5c(self) -> tuple[str, ...]:
        return self.x5c_for(DEFAULT_ALG)

    @property
    def public_jwks(self) -> tuple[Mapping[str, Any], ...]:
        """All JWKs whose signatures shall hold, newest first: those to come and those retired too, none that is compromised."""
        return tuple(key.public for key in self.published if key.alg != bls.ALG and key.entry.compromised_since is None)

    def has(self, alg: str) -> bool:
        return alg in self.active or (alg == bls.ALG and self.bbs is not None)

    def signer_for(self, alg: str) -> Signer:
        """The key that signs with this algorithm now. Raises Unavailable("no_signing_key"): none is made yet, or all are withdrawn."""
        return self._key(alg).signer

    def x5c_for(self, alg: str) -> tuple[str, ...]:
        return self._key(alg).x5c

    def document_signer_for(self, alg: str) -> tuple[str, ...]:
        """The certificates under which this key signs mdocs, leaf first, or empty."""
        return self._key(alg).document_signer

    def bbs_signer(self) -> BbsSigner:
        """Raises Unavailable("no_signing_key")."""
        if self.bbs is None:
            raise _no_key(bls.ALG)
        return self.bbs

    def alg_for(self, type_name: str, allowed: Sequence[str]) -> str:
        """With which algorithm certificates of this type are signed now: the institution's choice, else the first that is allowed."""
        chosen = self.choices.get(type_name, "")
        return chosen if chosen in allowed else allowed[0]

    def _key(self, alg: str) -> ActiveKey:
        if alg not in self.active:
            raise _no_key(alg)
        return self.active[alg]


class KeyRing:
    """Safe between threads."""

    def __init__(self, homes: KeyHomes, clock: Clock, *, capacity: int = 256) -> None:
        self._homes = homes
        self._clock = clock
        self._cache: FreshCache[Identity] = FreshCache(capacity)

    def identity(self, tenant: str) -> Identity:
        """Raises NotFound("no_such_institution"), and Unavailable where the institution has no key to sign with."""
        now = self._clock.now()
        if (remembered := self._cache.get(tenant, now=now)) is not None:
            return remembered.value
        found = self._load(tenant, now)
        self._cache.put(tenant, found, now=now, ttl=REMEMBERED_SECONDS)
        return found

    def forget(self, tenant: str) -> None:
        self._cache.forget(tenant)

    def _load(self, tenant: str, now: int) -> Identity:
        row = Institution.get_or_none(Institution.tenant == tenant)
        if row is None:
            raise NotFound("no_such_institution", "no such institution here")
        keys = list(
            SigningKey.select()
            .where(SigningKey.tenant == tenant)
            .order_by(SigningKey.created_at.desc(), SigningKey.alg, SigningKey.id)
        )
        choices = SigningChoice.select().where(SigningChoice.tenant == tenant)
        signing = signing_rows(keys, now)
        if DEFAULT_ALG not in signing:
            raise _no_key(DEFAULT_ALG)
        opened = {alg: self._homes.open(key) for alg, key in signing.items()}
        return Identity(
            tenant=tenant,
            name_ja=row.name_ja,
            name_en=row.name_en,
            seal=row.seal,
            active={
                alg: ActiveKey(
                    signer=pair,
                    x5c=tuple(parse_json(signing[alg].x5c)),
                    document_signer=tuple(parse_json(signing[alg].document_signer)),
                )
                for alg, pair in opened.items()
                if not isinstance(pair, BbsKey)
            },
            bbs=next((pair for pair in opened.values() if isinstance(pair, BbsKey)), None),
            published=tuple(
                PublishedKey(public=parse_json_object(key.public_jwk), entry=entry_of(key)) for key in keys
            ),
            choices={choice.type_name: choice.alg for choice in choices},
        )


def signing_rows(keys: Iterable[Any], now: int) -> dict[str, Any]:
    """Algorithm → the row of `SigningKey` that signs at ``now``: the active one, or the next one once its time has come.

    It does not wait for a job to write that down, so a key is taken into use on time whoever is running.
    """
    found: dict[str, Any] = {}
    for key in keys:
        due = key.state == "next" and key.active_from <= now
        if key.compromised_since is None and (due or (key.state == "active" and key.alg not in found)):
            found[key.alg] = key
    return found


def entry_of(key: Any) -> KeyEntry:
    """A row of `SigningKey` → what its history says."""
    return KeyEntry(
        key_id=key.id,
        valid_from=key.published_at,
        retired_at=key.retired_at,
        compromised_since=key.compromised_since,
    )


def _no_key(alg: str) -> Unavailable:
    return Unavailable("no_signing_key", f"this institution has no key to sign with {alg}")
