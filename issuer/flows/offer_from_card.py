"""Offers what a card proved as certificates: to be taken with a phone, by who stands before the reader or sits at the relay's other end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from common.adapters.database import changed, transaction
from common.encoding import parse_json
from common.errors import Refused
from issuer.catalogue.registry import CATALOGUE
from issuer.flows.accept_card import can_tell
from issuer.flows.card_judgement import claims_for
from issuer.flows.card_record import Contact, open_claims, open_record, seal_claims, seal_contact
from issuer.flows.desk import Desk
from issuer.flows.make_offer import MadeOffer, choose_configurations, describe_offer, write_offer
from issuer.flows.open_card_session import find_reading, session_over
from issuer.store.tables import CardReading


def offer_from_card(
    desk: Desk,
    tenant: str,
    session_id: str,
    *,
    types: Sequence[str],
    actor: str,
    formats: Sequence[str] | Mapping[str, Sequence[str]] = (),
    tx_code: bool = False,
    contact: Contact | None = None,
) -> MadeOffer:
    """One offer of a card that was read (`accept_card`). types: of those that may be issued of it. formats: as in `make_offer`.

    Of the claims only those stay that these types need; what else the card told is forgotten now. contact: whom to tell when the card's
    certificate is revoked, kept only where that can happen (`AcceptedCard.may_tell`).
    Raises NotFound("no_such_card_session"), Conflict("card_session_over"), also where it was offered already; Unsupported for an unknown
    type or format, Refused("not_entitled") for a type that the card does not prove, Refused("nothing_offered").
    """
    row = find_reading(tenant, session_id)
    proven = set(parse_json(row.types))
    for name in types:
        if CATALOGUE[name].name not in proven:
            raise Refused("not_entitled", f"the card does not prove what the certificate {name} says")
    kinds = [CATALOGUE[name] for name in dict.fromkeys(types)]
    wanted = choose_configurations(desk, tenant, kinds, formats)
    if row.claims is None or row.record is None:
        raise session_over()
    needed = claims_for(kinds, open_claims(desk, row), open_record(desk, row).evidence)
    keeps = row.questions is not None and can_tell(desk)
    now = desk.now
    expires_at = now + desk.settings.card_offer_seconds
    with transaction(desk.database, "offer_from_card"):
        offer = write_offer(
            desk,
            tenant,
            row.id,
            wanted,
            reason="card",
            tx_code=tx_code,
            expires_at=expires_at,
            actor=actor,
        )
        mine = (CardReading.tenant == tenant) & (CardReading.id == row.id)
        still = (CardReading.state == "read") & (CardReading.expires_at > now)
        take = CardReading.update(
            state="offered",
            offer_id=offer.id,
            expires_at=expires_at,
            claims=seal_claims(desk, tenant, row.id, needed),
            contact=seal_contact(desk, tenant, row.id, contact) if contact is not None and keeps else None,
        )
        if not changed(take.where(mine, still)):
            raise session_over()
    return describe_offer(desk, tenant, offer)
