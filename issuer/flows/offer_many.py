"""Offers one certificate to everybody who is entitled and has none, and mails each. Safe to run again: who has an offer is passed over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from common.adapters.database import transaction
from common.errors import Unsupported
from issuer.catalogue.registry import CATALOGUE, of_roll
from issuer.flows.desk import Desk
from issuer.flows.entitlement import may_hold
from issuer.flows.make_offer import make_offer
from issuer.flows.send_offers import queue_mail
from issuer.flows.show_offer import types_of
from issuer.store.tables import Credential, Offer, Person

_PAGE = 500


@dataclass(slots=True, kw_only=True)
class ManyReport:
    """people: entitled, with neither a valid certificate nor an open offer. without_mail: of these, without an address."""

    people: int = 0
    offered: int = 0
    mailed: int = 0
    without_mail: int = 0


def offer_many(
    desk: Desk,
    tenant: str,
    type_name: str,
    *,
    actor: str,
    mail: bool = True,
    tx_code: bool = True,
    dry_run: bool = False,
) -> ManyReport:
    """mail: with a mail to each (people without an address are passed over). dry_run: counts only. Raises Unsupported."""
    report = ManyReport()
    for person in list(_waiting(desk, tenant, type_name)):
        report.people += 1
        if mail and not person.email:
            report.without_mail += 1
            continue
        if dry_run:
            continue
        with transaction(
            desk.database, "offer_many"
        ):  # offer and mail together: who has an offer is passed over next time
            made = make_offer(desk, tenant, person, types=[type_name], actor=actor, tx_code=tx_code)
            if mail:
                queue_mail(desk, tenant, Offer.get(Offer.tenant == tenant, Offer.id == made.id), actor=actor)
        report.offered += 1
        report.mailed += mail
    return report


def _waiting(desk: Desk, tenant: str, type_name: str) -> Iterator[Any]:
    kind = CATALOGUE[type_name]
    if kind.source != "roll":
        raise Unsupported("not_of_the_roll", known=tuple(each.name for each in of_roll()))
    after = ""
    while True:
        rows = list(
            Person.select()
            .where(Person.tenant == tenant, Person.student_number > after)
            .order_by(Person.student_number)
            .limit(_PAGE)
        )
        if not rows:
            return
        after = rows[-1].student_number
        ids = [row.id for row in rows]
        served = {
            one.person_id
            for one in Credential.select(Credential.person_id).where(
                Credential.tenant == tenant,
                Credential.person_id.in_(ids),
                Credential.type_name == type_name,
                Credential.state != "revoked",
                Credential.valid_until > desk.now,
            )
        }
        served |= {
            one.person_id
            for one in Offer.select().where(
                Offer.tenant == tenant,
                Offer.person_id.in_(ids),
                Offer.state.in_(["open", "redeemed"]),
                Offer.expires_at > desk.now,
            )
            if type_name in types_of(one)
        }
        yield from (row for row in rows if row.id not in served and may_hold(kind, row))
