"""What is kept, for how long, and what the audit record knows of it."""

from __future__ import annotations

from common.adapters.database import across_tenants
from tests.verifier.world import DAY, World
from verifier.store.audit import AUDIT
from verifier.store.sessions import SessionRow
from verifier.store.verdicts import DisclosedRow, VerdictRow


def _counts() -> tuple[int, int, int]:
    with across_tenants("test"):
        return DisclosedRow.select().count(), VerdictRow.select().count(), SessionRow.select().count()


def test_claims_are_forgotten_first_then_verdicts_then_sessions(world: World) -> None:
    assert world.verdict_of(world.issue())["accepted"]
    assert _counts() == (1, 1, 1)
    world.clock.advance(3600)
    world.deps.jobs.run()
    assert _counts() == (0, 1, 1)
    world.clock.advance(90 * DAY - 3600)
    world.deps.jobs.run()
    assert _counts() == (0, 0, 1)
    world.clock.advance(300)
    world.deps.jobs.run()
    assert _counts() == (0, 0, 0)


def test_claims_are_not_shown_once_their_time_is_over_even_before_the_job_ran(small_world: World) -> None:
    opened = small_world.ask()
    request = small_world.read_request(opened["link"])
    small_world.post(request, small_world.present(request, small_world.issue()))
    small_world.clock.advance(3600)
    assert small_world.result(opened["id"])["disclosed"] is None


def test_the_database_holds_no_name_in_the_clear(small_world: World, tmp_path: object) -> None:
    small_world.verdict_of(small_world.issue())
    for file in small_world.deps.settings.data_dir.glob("test.sqlite3*"):
        content = file.read_bytes()
        assert "桜川大学".encode() not in content
        assert b"2005-04-02" not in content


def test_the_audit_record_is_chained_and_tampering_shows(world: World) -> None:
    world.verdict_of(world.issue())
    world.clock.advance(60)
    world.deps.jobs.run()
    report = AUDIT.verify("cafe")
    assert report.whole
    assert report.entries == 3  # taken in, asked, judged
    rows = AUDIT.rows
    rows.update(act="question.declined").where(rows.tenant == "cafe", rows.act == "question.judged").execute()
    assert not AUDIT.verify("cafe").whole
    assert AUDIT.verify("cafe").why == "entries"
