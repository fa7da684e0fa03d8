"""Time-stamps of certificates, for whoever holds one: asked for by the certificate's digest, which nobody else can know."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from common.x509.time_stamp import ANSWER_TYPE
from issuer.deps import Deps
from issuer.flows.stamp_credentials import read_time_stamp

CACHE = "public, max-age=31536000, immutable"
_STAMP: dict[int | str, Any] = {
    200: {
        "description": "TimeStampResp of RFC 3161",
        "content": {ANSWER_TYPE: {"schema": {"type": "string", "format": "binary"}}},
    }
}
Digest = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{43}$", description="SHA-256, base64url")]


def time_stamp_routes(_: Deps) -> APIRouter:
    router = APIRouter(tags=["time-stamps"], default_response_class=Response)

    @router.get("/{tenant}/time-stamps/{digest}", responses=_STAMP)
    def time_stamp(tenant: str, digest: Digest) -> Response:
        """The time-stamp of one certificate, by the SHA-256 of what its issuer signed. 404 where there is none (yet)."""
        answer = read_time_stamp(tenant, digest)
        headers = {"Cache-Control": CACHE, "Access-Control-Allow-Origin": "*"}
        return Response(answer, headers=headers, media_type=ANSWER_TYPE)

    return router
