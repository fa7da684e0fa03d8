"""How a browser opens a vault: a session token in a cookie that scripts cannot read, and pages that send a stranger to the unlock page."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import Request, Response

from common.errors import Malformed, Refused
from common.ids import Tenant
from common.pages.render import Pages
from common.pages.route import to
from common.web.csrf import Csrf
from common.web.problems import LoginNeeded
from wallet_agent.deps import Deps
from wallet_agent.holder.create_holder import parse_tenant
from wallet_agent.holder.unlock import lock, resume, start_session
from wallet_agent.vault.open_vault import OpenVault

NAME_COOKIE = "tegata-wallet-name"
NAME_AGE = 365 * 86400
"""Seconds."""


class PageDoor:
    """What every page of the wallet shares: its renderer, its form guard, and the door to the vault."""

    def __init__(self, deps: Deps) -> None:
        self.deps = deps
        self.csrf = Csrf(deps.settings)
        self.pages = Pages("wallet_agent", forms=self.csrf, sandbox=deps.settings.is_sandbox)
        self.secure = deps.settings.is_https
        self.cookie = "__Host-wallet" if self.secure else "tegata-wallet-session"

    def vault(self, request: Request, tenant: str) -> OpenVault:
        """The dependency of pages behind the lock. A locked vault sends the browser to the unlock page, and back afterwards."""
        token = request.cookies.get(self.cookie, "")
        try:
            return resume(parse_tenant(tenant), token, clock=self.deps.clock)
        except Refused as error:
            back = f"?next={quote(_here(request), safe='')}" if request.method == "GET" else ""
            raise LoginNeeded(f"/{tenant}/unlock{back}") from error

    def enter(self, vault: OpenVault, address: str) -> Response:
        """Starts a session on an open vault and goes on to ``address``."""
        seconds = self.deps.settings.session_seconds
        response = to(address)
        response.set_cookie(
            self.cookie,
            start_session(vault, clock=self.deps.clock, seconds=seconds),
            max_age=seconds,
            path="/",
            secure=self.secure,
            httponly=True,
            samesite="lax",
        )
        response.set_cookie(
            NAME_COOKIE, vault.tenant, max_age=NAME_AGE, path="/", secure=self.secure, httponly=True, samesite="lax"
        )
        return response

    def last_wallet(self, request: Request) -> str:
        """The name of the wallet that this browser opened last, or nothing. It says nothing about who may open it."""
        try:
            return parse_tenant(request.cookies.get(NAME_COOKIE, ""))
        except Malformed:
            return ""

    def leave(self, request: Request, tenant: Tenant, *, done: str = "") -> Response:
        """Locks: the session ends at the server, and the cookie goes. done: what the unlock page says then."""
        lock(tenant, request.cookies.get(self.cookie, ""), clock=self.deps.clock)
        response = to(f"/{tenant}/unlock" + (f"?done={done}" if done else ""))
        response.delete_cookie(self.cookie, path="/", secure=self.secure, httponly=True, samesite="lax")
        return response


def inside(address: str, tenant: str) -> str:
    """``address`` where it stays in this wallet, else the wallet's first page: a link must not lead elsewhere through us."""
    plain = address.startswith(f"/{tenant}/") and "\\" not in address and not any(c < " " for c in address)
    return address if plain and "//" not in address.split("?")[0] else f"/{tenant}/"


def _here(request: Request) -> str:
    query = f"?{request.url.query}" if request.url.query else ""
    return request.url.path + query
