"""What routes share: JSON answers that nobody stores."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response

from common.encoding import compact_json
from common.errors import Conflict, NotFound, TegataError, Unavailable
from common.oid4vp.errors import response_problem

RESPONSE_PATH = "/{tenant}/response/{session}"


def json_answer(value: Any, *, media_type: str = "application/json") -> Response:
    return Response(compact_json(value), headers={"Cache-Control": "no-store"}, media_type=media_type)


def translate(request: Request, error: TegataError) -> Response | None:
    """An error at the response endpoint in the protocol's words (OpenID4VP 1.0 §8.2, RFC 6749 §5.2); elsewhere: a problem document."""
    if request.method != "POST" or getattr(request.scope.get("route"), "path", "") != RESPONSE_PATH:
        return None
    if isinstance(error, NotFound | Conflict | Unavailable):
        return None  # 404, 409 and 503 say more than the protocol's one word
    found = response_problem(error)
    return Response(
        compact_json(found.body()),
        found.status,
        headers={"Cache-Control": "no-store", **(found.headers or {})},
        media_type="application/json",
    )
