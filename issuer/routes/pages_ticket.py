"""The pages of who buys, has or takes a ticket. Each is opened by its address alone, which nobody guesses; so it says no names."""

from __future__ import annotations

import secrets
from typing import Any

from fastapi import APIRouter, Depends, Form, Request, Response

from common.errors import NotFound, TegataError
from common.pages.catalogue import Words
from common.pages.route import page_router, to
from common.web.limits import client_address
from issuer.flows.events.demand import find_demand, lacking_of, settle_order
from issuer.flows.events.end_ticket import lost
from issuer.flows.events.find_events import (
    class_of,
    find_event,
    find_ticket,
    order_of_token,
    ticket_of_token,
    tickets_of_buyer,
)
from issuer.flows.events.flags import NAME
from issuer.flows.events.issue_pass import issue_paper
from issuer.flows.events.mail_links import mail_transfer
from issuer.flows.events.offer_ticket import offer_ticket, open_offer
from issuer.flows.events.sell import required_of
from issuer.flows.events.transfer import (
    demand_of_taker,
    is_taker,
    name_taker,
    open_transfer,
    take_ticket,
    transfer_of_ticket,
    transfer_of_token,
    withdraw_transfer,
)
from issuer.pages.event_views import flag_names, name_of, tone
from issuer.routes.page_office import PageOffice

TAKER, TAKER_SECONDS = "tegata-taker", 7 * 86_400
"""The cookie by which who takes a ticket is known again, on the page of that transfer alone."""
TRIES = "240/minute"
"""Pages one address may ask for: those that wait for an answer ask every two seconds, and nobody guesses tokens."""


def ticket_pages(office: PageOffice) -> APIRouter:
    router = page_router(office.pages)
    guarded = [Depends(office.csrf.protect())]
    desk, limits = office.desk, office.deps.limits

    def enter(request: Request, tenant: str) -> None:
        desk.keys.identity(tenant)  # nothing is counted for an institution that is not here
        limits.count(tenant, TRIES, "ticket page", client_address(request))

    entered = [Depends(enter)]

    @router.get("/{tenant}/orders/{order_token}", dependencies=entered)
    def order(request: Request, tenant: str, order_token: str) -> Response:
        row, words, trouble = order_of_token(tenant, order_token), office.pages.words(request), ""
        try:
            row = settle_order(desk, tenant, row)
        except TegataError as error:
            trouble = words(f"events.wrong.{error.code}", error.detail)
        tickets = tickets_of_buyer(tenant, row.id)
        required = required_of(tenant, row.event_id, tickets)
        demand = _demand(find_demand(tenant, row.id), required, words) if row.state == "asked" else None
        return office.show(
            request,
            tenant,
            "order.html",
            event=_event(tenant, row.event_id, words),
            state=row.state,
            address=f"/{tenant}/orders/{order_token}",
            demand=demand,
            required=flag_names(required, words),
            until=row.expires_at,
            trouble=trouble,
            tickets=[
                {"number": one.number, "state": one.state, "tone": tone(one.state)}
                | {"class": _class_name(tenant, one, words)}
                | {"address": f"/{tenant}/tickets/{desk.secrets.token(tenant, 'ticket', one.id)}"}
                for one in tickets
            ],
        )

    @router.post("/{tenant}/orders/{order_token}", dependencies=[*entered, *guarded])
    def ask_again(tenant: str, order_token: str) -> Response:
        settle_order(desk, tenant, order_of_token(tenant, order_token), again=True)
        return to(f"/{tenant}/orders/{order_token}")

    @router.get("/{tenant}/tickets/{ticket_token}", dependencies=entered)
    def ticket(request: Request, tenant: str, ticket_token: str, sure: str = "") -> Response:
        row, words = ticket_of_token(tenant, ticket_token), office.pages.words(request)
        made = open_offer(desk, tenant, row) if row.state == "sold" else None
        transfer = transfer_of_ticket(desk, tenant, row) if row.state == "sold" else None
        return office.show(
            request,
            tenant,
            "ticket.html",
            event=_event(tenant, row.event_id, words),
            number=row.number,
            kind=_class_name(tenant, row, words),
            paper=row.state == "sold" and class_of(tenant, row.event_id, row.class_number).paper,
            state=row.state,
            tone=tone(row.state),
            proved=flag_names(row.flags, words),
            address=f"/{tenant}/tickets/{ticket_token}",
            link="" if made is None else made.link,
            wallet_link="" if made is None else made.wallet_link,
            transfer=transfer,
            over=find_event(tenant, row.event_id).ends_at <= desk.now,
            sure=sure if sure in ("lost", "paper") else "",
            text="",
        )

    @router.post("/{tenant}/tickets/{ticket_token}", dependencies=[*entered, *guarded])
    def act(
        request: Request,
        tenant: str,
        ticket_token: str,
        act: str = Form("", max_length=10),
        email: str = Form("", max_length=320),
    ) -> Response:
        row, here = ticket_of_token(tenant, ticket_token), f"/{tenant}/tickets/{ticket_token}"
        if act == "receive":
            offer_ticket(desk, tenant, row, actor="holder")
        elif act == "lost":
            lost(desk, tenant, row.event_id, row.id, actor="holder")
            return to(f"{here}?done=phone_lost")
        elif act == "mail":
            language = office.pages.words(request).language
            mail_transfer(desk, tenant, row.event_id, row.id, email, language=language, actor="holder")
            return to(f"{here}?done=links_mailed")
        elif act == "transfer":
            open_transfer(desk, tenant, row.event_id, row.id, actor="holder")
        elif act == "keep":
            withdraw_transfer(desk, tenant, row, actor="holder")
        elif act == "paper":
            text = issue_paper(desk, tenant, row.event_id, row.id, actor="holder")
            event, words = _event(tenant, row.event_id, office.pages.words(request)), office.pages.words(request)
            kind = _class_name(tenant, row, words)
            return office.show(
                request, tenant, "paper.html", event=event, number=row.number, kind=kind, text=text, address=here
            )
        else:
            raise NotFound("unknown_act", "that cannot be done here")
        return to(here)

    @router.get("/{tenant}/transfers/{transfer_token}", dependencies=entered)
    def transfer(request: Request, tenant: str, transfer_token: str) -> Response:
        row, words, trouble, demand = transfer_of_token(tenant, transfer_token), office.pages.words(request), "", None
        mine = is_taker(row, request.cookies.get(TAKER, ""))
        if row.state == "taken" and mine:  # the answer that led there was lost
            return to(f"/{tenant}/tickets/{desk.secrets.token(tenant, 'ticket', row.taken_by)}")
        state = "over" if row.state == "open" and row.expires_at <= desk.now else row.state
        required = ticket = None
        if state == "open":
            ticket, required = _asked(tenant, row)
            try:
                if required and mine:
                    demand = _demand(demand_of_taker(desk, tenant, row), required, words)
            except TegataError as error:
                trouble = words(f"events.wrong.{error.code}", error.detail)
        return office.show(
            request,
            tenant,
            "transfer.html",
            event=_event(tenant, row.event_id, words),
            kind="" if ticket is None else _class_name(tenant, ticket, words),
            state=state,
            required=flag_names(required or 0, words),
            name_needed=bool(required and required & NAME),
            named=mine,
            demand=demand,
            trouble=trouble,
            until=row.expires_at,
            address=f"/{tenant}/transfers/{transfer_token}",
        )

    @router.post("/{tenant}/transfers/{transfer_token}", dependencies=[*entered, *guarded])
    def take(
        request: Request,
        tenant: str,
        transfer_token: str,
        act: str = Form("", max_length=10),
        name: str = Form("", max_length=200),
        email: str = Form("", max_length=320),
    ) -> Response:
        row, here = transfer_of_token(tenant, transfer_token), f"/{tenant}/transfers/{transfer_token}"
        if act == "name":
            taker = secrets.token_urlsafe(24)
            row = name_taker(desk, tenant, row, name=name, email=email, taker=taker)
            demanded = bool(_asked(tenant, row)[1])
            answer = to(here) if demanded else taken(tenant, row)
            answer.set_cookie(
                TAKER, taker, max_age=TAKER_SECONDS, path=here, secure=office.csrf.secure, httponly=True, samesite="lax"
            )
            return answer
        if not is_taker(row, request.cookies.get(TAKER, "")):
            return to(here)
        if act == "again":
            demand_of_taker(desk, tenant, row, again=True)
            return to(here)
        return taken(tenant, row)

    def taken(tenant: str, row: Any) -> Response:
        made = take_ticket(desk, tenant, row)
        return to(f"/{tenant}/tickets/{desk.secrets.token(tenant, 'ticket', made.id)}?done=ticket_taken")

    def _asked(tenant: str, row: Any) -> tuple[Any, int]:
        ticket = find_ticket(tenant, row.event_id, row.entitlement_id)
        return ticket, required_of(tenant, row.event_id, [ticket])

    return router


def _event(tenant: str, event_id: str, words: Words) -> dict[str, Any]:
    row = find_event(tenant, event_id)
    return {"name": name_of(row, words), "venue": row.venue, "starts_at": row.starts_at}


def _class_name(tenant: str, row: Any, words: Words) -> str:
    return name_of(class_of(tenant, row.event_id, row.class_number), words)


def _demand(row: Any, required: int, words: Words) -> dict[str, Any] | None:
    if row is None:
        return None
    lacking = flag_names(lacking_of(row, required), words)
    shown = {"state": row.state, "link": row.link, "wallet_link": row.wallet_link, "until": row.expires_at}
    return {**shown, "lacking": lacking}
