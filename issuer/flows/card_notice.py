"""Asks the holder of a card whose certificate was revoked to have it read again, by mail, if they left an address for that.

The mail is queued in the transaction in which the revocation is noted (`issuer.flows.watch_revocation`), so it is there once, whoever dies
when; it goes out as all mails do (`issuer.flows.send_offers`). The address is opened when the text is made, and stands nowhere else.
"""

from __future__ import annotations

from typing import Any

from common.encoding import parse_json
from common.ports import Mail
from issuer.flows.card_notice_mail import Outcome, build_card_notice
from issuer.flows.card_record import open_contact
from issuer.flows.desk import Desk
from issuer.flows.outbox import queue_row
from issuer.store.tables import CardReading, Credential


def queue_card_notice(desk: Desk, row: Any, *, actor: str) -> bool:
    """Inside the caller's transaction. row: of `CardReading`. False where nobody left an address, or a mail about it waits already."""
    if row.contact is None or not row.offer_id:
        return False
    return bool(queue_row(desk, row.tenant, offer_id=row.offer_id, person_id=row.id, actor=actor))


def find_card_notice(desk: Desk, tenant: str, reading_id: str, *, message_id: str) -> Mail | None:
    """What to send now; None where the address is gone. Raises NotFound where the institution is."""
    row = CardReading.get_or_none(CardReading.tenant == tenant, CardReading.id == reading_id)
    if row is None or row.contact is None:
        return None
    contact, identity = open_contact(desk, row), desk.keys.identity(tenant)
    types, outcome = _what_became(row)
    return build_card_notice(
        to=contact.email,
        language=contact.language,
        school={"ja": identity.name_ja, "en": identity.name_en},
        card=row.card,
        types=types,
        outcome=outcome,
        place=desk.settings.card_place or (desk.addresses.card_page(tenant) if desk.settings.card_page else ""),
        message_id=message_id,
    )


def _what_became(row: Any) -> tuple[list[str], Outcome]:
    """The types that the mail is about: those on hold, else those that stand, else those that could have been taken."""
    held = Credential.select(Credential.type_name, Credential.state).where(
        Credential.tenant == row.tenant, Credential.person_id == row.id, Credential.state != "revoked"
    )
    by_state: dict[str, set[str]] = {}
    for name, state in held.tuples():
        by_state.setdefault(state, set()).add(name)
    if suspended := by_state.get("suspended"):
        return sorted(suspended), "suspended"
    if stands := by_state.get("valid"):
        return sorted(stands), "stands"
    return list(parse_json(row.types)), "not_taken"
