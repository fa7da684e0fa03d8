"""The operator's way in and out."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Form, Request, Response

from common.errors import Refused, TooMany
from common.pages.route import page_router, to
from common.web.limits import client_address
from verifier.routes.page_counter import PageCounter
from verifier.store.relying_parties import find_relying_party


def operator_login_pages(counter: PageCounter) -> APIRouter:
    router = page_router(counter.pages)
    guarded = [Depends(counter.csrf.protect())]

    def ask(request: Request, tenant: str, *, status: int = 200, wrong: bool = False) -> Response:
        return counter.show(request, tenant, "login.html", status=status, action=f"/{tenant}/login", wrong=wrong)

    @router.get("/{tenant}/login")
    def login_form(request: Request, tenant: str) -> Response:
        return ask(request, tenant)

    @router.post("/{tenant}/login", dependencies=guarded)
    def login(request: Request, tenant: str, token: str = Form("", max_length=200)) -> Response:
        find_relying_party(tenant)  # nothing is counted for one that is not here
        counter.deps.limits.count(tenant, counter.deps.settings.guess_limit, "operator login", client_address(request))
        response = to(counter.home(tenant))
        try:
            counter.deps.login.log_in(tenant, token, response)
        except TooMany:
            raise
        except Refused:
            return ask(request, tenant, status=403, wrong=True)
        return response

    @router.post("/{tenant}/logout", dependencies=guarded)
    def logout(request: Request, tenant: str) -> Response:
        response = to(f"/{tenant}/login")
        counter.deps.login.log_out(tenant, request, response)
        return response

    return router
