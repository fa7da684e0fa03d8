"""Take a wallet's answer: one response wins the session, is judged, and is never taken again (OpenID4VP 1.0 §8).

The answer is kept, sealed, from the moment it has won until there is a verdict: should this process die in between, `resume` judges it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from common.adapters.database import transaction
from common.encoding import b64url_decode, random_token
from common.errors import Conflict
from common.formats.presentation_context import PresentationContext
from common.jose.jwk import thumbprint
from common.oid4vp.authorization_request import ResponseMode
from verifier.checks.verdict import Verdict
from verifier.flows.examine import Shown
from verifier.flows.gather_facts import FactGatherer
from verifier.flows.policy import Policy
from verifier.flows.put_question import ask
from verifier.flows.reach_verdict import reach_verdict
from verifier.flows.read_response import Declined, read_response
from verifier.flows.sealed_box import SealedBox, digest
from verifier.flows.write_verdict import write_verdict
from verifier.queries.registry import QUESTIONS
from verifier.settings import Addresses
from verifier.store.audit import record
from verifier.store.base import database
from verifier.store.relying_parties import RelyingPartyRow, find_relying_party, recall_relying_party
from verifier.store.sessions import (
    SessionRow,
    find_session,
    list_unjudged,
    mark_answered,
    mark_judged,
    mark_refused,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """redirect_uri: where the wallet sends the holder next, same device only, else empty. verdict: None when the holder declined."""

    redirect_uri: str
    verdict: Verdict | None


def accept_response(
    tenant: str,
    session: str,
    form: bytes,
    *,
    addresses: Addresses,
    box: SealedBox,
    gatherer: FactGatherer,
    test_cards: bool = False,
    now: int,
) -> Accepted:
    """form: the body that the wallet posted, application/x-www-form-urlencoded. test_cards: as in `Policy`.

    1. the session waits for its answer
    2. read: an error, or presentations; decrypted with this session's key; ``state`` is this session's
    3. one response wins the session, by one conditional update; the nonce is used up here, whatever the verdict will be
    4. judge and store

    A response that cannot be read, or is not encrypted for this session, does not use the session up: nobody but the wallet that
    was asked can write a proper one. Raises NotFound, Conflict (answered before, expired), Malformed, Rejected.
    """
    # 1
    party, row = recall_relying_party(tenant, now=now), find_session(tenant, session)
    if row.life_at(now).name != "served":
        raise Conflict("session_over", "this question is not waiting for an answer (any more)")
    # 2
    key = _decryption_key(row, box)
    answer = read_response(
        form,
        mode=ResponseMode(str(row.response_mode)),
        decryption_key=key,
        state=str(row.oauth_state),
        query_formats=_formats(row),
    )
    code = random_token(24) if row.same_device else ""
    redirect_uri = addresses.done(tenant, session, code) if code else ""
    code_hash = digest(code) if code else None
    # 3
    if isinstance(answer, Declined):
        with transaction(database, "decline"):
            if not mark_refused(tenant, session, error=answer.error, code_hash=code_hash, now=now):
                raise _answered_before()
            record(tenant, at=now, actor="holder", act="question.declined", subject=session, error=answer.error)
        return Accepted(redirect_uri=redirect_uri, verdict=None)
    sealed = box.close(
        [[shown.query_id, shown.format, shown.text] for shown in answer.shown],
        tenant=tenant,
        purpose="response",
        what=session,
    )
    with transaction(database, "accept_response"):
        if not mark_answered(tenant, session, sealed_response=sealed, code_hash=code_hash, now=now):
            raise _answered_before()
    # 4
    context = _context(row, addresses, key)
    policy = _policy(party, test_cards=test_cards)
    verdict = _judge_and_store(
        party, row, answer.shown, context, policy, addresses=addresses, box=box, gatherer=gatherer, now=now
    )
    return Accepted(redirect_uri=redirect_uri, verdict=verdict)


def resume(
    tenant: str,
    *,
    addresses: Addresses,
    box: SealedBox,
    gatherer: FactGatherer,
    test_cards: bool = False,
    older_than: int,
    now: int,
) -> int:
    """Judges the answers whose process died before there was a verdict. older_than: seconds. The number judged.

    They are judged as of the moment they came in, so that a presentation does not grow stale by our fault.
    """
    party = find_relying_party(tenant)
    policy = _policy(party, test_cards=test_cards)
    rows = list_unjudged(tenant, answered_before=now - older_than)
    for row in rows:
        assert row.sealed_response is not None  # an answered session keeps its response until it is judged
        kept = box.open(row.sealed_response, tenant=tenant, purpose="response", what=str(row.session))
        shown = tuple(Shown(query_id=query_id, format=name, text=text) for query_id, name, text in kept)
        context = _context(row, addresses, _decryption_key(row, box))
        moment = int(row.moved_at)
        _judge_and_store(
            party, row, shown, context, policy, addresses=addresses, box=box, gatherer=gatherer, now=moment
        )
    return len(rows)


def _formats(row: SessionRow) -> Mapping[str, str]:
    return {query["id"]: query["format"] for query in row.dcql["credentials"]}


def _decryption_key(row: SessionRow, box: SealedBox) -> Mapping[str, Any] | None:
    """The session's own private JWK; None where its answer is not encrypted."""
    if row.sealed_decryption_key is None:
        return None
    opened: Mapping[str, Any] = box.open(
        row.sealed_decryption_key, tenant=str(row.tenant), purpose="decryption key", what=str(row.session)
    )
    return opened


def _context(row: SessionRow, addresses: Addresses, key: Mapping[str, Any] | None) -> PresentationContext:
    """What an mdoc's signature covers beside client_id and nonce (OpenID4VP 1.0 §B.2.6.1). key: the session's own."""
    return PresentationContext(
        response_uri=addresses.response(str(row.tenant), str(row.session)),
        encryption_thumbprint=b64url_decode(thumbprint(key)) if key is not None else None,
    )


def _policy(party: RelyingPartyRow, *, test_cards: bool) -> Policy:
    return Policy(forgive=frozenset(party.forgive), max_status_age=int(party.max_status_age), test_cards=test_cards)


def _answered_before() -> Conflict:
    return Conflict("already_answered", "another response was first; each question takes one")


def _judge_and_store(
    party: RelyingPartyRow,
    row: SessionRow,
    shown: Sequence[Shown],
    context: PresentationContext,
    policy: Policy,
    *,
    addresses: Addresses,
    box: SealedBox,
    gatherer: FactGatherer,
    now: int,
) -> Verdict:
    tenant, session = str(party.tenant), str(row.session)
    reached = reach_verdict(
        shown,
        asked=ask(QUESTIONS[str(row.question)], addresses.vct_base),
        policy=policy,
        audience=str(row.client_id),
        nonce=str(row.nonce),
        context=context,
        gatherer=gatherer,
        now=now,
    )
    with transaction(database, "store_verdict"):
        if mark_judged(tenant, session, now=now):  # False: another process judged it while this one was thought dead
            write_verdict(party, session, reached, box=box, now=now)
    return reached.verdict
