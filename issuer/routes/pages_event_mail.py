"""Mailing buyers the links to their tickets, for the organiser: how many it would be, and how far it has come."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response

from common.pages.route import page_router, to
from common.web.login import Visitor
from issuer.flows.events.find_events import find_event
from issuer.flows.events.mail_links import links_progress, mail_links
from issuer.routes.page_office import PageOffice
from issuer.routes.pages_events import show_event


def event_mail_pages(office: PageOffice) -> APIRouter:
    router = page_router(office.pages, dependencies=[Depends(office.staff)])
    guarded = [Depends(office.csrf.protect())]
    desk, staff = office.desk, Depends(office.staff)

    @router.get("/{tenant}/staff/events/{event_id}/mail")
    def progress(request: Request, tenant: str, event_id: str) -> Response:
        row = find_event(tenant, event_id)
        found = links_progress(tenant, event_id)
        return show_event(
            office,
            request,
            row,
            "event_mail.html",
            "mail",
            progress=found,
            running=office.can_mail and found.waiting > 0,
            over=row.ends_at <= desk.now,
            seconds=max(60, found.left * 60 // desk.settings.mails_per_minute),
        )

    @router.post("/{tenant}/staff/events/{event_id}/mail", dependencies=guarded)
    def send(tenant: str, event_id: str, visitor: Visitor = staff) -> Response:
        mail_links(desk, tenant, event_id, actor=visitor.actor)
        return to(f"/{tenant}/staff/events/{event_id}/mail?done=links_mailed")

    return router
