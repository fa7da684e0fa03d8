"""Imports that a page watches: looked at first, taken in once, and nothing left lying about."""

from __future__ import annotations

import io
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from common.errors import Malformed, NotFound
from issuer.flows.forget_uploads import KEEP
from issuer.routes.roll_jobs import SILENCE, RollJobs
from issuer.store.tables import Person
from tests.issuer.school import HEADER, ROLL, TENANT, School

WRONG = f"{ROLL}S004,山田,,ヤマダ,,Yamada,,2005-01-01,,,,,2024-04-01,,enrolled,,ja\n"


def at_once(act: Callable[[], None]) -> None:
    act()


@pytest.fixture
def jobs(school: School, tmp_path: Path) -> RollJobs:
    return RollJobs(school.desk, tmp_path / "rolls", start=at_once)


def upload(jobs: RollJobs, text: str, *, largest: int = 100_000) -> str:
    return jobs.upload(TENANT, io.BytesIO(text.encode()), actor="registrar", largest=largest).id


def people() -> int:
    return int(Person.select().where(Person.tenant == TENANT).count())


def test_a_look_changes_nothing_and_then_the_roll_is_taken_in_once(school: School, jobs: RollJobs) -> None:
    before = people()
    extra = ROLL.replace("S001", "T001").replace("S002", "T002").replace("G003", "T003")
    job = jobs.read(TENANT, upload(jobs, extra + WRONG.splitlines()[-1] + "\n"))
    assert (job.stage, job.added, job.wrong, people()) == ("checked", 3, 1, before)
    assert job.problems[0][1] == "given_name"
    assert jobs.go_on(TENANT, job.id, actor="registrar").stage == "writing"
    done = jobs.read(TENANT, job.id)
    assert (done.stage, done.added, people()) == ("done", 3, before + 3)
    assert jobs.go_on(TENANT, job.id, actor="registrar").stage == "done"
    assert sorted(path.name for path in (jobs.folder / TENANT / job.id).iterdir()) == ["job.json"]


def test_a_file_that_is_no_roll_is_told_at_once_or_fails_with_a_code(jobs: RollJobs) -> None:
    for text, code in (("", "no_file"), ("x" * 2000, "body_too_large")):
        with pytest.raises(Malformed) as caught:
            upload(jobs, text, largest=1000)
        assert caught.value.code == code
    assert list((jobs.folder / TENANT).iterdir()) == []
    assert jobs.read(TENANT, upload(jobs, "a,b\n1,2\n")).code == "column_missing"


def test_files_are_private_and_swept(jobs: RollJobs) -> None:
    old = upload(jobs, ROLL)
    home = jobs.folder / TENANT / old
    assert home.stat().st_mode & 0o077 == 0
    assert (home / "roll").stat().st_mode & 0o077 == 0
    os.utime(home, (time.time() - KEEP - 1,) * 2)
    upload(jobs, ROLL)
    assert not home.exists()


def test_a_job_whose_process_died_is_noticed(school: School, tmp_path: Path) -> None:
    jobs = RollJobs(school.desk, tmp_path / "rolls", start=lambda act: None)
    job_id = upload(jobs, HEADER + "\n")
    assert jobs.read(TENANT, job_id).running
    path = jobs.folder / TENANT / job_id / "job.json"
    os.utime(path, (time.time() - SILENCE - 1,) * 2)
    assert jobs.read(TENANT, job_id).stage == "failed"
    assert json.loads(path.read_text())["stage"] == "checking"


def test_nobody_reads_another_institutions_job(jobs: RollJobs) -> None:
    job_id = upload(jobs, ROLL)
    for tenant, name in (("other", job_id), (TENANT, "../x"), (TENANT, "0" * 24)):
        with pytest.raises(NotFound):
            jobs.read(tenant, name)
