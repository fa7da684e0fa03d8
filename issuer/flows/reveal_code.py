"""Tells the transaction code to who knows the birth date: for those who got their offer by mail and meet nobody at a desk.

1. find the offer by the token of its claim page, and its person
2. compare the birth date; a wrong one is counted like a wrong transaction code, and the last allowed one ends the offer
3. go on only where the row still has a try left, in the database's order of all tries
"""

from __future__ import annotations

import hmac
from datetime import date

from common.adapters.database import changed, transaction
from common.errors import Conflict, NotFound, Refused
from issuer.flows.desk import Desk
from issuer.flows.show_offer import state_of
from issuer.flows.tenant_secrets import digest
from issuer.flows.wrong_tries import count_wrong, may_be_tried
from issuer.store.audit import record
from issuer.store.tables import Offer, Person


def reveal_code(desk: Desk, tenant: str, claim_token: str, birth_date: date) -> str:
    """Six digits. birth_date: as the claimer says it.

    Raises NotFound for an unknown token, Conflict("code_at_the_desk", "offer_over" or "no_code_needed"),
    Refused("wrong_birth_date").
    """
    if not desk.settings.code_by_birth_date:
        raise Conflict("code_at_the_desk", "the school tells the transaction code in person")
    # 1
    offer = Offer.get_or_none(Offer.tenant == tenant, Offer.claim_hash == digest(claim_token))
    if offer is not None and offer.reason == "card":
        raise Conflict("code_at_the_desk", "the code of what a card proved is told where the card was read")
    person = None if offer is None else Person.get_or_none(Person.tenant == tenant, Person.id == offer.person_id)
    if offer is None or person is None:
        raise NotFound("no_such_offer", "this offer is unknown or over")
    if state_of(offer, desk.now) != "open":
        raise _over()
    if not offer.needs_tx_code:
        raise Conflict("no_code_needed", "this offer is claimed without a transaction code")
    # 2
    if not hmac.compare_digest(birth_date.isoformat().encode(), str(person.birth_date).encode()):
        count_wrong(desk, tenant, offer.id)
        raise Refused("wrong_birth_date", "this is not the birth date that the school knows")
    # 3
    with transaction(desk.database, "reveal_code"):
        unchanged = Offer.update(tx_code_wrong=Offer.tx_code_wrong).where(may_be_tried(desk, tenant, offer.id))
        if not changed(unchanged):
            raise _over()
        record(tenant, at=desk.now, actor="holder", act="code_shown", subject=offer.id)
    return desk.secrets.tx_code(tenant, offer.id)


def _over() -> Conflict:
    return Conflict("offer_over", "this offer can no longer be claimed; ask the school for a new one")
