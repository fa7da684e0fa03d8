"""The scanner for a steward's phone: one page, its service worker and its manifest. Public: who may scan is settled by the device's key."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from common.pages.language import choose_language
from common.pages.render import Pages
from common.pages.route import page_router
from verifier.pages.gate_scanner_views import (
    PAGE,
    TEMPLATE,
    scanner_manifest,
    scanner_version,
    scanner_words,
    scanner_worker,
)


def scanner_router(pages: Pages) -> APIRouter:
    router = page_router(pages)
    words = scanner_words(pages.catalogue)
    version = scanner_version(words)

    @router.get(PAGE)
    def show_scanner(request: Request) -> Response:
        return pages.response(request, TEMPLATE, words=words, version=version)

    @router.get(f"{PAGE}sw.js")
    def serve_worker() -> Response:
        """Never kept by the browser beyond the page's life: a new one is how an installed scanner learns of a new version."""
        return Response(scanner_worker(version), media_type="text/javascript", headers={"Cache-Control": "no-cache"})

    @router.get(f"{PAGE}manifest.webmanifest")
    def serve_manifest(request: Request) -> Response:
        content = scanner_manifest(pages.catalogue, choose_language(request))
        return JSONResponse(content, media_type="application/manifest+json")

    return router
