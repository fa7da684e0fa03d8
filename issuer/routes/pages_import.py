"""Bringing a roll in: choose a file, look at what it would do, then do it."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response, UploadFile

from common.errors import Malformed, NotFound
from common.pages.route import page_router, to
from common.web.login import Visitor
from issuer.connectors.csv_file import HEADERS
from issuer.routes.page_office import PageOffice
from issuer.routes.roll_jobs import RollJobs


def import_pages(office: PageOffice) -> APIRouter:
    router = page_router(office.pages, dependencies=[Depends(office.staff)])
    guarded = [Depends(office.csrf.protect())]
    settings, staff = office.deps.settings, Depends(office.staff)
    jobs = RollJobs(office.desk, settings.roll_folder or settings.data_dir / "rolls")

    def ask(request: Request, tenant: str, error: Malformed | None = None) -> Response:
        language = office.pages.words(request).language
        return office.show(
            request,
            tenant,
            "import.html",
            status=400 if error else 200,
            here="import",
            wrong=error.code if error else "",
            detail=error.detail if error else "",
            columns=[names[0] if language == "ja" else field for field, names in HEADERS.items()],
        )

    @router.get("/{tenant}/staff/import")
    def import_form(request: Request, tenant: str) -> Response:
        return ask(request, tenant)

    @router.post("/{tenant}/staff/import", dependencies=guarded)
    def upload(request: Request, tenant: str, file: UploadFile, visitor: Visitor = staff) -> Response:
        try:
            job = jobs.upload(tenant, file.file, actor=visitor.actor, largest=settings.max_roll_bytes)
        except Malformed as error:
            return ask(request, tenant, error)
        return to(f"/{tenant}/staff/import/{job.id}")

    @router.get("/{tenant}/staff/import/{job_id}")
    def report(request: Request, tenant: str, job_id: str) -> Response:
        job, words = jobs.read(tenant, job_id), office.pages.words(request)
        if job.about:
            raise NotFound("no_such_import", "no such import here")
        japanese = words.language == "ja"
        return office.show(
            request,
            tenant,
            "import_report.html",
            here="import",
            job=job,
            running=job.running,
            why=words(f"import.wrong.{job.code}", "") if job.code else "",
            problems=[
                {"row": row, "field": field, "text": ja if japanese else en} for row, field, ja, en in job.problems
            ],
            more=job.more,
        )

    @router.post("/{tenant}/staff/import/{job_id}", dependencies=guarded)
    def go_on(tenant: str, job_id: str, visitor: Visitor = staff) -> Response:
        if not jobs.read(tenant, job_id).about:
            jobs.go_on(tenant, job_id, actor=visitor.actor)
        return to(f"/{tenant}/staff/import/{job_id}")

    return router
