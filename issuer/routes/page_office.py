"""What the issuer's pages share: the renderer, the form guard, the staff's login, and the institution's name on every page."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response

from common.pages.render import Pages
from common.web.csrf import Csrf
from issuer.deps import Deps


class PageOffice:
    """Pages of one issuer deployment."""

    def __init__(self, deps: Deps) -> None:
        self.deps = deps
        self.desk = deps.desk
        self.csrf = Csrf(deps.settings)
        self.pages = Pages("issuer", forms=self.csrf, sandbox=deps.settings.is_sandbox)
        self.staff = deps.login.page("/{tenant}/staff/login")
        self.can_mail = deps.send_mail is not None

    def show(
        self, request: Request, tenant: str, name: str, /, *, status: int = 200, here: str = "", **context: Any
    ) -> Response:
        """Renders a page under the name of the institution. Raises NotFound for one that is not here."""
        identity = self.desk.keys.identity(tenant)
        words = self.pages.words(request)
        if here:
            context["owner_url"] = f"/{tenant}/staff/roll"
        return self.pages.response(
            request,
            name,
            status=status,
            tenant=tenant,
            here=here,
            owner=identity.name_ja if words.language == "ja" else identity.name_en,
            seal_name=identity.seal,
            can_mail=self.can_mail,
            reads_cards=self.desk.card_trust is not None,
            **context,
        )


async def form_texts(request: Request) -> dict[str, str]:
    """A dependency: the text fields of a form, by name; of a repeated one the last."""
    form = await request.form()
    return {name: value for name, value in form.multi_items() if isinstance(value, str)}
