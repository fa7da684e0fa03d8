"""Static files from our own origin only. Their addresses carry a hash of their content, so a browser may keep them for ever."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from starlette.applications import Starlette
from starlette.datastructures import URL
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC_FOLDER = Path(__file__).parent / "static"
FOR_EVER = "public, max-age=31536000, immutable"
FOR_A_WHILE = "public, max-age=300"


@lru_cache(maxsize=256)
def static_url(name: str) -> str:
    """``built/pages.css`` → ``/static/built/pages.css?v=3f2c9a81d0b7``. A file that was not built yet gets no version."""
    path = STATIC_FOLDER / name
    if not path.is_file():
        return f"/static/{name}"
    return f"/static/{name}?v={hashlib.sha256(path.read_bytes()).hexdigest()[:12]}"


class VersionedFiles(StaticFiles):
    """Starlette's static files, plus Cache-Control: for ever when the address names this very content, else for a while."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if response.status_code in (200, 304):
            current = static_url(path).partition("?v=")[2]
            asked = URL(scope=scope).query.partition("v=")[2]
            response.headers["Cache-Control"] = FOR_EVER if current and asked == current else FOR_A_WHILE
            response.headers["X-Content-Type-Options"] = "nosniff"
        return response


def mount_static(app: Starlette) -> None:
    """Serves ``common/pages/static`` under ``/static``. No directory listings, no symbolic links followed out of the folder."""
    app.mount("/static", VersionedFiles(directory=STATIC_FOLDER, check_dir=False), name="static")
