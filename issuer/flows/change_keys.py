"""Makes, rotates and withdraws an institution's signing keys, without a moment in which nothing can be issued.

A rotation has two phases. First the new key is *published*: metadata and DID document name it, while the old one goes on signing, so
that verifiers who remember our keys for a while learn of it in time. After the overlap it *signs*, and the old key is retired; what
the old one signed still verifies. Each phase is one transaction, so a crash leaves either phase or the other, and saying the same
thing again goes on from there. All changes of one institution's keys queue up at its own row: two who rotate at once make one key.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from common.adapters.database import transaction
from common.encoding import compact_json
from common.errors import Conflict, Malformed, NotFound, Unavailable, Unsupported
from common.keys import bls
from issuer.flows.desk import Desk
from issuer.flows.key_homes import Backend
from issuer.flows.key_ring import Identity
from issuer.store.audit import record
from issuer.store.tables import Credential, Institution, SigningKey

PURPOSE = "credentials"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """kid signs from active_from (seconds since 1970) on, in the place of replaces. made: by this call, and not by an earlier one."""

    alg: str
    kid: str
    replaces: str
    active_from: int
    made: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """successor: the key that signs now in its place, or empty where none could be made (or none was needed).

    credentials: copies signed with the withdrawn key that are not revoked: to be offered anew (`reissue_roll`).
    """

    kid: str
    compromised_since: int
    successor: str
    credentials: int


def add_key(desk: Desk, tenant: str, alg: str, *, actor: str, backend: Backend | None = None) -> str:
    """The kid of the key that signs with this algorithm; where there is none it is made, and signs at once.

    Raises NotFound, Unsupported for an algorithm that cannot be had, Unavailable where the token is away.
    """
    with transaction(desk.database, "add_key"):
        institution = _lock(tenant)
        keys = _keys(tenant, alg)
        present = _in_state(keys, "active") or _in_state(keys, "next")
        kid = str(present.id) if present else insert_key(desk, institution, alg, keys, actor=actor, backend=backend)
    desk.keys.forget(tenant)
    return kid


def ensure_key(desk: Desk, tenant: str, alg: str, *, actor: str = "job:keys") -> Identity:
    """The institution with a key for this algorithm: a certificate of the catalogue may need one that nobody thought of before."""
    identity = desk.keys.identity(tenant)
    if identity.has(alg):
        return identity
    add_key(desk, tenant, alg, actor=actor)
    return desk.keys.identity(tenant)


def rotate_key(
    desk: Desk,
    tenant: str,
    *,
    actor: str,
    alg: str = "ES256",
    overlap: int | None = None,
    replacing: str | None = None,
    backend: Backend | None = None,
) -> Rotation:
    """Publishes a successor of the key that signs with ``alg``; it signs after ``overlap`` seconds (default: setting ``key_overlap``).

    Where a successor is published already it is that one, and a shorter overlap brings its day forward. replacing: the kid to be
    replaced; if it has been, nothing is done. So a command whose answer was lost can be given again.
    Raises NotFound("no_such_key"), Conflict("no_signing_key"), and as `add_key`.
    """
    overlap = desk.settings.key_overlap if overlap is None else overlap
    if overlap < 0:
        raise Malformed("bad_overlap", "an overlap is a number of seconds")
    before = _in_state(_keys(tenant, alg), "active")  # read before the lock: who waits there finds it moved
    wanted = replacing or (str(before.id) if before else "")
    with transaction(desk.database, "publish_key"):
        institution = _lock(tenant)
        keys = _keys(tenant, alg)
        if wanted not in {str(key.id) for key in keys}:
            raise NotFound("no_such_key", f"there is no key {wanted} for {alg} to be replaced; make one: key add")
        active, successor = _in_state(keys, "active"), _in_state(keys, "next")
        if active is None:
            raise Conflict("no_signing_key", f"no key signs with {alg}; make one: key add")
        made = active.id == wanted and successor is None
        now = desk.now
        if made:
            kid = insert_key(
                desk, institution, alg, keys, actor=actor, backend=backend, state="next", active_from=now + overlap
            )
            successor = _in_state(_keys(tenant, alg), "next")
        elif active.id != wanted:
            successor = active
        elif successor.active_from > now + overlap:
            SigningKey.update(active_from=now + overlap).where(
                SigningKey.tenant == tenant, SigningKey.id == successor.id, SigningKey.state == "next"
            ).execute()
            successor.active_from = now + overlap
        kid, active_from = str(successor.id), int(successor.active_from)
    advance_keys(desk, tenant, actor=actor)
    desk.keys.forget(tenant)
    return Rotation(alg=alg, kid=kid, replaces=wanted, active_from=active_from, made=made)


def advance_keys(desk: Desk, tenant: str, *, actor: str = "job:keys") -> int:
    """Writes down which successors sign by now, and retires whom they replace; answers how many. For the job; safe to repeat."""
    now = desk.now
    due = (SigningKey.tenant == tenant) & (SigningKey.state == "next") & (SigningKey.active_from <= now)
    if not SigningKey.select().where(due).exists():
        return 0
    moved = 0
    with transaction(desk.database, "activate_key"):
        _lock(tenant)
        for key in list(SigningKey.select().where(due)):
            _activate(tenant, key, at=key.active_from)
            record(tenant, at=now, actor=actor, act="key_activated", subject=key.id, alg=key.alg)
            moved += 1
    desk.keys.forget(tenant)
    return moved


def declare_compromised(desk: Desk, tenant: str, kid: str, *, since: int, actor: str) -> Withdrawal:
    """A key is in the hands of strangers since then (seconds): it never signs again, and leaves the published keys.

    A successor signs at once: the published one, or a new one. Where none can be made (a token is away) the key falls all the same.
    Said again, the earliest time counts. Processes that run may sign with it for `REMEMBERED_SECONDS` more.
    Raises NotFound("no_such_key"), Malformed("bad_time") for a time to come.
    """
    now = desk.now
    if not 0 < since <= now:
        raise Malformed("bad_time", "a key is compromised since a time that has been")
    with transaction(desk.database, "compromise_key"):
        institution = _lock(tenant)
        key = SigningKey.get_or_none(SigningKey.tenant == tenant, SigningKey.id == kid)
        if key is None:
            raise NotFound("no_such_key", "this institution has no such key")
        since = min(since, key.compromised_since or since)
        SigningKey.update(state="retired", retired_at=key.retired_at or now, compromised_since=since).where(
            SigningKey.tenant == tenant, SigningKey.id == kid
        ).execute()
        if since != key.compromised_since:
            record(tenant, at=now, actor=actor, act="key_compromised", subject=kid, since=since)
        successor = _succeed(desk, institution, key, actor) if key.state == "active" else ""
    desk.keys.forget(tenant)
    live = Credential.select().where(
        Credential.tenant == tenant, Credential.kid == kid, Credential.state != "revoked", Credential.valid_until > now
    )
    return Withdrawal(kid=kid, compromised_since=since, successor=successor, credentials=int(live.count()))


def _succeed(desk: Desk, institution: Any, fallen: Any, actor: str) -> str:
    tenant, keys = institution.tenant, _keys(institution.tenant, fallen.alg)
    published = _in_state(keys, "next")
    if published is not None:
        _activate(tenant, published, at=desk.now)
        record(tenant, at=desk.now, actor=actor, act="key_activated", subject=published.id, alg=published.alg)
        return str(published.id)
    try:
        return insert_key(desk, institution, fallen.alg, keys, actor=actor)
    except (
        Unavailable,
        Unsupported,
    ):  # the fall must not wait for a token that is away; `key add` makes the successor later
        return ""


def _activate(tenant: str, key: Any, *, at: int) -> None:
    """next → active, and active → retired, inside the caller's transaction. at: since when it signs."""
    same = (SigningKey.tenant == tenant) & (SigningKey.alg == key.alg) & (SigningKey.purpose == key.purpose)
    SigningKey.update(state="retired", retired_at=at).where(same, SigningKey.state == "active").execute()
    SigningKey.update(state="active", active_from=at).where(same, SigningKey.id == key.id).execute()


def _lock(tenant: str) -> Any:
    """The institution's row, held by this transaction until its end. Raises NotFound."""
    mine = Institution.tenant == tenant
    Institution.update(created_at=Institution.created_at).where(mine).execute()
    row = Institution.get_or_none(mine)
    if row is None:
        raise NotFound("no_such_institution", "no such institution here")
    return row


def _keys(tenant: str, alg: str) -> list[Any]:
    return list(
        SigningKey.select().where(SigningKey.tenant == tenant, SigningKey.alg == alg, SigningKey.purpose == PURPOSE)
    )


def _in_state(keys: list[Any], state: str) -> Any:
    return next((key for key in keys if key.state == state), None)


def insert_key(
    desk: Desk,
    institution: Any,
    alg: str,
    before: list[Any],
    *,
    actor: str,
    backend: Backend | None = None,
    state: str = "active",
    active_from: int | None = None,
) -> str:
    """A new key with its row, inside the caller's transaction; its kid. institution: its row. before: all its keys of this algorithm."""
    tenant, now = str(institution.tenant), desk.now
    issuer = desk.addresses.issuer(tenant)
    made = desk.homes.make(tenant, alg, issuer=issuer, number=len(before), backend=backend)
    x5c: tuple[str, ...] = ()
    if desk.certify is not None and alg != bls.ALG:
        x5c = desk.certify(made.public, institution.name_en, issuer)
    SigningKey.insert(
        tenant=tenant,
        id=made.pair.kid,
        alg=alg,
        purpose=PURPOSE,
        state=state,
        public_jwk=compact_json(dict(made.public)).decode(),
        backend=made.backend,
        token_object=made.token_object,
        sealed=made.sealed,
        x5c=compact_json(list(x5c)).decode(),
        created_at=now,
        published_at=now,
        active_from=now if active_from is None else active_from,
    ).execute()
    record(tenant, at=now, actor=actor, act="key_made", subject=made.pair.kid, alg=alg, backend=made.backend)
    return made.pair.kid
