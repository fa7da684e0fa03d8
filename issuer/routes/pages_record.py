"""The record: its latest entries, its head, and an inspection of the whole chain."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response

from common.pages.dates import show_instant
from common.pages.route import page_router
from issuer.routes.page_office import PageOffice
from issuer.store.audit import AUDIT


def record_pages(office: PageOffice) -> APIRouter:
    router = page_router(office.pages, dependencies=[Depends(office.staff)])

    def show(request: Request, tenant: str, checked: bool | None) -> Response:
        words, view = office.pages.words(request), AUDIT.view(tenant, limit=50)
        facts = [(words.text("record.batches"), str(view.batches)), (words.text("record.open"), str(view.unsealed))]
        if view.sealed_at:
            facts.append((words.text("record.sealed_at"), show_instant(view.sealed_at, words.language)))
        return office.show(
            request,
            tenant,
            "record.html",
            here="record",
            checked=checked,
            facts=facts,
            head=view.head,
            entries=[{"at": one.at, "act": one.act, "by": one.actor} for one in view.latest],
        )

    @router.get("/{tenant}/staff/record")
    def record(request: Request, tenant: str) -> Response:
        return show(request, tenant, None)

    @router.post("/{tenant}/staff/record", dependencies=[Depends(office.csrf.protect())])
    def check(request: Request, tenant: str) -> Response:
        AUDIT.seal_all(tenant, now=office.desk.now)
        return show(request, tenant, AUDIT.verify(tenant).whole)

    return router
