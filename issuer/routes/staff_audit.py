"""The audit record by API: its latest entries, and an inspection of the whole chain."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from common.web.login import Visitor
from issuer.deps import Deps
from issuer.store.audit import AUDIT


class EntryOut(BaseModel):
    at: int
    actor: str
    act: str
    subject: str
    detail: dict[str, str]


class RecordOut(BaseModel):
    latest: list[EntryOut]
    unsealed: int
    batches: int
    head: str
    sealed_at: int


class ChainOut(BaseModel):
    whole: bool
    batches: int
    entries: int
    without_entries: int
    head: str
    broken_at: int | None
    why: str | None


def staff_audit_routes(deps: Deps) -> APIRouter:
    router = APIRouter(prefix="/{tenant}/api/audit", tags=["staff"])
    staff = Depends(deps.login.api("staff"))

    @router.get("")
    def latest(limit: Annotated[int, Query(ge=1, le=500)] = 50, visitor: Visitor = staff) -> RecordOut:
        """The newest entries of the record; no personal data is in it."""
        view = AUDIT.view(visitor.tenant, limit=limit)
        return RecordOut(
            latest=[
                EntryOut(at=one.at, actor=one.actor, act=one.act, subject=one.subject, detail=dict(one.detail))
                for one in view.latest
            ],
            unsealed=view.unsealed,
            batches=view.batches,
            head=view.head,
            sealed_at=view.sealed_at,
        )

    @router.post("/verify")
    def verify(
        known_head: Annotated[str, Query(pattern=r"^([0-9a-f]{64})?$")] = "", visitor: Visitor = staff
    ) -> ChainOut:
        """Seals what is open, then inspects the chain. known_head: one that was kept elsewhere."""
        AUDIT.seal_all(visitor.tenant, now=deps.desk.now)
        found = AUDIT.verify(visitor.tenant, known_head=known_head or None)
        return ChainOut(
            whole=found.whole,
            batches=found.batches,
            entries=found.entries,
            without_entries=found.without_entries,
            head=found.head,
            broken_at=found.broken_at,
            why=found.why,
        )

    return router
