"""The pass page: what the holder shows at a gate. It is the same for everybody, holds nothing of anybody, and needs no open vault: the pass
itself is in the browser that it was issued to. What it asks for when there is a network is below, as JSON, behind the lock.
"""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from common.pages.language import choose_language
from common.pages.route import page_router
from wallet_agent.holder.bind_pass import bind_pass, want_proof
from wallet_agent.holder.create_holder import parse_tenant
from wallet_agent.holder.pass_facts import pass_facts
from wallet_agent.pages.pass_views import TEMPLATE, folder_of, pass_manifest, pass_version, pass_words, pass_worker
from wallet_agent.routes.offers import RowId
from wallet_agent.routes.page_door import PageDoor
from wallet_agent.routes.pass_models import (
    BoundPassOut,
    KeyProof,
    PassPageOut,
    ProofWantedOut,
    bound_out,
    pass_page_out,
    proof_wanted_out,
)
from wallet_agent.vault.open_vault import OpenVault


def pass_pages(door: PageDoor) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    router.include_router(_documents(door))
    router.include_router(_answers(door))
    return router


def _documents(door: PageDoor) -> APIRouter:
    router = page_router(door.pages)
    pages, words = door.pages, pass_words(door.pages.catalogue)
    version = pass_version(words)

    @router.get("/{tenant}/passes/sw.js")
    def worker(tenant: str) -> Response:
        """Never kept by the browser beyond the page's life: a new one is how a page that is kept learns of a new version."""
        script = pass_worker(parse_tenant(tenant), version)
        return Response(script, media_type="text/javascript", headers={"Cache-Control": "no-cache"})

    @router.get("/{tenant}/passes/manifest.webmanifest")
    def manifest(request: Request, tenant: str) -> Response:
        content = pass_manifest(pages.catalogue, parse_tenant(tenant), choose_language(request))
        return JSONResponse(content, media_type="application/manifest+json")

    @router.get("/{tenant}/passes/clock")
    def clock(tenant: str) -> Response:
        """By which a phone corrects its own. Seconds."""
        parse_tenant(tenant)
        return JSONResponse({"now": door.deps.clock.now()}, headers={"Cache-Control": "no-store"})

    @router.get("/{tenant}/passes/")
    def whichever(request: Request, tenant: str) -> Response:
        """The pass that this browser has; where it has several, the one that is chosen."""
        return pages.response(request, TEMPLATE, words=words, folder=folder_of(parse_tenant(tenant)), version=version)

    @router.get("/{tenant}/passes/{pass_id}")
    def one(request: Request, tenant: str, pass_id: RowId) -> Response:  # noqa: ARG001 - the page reads it from its address
        return pages.response(request, TEMPLATE, words=words, folder=folder_of(parse_tenant(tenant)), version=version)

    return router


def _answers(door: PageDoor) -> APIRouter:
    """For the page's script: errors are problem documents, a locked vault is a 401."""
    router = APIRouter(prefix="/{tenant}/passes/{pass_id}", include_in_schema=False)
    guarded = [Depends(door.csrf.protect())]
    outside, opened = door.deps.outside, Depends(door.vault)

    @router.get("/facts")
    def facts(request: Request, response: Response, pass_id: RowId, vault: OpenVault = opened) -> PassPageOut:
        csrf = door.csrf.token(request)
        door.csrf.keep(request, response)
        return pass_page_out(pass_facts(vault, pass_id, outside=outside), csrf=csrf)

    @router.post("/proof", dependencies=guarded)
    def proof(pass_id: RowId, vault: OpenVault = opened) -> ProofWantedOut:
        return proof_wanted_out(want_proof(vault, pass_id, outside=outside))

    @router.post("/bind", dependencies=guarded)
    def bind(pass_id: RowId, body: KeyProof, vault: OpenVault = opened) -> BoundPassOut:
        return bound_out(bind_pass(vault, pass_id, body.proof, outside=outside))

    return router
