"""Accept what somebody shows in person, without a request that went before it: read, judged as online, accepted once.

No nonce of ours is in it. In its place stand the audience that says *shown in person*, a life of a minute, and one conditional insert:
the same showing is accepted once by a relying party. A photograph of the code may be shown to another one within that minute; who must
exclude that asks a question instead.
"""

from __future__ import annotations

from dataclasses import dataclass

from common.adapters.database import transaction
from common.encoding import random_token
from common.errors import Refused
from common.formats.in_person import AUDIENCE, MAX_AGE, MAX_AHEAD
from verifier.checks.registry import CHECKS
from verifier.checks.verdict import Verdict
from verifier.flows.examine import Examined, open_presentation
from verifier.flows.gather_facts import FactGatherer
from verifier.flows.judge import judge
from verifier.flows.policy import Policy
from verifier.flows.put_question import ask
from verifier.flows.reach_verdict import Reached, disclosed_of, gather_facts
from verifier.flows.read_shown import ShownText, as_shown, examine_shown, read_shown, with_fault
from verifier.flows.sealed_box import SealedBox
from verifier.flows.write_verdict import write_verdict
from verifier.queries.registry import QUESTIONS
from verifier.settings import Addresses
from verifier.store.audit import record
from verifier.store.base import database
from verifier.store.relying_parties import RelyingPartyRow
from verifier.store.sessions import SessionRow
from verifier.store.shown import is_shown, use_shown

SHOWN = "shown"
"""The ``response_mode`` of a session that had no request."""
_NONCE_COLUMN = 64
_MARGIN = 3600
"""Seconds that we remember what was accepted beyond its life, should a clock be turned back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedShowing:
    """session: where the verdict is kept, like that of a question."""

    session: str
    verdict: Verdict


def accept_shown(
    party: RelyingPartyRow,
    question: str,
    code: str,
    *,
    actor: str,
    addresses: Addresses,
    box: SealedBox,
    gatherer: FactGatherer,
    test_cards: bool = False,
    now: int,
) -> AcceptedShowing:
    """code: as scanned or pasted. actor: for the audit record. test_cards: as in `Policy`.

    1. this relying party may ask this question
    2. read; where is the issuer's key?
    3. examine: signature, times, holder, audience; signed within the minute
    4. may it issue this, and does it still stand?
    5. judge, with the same rules as online
    6. in one transaction: a yes is given to this showing once; the verdict is stored

    A process that dies before the commit of 6 has done nothing, and the code may be scanned again. Only a yes uses a showing up: a no
    lets nobody in, so it may be repeated, for another question or once a status list answers again.
    Raises Unsupported for an unknown question, Refused for one it may not ask, Malformed for what no wallet shows.
    """
    tenant = str(party.tenant)
    # 1
    asked = ask(QUESTIONS[question], addresses.vct_base)
    if question not in party.questions:
        raise Refused("question_not_allowed", "this relying party may not ask this question")
    # 2
    shown = read_shown(code)
    opened = open_presentation(as_shown(shown, asked.wanted))
    sought = gatherer.seek_key(opened.hint, now=now)
    # 3
    key = sought.found.key if sought.found else None
    examined = examine_shown(opened, key, shown, wanted=asked.wanted, now=now)
    if is_shown(tenant, shown.digest):
        examined = with_fault(examined, "replayed")
    # 4
    facts = gather_facts(gatherer, sought, examined, now=now)
    policy = Policy(forgive=frozenset(party.forgive), max_status_age=int(party.max_status_age), test_cards=test_cards)

    def reach(one: Examined) -> Reached:
        verdict = judge((one,), CHECKS, (facts,), now, asked=asked, policy=policy)
        return Reached(verdict=verdict, disclosed=disclosed_of((one,), asked) if verdict.accepted else ())

    # 5
    reached, session = reach(examined), random_token(18)
    # 6
    with transaction(database, "accept_shown"):
        if reached.verdict.accepted and not use_shown(tenant, shown.digest, forget_at=_forget_at(now)):
            reached = reach(with_fault(examined, "replayed"))
        _insert_session(party, session, question, shown, now)
        record(tenant, at=now, actor=actor, act="question.shown", subject=session, question=question)
        write_verdict(party, session, reached, box=box, now=now)
    return AcceptedShowing(session=session, verdict=reached.verdict)


def _forget_at(now: int) -> int:
    return now + MAX_AGE + MAX_AHEAD + _MARGIN


def _insert_session(party: RelyingPartyRow, session: str, question: str, shown: ShownText, now: int) -> None:
    """The place of the verdict: a session that is over as it begins."""
    SessionRow.create(
        tenant=str(party.tenant),
        session=session,
        question=question,
        state_name="judged",
        moved_at=now,
        client_id=AUDIENCE,
        response_mode=SHOWN,
        same_device=False,
        nonce=shown.nonce if len(shown.nonce) <= _NONCE_COLUMN else "",
        oauth_state="",
        dcql={},
        created_at=now,
        expires_at=now,
        forget_at=now + int(party.session_seconds) + int(party.keep_verdict_seconds),
    )
