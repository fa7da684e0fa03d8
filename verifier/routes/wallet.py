"""What wallets speak to: the request object and the response endpoint (OpenID4VP 1.0 §5.10, §8.2)."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from common.adapters.metrics import EVENTS
from common.oauth.form import FORM
from common.oid4vp.request_object import REQUEST_MEDIA_TYPE
from common.oid4vp.request_uri_post import RequestUriPost, parse_request_uri_post
from common.oid4vp.response import build_redirect_answer
from common.web.bodies import read_body, require_media_type
from common.web.plain_route import PlainRoute
from verifier.deps import Deps
from verifier.flows.accept_response import accept_response
from verifier.flows.serve_request import serve_request
from verifier.routes.answers import RESPONSE_PATH, json_answer

_TEXT = {"type": "string"}
_SIGNED: dict[int | str, Any] = {
    200: {"description": "Signed request object", "content": {REQUEST_MEDIA_TYPE: {"schema": _TEXT}}}
}

_REFUSED: dict[str, Any] = {
    "description": "Not taken: the protocol's error, or a problem document where that says more",
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["error"],
                "properties": {"error": _TEXT, "error_description": _TEXT},
            }
        },
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}},
    },
}


def _form(*names: str) -> dict[str, Any]:
    schema = {"type": "object", "properties": dict.fromkeys(names, _TEXT)}
    return {"requestBody": {"required": False, "content": {FORM: {"schema": schema}}}}


def wallet_routes(deps: Deps) -> APIRouter:
    router = APIRouter(tags=["OpenID4VP"], default_response_class=Response, route_class=PlainRoute)

    def serve(tenant: str, session: str, posted: RequestUriPost | None) -> Response:
        signed = serve_request(
            tenant,
            session,
            posted=posted,
            addresses=deps.addresses,
            box=deps.box,
            now=deps.clock.now(),
        )
        return Response(signed, headers={"Cache-Control": "no-store"}, media_type=REQUEST_MEDIA_TYPE)

    @router.get("/{tenant}/request/{session}", responses=_SIGNED)
    def get_request(tenant: str, session: str) -> Response:
        return serve(tenant, session, None)

    @router.post(
        "/{tenant}/request/{session}", responses=_SIGNED, openapi_extra=_form("wallet_nonce", "wallet_metadata")
    )
    def post_request(request: Request, tenant: str, session: str, body: bytes = Depends(read_body)) -> Response:
        if body:
            require_media_type(request, FORM)
        return serve(tenant, session, parse_request_uri_post(body))

    @router.post(
        RESPONSE_PATH,
        responses={
            200: {
                "description": "Taken. redirect_uri: where to send the holder, same device only",
                "content": {
                    "application/json": {
                        "schema": {"type": "object", "properties": {"redirect_uri": {"type": "string"}}}
                    }
                },
            },
            "4XX": _REFUSED,
        },
        openapi_extra=_form("response", "vp_token", "state", "error", "error_description"),
    )
    def post_response(request: Request, tenant: str, session: str, body: bytes = Depends(read_body)) -> Response:
        require_media_type(request, FORM)
        accepted = accept_response(
            tenant,
            session,
            body,
            addresses=deps.addresses,
            box=deps.box,
            gatherer=deps.gatherer,
            test_cards=deps.settings.believes_test_cards,
            now=deps.clock.now(),
        )
        EVENTS.labels(f"presentation_{accepted.verdict.answer.value}" if accepted.verdict else "declined").inc()
        return json_answer(build_redirect_answer(accepted.redirect_uri or None))

    return router
