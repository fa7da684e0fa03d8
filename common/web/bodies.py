"""Request bodies of protocol endpoints: as bytes, of the media type that the protocol names."""

from __future__ import annotations

from fastapi import Request

from common.errors import Malformed


async def read_body(request: Request) -> bytes:
    """A dependency: the whole body. Its size is bounded by the middleware."""
    return await request.body()


def require_media_type(request: Request, wanted: str, code: str = "invalid_request") -> None:
    """Raises Malformed(code) for a body of another kind."""
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != wanted:
        raise Malformed(code, f"the body must be {wanted}")
