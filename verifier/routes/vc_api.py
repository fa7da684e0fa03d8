"""The VC API on the verifier: verify credentials and presentations, derive, resolve DIDs. W3C CCG draft "VC API"."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from common.adapters.metrics import EVENTS
from common.did.resolution_result import MEDIA_TYPE, resolve_to_result
from common.errors import Malformed, Rejected, TegataError, Unsupported
from common.web.bodies import described_body, parse_model, read_body
from common.web.derive_model import DeriveModel, derive
from common.web.login import Visitor
from common.web.problems import problem, status_of
from verifier.deps import Deps
from verifier.flows.document_world import DocumentWorld
from verifier.flows.verify_document import Asked, DocumentVerifier, Report, describe_errors
from verifier.routes.answers import json_answer
from verifier.routes.vc_api_models import VerifiedOut, VerifyCredentialModel, VerifyPresentationModel
from verifier.store.relying_parties import require_slug

_DERIVED: dict[int | str, Any] = {
    200: {
        "description": "The credential",
        "content": {"application/json": {"schema": {"type": "object", "required": ["verifiableCredential"]}}},
    }
}
_RESOLVED: dict[int | str, Any] = {
    status: {"description": "DID resolution result", "content": {MEDIA_TYPE: {"schema": {"type": "object"}}}}
    for status in (200, 410)
}


def vc_api_routes(deps: Deps) -> APIRouter:
    """Every route needs an operator's token of the path's relying party."""
    router = APIRouter(tags=["VC API"], default_response_class=Response)
    bearer = deps.login.api()

    def operator(request: Request, tenant: str) -> Visitor:
        return bearer(request, require_slug(tenant))

    security: dict[str, Any] = {"security": [{"OperatorToken": []}]}

    def judged(asked: Asked, verify: Callable[[DocumentVerifier], str | None]) -> Response:
        """200 with what was checked, or the problem with errors and warnings apart."""
        now, report = deps.clock.now(), Report()
        try:
            world = DocumentWorld(deps.gatherer, deps.resolver, now=now)
            holder = verify(DocumentVerifier(asked, world=world, policy=deps.policy, now=now, report=report))
        except (Malformed, Rejected, Unsupported) as error:
            EVENTS.labels("document_refused").inc()
            return _refusal(error, report)
        EVENTS.labels("document_verified").inc()
        answer = {
            "verified": True,
            "checks": report.checks,
            "warnings": _notes(report),
            "trust": "judged" if asked.trust else "not_judged",
            "profile": deps.policy.profile.value,
        }
        return json_answer(answer if holder is None else {**answer, "holder": holder})

    @router.post(
        "/{tenant}/credentials/verify",
        response_model=VerifiedOut,
        openapi_extra={**security, **described_body(VerifyCredentialModel)},
    )
    def credential(request: Request, _: Visitor = Depends(operator), body: bytes = Depends(read_body)) -> Response:
        """Is this credential what it says? Who may issue such credentials is another question: see ``trust``."""
        asked = parse_model(request, body, VerifyCredentialModel)

        def verify(verifier: DocumentVerifier) -> None:
            verifier.verify_credential(asked.verifiable_credential)

        return judged(asked.options.asked(), verify)

    @router.post(
        "/{tenant}/presentations/verify",
        response_model=VerifiedOut,
        openapi_extra={**security, **described_body(VerifyPresentationModel)},
    )
    def presentation(request: Request, _: Visitor = Depends(operator), body: bytes = Depends(read_body)) -> Response:
        """Is this presentation, with all that it holds, what it says, and made for this challenge and domain?"""
        asked = parse_model(request, body, VerifyPresentationModel)
        return judged(
            asked.options.asked(unsigned=asked.options.allow_unsigned),
            lambda verifier: verifier.verify_presentation(asked.verifiable_presentation),
        )

    @router.post(
        "/{tenant}/credentials/derive", responses=_DERIVED, openapi_extra={**security, **described_body(DeriveModel)}
    )
    def derive_one(request: Request, _: Visitor = Depends(operator), body: bytes = Depends(read_body)) -> Response:
        """A credential that reveals a part of one with a base proof."""
        return json_answer(derive(parse_model(request, body, DeriveModel), deps.policy))

    @router.get("/{tenant}/identifiers/{did}", responses=_RESOLVED, openapi_extra=security)
    def identifier(request: Request, did: str, _: Visitor = Depends(operator)) -> Response:
        """The DID resolution result: document and metadata; a problem where there is none. The query may ask for a version."""
        result = resolve_to_result(deps.resolver, did, dict(request.query_params))
        if result.status not in (200, 410):
            details = result.resolution_metadata["problemDetails"]
            code = str(details["type"]).rpartition("#")[2].lower()
            status = 503 if result.status == 500 else result.status  # nobody answered: that may pass
            return problem(status, code, str(details["detail"]), type=details["type"])
        answer = json_answer(result.as_json(), media_type=MEDIA_TYPE)
        answer.status_code = result.status
        return answer

    return router


def _notes(report: Report) -> list[dict[str, str]]:
    return [{"code": note.code, "detail": note.detail} for note in report.warnings]


def _refusal(error: TegataError, report: Report) -> Response:
    members: dict[str, Any] = {"errors": list(describe_errors(error)), "warnings": _notes(report)}
    if isinstance(error, Rejected):
        members["reason"] = error.reason
    return problem(status_of(error), error.code, error.detail, **members)
