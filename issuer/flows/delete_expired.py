"""Deletes what has had its time: used nonces, ended grants, old offers and mails, people long gone. Run as a job, safe to repeat.

Issued credentials' rows stay while the credential could still be shown: without them nothing could be revoked. They name a person by
id only; when the person is deleted, that id names nobody.
"""

from __future__ import annotations

from dataclasses import dataclass

from common.adapters.database import across_tenants, transaction
from issuer.flows.desk import Desk
from issuer.flows.person_facts import today_of
from issuer.settings import DAY
from issuer.store.audit import record
from issuer.store.tables import WAITING, Course, Credential, Grant, Institution, Offer, OutboxMail, Person, UsedNonce


@dataclass(slots=True, kw_only=True)
class Deleted:
    nonces: int = 0
    grants: int = 0
    offers: int = 0
    mails: int = 0
    credentials: int = 0
    people: int = 0


def delete_expired(desk: Desk, tenant: str) -> Deleted:
    """One tenant's sweep, in one transaction. Counts of what was deleted."""
    now, settings = desk.now, desk.settings
    done = Deleted()
    with transaction(desk.database, "delete_expired"):
        done.nonces = int(UsedNonce.delete().where(UsedNonce.tenant == tenant, UsedNonce.expires_at <= now).execute())
        done.grants = int(
            Grant.delete()
            .where(Grant.tenant == tenant, Grant.access_expires_at <= now, Grant.refresh_expires_at <= now)
            .execute()
        )
        old = now - settings.offer_retention
        done.offers = int(
            Offer.delete()
            .where(
                Offer.tenant == tenant,
                Offer.expires_at <= old,
                Offer.changed_at <= old,
                Offer.id.not_in(Grant.select(Grant.offer_id).where(Grant.tenant == tenant)),
            )
            .execute()
        )
        done.mails = int(
            OutboxMail.delete()
            .where(
                OutboxMail.tenant == tenant,
                OutboxMail.changed_at <= old,
                OutboxMail.state.not_in(WAITING),
            )
            .execute()
        )
        done.credentials = int(
            Credential.delete().where(Credential.tenant == tenant, Credential.valid_until <= old).execute()
        )
        gone = today_of(now - settings.person_retention).isoformat()
        left = ((Person.withdrawn_on != "") & (Person.withdrawn_on <= gone)) | (
            (Person.graduated_on != "") & (Person.graduated_on <= gone)
        )
        done.people = int(
            Person.delete()
            .where(
                Person.tenant == tenant,
                left,
                Person.status.in_(["graduated", "withdrawn"]),
                Person.updated_at <= now - DAY,
                Person.id.not_in(Offer.select(Offer.person_id).where(Offer.tenant == tenant)),
            )
            .execute()
        )
        Course.delete().where(
            Course.tenant == tenant, Course.person_id.not_in(Person.select(Person.id).where(Person.tenant == tenant))
        ).execute()
        total = done.grants + done.offers + done.mails + done.credentials + done.people
        if total:
            record(tenant, at=now, actor="job:retention", act="expired_deleted", subject="retention", rows=total)
    return done


def tenants() -> list[str]:
    """Every institution of the deployment, for jobs."""
    with across_tenants("list institutions"):
        return [row.id for row in Institution.select(Institution.id).order_by(Institution.id)]
