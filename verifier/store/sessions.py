"""Sessions: one question put to one wallet. Every move is one conditional UPDATE, so that of two racing processes one hears True."""

from __future__ import annotations

import re

import peewee

from common.adapters.database import changed
from common.errors import NotFound
from verifier.store.base import JsonField, Row, TimeField
from verifier.store.session_states import (
    WAITING,
    Answered,
    Expired,
    Judged,
    Open,
    Refused,
    Served,
    SessionState,
)

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")


class SessionRow(Row):
    """session: public id, unguessable. nonce: of the presentation; state: OAuth ``state``. Both live and die with the session.

    sealed_decryption_key: private JWK of this session alone; forgotten once the response is judged. sealed_response: what the wallet
    sent, from *answered* until *judged*, so that a crash in between loses nothing. response_code_hash: SHA-256, same device only.
    """

    session = peewee.CharField(max_length=64, primary_key=True)
    question = peewee.CharField(max_length=64)
    state_name = peewee.CharField(max_length=16)
    moved_at = TimeField()
    refusal = peewee.CharField(max_length=64, default="")
    client_id = peewee.CharField(max_length=500)
    response_mode = peewee.CharField(max_length=32)
    same_device = peewee.BooleanField()
    nonce = peewee.CharField(max_length=64)
    oauth_state = peewee.CharField(max_length=64)
    dcql = JsonField()
    sealed_decryption_key = peewee.BlobField(null=True)
    sealed_response = peewee.BlobField(null=True)
    response_code_hash = peewee.BlobField(null=True)
    created_at = TimeField()
    expires_at = TimeField()
    forget_at = TimeField(index=True)

    class Meta:
        table_name = "session"
        indexes = ((("tenant", "state_name", "created_at"), False),)

    def life_at(self, now: int) -> SessionState:
        """The state as its own type. A session whose time is over is expired, also before the job has written that down."""
        if self.state_name in WAITING and now >= self.expires_at:
            return Expired(at=self.expires_at)
        match self.state_name:
            case "open":
                return Open()
            case "served":
                return Served(at=self.moved_at)
            case "answered":
                return Answered(at=self.moved_at)
            case "judged":
                return Judged(at=self.moved_at)
            case "refused":
                return Refused(at=self.moved_at, error=self.refusal)
        return Expired(at=self.moved_at)


def find_session(tenant: str, session: str) -> SessionRow:
    """Raises NotFound, also for a session of somebody else. What is no id of ours never reaches the database."""
    row: SessionRow | None = None
    if _ID.match(session) and _ID.match(tenant):
        row = SessionRow.get_or_none(SessionRow.tenant == tenant, SessionRow.session == session)
    if row is None:
        raise NotFound("unknown_session", "no such session here")
    return row


def _of(tenant: str, session: str) -> peewee.Expression:
    return (SessionRow.tenant == tenant) & (SessionRow.session == session)


def mark_served(tenant: str, session: str, *, now: int) -> bool:
    """open → served. False when it was served before, or is over."""
    return changed(
        SessionRow.update(state_name="served", moved_at=now).where(
            _of(tenant, session) & (SessionRow.state_name == "open") & (SessionRow.expires_at > now)
        )
    )


def mark_answered(tenant: str, session: str, *, sealed_response: bytes, code_hash: bytes | None, now: int) -> bool:
    """served → answered: the nonce is used up from here on. False for every response but the first one in time."""
    return changed(
        SessionRow.update(
            state_name="answered", moved_at=now, sealed_response=sealed_response, response_code_hash=code_hash
        ).where(_of(tenant, session) & (SessionRow.state_name == "served") & (SessionRow.expires_at > now))
    )


def mark_judged(tenant: str, session: str, *, now: int) -> bool:
    """answered → judged, and forgets the response and the key that opened it."""
    return changed(
        SessionRow.update(state_name="judged", moved_at=now, sealed_response=None, sealed_decryption_key=None).where(
            _of(tenant, session) & (SessionRow.state_name == "answered")
        )
    )


def mark_refused(tenant: str, session: str, *, error: str, code_hash: bytes | None, now: int) -> bool:
    """served → refused."""
    return changed(
        SessionRow.update(
            state_name="refused",
            moved_at=now,
            refusal=error,
            response_code_hash=code_hash,
            sealed_response=None,
            sealed_decryption_key=None,
        ).where(_of(tenant, session) & (SessionRow.state_name == "served") & (SessionRow.expires_at > now))
    )


def mark_expired(tenant: str, *, now: int) -> int:
    """open or served → expired, for every session of this tenant whose time is over. The number of them."""
    return int(
        SessionRow.update(state_name="expired", moved_at=now, sealed_decryption_key=None)
        .where(
            (SessionRow.tenant == tenant) & SessionRow.state_name.in_(list(WAITING)) & (SessionRow.expires_at <= now)
        )
        .execute()
    )


def count_waiting(tenant: str, *, now: int) -> int:
    """Sessions that may still be answered."""
    return int(
        SessionRow.select()
        .where((SessionRow.tenant == tenant) & SessionRow.state_name.in_(list(WAITING)) & (SessionRow.expires_at > now))
        .count()
    )


def list_sessions(tenant: str, *, limit: int = 50) -> tuple[SessionRow, ...]:
    """The newest first."""
    return tuple(
        SessionRow.select()
        .where(SessionRow.tenant == tenant)
        .order_by(SessionRow.created_at.desc(), SessionRow.session)
        .limit(limit)
    )


def list_unjudged(tenant: str, *, answered_before: int, limit: int = 100) -> tuple[SessionRow, ...]:
    """Answered, but no verdict: the process died in between. Oldest first."""
    return tuple(
        SessionRow.select()
        .where(
            (SessionRow.tenant == tenant)
            & (SessionRow.state_name == "answered")
            & (SessionRow.moved_at < answered_before)
        )
        .order_by(SessionRow.moved_at)
        .limit(limit)
    )
