"""The jobs of one relying party: sessions that nobody answered expire; what has been kept long enough is deleted."""

from __future__ import annotations

from dataclasses import dataclass

from common.adapters.database import transaction
from verifier.store.audit import record
from verifier.store.base import database
from verifier.store.sessions import SessionRow, mark_expired
from verifier.store.shown import ShownRow
from verifier.store.verdicts import DisclosedRow, VerdictRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """How many rows of each kind."""

    expired: int
    claims: int
    verdicts: int
    sessions: int
    shown: int

    @property
    def any(self) -> bool:
        return bool(self.expired or self.claims or self.verdicts or self.sessions or self.shown)


def forget(tenant: str, *, now: int) -> Forgotten:
    """Claims go first in time, sessions last: a session outlives its verdict and its claims."""
    with transaction(database, "forget"):
        done = Forgotten(
            expired=mark_expired(tenant, now=now),
            claims=_delete(DisclosedRow, tenant, now),
            verdicts=_delete(VerdictRow, tenant, now),
            sessions=_delete(SessionRow, tenant, now),
            shown=_delete(ShownRow, tenant, now),
        )
        if done.any:
            record(
                tenant,
                at=now,
                actor="job:forget",
                act="retention.swept",
                subject=tenant,
                expired=done.expired,
                claims=done.claims,
                verdicts=done.verdicts,
                sessions=done.sessions,
                shown=done.shown,
            )
    return done


def _delete(
    rows: type[DisclosedRow] | type[VerdictRow] | type[SessionRow] | type[ShownRow], tenant: str, now: int
) -> int:
    return int(rows.delete().where((rows.tenant == tenant) & (rows.forget_at <= now)).execute())
