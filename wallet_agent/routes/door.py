"""The door of the JSON API: a bearer token, got by unlocking, opens the vault of the wallet in the path and of no other.

Cookies open nothing here, so a stranger's page in the holder's browser can do nothing here either.
"""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from common.errors import Malformed, Refused
from common.ids import Tenant
from common.oauth.bearer import parse_bearer
from common.web.problems import LoginNeeded
from wallet_agent.deps import Deps
from wallet_agent.holder.create_holder import parse_tenant
from wallet_agent.holder.unlock import resume
from wallet_agent.vault.open_vault import OpenVault

_DESCRIBED = HTTPBearer(
    auto_error=False, scheme_name="unlock", description="the token that POST /{tenant}/api/unlock answers"
)
"""For the OpenAPI alone: the header is read strictly below."""


class Door:
    """``vault`` and ``token`` are FastAPI dependencies for routes under ``/{tenant}/api``."""

    def __init__(self, deps: Deps) -> None:
        self.deps = deps

    def token(self, request: Request, _: HTTPAuthorizationCredentials | None = Depends(_DESCRIBED)) -> str:
        """The bearer token. Raises LoginNeeded."""
        try:
            return parse_bearer(request.headers.get("authorization"), query_names=request.query_params.keys())
        except (Malformed, Refused) as error:
            raise LoginNeeded from error

    def vault(self) -> Callable[[str, str], OpenVault]:
        """A dependency: the open vault. Raises LoginNeeded: locked, expired, another wallet's token, no such wallet."""
        bearer = Depends(self.token)

        def open_vault(tenant: str, token: str = bearer) -> OpenVault:
            try:
                return resume(known_tenant(tenant), token, clock=self.deps.clock)
            except (Malformed, Refused) as error:
                raise LoginNeeded from error

        return open_vault


def known_tenant(text: str) -> Tenant:
    return parse_tenant(text)
