"""A process that is killed while it issues through the VC API: a status is written down with its act, or neither is."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from common import failpoints
from issuer.deps import open_deps
from issuer.store.audit import AUDIT
from issuer.store.tables import Credential
from tests.fakes.clock import FixedClock
from tests.forks import Forks
from tests.issuer.school import TENANT, open_school, settings_for
from tests.issuer.test_vc_api import document

DOCUMENT_API_POINTS = ("issue_document",)
OPTIONS = {"status": ["revocation"], "credentialId": "urn:uuid:4f1c3d7e-0d5f-4a59-9d3b-6a1d2c4e5f60"}


def _issue_and_die(folder: str, at: str) -> None:
    school = open_school(f"sqlite:///{folder}/db", Path(folder))
    failpoints.arm(at)
    body = {"credential": document(), "options": OPTIONS}
    school.client.post(f"/{TENANT}/credentials/issue", json=body, headers=school.staff)


@pytest.mark.parametrize("moment", ["before_commit", "after_commit"])
@pytest.mark.parametrize("point", DOCUMENT_API_POINTS)
def test_killed_while_issuing(tmp_path: Path, point: str, moment: str) -> None:
    child = Forks.Process(target=_issue_and_die, args=(str(tmp_path), f"{point}.{moment}"))
    child.start()
    child.join(60)
    assert child.exitcode == -signal.SIGKILL
    deps = open_deps(settings_for(f"sqlite:///{tmp_path}/db", tmp_path), clock=FixedClock())
    written = Credential.select().where(Credential.tenant == TENANT).count()
    acts = [entry.act for entry in AUDIT.view(TENANT, limit=50).latest]
    assert (written, acts.count("document_issued")) == ((1, 1) if moment == "after_commit" else (0, 0))
    deps.database.close_all()
