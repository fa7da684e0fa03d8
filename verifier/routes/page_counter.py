"""What the verifier's pages share: the renderer, the form guard, the operator's login, and the relying party's name on every page."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response

from common.pages.render import Pages
from common.web.csrf import Csrf
from verifier.deps import Deps
from verifier.store.relying_parties import find_relying_party


class PageCounter:
    """Pages of one verifier deployment. gate_only: of a venue's hub, which asks nobody anything."""

    def __init__(self, deps: Deps, *, gate_only: bool = False) -> None:
        self.deps = deps
        self.gate_only = gate_only
        self.csrf = Csrf(deps.settings)
        self.pages = Pages("verifier", forms=self.csrf, sandbox=deps.settings.is_sandbox)
        self.operator = deps.login.page("/{tenant}/login")

    def show(
        self, request: Request, tenant: str, name: str, /, *, status: int = 200, here: str = "", **context: Any
    ) -> Response:
        """Renders a page under the name of the relying party. Raises NotFound for one that is not here."""
        party, words = find_relying_party(tenant), self.pages.words(request)
        if here:
            context["owner_url"] = self.home(tenant)
        return self.pages.response(
            request,
            name,
            status=status,
            tenant=tenant,
            here=here,
            gate_only=self.gate_only,
            owner=str(party.name_ja if words.language == "ja" else party.name_en),
            seal_name=str(party.name_ja),
            **context,
        )

    def home(self, tenant: str) -> str:
        """Where an operator begins."""
        return f"/{tenant}/gate" if self.gate_only else f"/{tenant}/ask"
