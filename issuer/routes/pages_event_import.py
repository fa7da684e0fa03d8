"""Bringing a shop's buyers in: choose a file, look at what it would do, then do it."""

from __future__ import annotations

from typing import Any, BinaryIO

from fastapi import APIRouter, Depends, Request, Response, UploadFile

from common.errors import Malformed, NotFound
from common.pages.route import page_router, to
from common.web.login import Visitor
from issuer.connectors.buyer_columns import BUYERS
from issuer.connectors.csv_file import read_rows
from issuer.flows.events.find_events import find_event
from issuer.flows.events.import_buyers import import_buyers
from issuer.flows.import_roll import ImportReport
from issuer.routes.page_office import PageOffice
from issuer.routes.pages_events import show_event
from issuer.routes.roll_jobs import RollJob, RollJobs


def event_import_pages(office: PageOffice) -> APIRouter:
    router = page_router(office.pages, dependencies=[Depends(office.staff)])
    guarded = [Depends(office.csrf.protect())]
    desk, settings, staff = office.desk, office.deps.settings, Depends(office.staff)

    def jobs_of(event_id: str) -> RollJobs:
        def bring_in(tenant: str, file: BinaryIO, how: dict[str, Any]) -> ImportReport:
            return import_buyers(desk, tenant, event_id, read_rows(file, BUYERS), **how)

        return RollJobs(desk, settings.roll_folder or settings.data_dir / "rolls", bring_in=bring_in, about=event_id)

    def ask(request: Request, tenant: str, event_id: str, error: Malformed | None = None) -> Response:
        japanese = office.pages.words(request).language == "ja"
        return show_event(
            office,
            request,
            find_event(tenant, event_id),
            "event_import.html",
            "import",
            status=400 if error else 200,
            job=None,
            wrong=error.code if error else "",
            detail=error.detail if error else "",
            columns=[names[0] if japanese else field for field, names in BUYERS.headers.items()],
        )

    @router.get("/{tenant}/staff/events/{event_id}/import")
    def form(request: Request, tenant: str, event_id: str) -> Response:
        return ask(request, tenant, event_id)

    @router.post("/{tenant}/staff/events/{event_id}/import", dependencies=guarded)
    def upload(request: Request, tenant: str, event_id: str, file: UploadFile, visitor: Visitor = staff) -> Response:
        find_event(tenant, event_id)
        try:
            job = jobs_of(event_id).upload(tenant, file.file, actor=visitor.actor, largest=settings.max_roll_bytes)
        except Malformed as error:
            return ask(request, tenant, event_id, error)
        return to(f"/{tenant}/staff/events/{event_id}/import/{job.id}")

    @router.get("/{tenant}/staff/events/{event_id}/import/{buyers_job}")
    def report(request: Request, tenant: str, event_id: str, buyers_job: str) -> Response:
        job, words = _job(jobs_of(event_id), tenant, event_id, buyers_job), office.pages.words(request)
        japanese = words.language == "ja"
        return show_event(
            office,
            request,
            find_event(tenant, event_id),
            "event_import.html",
            "import",
            job=job,
            running=job.running,
            why=words(f"import.wrong.{job.code}", "") if job.code else "",
            problems=[
                {"row": row, "field": field, "text": ja if japanese else en} for row, field, ja, en in job.problems
            ],
            more=job.more,
        )

    @router.post("/{tenant}/staff/events/{event_id}/import/{buyers_job}", dependencies=guarded)
    def go_on(tenant: str, event_id: str, buyers_job: str, visitor: Visitor = staff) -> Response:
        _job(jobs_of(event_id), tenant, event_id, buyers_job)
        jobs_of(event_id).go_on(tenant, buyers_job, actor=visitor.actor)
        return to(f"/{tenant}/staff/events/{event_id}/import/{buyers_job}")

    return router


def _job(jobs: RollJobs, tenant: str, event_id: str, job_id: str) -> RollJob:
    """Raises NotFound("no_such_import"), also for one of another event."""
    job = jobs.read(tenant, job_id)
    if job.about != event_id:
        raise NotFound("no_such_import", "no such import here")
    return job
