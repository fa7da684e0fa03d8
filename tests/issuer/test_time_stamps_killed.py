"""A process that is killed at any commit on the way to a time-stamp: the copy is stamped once all the same."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from common import failpoints
from issuer.deps import open_deps
from issuer.flows.make_offer import make_offer
from issuer.flows.stamp_credentials import LEASE_SECONDS, Stamping, stamp_credentials
from issuer.store.tables import TimeStamp
from tests.fakes.clock import FixedClock
from tests.fakes.fetch import FakeFetch
from tests.forks import Forks
from tests.issuer.school import TENANT, Wallet, open_school, settings_for
from tests.tsa import ADDRESS, make_authority, open_again

STAMP_POINTS = ("take_time_stamp", "keep_time_stamp", "postpone_time_stamp")


def _stamping(folder: Path, *, away: bool = False) -> Stamping:
    authority = open_again(folder / "tsa")
    return Stamping(fetch=FakeFetch({} if away else {ADDRESS: authority.page}), address=ADDRESS, roots=[authority.root])


def _stamp_and_die(folder: str, at: str) -> None:
    school = open_school(f"sqlite:///{folder}/db", Path(folder))
    made = make_offer(school.desk, TENANT, school.person("G003"), types=["graduation"], actor="test")
    Wallet(school).claim(made, "graduation_sd_jwt")
    failpoints.arm(at)
    stamp_credentials(school.desk, _stamping(Path(folder), away=at.startswith("postpone")))


@pytest.mark.parametrize("point", STAMP_POINTS)
@pytest.mark.parametrize("moment", ["before_commit", "after_commit"])
def test_killed_on_the_way_to_a_stamp(tmp_path: Path, point: str, moment: str) -> None:
    make_authority(tmp_path / "tsa")
    child = Forks.Process(target=_stamp_and_die, args=(str(tmp_path), f"{point}.{moment}"))
    child.start()
    child.join(60)
    assert child.exitcode == -signal.SIGKILL
    clock = FixedClock()
    deps = open_deps(settings_for(f"sqlite:///{tmp_path}/db", tmp_path), clock=clock)
    clock.advance(LEASE_SECONDS)
    done = stamp_credentials(deps.desk, _stamping(tmp_path)).stamped
    assert done == (0 if (point, moment) == ("keep_time_stamp", "after_commit") else 1)
    (row,) = TimeStamp.select().where(TimeStamp.tenant == TENANT)
    assert (row.state, row.answer is not None) == ("stamped", True)
    deps.database.close_all()
