"""What a certificate states of whom an offer is for: a person of the roll, what a card proved, or a ticket. Asked anew at every issue."""

from __future__ import annotations

from typing import Any

from common.cards.evidence import Environment
from common.encoding import parse_json
from issuer.catalogue.contract import CardFacts, CredentialType, Facts
from issuer.flows.card_judgement import facts_for_card, last_day
from issuer.flows.card_record import open_claims, open_record
from issuer.flows.desk import Desk
from issuer.flows.entitlement import facts_for, is_entitled
from issuer.flows.events.ticket_facts import ticket_facts
from issuer.flows.person_facts import today_of
from issuer.store.tables import CardReading, Person


def find_facts(desk: Desk, tenant: str, kind: CredentialType, subject: str) -> Facts | None:
    """subject: the id that offers and grants have, of a person, a card's reading or a ticket. None: nothing entitles to this type (any
    more)."""
    if kind.source == "card":
        return _of_card(desk, tenant, kind, subject)
    if kind.source == "ticket":
        return ticket_facts(tenant, subject)
    person = Person.get_or_none(Person.tenant == tenant, Person.id == subject)
    if person is None:
        return None
    facts = facts_for(kind, person)
    return facts if is_entitled(kind, facts) else None


def _of_card(desk: Desk, tenant: str, kind: CredentialType, reading_id: str) -> CardFacts | None:
    """A card that was offered, whose claims are still there and whose certificates are not known as revoked meanwhile."""
    row: Any = CardReading.get_or_none(
        CardReading.tenant == tenant, CardReading.id == reading_id, CardReading.state == "offered"
    )
    if row is None or row.claims is None or row.record is None or row.revoked_at is not None:
        return None
    if kind.name not in parse_json(row.types):
        return None
    claims = open_claims(desk, row)
    facts = facts_for_card(kind, claims, open_record(desk, row).evidence)
    is_test = facts.evidence.environment is not Environment.PRODUCTION
    if is_test and desk.settings.card_environment != "test":  # the setting may have changed since the card was read
        return None
    end = last_day(claims)
    if end is not None and end < today_of(desk.now):
        return None
    return facts if kind.entitled(facts) else None
