"""Who may use the staff's and operators' pages and APIs: a long random token, hashed at rest, and sessions made from it.

A token is made once (`new_token`), shown once, and kept as SHA-256 only: it holds 256 random bits, so a slow hash would guard nothing.
A browser trades it for a session cookie (`log_in`); a program sends it as ``Authorization: Bearer``. Both belong to one tenant: asked
for another tenant's page they are strangers there. Passkeys and federation come later, as further ways into the same session.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import Depends, Request, Response
from fastapi.security import HTTPBearer

from common.adapters.database import changed
from common.errors import Refused
from common.ports import Clock
from common.settings import ProgramSettings
from common.web.problems import LoginNeeded

_WORD = re.compile(r"[A-Za-z0-9._-]{1,100}")
PREFIX = "tgt_"
"""Makes a leaked token easy to find and to name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody who is logged in. name: of the token. role: "staff", "operator" …"""

    tenant: str
    name: str
    role: str
    session: str = ""
    """Digest of the session; empty when a bearer token was used."""

    @property
    def actor(self) -> str:
        """Who acts, for the audit record: ``staff:registrar``. A name that is more than a plain word, and may be a person's, as a hash."""
        plain = _WORD.fullmatch(self.name)
        return f"{self.role}:{self.name if plain else hashlib.sha256(self.name.encode()).hexdigest()[:16]}"


class Login:
    """Tokens and sessions of one program. tables: what `common.web.tables.login_tables` made."""

    def __init__(self, settings: ProgramSettings, clock: Clock, tables: tuple[type[Any], type[Any]]) -> None:
        self.tokens, self.sessions = tables
        self.clock = clock
        self.seconds = settings.session_seconds
        self.secure = settings.is_https
        self.cookie = f"{'__Host-' if self.secure else ''}tegata-{settings.program}"

    # -- tokens -------------------------------------------------------------------------------------------------------

    def new_token(self, tenant: str, name: str, role: str = "staff") -> str:
        """Makes a token and answers its text: the only time anybody sees it."""
        token = PREFIX + secrets.token_urlsafe(32)
        self.tokens.create(tenant=tenant, digest=_digest(token), name=name, role=role, created_at=self.clock.now())
        return token

    def has_token(self, tenant: str) -> bool:
        rows = self.tokens
        return bool(rows.select().where(rows.tenant == tenant, rows.revoked_at.is_null()).exists())

    def revoke_token(self, tenant: str, name: str) -> int:
        """Withdraws the tokens of that name and ends their sessions. Answers how many tokens."""
        rows, sessions = self.tokens, self.sessions
        mine = (rows.tenant == tenant) & (rows.name == name)
        withdrawn = int(rows.update(revoked_at=self.clock.now()).where(mine & rows.revoked_at.is_null()).execute())
        sessions.delete().where(sessions.tenant == tenant, sessions.name == name).execute()
        return withdrawn

    def find_token(self, tenant: str, token: str) -> Visitor | None:
        """Whose token it is, at this tenant. The look-up is by digest, so its time tells nothing about the token."""
        rows = self.tokens
        if not token.startswith(PREFIX) or len(token) > 100:
            return None
        row = rows.get_or_none(rows.tenant == tenant, rows.digest == _digest(token), rows.revoked_at.is_null())
        return None if row is None else Visitor(tenant=tenant, name=row.name, role=row.role)

    # -- sessions -----------------------------------------------------------------------------------------------------

    def log_in(self, tenant: str, token: str, response: Response) -> Visitor:
        """Trades a token for a session cookie on ``response``. Raises Refused("login_failed"). The caller limits the tries."""
        found = self.find_token(tenant, token.strip())
        if found is None:
            raise Refused("login_failed", "this token is not known here")
        secret = secrets.token_urlsafe(32)
        now = self.clock.now()
        self.sessions.create(
            tenant=tenant,
            digest=_digest(secret),
            token=_digest(token.strip()),
            name=found.name,
            role=found.role,
            created_at=now,
            expires_at=now + self.seconds,
        )
        if self.find_token(tenant, token.strip()) is None:  # withdrawn while we were at it: its sessions end too
            self.sessions.delete().where(self.sessions.tenant == tenant, self.sessions.name == found.name).execute()
            raise Refused("login_failed", "this token is not known here")
        response.set_cookie(
            self.cookie, secret, max_age=self.seconds, path="/", secure=self.secure, httponly=True, samesite="lax"
        )
        return Visitor(tenant=tenant, name=found.name, role=found.role, session=_digest(secret))

    def log_out(self, tenant: str, request: Request, response: Response) -> None:
        """Ends the session, at the server too. Harmless when there is none."""
        rows = self.sessions
        secret = request.cookies.get(self.cookie, "")
        changed(rows.delete().where(rows.tenant == tenant, rows.digest == _digest(secret)))
        response.delete_cookie(self.cookie, path="/", secure=self.secure, httponly=True, samesite="lax")

    def find_session(self, tenant: str, request: Request) -> Visitor | None:
        secret = request.cookies.get(self.cookie, "")
        if not secret or len(secret) > 100:
            return None
        rows = self.sessions
        digest = _digest(secret)
        row = rows.get_or_none(rows.tenant == tenant, rows.digest == digest, rows.expires_at > self.clock.now())
        return None if row is None else Visitor(tenant=tenant, name=row.name, role=row.role, session=digest)

    def sweep(self, tenant: str) -> int:
        """Deletes the tenant's sessions that are over. For the retention job."""
        rows = self.sessions
        return int(rows.delete().where(rows.tenant == tenant, rows.expires_at <= self.clock.now()).execute())

    # -- dependencies of routes ---------------------------------------------------------------------------------------

    def page(self, login_path: str = "/{tenant}/login") -> Callable[[Request, str], Visitor]:
        """A FastAPI dependency for pages: a session of the path's tenant, else the browser goes to ``login_path``."""

        def require_session(request: Request, tenant: str) -> Visitor:
            visitor = self.find_session(tenant, request)
            if visitor is None:
                raise LoginNeeded(login_path.replace("{tenant}", tenant))
            return visitor

        return require_session

    def api(self, role: str = "") -> Callable[..., Visitor]:
        """A FastAPI dependency for JSON APIs: a bearer token of the path's tenant (of that role, if one is named), never a cookie."""

        described = Depends(
            HTTPBearer(auto_error=False, scheme_name="LoginToken", description="a token that the command line made")
        )

        def require_bearer(request: Request, tenant: str, _: object = described) -> Visitor:
            scheme, _, token = request.headers.get("authorization", "").partition(" ")
            visitor = self.find_token(tenant, token.strip()) if scheme.lower() == "bearer" else None
            if visitor is None:
                raise LoginNeeded
            if role and visitor.role != role:
                raise Refused("role_missing", f"this needs a token of the role {role}")
            return visitor

        return require_bearer


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
