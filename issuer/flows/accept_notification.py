"""Hears from a wallet what became of the credentials it got (OpenID4VCI 1.0 §11). Nothing is decided by it; the registrar sees it."""

from __future__ import annotations

from common.adapters.database import transaction
from common.errors import Refused
from common.oid4vci.notification import parse_notification
from issuer.flows.desk import Desk
from issuer.flows.issue_credential import find_grant
from issuer.store.audit import record
from issuer.store.tables import Credential


def accept_notification(desk: Desk, tenant: str, access_token: str, body: bytes) -> None:
    """Idempotent. Raises Refused("invalid_token"), Malformed, Refused("invalid_notification_id")."""
    grant = find_grant(desk, tenant, access_token)
    told = parse_notification(body)
    mine = (Credential.tenant == tenant) & (Credential.batch_id == told.notification_id)
    with transaction(desk.database, "accept_notification"):
        updated = Credential.update(received=told.event).where(mine, Credential.grant_id == grant.id).execute()
        if not updated:
            raise Refused("invalid_notification_id", "no such notification_id was given with this access token")
        record(tenant, at=desk.now, actor="holder", act=told.event, subject=told.notification_id)
