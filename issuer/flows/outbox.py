"""The row of a mail that waits to be sent: the one way in. `issuer.flows.send_offers` sends it."""

from __future__ import annotations

import secrets

from common.adapters.database import changed
from issuer.flows.desk import Desk
from issuer.store.audit import record
from issuer.store.tables import OutboxMail


def queue_row(desk: Desk, tenant: str, *, offer_id: str, person_id: str, actor: str) -> str:
    """Inside the caller's transaction: puts a mail about an offer into the outbox; its id, or "" where one about it waits already."""
    now, mail_id = desk.now, secrets.token_hex(12)
    queued = changed(
        OutboxMail.insert(
            tenant=tenant,
            id=mail_id,
            offer_id=offer_id,
            person_id=person_id,
            state="queued",
            not_before=now,
            created_at=now,
            changed_at=now,
        )
        .on_conflict_ignore()
        .as_rowcount()
    )
    if not queued:
        return ""
    record(tenant, at=now, actor=actor, act="mail_queued", subject=offer_id)
    return mail_id
