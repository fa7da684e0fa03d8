"""Status lists, for anybody, cacheable (Token Status List draft-20 §8.1)."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from common.status.token_status_list import MEDIA_TYPE
from issuer.deps import Deps

_RESPONSES: dict[int | str, Any] = {
    200: {"description": "Status list token", "content": {MEDIA_TYPE: {"schema": {"type": "string"}}}},
    304: {"description": "Not changed"},
}


def status_list_routes(deps: Deps) -> APIRouter:
    router = APIRouter(tags=["status"], default_response_class=Response)

    @router.get("/{tenant}/status/{list_id}", responses=_RESPONSES)
    def status_list(request: Request, tenant: str, list_id: str) -> Response:
        published = deps.publisher.publish(deps.desk, tenant, list_id)
        headers = {
            "Cache-Control": f"public, max-age={published.max_age}",
            "ETag": published.etag,
            "Access-Control-Allow-Origin": "*",
        }
        if published.etag in (part.strip() for part in request.headers.get("if-none-match", "").split(",")):
            return Response(status_code=304, headers=headers)
        return Response(published.token, headers=headers, media_type=MEDIA_TYPE)

    return router
