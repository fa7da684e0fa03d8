"""Writes down a verdict and, beside it, what was disclosed: sealed, and only as long as the relying party keeps such things."""

from __future__ import annotations

from verifier.flows.reach_verdict import Reached
from verifier.flows.sealed_box import SealedBox
from verifier.store.audit import record
from verifier.store.relying_parties import RelyingPartyRow
from verifier.store.verdicts import DisclosedRow, VerdictRow


def write_verdict(party: RelyingPartyRow, session: str, reached: Reached, *, box: SealedBox, now: int) -> None:
    """Inside the caller's transaction, which also moves the session to *judged*."""
    tenant, verdict = str(party.tenant), reached.verdict
    VerdictRow.insert(
        tenant=tenant,
        session=session,
        question=verdict.question,
        answer=verdict.answer.value,
        tree=verdict.as_json(),
        judged_at=verdict.judged_at,
        forget_at=now + int(party.keep_verdict_seconds),
    ).execute()
    if reached.disclosed and int(party.keep_claims_seconds) > 0:
        DisclosedRow.insert(
            tenant=tenant,
            session=session,
            sealed=box.close(
                [one.as_json() for one in reached.disclosed], tenant=tenant, purpose="claims", what=session
            ),
            forget_at=now + int(party.keep_claims_seconds),
        ).execute()
    record(
        tenant,
        at=now,
        actor="holder",
        act="question.judged",
        subject=session,
        answer=verdict.answer.value,
        reason=verdict.reason,
    )
