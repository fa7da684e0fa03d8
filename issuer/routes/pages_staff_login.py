"""The staff's way in and out."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Form, Request, Response

from common.errors import Refused, TooMany
from common.pages.route import page_router, to
from common.web.limits import client_address
from issuer.routes.page_office import PageOffice


def staff_login_pages(office: PageOffice) -> APIRouter:
    router = page_router(office.pages)
    guarded = [Depends(office.csrf.protect())]

    def ask(request: Request, tenant: str, *, status: int = 200, wrong: bool = False) -> Response:
        action = f"/{tenant}/staff/login"
        return office.show(request, tenant, "login.html", status=status, action=action, wrong=wrong)

    @router.get("/{tenant}/staff")
    def front(tenant: str) -> Response:
        return to(f"/{tenant}/staff/roll")

    @router.get("/{tenant}/staff/login")
    def login_form(request: Request, tenant: str) -> Response:
        return ask(request, tenant)

    @router.post("/{tenant}/staff/login", dependencies=guarded)
    def login(request: Request, tenant: str, token: str = Form("", max_length=200)) -> Response:
        office.desk.keys.identity(tenant)  # nothing is counted for an institution that is not here
        office.deps.limits.count(tenant, office.deps.settings.guess_limit, "staff login", client_address(request))
        response = to(f"/{tenant}/staff/roll")
        try:
            office.deps.login.log_in(tenant, token, response)
        except TooMany:
            raise
        except Refused:
            return ask(request, tenant, status=403, wrong=True)
        return response

    @router.post("/{tenant}/staff/logout", dependencies=guarded)
    def logout(request: Request, tenant: str) -> Response:
        response = to(f"/{tenant}/staff/login")
        office.deps.login.log_out(tenant, request, response)
        return response

    return router
