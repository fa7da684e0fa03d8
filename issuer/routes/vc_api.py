"""The VC API on the issuer: issue, status, derive, and the identifiers it issues under. W3C CCG draft "VC API"."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from common.adapters.metrics import EVENTS
from common.web.bodies import described_body, parse_model, read_body
from common.web.derive_model import DeriveModel, derive
from common.web.login import Visitor
from issuer.deps import Deps
from issuer.flows.change_document_status import change_document_status
from issuer.flows.issue_document import issue_document
from issuer.flows.issuer_identifiers import list_identifiers
from issuer.routes.answers import json_answer
from issuer.routes.vc_api_models import IdentifierOut, IdentifiersOut, IssueModel, StatusModel, StatusOut

_SECURED: dict[str, Any] = {
    "type": "object",
    "required": ["verifiableCredential"],
    "properties": {"verifiableCredential": {"type": "object"}},
}


def _secured(status: int) -> dict[int | str, Any]:
    return {status: {"description": "The credential", "content": {"application/json": {"schema": _SECURED}}}}


def vc_api_routes(deps: Deps) -> APIRouter:
    """Every route needs a staff token of the path's institution."""
    router = APIRouter(prefix="/{tenant}", tags=["VC API"], default_response_class=Response)
    desk = deps.desk
    staff = Depends(deps.login.api("staff"))

    @router.get("/identifiers", response_model=IdentifiersOut)
    def identifiers(visitor: Visitor = staff) -> Response:
        """The DIDs under which the institution issues documents now."""
        found = [
            IdentifierOut(id=one.id, algs=list(one.algs)).model_dump() for one in list_identifiers(desk, visitor.tenant)
        ]
        return json_answer({"identifiers": found})

    @router.post(
        "/credentials/issue", status_code=201, responses=_secured(201), openapi_extra=described_body(IssueModel)
    )
    def issue(request: Request, visitor: Visitor = staff, body: bytes = Depends(read_body)) -> Response:
        """Secures a credential whose issuer is one of the institution's identifiers."""
        asked = parse_model(request, body, IssueModel)
        secured = issue_document(
            desk,
            visitor.tenant,
            asked.credential,
            asked.options.asked(),
            policy=deps.policy,
            actor=visitor.actor,
        )
        EVENTS.labels("document_issued").inc()
        return json_answer({"verifiableCredential": secured}, status=201)

    @router.post("/credentials/status", response_model=StatusOut, openapi_extra=described_body(StatusModel))
    def status(request: Request, visitor: Visitor = staff, body: bytes = Depends(read_body)) -> Response:
        """Revokes, suspends or reinstates a credential that was issued here with a status."""
        asked = parse_model(request, body, StatusModel)
        wishes = [entry.wish() for entry in asked.credential_status]
        state = change_document_status(desk, visitor.tenant, asked.credential_id, wishes, actor=visitor.actor)
        return json_answer({"state": state})

    @router.post("/credentials/derive", responses=_secured(200), openapi_extra=described_body(DeriveModel))
    def derive_one(request: Request, _: Visitor = staff, body: bytes = Depends(read_body)) -> Response:
        """A credential that reveals a part of one with a base proof."""
        return json_answer(derive(parse_model(request, body, DeriveModel), deps.policy))

    return router
