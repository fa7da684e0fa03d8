"""The operators' JSON API for what is shown in person. A bearer token of the relying party is needed."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from common.formats.shown_code import MAX_TEXT
from common.web.login import Visitor
from verifier.deps import Deps
from verifier.flows.accept_shown import accept_shown
from verifier.flows.read_result import read_result
from verifier.routes.models import ResultModel
from verifier.store.relying_parties import find_relying_party, require_slug


class ShownModel(BaseModel):
    """text: of the QR code, of several one a line in any order, or the presentation itself."""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(max_length=64)
    text: str = Field(min_length=1, max_length=MAX_TEXT)


def shown_routes(deps: Deps) -> APIRouter:
    router = APIRouter(tags=["operators"])
    bearer = deps.login.api()

    def operator(request: Request, tenant: str) -> Visitor:
        return bearer(request, require_slug(tenant))

    @router.post("/{tenant}/api/shown", status_code=201, openapi_extra={"security": [{"OperatorToken": []}]})
    def accept(tenant: str, shown: ShownModel, visitor: Visitor = Depends(operator)) -> ResultModel:
        """Judges what somebody shows by QR code. A yes is given to one showing once; the verdict is kept like that of a question."""
        now = deps.clock.now()
        accepted = accept_shown(
            find_relying_party(tenant),
            shown.question,
            shown.text,
            actor=visitor.actor,
            addresses=deps.addresses,
            box=deps.box,
            gatherer=deps.gatherer,
            test_cards=deps.settings.believes_test_cards,
            now=now,
        )
        return ResultModel.of_result(read_result(tenant, accepted.session, box=deps.box, now=now))

    return router
