"""A student leaves: the roll says so, nothing more can be claimed, and the enrolment certificates are revoked, all at once.

A graduation certificate stays: who graduated has graduated. (To revoke any one certificate, see change_status.py.)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from common.adapters.database import changed, transaction
from common.errors import Conflict
from issuer.catalogue.registry import of_roll
from issuer.flows.change_status import live_credentials, move_credentials
from issuer.flows.desk import Desk
from issuer.flows.end_claims import end_claims
from issuer.flows.person_facts import columns_of, facts_of, today_of
from issuer.store.audit import record
from issuer.store.tables import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """revoked: copies of certificates; offers: that can no longer be claimed."""

    revoked: int
    offers: int


def withdraw(desk: Desk, tenant: str, person: Any, *, actor: str) -> Withdrawn:
    """person: a row of `Person`. Raises Conflict("already_withdrawn" | "changed_meanwhile")."""
    facts = facts_of(person)
    if facts.status == "withdrawn":
        raise Conflict("already_withdrawn", "the roll says already that this person has left")
    now = desk.now
    left = replace(facts, status="withdrawn", withdrawn_on=today_of(now))
    with transaction(desk.database, "withdraw"):
        update_person(tenant, person.id, columns_of(facts), columns_of(left), now=now)
        done = end_entitlements(tenant, person.id, left, now=now)
        record(tenant, at=now, actor=actor, act="person_withdrawn", subject=person.id, copies=done.revoked)
    return done


def update_person(tenant: str, person_id: str, seen: dict[str, str], columns: dict[str, str], *, now: int) -> None:
    """Writes a person's row if it still says what was seen: nobody undoes unawares what a colleague did meanwhile.

    Inside the caller's transaction. Raises Conflict("changed_meanwhile").
    """
    unchanged = Person.fingerprint == seen["fingerprint"]
    if not changed(
        Person.update(**columns, updated_at=now).where(Person.tenant == tenant, Person.id == person_id, unchanged)
    ):
        raise Conflict("changed_meanwhile", "somebody else has changed this person meanwhile; look again")


def end_entitlements(tenant: str, person_id: str, facts: Any, *, now: int) -> Withdrawn:
    """Inside the caller's transaction: ends claims and revokes certificates of every type that these facts no longer entitle to."""
    lost = [kind.name for kind in of_roll() if not kind.entitled(facts)]
    if not lost:
        return Withdrawn(revoked=0, offers=0)
    offers = end_claims(tenant, person_id, now=now, types=lost)
    rows = live_credentials(tenant, person_id, types=lost)
    return Withdrawn(revoked=len(move_credentials(tenant, rows, "revoked", at=now, why="not_entitled")), offers=offers)
