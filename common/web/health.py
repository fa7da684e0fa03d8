"""Is this process alive, and is it ready for work? And its metrics, for those addresses that may read them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from common.adapters.metrics import render_metrics
from common.errors import NotFound, Unavailable
from common.settings import ProgramSettings

Check = Callable[[], bool]
"""True when the thing is there. It must answer within a few seconds and must not raise."""


class Alive(BaseModel):
    status: str = "alive"


class Ready(BaseModel):
    status: str = "ready"
    checks: dict[str, bool]


def health_routes(settings: ProgramSettings, checks: Mapping[str, Check]) -> APIRouter:
    """``/health/live``, ``/health/ready``, ``/metrics``. checks: name → check, e.g. database, key_file, migrations."""
    router = APIRouter(tags=["operations"])

    @router.get("/health/live")
    def live() -> Alive:
        return Alive()

    @router.get("/health/ready")
    def ready() -> Ready:
        found = {name: check() for name, check in checks.items()}
        if not all(found.values()):
            missing = ", ".join(name for name, answer in found.items() if not answer)
            raise Unavailable("not_ready", f"not ready: {missing}", retry_after=5)
        return Ready(checks=found)

    @router.get(
        "/metrics",
        response_class=Response,
        responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
    )
    def metrics(request: Request) -> Response:
        if request.client is None or request.client.host not in settings.metrics_from:
            raise NotFound("not_found", "nothing here")
        body, media_type = render_metrics()
        return Response(body, media_type=media_type)

    return router
