"""The holder has decided: build the answer, write down the consent, send it once; or say no."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from common.adapters.database import transaction
from common.encoding import b64url_decode, random_token
from common.errors import Conflict, Malformed, TegataError, Unavailable
from common.errors import Refused as RefusedError
from common.formats.presentation_context import PresentationContext
from common.formats.registry import FORMATS
from common.jose.jwk import thumbprint
from common.keys.software import SoftwareKey
from common.oauth.errors import parse_oauth_error
from common.oauth.form import FORM
from common.oid4vp.authorization_request import ResponseMode
from common.oid4vp.client_metadata import choose_encryption
from common.oid4vp.dcql_match import Choice
from common.oid4vp.errors import authorization_error
from common.oid4vp.response import Answer, AuthorizationResponse, build_response, parse_redirect_answer
from common.ports import Fetched
from wallet_agent.holder.cards import open_copy
from wallet_agent.holder.choose_credentials import CardChoice, choose_credentials, picked_or_preferred
from wallet_agent.holder.history import Entry, Given, Outcome, add_history, amend_history, read_history_entry
from wallet_agent.holder.outside import Outside
from wallet_agent.holder.read_request import (
    RequestView,
    open_request,
    request_row,
    seal_request,
    view_request,
)
from wallet_agent.holder.request_states import (
    Answered,
    Answering,
    Asked,
    Declined,
    Question,
    Refused,
    RequestState,
    Uncertain,
)
from wallet_agent.holder.take_copy import take_copy
from wallet_agent.holder.texts import names_of
from wallet_agent.store.audit import record
from wallet_agent.store.base import database
from wallet_agent.store.requests import move_request
from wallet_agent.store.tables import CardCopy, PresentationRequest
from wallet_agent.vault.open_vault import OpenVault


@dataclass(slots=True)
class _Work:
    vault: OpenVault
    row: PresentationRequest
    outside: Outside

    @property
    def now(self) -> int:
        return self.outside.clock.now()

    def move(self, state: RequestState) -> None:
        """The transition, inside the caller's transaction. Raises Conflict when another process made one."""
        if not move_request(self.row, state=state.state, sealed=seal_request(self.vault, self.row.id, state)):
            raise Conflict("request_answered", "this question is answered already")


def answer_request(
    vault: OpenVault, request_id: str, *, outside: Outside, picked: Mapping[str, Sequence[str]] | None = None
) -> RequestView:
    """Gives what was consented to. picked: query id → ids of cards; None: what `choose_credentials` preselects.

    1. the question is open; or its answer was interrupted, then the same bytes are sent again
    2. build the presentations from copies shown least                    OpenID4VP 1.0 §8.1, appendix B
    3. in one transaction: the question is being answered, the copies are used, the consent is in the history
    4. send, and write down what became of it

    Answers Answered, Refused (the verifier said no) or Uncertain. Raises NotFound, Conflict (answered, declined, expired, or just being
    answered), Refused("credential_missing"), Malformed("bad_choice"), Rejected (no usable encryption).
    """
    work = _Work(vault, request_row(vault, request_id), outside)
    state = open_request(vault, work.row)
    # 1
    if isinstance(state, Uncertain) or (isinstance(state, Answering) and state.since + outside.lease <= work.now):
        answering = Answering(question=state.question, history_id=state.history_id, body=state.body, since=work.now)
        with transaction(database, "answer_again"):
            work.move(answering)
        again = True
    elif isinstance(state, Asked):
        _refuse_expired(state.question, work.now)
        # 2, 3
        answering = _consent(work, state, picked)
        again = False
    else:
        raise Conflict("request_answered", "this question is answered already")
    # 4
    _send(work, answering, again=again)
    return view_request(vault, request_id)


def decline_request(vault: OpenVault, request_id: str, *, outside: Outside) -> RequestView:
    """Says no: the verifier hears ``access_denied`` and not why. Raises NotFound, Conflict."""
    work = _Work(vault, request_row(vault, request_id), outside)
    state = open_request(vault, work.row)
    if isinstance(state, Declined):
        return view_request(vault, request_id)
    if not isinstance(state, Asked):
        raise Conflict("request_answered", "this question is answered already")
    question, asker = state.question, state.question.asker
    with transaction(database, "decline_request"):
        work.move(Declined(question=question, redirect_uri=None))
        add_history(
            vault,
            Entry(
                kind="declined",
                outcome="done",
                party=asker.client_id,
                party_names=asker.said_names,
                verified_by=asker.proof,
                purpose=question.purposes,
            ),
            now=work.now,
        )
        record(vault.tenant, "request.declined", now=work.now, subject=request_id)
    error = authorization_error(RefusedError("access_denied"), state=question.request.state)
    try:
        answer = outside.fetch.post(question.request.response_uri, body=_body(question, error), content_type=FORM)
    except TegataError:
        return view_request(vault, request_id)
    redirect = _redirect(answer) if answer.status == 200 else None
    if redirect is not None:
        with transaction(database, "decline_told"):
            work.move(Declined(question=question, redirect_uri=redirect))
    return view_request(vault, request_id)


def _refuse_expired(question: Question, now: int) -> None:
    if question.expires_at is not None and now >= question.expires_at:
        raise Conflict("request_expired", "this question is too old to be answered; ask for a new one")


def _consent(work: _Work, state: Asked, picked: Mapping[str, Sequence[str]] | None) -> Answering:
    """Builds the answer and writes everything down. Of two processes, one gets past here."""
    consent = choose_credentials(work.vault, work.row.id, outside=work.outside)
    question, history_id = state.question, random_token(12)
    chosen = picked_or_preferred(consent.choices, picked)
    by_choice = {(one.choice.query_id, one.card.id): one for found in consent.options.values() for one in found}
    options = [by_choice[one.query_id, one.candidate_id] for one in chosen]
    with transaction(database, "answer_request"):
        token: dict[str, tuple[str, ...]] = {}
        for option in options:
            copy = take_copy(work.vault, option.card.id, now=work.now)
            text = _present(work, copy, option.choice, question)
            token[option.choice.query_id] = (*token.get(option.choice.query_id, ()), text)
        answer = AuthorizationResponse(vp_token=token, state=question.request.state)
        answering = Answering(
            question=question,
            history_id=history_id,
            body=_body(question, answer).decode("ascii"),
            since=work.now,
        )
        work.move(answering)
        add_history(work.vault, _entry(question, options), now=work.now, entry_id=history_id)
        record(work.vault.tenant, "request.consented", now=work.now, subject=work.row.id)
    return answering


def _present(work: _Work, row: CardCopy, choice: Choice, question: Question) -> str:
    copy = open_copy(work.vault, row)
    query = question.request.dcql_query.credential(choice.query_id)
    if query is None:
        raise Malformed("bad_choice", "not a choice that the request leaves open")
    return FORMATS[query.format].present(
        copy.credential,
        paths=choice.paths,
        holder=SoftwareKey.from_private_jwk(copy.private_jwk),
        audience=question.asker.client_id,
        nonce=question.request.nonce,
        now=work.now,
        context=_context(question),
    )


def _context(question: Question) -> PresentationContext:
    """What an mdoc's signature covers beside client_id and nonce (OpenID4VP 1.0 §B.2.6.1)."""
    request = question.request
    encrypted = request.response_mode is ResponseMode.DIRECT_POST_JWT
    key = choose_encryption(request.client_metadata)[0] if encrypted else None
    return PresentationContext(
        response_uri=request.response_uri,
        encryption_thumbprint=b64url_decode(thumbprint(key)) if key is not None else None,
    )


def _entry(question: Question, options: Sequence[CardChoice]) -> Entry:
    asker = question.asker
    return Entry(
        kind="presented",
        outcome="unknown",
        party=asker.client_id,
        party_names=asker.said_names,
        verified_by=asker.proof,
        purpose=question.purposes,
        given=tuple(
            Given(
                card_id=one.card.id,
                names=names_of(one.card.face.display),
                paths=tuple(line.path for line in one.given),
            )
            for one in options
        ),
    )


def _send(work: _Work, state: Answering, *, again: bool) -> None:
    """again: the same bytes were sent before, and what became of them is not known. A no to the repeat may then mean that the first
    one was taken, so the history goes on saying that it is unknown whether the data was seen."""
    question = state.question
    try:
        answer = work.outside.fetch.post(
            question.request.response_uri, body=state.body.encode("ascii"), content_type=FORM, accept="application/json"
        )
    except Unavailable:
        _settle(work, Uncertain(question=question, history_id=state.history_id, body=state.body), "unknown")
        return
    except RefusedError as error:  # our own guard: the address may not be asked, so nothing was sent
        outcome: Outcome = "unknown" if again else "not_sent"
        _settle(work, Refused(question=question, history_id=state.history_id, code=error.code), outcome)
        return
    if answer.status == 200:
        redirect = _redirect(answer)
        _settle(work, Answered(question=question, history_id=state.history_id, redirect_uri=redirect), "done")
    elif answer.status >= 500 or answer.status == 429:
        _settle(work, Uncertain(question=question, history_id=state.history_id, body=state.body), "unknown")
    else:
        code = _error_code(answer)
        outcome = "unknown" if again else "refused"
        _settle(work, Refused(question=question, history_id=state.history_id, code=code), outcome)


def _settle(work: _Work, state: Answered | Refused | Uncertain, outcome: Outcome) -> None:
    entry = read_history_entry(work.vault, state.history_id).entry
    settled = Entry(
        kind=entry.kind,
        outcome=outcome,
        party=entry.party,
        party_names=entry.party_names,
        verified_by=entry.verified_by,
        purpose=entry.purpose,
        given=entry.given,
    )
    with transaction(database, f"request_{state.state}"):
        work.move(state)
        amend_history(work.vault, state.history_id, settled)
        record(work.vault.tenant, f"request.{state.state}", now=work.now, subject=work.row.id)


def _body(question: Question, answer: Answer) -> bytes:
    request = question.request
    return build_response(answer, mode=request.response_mode, client_metadata=request.client_metadata)


def _redirect(answer: Fetched) -> str | None:
    """A broken answer to a response that was taken changes nothing about its being taken."""
    try:
        return parse_redirect_answer(answer.body)
    except Malformed:
        return None


def _error_code(answer: Fetched) -> str:
    try:
        return parse_oauth_error(answer.status, answer.body).error
    except Malformed:
        return f"http_{answer.status}"
