"""Invites somebody to prove themselves with a card in their own reader, and takes an invitation back that nobody has used.

An invitation is a card's session that stays open for as long as a letter takes. Whoever has its link may put a card of their own.
"""

from __future__ import annotations

from common.adapters.database import changed, transaction
from issuer.flows.desk import Desk
from issuer.flows.open_card_session import CardSession, find_reading, open_card_session, session_over
from issuer.store.audit import record
from issuer.store.tables import CardReading


def invite_card(desk: Desk, tenant: str, *, actor: str) -> CardSession:
    """Raises Refused("cards_not_set_up")."""
    return open_card_session(desk, tenant, actor=actor, seconds=desk.settings.card_invitation_seconds)


def withdraw_invitation(desk: Desk, tenant: str, session_id: str, *, actor: str) -> None:
    """Ends it, also under a card that is just being read. Raises NotFound("no_such_card_session"), Conflict("card_session_over")."""
    find_reading(tenant, session_id)
    now = desk.now
    mine = (CardReading.tenant == tenant) & (CardReading.id == session_id)
    with transaction(desk.database, "withdraw_invitation"):
        end = CardReading.update(state="over", nonce=None)
        if not changed(end.where(mine, CardReading.state == "open", CardReading.expires_at > now)):
            raise session_over()
        record(tenant, at=now, actor=actor, act="card_session_withdrawn", subject=session_id)
