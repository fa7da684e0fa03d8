"""A lost phone: what it holds is revoked at once, and the person is offered the same certificates anew."""

from __future__ import annotations

from typing import Any

from common.adapters.database import transaction
from common.errors import Conflict
from issuer.catalogue.configurations import CONFIGURATIONS
from issuer.catalogue.registry import of_roll
from issuer.flows.change_status import live_credentials, move_credentials
from issuer.flows.desk import Desk
from issuer.flows.end_claims import end_claims
from issuer.flows.make_offer import MadeOffer, make_offer
from issuer.flows.person_facts import facts_of
from issuer.store.audit import record


def reissue(desk: Desk, tenant: str, person: Any, *, actor: str, tx_code: bool = True) -> MadeOffer:
    """person: a row of `Person`. Raises Conflict("nothing_to_reissue") where nothing valid was issued."""
    now = desk.now
    with transaction(desk.database, "reissue"):
        end_claims(tenant, person.id, now=now)
        rows = live_credentials(tenant, person.id)
        held = {row.type_name for row in rows}
        formats: dict[str, list[str]] = {}
        for name, configuration in dict.fromkeys((row.type_name, row.configuration) for row in rows):
            formats.setdefault(name, []).append(CONFIGURATIONS[configuration].format)
        types = [kind.name for kind in of_roll() if kind.name in held and kind.entitled(facts_of(person))]
        if not types:
            raise Conflict("nothing_to_reissue", "this person holds no valid certificate to issue anew")
        moved = move_credentials(tenant, rows, "revoked", at=now, why="lost")
        record(tenant, at=now, actor=actor, act="person_reissued", subject=person.id, copies=len(moved))
        return make_offer(
            desk, tenant, person, types=types, formats=formats, actor=actor, tx_code=tx_code, reason="reissue"
        )
