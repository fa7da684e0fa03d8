"""Status lists, for anybody, cacheable. Token Status List draft-20 §8, §9; Bitstring Status List 1.0 §2.2, §4.

One list has an address for its Token Status List (JWT, CWT), one for each purpose of a Bitstring Status List (Data Integrity,
``vc+jwt``), and one for what changed since a version. Which form comes is chosen by ``Accept``.
"""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import formatdate, parsedate_to_datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from common.encoding import compact_json
from common.status.changes import MEDIA_TYPE as CHANGES
from common.web.problems import problem
from issuer.deps import Deps
from issuer.flows.publish_status_list import PublishedList, renderings_at
from issuer.routes.accept import choose_media_type

_OPEN = {"Access-Control-Allow-Origin": "*"}


def _responses(*media_types: str) -> dict[int | str, Any]:
    return {
        200: {
            "description": "The list as it stands",
            "content": {name: {"schema": {"type": "string"}} for name in media_types},
        },
        304: {"description": "Not changed"},
    }


_TOKEN = _responses(*(name for one in renderings_at("") for name in one.media_types))
_BITSTRING = _responses(*(name for one in renderings_at("revocation") for name in one.media_types))
_AGGREGATION: dict[int | str, Any] = {
    200: {"description": "All lists", "content": {"application/json": {"schema": {"type": "object"}}}}
}


def status_list_routes(deps: Deps) -> APIRouter:
    router = APIRouter(tags=["status"], default_response_class=Response)
    desk, publisher = deps.desk, deps.publisher

    def published(request: Request, tenant: str, list_id: str, purpose: str) -> Response:
        if "time" in request.query_params or "timestamp" in request.query_params:
            return problem(501, "not_implemented", "lists of the past are not kept", headers=_OPEN)  # draft-20 §8.4
        chosen = {name: one for one in renderings_at(purpose) for name in one.media_types}
        media_type = choose_media_type(request.headers.get("accept", ""), chosen)
        if media_type is None:
            return problem(406, "not_acceptable", f"to be had here: {', '.join(chosen)}", headers=_OPEN)
        made = publisher.publish(desk, tenant, list_id, rendering=chosen[media_type], purpose=purpose)
        return _answer(request, made, media_type)

    @router.get("/{tenant}/status", responses=_AGGREGATION)
    def aggregation(tenant: str) -> Response:
        """Status List Aggregation (draft-20 §9): the addresses of all Token Status Lists."""
        headers = {"Cache-Control": f"public, max-age={desk.settings.status_ttl}", **_OPEN}
        return Response(compact_json(publisher.aggregate(desk, tenant)), headers=headers, media_type="application/json")

    @router.get("/{tenant}/status/{list_id}", responses=_TOKEN)
    def status_list(request: Request, tenant: str, list_id: str) -> Response:
        """Token Status List, as JWT or CWT."""
        return published(request, tenant, list_id, "")

    @router.get("/{tenant}/status/{list_id}/changes", responses=_responses(CHANGES))
    def changes(
        request: Request, tenant: str, list_id: str, since: Annotated[int, Query(ge=0, le=(1 << 53) - 1)]
    ) -> Response:
        """What changed after a version (the ``list_version`` of a list token), signed."""
        return _answer(request, publisher.changes(desk, tenant, list_id, since), CHANGES)

    @router.get("/{tenant}/status/{list_id}/{purpose}", responses=_BITSTRING)
    def bitstring_list(request: Request, tenant: str, list_id: str, purpose: str) -> Response:
        """Bitstring Status List credential of one purpose: revocation, suspension, message or refresh."""
        return published(request, tenant, list_id, purpose)

    return router


def _answer(request: Request, made: PublishedList, media_type: str) -> Response:
    headers = {
        "Cache-Control": f"public, max-age={made.max_age}",
        "ETag": made.etag,
        "Last-Modified": formatdate(made.made_at, usegmt=True),
        "Vary": "Accept",
        **_OPEN,
    }
    if _is_known(request.headers, made):
        return Response(status_code=304, headers=headers)
    return Response(made.body, headers=headers, media_type=media_type)


def _is_known(headers: Mapping[str, str], made: PublishedList) -> bool:
    """RFC 9110 §13.1.2 (weak comparison), §13.1.3 (only where there is no If-None-Match)."""
    if "if-none-match" in headers:
        known = [part.strip() for part in headers["if-none-match"].split(",")]
        opaque = made.etag.removeprefix("W/")
        return "*" in known or any(part.removeprefix("W/") == opaque for part in known)
    try:
        return made.made_at <= parsedate_to_datetime(headers["if-modified-since"]).timestamp()
    except (KeyError, ValueError, TypeError, OverflowError):
        return False
