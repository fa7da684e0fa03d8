"""Wrong answers about an offer are counted on its row: transaction codes and birth dates together, so that neither helps with the other.

Guessing in parallel gains nothing: counting and going on are conditional UPDATEs of the same row, so the database puts them in an order,
and a right answer that comes after the last allowed wrong one finds the offer dead.
"""

from __future__ import annotations

from typing import Any

from peewee import Case

from common.adapters.database import changed, transaction
from issuer.flows.desk import Desk
from issuer.store.audit import record
from issuer.store.tables import Offer


def may_be_tried(desk: Desk, tenant: str, offer_id: str) -> Any:
    """A condition for UPDATE: the offer is open, its time is not over, and a try is left."""
    mine = (Offer.tenant == tenant) & (Offer.id == offer_id) & (Offer.state == "open") & (Offer.expires_at > desk.now)
    return mine & (Offer.tx_code_wrong < desk.settings.tx_code_tries)


def count_wrong(desk: Desk, tenant: str, offer_id: str) -> None:
    """Counts one wrong answer; the last allowed one ends the offer (open → dead) in the same UPDATE."""
    now, tries = desk.now, desk.settings.tx_code_tries
    state = Case(None, [(Offer.tx_code_wrong + 1 >= tries, "dead")], Offer.state)
    count = Offer.update(tx_code_wrong=Offer.tx_code_wrong + 1, state=state, changed_at=now)
    with transaction(desk.database, "count_tx_code"):
        if not changed(count.where(may_be_tried(desk, tenant, offer_id))):
            return
        row = Offer.get(Offer.tenant == tenant, Offer.id == offer_id)
        if row.state == "dead":
            record(tenant, at=now, actor="holder", act="offer_dead", subject=offer_id, wrong_codes=tries)
