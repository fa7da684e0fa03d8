"""Making a wallet, unlocking and locking it, changing its passphrase."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field, SecretStr

from common.errors import Refused
from common.web.limits import client_address
from wallet_agent.deps import Deps
from wallet_agent.holder.create_holder import create_holder
from wallet_agent.holder.unlock import change_passphrase, lock, lock_everywhere, open_with_passphrase, start_session
from wallet_agent.routes.door import Door, known_tenant
from wallet_agent.routes.models import Strict
from wallet_agent.vault.open_vault import OpenVault

Passphrase = Annotated[SecretStr, Field(min_length=1, max_length=1024)]


class NewHolder(Strict):
    """name: as it will stand in addresses: a-z, 0-9 and -."""

    name: str = Field(min_length=1, max_length=63)
    passphrase: Passphrase


class HolderOut(BaseModel):
    name: str
    address: str


class Unlock(Strict):
    passphrase: Passphrase


class Unlocked(BaseModel):
    """token: for ``Authorization: Bearer``; it is the only thing that opens the vault. expires_in: seconds."""

    token: str
    expires_in: int


class Lock(Strict):
    """everywhere: also every other browser and program."""

    everywhere: bool = False


class NewPassphrase(Strict):
    old: Passphrase
    new: Passphrase


def session_routes(deps: Deps, door: Door) -> APIRouter:
    router = APIRouter(tags=["wallet"])
    settings, clock = deps.settings, deps.clock
    open_vault, bearer = Depends(door.vault()), Depends(door.token)

    @router.post("/api/holders", status_code=201)
    def create(request: Request, body: NewHolder) -> HolderOut:
        """Makes a wallet, where this deployment lets strangers do so."""
        if not settings.signup_is_open:
            raise Refused("signup_closed", "new wallets are made by the operator here")
        deps.limits.count("-", settings.signup_limit, "signup", client_address(request))
        vault = create_holder(body.name, body.passphrase.get_secret_value(), cost=settings.passphrase_cost, clock=clock)
        return HolderOut(name=vault.tenant, address=f"{settings.public_url}/{vault.tenant}/")

    @router.post("/{tenant}/api/unlock")
    def unlock(request: Request, tenant: str, body: Unlock) -> Unlocked:
        """Opens the vault for a while, for whoever has the token that this answers."""
        deps.limits.count("-", settings.guess_limit, "unlock", client_address(request))
        vault = open_with_passphrase(
            known_tenant(tenant), body.passphrase.get_secret_value(), clock=clock, cost=settings.passphrase_cost
        )
        token = start_session(vault, clock=clock, seconds=settings.session_seconds)
        return Unlocked(token=token, expires_in=settings.session_seconds)

    @router.post("/{tenant}/api/lock", status_code=204)
    def lock_vault(body: Lock, vault: OpenVault = open_vault, token: str = bearer) -> Response:
        """Ends this session, or all of them."""
        if body.everywhere:
            lock_everywhere(vault.tenant, clock=clock)
        else:
            lock(vault.tenant, token, clock=clock)
        return Response(status_code=204)

    @router.post("/{tenant}/api/passphrase", status_code=204)
    def new_passphrase(request: Request, body: NewPassphrase, vault: OpenVault = open_vault) -> Response:
        """Changes the passphrase and ends every session, this one too."""
        deps.limits.count("-", settings.guess_limit, "unlock", client_address(request))
        change_passphrase(
            vault.tenant,
            body.old.get_secret_value(),
            body.new.get_secret_value(),
            clock=clock,
            cost=settings.passphrase_cost,
        )
        return Response(status_code=204)

    return router
