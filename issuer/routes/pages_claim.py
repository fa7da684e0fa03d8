"""The student's page: what is offered, as a QR code and a link, and the transaction code for who knows the birth date.

Public; whoever has the address sees it, so it says little.
"""

from __future__ import annotations

from fastapi import APIRouter, Depends, Form, Request, Response

from common.errors import NotFound, Refused
from common.pages.read_date import read_date
from common.pages.route import page_router
from common.web.limits import client_address
from issuer.flows.reveal_code import reveal_code
from issuer.flows.show_offer import show_claim
from issuer.pages.roll_views import title_of
from issuer.routes.page_office import PageOffice

TRIES = "120/minute"
"""Claim pages one address may ask for: a class behind one school's address, but nobody who guesses tokens."""


def claim_pages(office: PageOffice) -> APIRouter:
    router = page_router(office.pages)
    limits, guesses = office.deps.limits, office.deps.settings.guess_limit

    @router.get("/{tenant}/claim/{claim_token}")
    def claim(request: Request, tenant: str, claim_token: str) -> Response:
        office.desk.keys.identity(
            tenant
        )  # nothing is counted for an institution that is not here: nobody would ever sweep it
        limits.count(tenant, TRIES, "claim page", client_address(request))
        return _claim(office, request, tenant, claim_token)

    @router.post("/{tenant}/claim/{claim_token}", dependencies=[Depends(office.csrf.protect())])
    def code(request: Request, tenant: str, claim_token: str, birth_date: str = Form("", max_length=200)) -> Response:
        day = read_date(birth_date)
        if day is None:
            return _claim(office, request, tenant, claim_token, wrong="shape", birth_date=birth_date)
        office.desk.keys.identity(tenant)
        guesser = (tenant, guesses, "code", client_address(request))
        limits.require_room(*guesser)
        try:
            shown = reveal_code(office.desk, tenant, claim_token, day)
        except Refused:
            limits.count(*guesser)
            return _claim(office, request, tenant, claim_token, wrong="date", birth_date=birth_date)
        except NotFound:
            limits.count(*guesser)
            raise
        address = f"/{tenant}/claim/{claim_token}"
        return office.show(request, tenant, "code.html", code=shown, claim_url=address)

    return router


def _claim(
    office: PageOffice, request: Request, tenant: str, claim_token: str, *, wrong: str = "", birth_date: str = ""
) -> Response:
    """wrong: what is wrong with the birth date just sent: shape, date, or nothing."""
    view, words = show_claim(office.desk, tenant, claim_token), office.pages.words(request)
    return office.show(
        request,
        tenant,
        "claim.html",
        status=400 if wrong else 200,
        state=view.state,
        titles=[title_of(name, words) for name in view.types],
        link=view.link,
        wallet_link=view.wallet_link,
        address=f"/{tenant}/claim/{claim_token}",
        claim_url=office.desk.addresses.claim(tenant, claim_token),
        needs_tx_code=view.needs_tx_code,
        by_birth_date=office.desk.settings.code_by_birth_date and not view.from_card,
        tries_left=view.tries_left,
        wrong=wrong,
        birth_date=birth_date,
        expires_at=view.expires_at,
    )
