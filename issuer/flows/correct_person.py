"""Corrects a person in the roll (a new name, a mended reading) and offers the certificates anew.

The certificates with the old data stay valid until the person has claimed the new ones, and are revoked in the transaction that
issues those: nobody stands without a certificate for a change of name. Offers made before end at once, as they would state old data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from common.adapters.database import transaction
from common.errors import Malformed
from issuer.catalogue.registry import of_roll
from issuer.flows.change_status import live_credentials
from issuer.flows.desk import Desk
from issuer.flows.end_claims import claimable_types, end_claims
from issuer.flows.judge_roll_row import RowProblem, judge_roll_row
from issuer.flows.make_offer import MadeOffer, make_offer
from issuer.flows.person_facts import columns_of, facts_of, find_person, today_of
from issuer.flows.withdraw import end_entitlements, update_person
from issuer.store.audit import record

CORRECTABLE = (
    "family_name",
    "given_name",
    "family_name_kana",
    "given_name_kana",
    "family_name_latin",
    "given_name_latin",
    "birth_date",
    "email",
    "faculty",
    "department",
    "degree",
    "enrolled_on",
    "graduated_on",
    "status",
    "withdrawn_on",
    "language",
)
CONTACT_ONLY = frozenset({"email", "language"})
"""Fields that stand in no certificate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """problems: why nothing was changed, or empty. offer: for the certificates that stated old data, or None."""

    changed: tuple[str, ...]
    problems: tuple[RowProblem, ...]
    offer: MadeOffer | None


def correct_person(
    desk: Desk, tenant: str, person: Any, changes: Mapping[str, str], *, actor: str, tx_code: bool = True
) -> Corrected:
    """person: a row of `Person`. changes: field of the roll → new text, judged by the same rules as an import.

    Raises Malformed("unknown_field"), Conflict("changed_meanwhile").
    """
    if strange := sorted(set(changes) - set(CORRECTABLE)):
        raise Malformed("unknown_field", f"no field that can be corrected: {', '.join(strange)[:100]}")
    now = desk.now
    old = columns_of(facts_of(person))
    judged = judge_roll_row(0, {**old, **changes}, today=today_of(now))
    if isinstance(judged, tuple):
        return Corrected(changed=(), problems=judged, offer=None)
    columns = columns_of(judged)
    changed = tuple(name for name in CORRECTABLE if columns[name] != old[name])
    if not changed:
        return Corrected(changed=(), problems=(), offer=None)
    offer = None
    with transaction(desk.database, "correct_person"):
        update_person(tenant, person.id, old, columns, now=now)
        record(tenant, at=now, actor=actor, act="person_corrected", subject=person.id, fields="/".join(changed)[:200])
        end_entitlements(tenant, person.id, judged, now=now)
        if set(changed) - CONTACT_ONLY:
            stated = {row.type_name for row in live_credentials(tenant, person.id)}
            stated |= claimable_types(tenant, person.id)
            ended = end_claims(tenant, person.id, now=now)
            # A claim that ended makes room for the status's own certificate (enrolment may have become graduation), and for no other.
            types = [
                kind.name
                for kind in of_roll()
                if kind.entitled(judged) and (kind.name in stated or (ended and kind.model is None))
            ]
            if types:
                fresh = find_person(tenant, person_id=person.id)
                offer = make_offer(desk, tenant, fresh, types=types, actor=actor, tx_code=tx_code, reason="correction")
    return Corrected(changed=changed, problems=(), offer=offer)
