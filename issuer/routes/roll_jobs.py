"""Imports that a page can watch: the file waits in a private folder, a thread reads it, and its progress stands in a file beside it.

Any worker process can show the progress, since all see the folder. The roll holds personal data: folders are readable by this user
only, the file goes as soon as it has been taken in, and what was left lying is swept after an hour. A thread that died with its
process is noticed by its silence; to import again is harmless.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO, Literal

import structlog

from common.errors import Malformed, NotFound, TegataError
from issuer.connectors.csv_file import detect_encoding, read_rows
from issuer.flows.desk import Desk
from issuer.flows.forget_uploads import forget_uploads
from issuer.flows.import_roll import ImportReport, import_roll

Stage = Literal["checking", "checked", "writing", "done", "failed"]
BringIn = Callable[[str, BinaryIO, dict[str, Any]], ImportReport]
"""(tenant, file, how: actor, dry_run and progress) → what became of it."""
RUNNING = ("checking", "writing")
SILENCE = 60.0
"""Seconds without a sign after which a running job counts as dead."""
SHOWN_PROBLEMS = 200
_ID = re.compile(r"[0-9a-f]{24}\Z")
_PIECE = 1 << 20

log = structlog.get_logger("issuer.roll_jobs")


@dataclass(frozen=True, slots=True, kw_only=True)
class RollJob:
    """rows_total: lines of the file, a little more than rows. problems: (line, field, Japanese, English). code: why it failed.

    about: of what the file is, where it is no roll: the id of an event.
    """

    id: str
    stage: Stage
    rows_done: int = 0
    rows_total: int = 0
    added: int = 0
    changed: int = 0
    same: int = 0
    wrong: int = 0
    problems: list[tuple[int, str, str, str]] = field(default_factory=list)
    more: int = 0
    code: str = ""
    detail: str = ""
    about: str = ""

    @property
    def running(self) -> bool:
        return self.stage in RUNNING


class RollJobs:
    """The imports of one deployment. folder: created where it is missing. bring_in: what is done with a file, if it is no roll."""

    def __init__(
        self,
        desk: Desk,
        folder: Path,
        *,
        start: Callable[[Callable[[], None]], None] | None = None,
        bring_in: BringIn | None = None,
        about: str = "",
    ) -> None:
        self.desk = desk
        self.folder = folder
        self.about = about
        self._bring_in = bring_in or self._import_roll
        self._start = start or _in_a_thread

    def upload(self, tenant: str, file: BinaryIO, *, actor: str, largest: int) -> RollJob:
        """Takes a file in and begins to examine it. Raises Malformed("no_file", "body_too_large", …) before anything is kept."""
        forget_uploads(self.folder, tenant)
        job_id = secrets.token_hex(12)
        home = self._home(tenant, job_id)
        home.mkdir(mode=0o700, parents=True)
        try:
            lines = _keep(file, home / "roll", largest)
            with (home / "roll").open("rb") as kept:
                detect_encoding(kept)
        except Malformed:
            shutil.rmtree(home, ignore_errors=True)
            raise
        job = RollJob(id=job_id, stage="checking", rows_total=lines, about=self.about)
        self._write(tenant, job)
        self._start(lambda: self._run(tenant, job, actor))
        return job

    def go_on(self, tenant: str, job_id: str, *, actor: str) -> RollJob:
        """After the look, the import itself. A job that is already at it stays as it is. Raises NotFound."""
        job = self.read(tenant, job_id)
        if job.stage != "checked":
            return job
        try:
            os.rename(
                self._home(tenant, job_id) / "roll", self._home(tenant, job_id) / "taken"
            )  # of two presses one wins
        except OSError:
            return self.read(tenant, job_id)
        job = RollJob(id=job_id, stage="writing", rows_total=job.rows_total, about=self.about)
        self._write(tenant, job)
        self._start(lambda: self._run(tenant, job, actor))
        return job

    def read(self, tenant: str, job_id: str) -> RollJob:
        """Where it stands. Raises NotFound."""
        if not _ID.match(job_id):
            raise NotFound("no_such_import", "no such import here")
        path = self._home(tenant, job_id) / "job.json"
        try:
            job = RollJob(**json.loads(path.read_text("utf-8")))
            silent = time.time() - path.stat().st_mtime
        except OSError:
            raise NotFound("no_such_import", "no such import here") from None
        return replace(job, stage="failed", code="interrupted") if job.running and silent > SILENCE else job

    def _run(self, tenant: str, job: RollJob, actor: str) -> None:
        dry_run = job.stage == "checking"
        path = self._home(tenant, job.id) / ("roll" if dry_run else "taken")

        def tell(report: ImportReport) -> None:
            self._write(tenant, _with(job, report))

        try:
            with path.open("rb") as file:
                report = self._bring_in(tenant, file, {"actor": actor, "dry_run": dry_run, "progress": tell})
            self._write(tenant, replace(_with(job, report), stage="checked" if dry_run else "done"))
        except TegataError as error:
            self._write(tenant, replace(job, stage="failed", code=error.code, detail=error.detail))
        except Exception:
            log.exception("import_failed")
            self._write(tenant, replace(job, stage="failed", code="internal_error"))
        finally:
            if not dry_run:
                path.unlink(missing_ok=True)

    def _import_roll(self, tenant: str, file: BinaryIO, how: dict[str, Any]) -> ImportReport:
        return import_roll(self.desk, tenant, read_rows(file), **how)

    def _write(self, tenant: str, job: RollJob) -> None:
        home = self._home(tenant, job.id)
        fresh = home / f"job.{threading.get_ident()}"
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump(asdict(job), file)
        os.replace(fresh, home / "job.json")

    def _home(self, tenant: str, job_id: str) -> Path:
        return self.folder / tenant / job_id


def _with(job: RollJob, report: ImportReport) -> RollJob:
    shown = report.problems[:SHOWN_PROBLEMS]
    return replace(
        job,
        rows_done=report.rows,
        rows_total=max(job.rows_total, report.rows),
        added=report.added,
        changed=report.changed,
        same=report.same,
        wrong=report.wrong,
        problems=[(one.row, one.field, one.ja, one.en) for one in shown],
        more=report.more + len(report.problems) - len(shown),
    )


def _keep(file: BinaryIO, path: Path, largest: int) -> int:
    """Copies an upload to disk; answers its lines. Raises Malformed for an empty or too large one."""
    size = lines = 0
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as kept:
        while piece := file.read(_PIECE):
            size += len(piece)
            lines += piece.count(b"\n")
            if size > largest:
                raise Malformed("body_too_large", f"a roll may have at most {largest} bytes")
            kept.write(piece)
    if size == 0:
        raise Malformed("no_file", "no file was sent, or it is empty")
    return lines


def _in_a_thread(act: Callable[[], None]) -> None:
    threading.Thread(target=act, name="roll import", daemon=True).start()
