"""Ends what a person could still claim: open offers, tokens in use, mails not sent. Part of withdrawing, correcting and re-issuing.

The grants go first: an issuance running at the same moment either finds its grant ended and issues nothing, or has committed before,
and then the caller, looking for live credentials afterwards, sees what it issued. They go once more after the offer: a code that was
being redeemed at that moment has made us wait at the offer's row, and left a grant that was not there to be seen before.
"""

from __future__ import annotations

from collections.abc import Sequence

from common.encoding import parse_json
from issuer.catalogue.configurations import CONFIGURATIONS
from issuer.store.tables import Grant, Offer, OutboxMail


def end_claims(tenant: str, person_id: str, *, now: int, types: Sequence[str] = ()) -> int:
    """Inside the caller's transaction. types: end only what is about these; empty: all. Answers how many open offers ended."""
    ended = 0
    offers = Offer.select().where(
        Offer.tenant == tenant, Offer.person_id == person_id, Offer.state.in_(["open", "redeemed", "issued"])
    )
    for offer in list(offers):
        if types and not {CONFIGURATIONS[name].type.name for name in parse_json(offer.configurations)} & set(types):
            continue
        _end_grants(tenant, offer.id)
        ended += int(
            Offer.update(state="cancelled", changed_at=now)
            .where(Offer.tenant == tenant, Offer.id == offer.id, Offer.state.in_(["open", "redeemed"]))
            .execute()
        )
        _end_grants(tenant, offer.id)
        OutboxMail.update(state="cancelled", changed_at=now).where(
            OutboxMail.tenant == tenant, OutboxMail.offer_id == offer.id, OutboxMail.state == "queued"
        ).execute()
    return ended


def claimable_types(tenant: str, person_id: str) -> frozenset[str]:
    """Types of certificate that the person could claim until now."""
    offers = Offer.select(Offer.configurations).where(
        Offer.tenant == tenant, Offer.person_id == person_id, Offer.state.in_(["open", "redeemed"])
    )
    return frozenset(CONFIGURATIONS[name].type.name for (names,) in offers.tuples() for name in parse_json(names))


def _end_grants(tenant: str, offer_id: str) -> None:
    Grant.update(access_expires_at=0, refresh_expires_at=0, refresh_hash="").where(
        Grant.tenant == tenant, Grant.offer_id == offer_id
    ).execute()
