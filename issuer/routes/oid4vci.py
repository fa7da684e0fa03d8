"""The endpoints of OpenID4VCI 1.0: offer, token, nonce, credential, notification."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.security import HTTPBearer

from common.adapters.metrics import EVENTS
from common.errors import Refused
from common.oauth.bearer import parse_bearer
from common.oauth.form import FORM
from common.oid4vci.credential_offer import build_credential_offer
from common.oid4vci.credential_response import build_credential_response
from common.oid4vci.nonce import build_nonce_response
from common.oid4vci.token_request import PreAuthorizedCodeRequest, parse_token_request
from common.oid4vci.token_response import build_token_response
from common.web.bodies import read_body, require_media_type
from common.web.limits import client_address
from common.web.plain_route import PlainRoute
from issuer.deps import Deps
from issuer.flows.accept_notification import accept_notification
from issuer.flows.issue_credential import issue_credential
from issuer.flows.issue_nonce import issue_nonce
from issuer.flows.redeem_code import redeem_code
from issuer.flows.refresh_token import refresh_token
from issuer.flows.show_offer import show_offer
from issuer.routes.answers import PROTOCOL_REFUSALS, documented, json_answer

_JSON = {"type": "object"}
_DESCRIBED = Depends(
    HTTPBearer(auto_error=False, scheme_name="AccessToken", description="of the token endpoint's answer")
)
"""For the OpenAPI alone: the header is read strictly below."""
_FORM_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            FORM: {
                "schema": {
                    "type": "object",
                    "required": ["grant_type"],
                    "properties": {
                        "grant_type": {"type": "string"},
                        "pre-authorized_code": {"type": "string"},
                        "tx_code": {"type": "string"},
                        "refresh_token": {"type": "string"},
                        "authorization_details": {"type": "string"},
                        "client_id": {"type": "string"},
                    },
                }
            }
        },
    }
}
_JSON_BODY: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": _JSON}}},
}


def oid4vci_routes(deps: Deps) -> APIRouter:
    """Errors of token, credential and notification are written in the protocol's codes (`issuer.routes.answers.translate`)."""
    router = APIRouter(tags=["OpenID4VCI"], default_response_class=Response, route_class=PlainRoute)
    desk = deps.desk

    @router.get(
        "/{tenant}/offers/{reference}", responses=documented("Credential offer, §4.1", _JSON, protocol_errors=False)
    )
    def offer(tenant: str, reference: str) -> Response:
        return json_answer(build_credential_offer(show_offer(desk, tenant, reference)))

    @router.post("/{tenant}/token", responses=documented("Token response, §6.2", _JSON), openapi_extra=_FORM_BODY)
    def token(request: Request, tenant: str, body: bytes = Depends(read_body)) -> Response:
        desk.keys.identity(tenant)
        require_media_type(request, FORM)
        asked = parse_token_request(body, issuer=desk.addresses.issuer(tenant))
        if isinstance(asked, PreAuthorizedCodeRequest):
            guesser = (tenant, deps.settings.guess_limit, "code", client_address(request))
            deps.limits.require_room(*guesser)
            try:
                return json_answer(build_token_response(redeem_code(desk, tenant, asked)))
            except Refused:  # every wrong code counts against who guesses, too, not only against the offer
                deps.limits.count(*guesser)
                raise
        return json_answer(build_token_response(refresh_token(desk, tenant, asked)))

    @router.post("/{tenant}/nonce", responses=documented("Nonce response, §7.2", _JSON, protocol_errors=False))
    def nonce(tenant: str) -> Response:
        return json_answer(build_nonce_response(issue_nonce(desk, tenant)))

    @router.post(
        "/{tenant}/credential",
        responses=documented("Credential response, §8.3", _JSON),
        dependencies=[_DESCRIBED],
        openapi_extra=_JSON_BODY,
    )
    def credential(request: Request, tenant: str, body: bytes = Depends(read_body)) -> Response:
        access_token = _access_token(request)
        require_media_type(request, "application/json", "invalid_credential_request")
        issued = issue_credential(desk, tenant, access_token, body)
        EVENTS.labels("credential_issued").inc(len(issued.credentials))
        return json_answer(build_credential_response(issued))

    @router.post(
        "/{tenant}/notification",
        status_code=204,
        responses={204: {"description": "Heard, §11.2"}, **PROTOCOL_REFUSALS},
        dependencies=[_DESCRIBED],
        openapi_extra=_JSON_BODY,
    )
    def notification(request: Request, tenant: str, body: bytes = Depends(read_body)) -> Response:
        access_token = _access_token(request)
        require_media_type(request, "application/json", "invalid_notification_request")
        accept_notification(desk, tenant, access_token, body)
        return Response(status_code=204, headers={"Cache-Control": "no-store"})

    def _access_token(request: Request) -> str:
        return parse_bearer(request.headers.get("authorization"), query_names=request.query_params.keys())

    return router
