"""Backup, passphrase, and locking everywhere."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Form, Request, Response

from common.errors import Conflict, Malformed, Refused, TooMany
from common.pages.route import page_router, to
from wallet_agent.holder.backup import make_backup
from wallet_agent.holder.create_holder import parse_tenant
from wallet_agent.holder.unlock import change_passphrase, lock_everywhere
from wallet_agent.routes.page_door import PageDoor
from wallet_agent.vault.open_vault import OpenVault


def settings_pages(door: PageDoor) -> APIRouter:
    router = page_router(door.pages)
    guarded = [Depends(door.csrf.protect())]
    clock, cost = door.deps.clock, door.deps.settings.passphrase_cost
    opened = Depends(door.vault)

    def show(request: Request, tenant: str, **context: Any) -> Response:
        return door.pages.response(
            request, "settings.html", tenant=tenant, here="settings", owner_url=f"/{tenant}/", **context
        )

    @router.get("/{tenant}/settings", dependencies=[opened])
    def settings(request: Request, tenant: str) -> Response:
        return show(request, tenant, wrong="")

    @router.post("/{tenant}/settings/backup", dependencies=guarded)
    def backup(
        request: Request, tenant: str, vault: OpenVault = opened, passphrase: str = Form("", max_length=4096)
    ) -> Response:
        try:
            file = make_backup(vault, passphrase=passphrase, clock=clock, cost=cost)
        except Malformed as error:
            return show(request, tenant, status=400, wrong=error.code)
        return Response(
            file,
            media_type="application/octet-stream",
            headers={
                "Content-Disposition": f'attachment; filename="{tenant}.tegata-backup"',
                "Cache-Control": "no-store",
            },
        )

    @router.post("/{tenant}/settings/passphrase", dependencies=[*guarded, opened])
    def passphrase(
        request: Request,
        tenant: str,
        old: str = Form("", max_length=4096),
        new: str = Form("", max_length=4096),
    ) -> Response:
        try:
            opened = change_passphrase(parse_tenant(tenant), old, new, clock=clock, cost=cost)
        except TooMany:
            raise
        except (Malformed, Refused, Conflict) as error:
            return show(request, tenant, status=400, wrong=error.code)
        return door.enter(opened, f"/{tenant}/settings?done=passphrase")

    @router.post("/{tenant}/settings/lock", dependencies=guarded)
    def lock_all(tenant: str, vault: OpenVault = opened) -> Response:
        lock_everywhere(vault.tenant, clock=clock)
        return to(f"/{tenant}/unlock?done=locked")

    @router.post("/{tenant}/settings/leave", dependencies=guarded)
    def leave(request: Request, tenant: str) -> Response:
        """The page's script has removed the passes of this browser before it sent the form."""
        return door.leave(request, parse_tenant(tenant), done="left")

    return router
