"""What routes share: JSON answers, and the protocols' own error forms on the protocols' own paths."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import Request, Response

from common.encoding import compact_json
from common.errors import TegataError
from common.oauth.errors import NO_STORE, OAuthProblem
from common.oid4vci.errors import credential_problem, notification_problem, token_problem

PROTOCOL_ERRORS: Mapping[str, Callable[[TegataError], OAuthProblem]] = {
    "/{tenant}/token": token_problem,
    "/{tenant}/credential": credential_problem,
    "/{tenant}/notification": notification_problem,
}
ERROR_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["error"],
    "properties": {"error": {"type": "string"}, "error_description": {"type": "string"}},
}


def json_answer(value: Any, *, status: int = 200, cache: str = "no-store") -> Response:
    return Response(compact_json(value), status, headers={"Cache-Control": cache}, media_type="application/json")


def translate(request: Request, error: TegataError) -> Response | None:
    """An error on a protocol's path in the protocol's words (RFC 6749 §5.2, OpenID4VCI 1.0 §8.3.1)."""
    if request.method != "POST":
        return None
    make = PROTOCOL_ERRORS.get(getattr(request.scope.get("route"), "path", ""))
    if make is None:
        return None
    found = make(error)
    return Response(
        compact_json(found.body()), found.status, headers=dict(found.headers or NO_STORE), media_type="application/json"
    )


def documented(
    description: str,
    schema: dict[str, Any],
    *,
    media_type: str = "application/json",
    protocol_errors: bool = True,
) -> dict[int | str, Any]:
    """The ``responses`` of a protocol endpoint for the OpenAPI: its own answer, and the protocol's error where it has one."""
    own: dict[int | str, Any] = {200: {"description": description, "content": {media_type: {"schema": schema}}}}
    return own | (PROTOCOL_REFUSALS if protocol_errors else {})


_PROBLEM = {"$ref": "#/components/schemas/Problem"}
_REFUSAL: dict[str, Any] = {
    "description": "Error of the protocol; of a request that never reached it, a problem document",
    "content": {"application/json": {"schema": ERROR_SCHEMA}, "application/problem+json": {"schema": _PROBLEM}},
}
PROTOCOL_REFUSALS: dict[int | str, Any] = {"4XX": _REFUSAL, 503: _REFUSAL}
"""For the OpenAPI: what `translate` makes of errors, and what the middleware says before it."""
