"""The operators' JSON API: questions, new sessions, results. A bearer token of the relying party is needed."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request

from common.web.limits import client_address
from common.web.login import Visitor
from verifier.deps import Deps
from verifier.flows.open_session import open_session
from verifier.flows.read_result import read_result, read_result_by_code
from verifier.queries.registry import QUESTIONS
from verifier.routes.models import (
    AskModel,
    OpenedModel,
    QuestionModel,
    QuestionsModel,
    ResultModel,
    SessionsModel,
    SummaryModel,
)
from verifier.store.relying_parties import find_relying_party, require_slug
from verifier.store.sessions import list_sessions

DONE_TRIES = "60/minute"
"""Response codes that one address may try, here and at the page the holder comes back to."""


def session_routes(deps: Deps) -> APIRouter:
    router = APIRouter(tags=["operators"])
    bearer = deps.login.api()

    def operator(request: Request, tenant: str) -> Visitor:
        return bearer(request, require_slug(tenant))

    security: dict[str, Any] = {"security": [{"OperatorToken": []}]}

    @router.get("/{tenant}/api/questions", openapi_extra=security)
    def questions(tenant: str, _: Visitor = Depends(operator)) -> QuestionsModel:
        party = find_relying_party(tenant)
        allowed = [QUESTIONS[name] for name in party.questions if name in QUESTIONS]
        return QuestionsModel(questions=[QuestionModel.of(one, deps.addresses.vct_base) for one in allowed])

    @router.post("/{tenant}/api/sessions", status_code=201, openapi_extra=security)
    def ask(tenant: str, asked: AskModel, visitor: Visitor = Depends(operator)) -> OpenedModel:
        opened = open_session(
            find_relying_party(tenant),
            asked.question,
            same_device=asked.same_device,
            response_mode=asked.response_mode,
            request_method=asked.request_method,
            addresses=deps.addresses,
            box=deps.box,
            sandbox=deps.settings.is_sandbox,
            now=deps.clock.now(),
            actor=visitor.actor,
        )
        return OpenedModel.of(opened)

    @router.get("/{tenant}/api/sessions", openapi_extra=security)
    def recent(
        tenant: str, limit: Annotated[int, Query(ge=1, le=500)] = 50, _: Visitor = Depends(operator)
    ) -> SessionsModel:
        now = deps.clock.now()
        return SessionsModel(sessions=[SummaryModel.of(row, now) for row in list_sessions(tenant, limit=limit)])

    @router.get("/{tenant}/api/sessions/{session}", openapi_extra=security)
    def result(tenant: str, session: str, _: Visitor = Depends(operator)) -> ResultModel:
        return ResultModel.of_result(read_result(tenant, session, box=deps.box, now=deps.clock.now()))

    @router.get("/{tenant}/result/{session}", tags=["holder"])
    def result_by_code(
        request: Request, tenant: str, session: str, response_code: Annotated[str, Query(min_length=1, max_length=128)]
    ) -> ResultModel:
        find_relying_party(tenant)  # nothing is counted for one that is not here: nobody would ever sweep it
        deps.limits.count(tenant, DONE_TRIES, "response code", client_address(request))
        found = read_result_by_code(tenant, session, response_code, box=deps.box, now=deps.clock.now())
        return ResultModel.of_result(found)

    return router
