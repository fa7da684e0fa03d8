"""Puts what a ticket demands to the verifier, and writes down what was put. Two steps, since nobody waits for another server in a
transaction."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from common.errors import Refused
from issuer.flows.desk import Desk
from issuer.flows.events.flags import question_for
from issuer.flows.events.verifier_api import Put, VerifierApi
from issuer.store.audit import record
from issuer.store.event_tables import CredentialDemand


@dataclass(frozen=True, slots=True, kw_only=True)
class PutQuestion:
    question: str
    put: Put


def verifier_of(desk: Desk) -> VerifierApi:
    """Raises Refused("no_verifier")."""
    if desk.verifier is None:
        raise Refused("no_verifier", "tickets that demand a credential need a verifier: see the setting verifier_url")
    return desk.verifier


def put_question(desk: Desk, required: int) -> PutQuestion:
    """Raises Refused("no_verifier"), Unavailable("verifier_unavailable")."""
    question = question_for(required)
    return PutQuestion(question=question, put=verifier_of(desk).put(question))


def write_demand(tenant: str, event_id: str, subject: str, asked: PutQuestion, *, at: int) -> None:
    """Inside the caller's transaction. subject: id of an order, or of a transfer and who takes it."""
    CredentialDemand.insert(
        tenant=tenant,
        id=secrets.token_hex(12),
        event_id=event_id,
        subject=subject,
        question=asked.question,
        session=asked.put.session,
        link=asked.put.link,
        wallet_link=asked.put.wallet_link,
        created_at=at,
        expires_at=asked.put.expires_at,
    ).execute()
    record(tenant, at=at, actor="job:tickets", act="credential_demanded", subject=subject, question=asked.question)
