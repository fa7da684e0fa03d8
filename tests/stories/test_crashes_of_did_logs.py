"""kill -9 while a did:webvh is written: its log holds after every death, and the command, said again, goes on from there."""

from __future__ import annotations

import itertools
import json
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from common.did.methods.webvh.verify_log import VerifiedLog, verify_log
from tests.stories.invariants import check_audits
from tests.stories.stage import Stage
from tests.stories.test_crashes import stem
from tests.stories.watch import armed, places

SLUGS = (f"webvh{number}" for number in itertools.count(1))
PUBLISH = ("did-webvh", "publish", "--json")
STEPS: dict[str, tuple[frozenset[str], tuple[tuple[str, ...], ...], Callable[[VerifiedLog], bool]]] = {
    "create": (frozenset({"create_did_log"}), (), lambda log: len(log.versions) == 1),
    "update": (
        frozenset({"write_did_log"}),
        (PUBLISH, ("key", "rotate", "--overlap", "0")),
        lambda log: len(log.versions) == 2,
    ),
}
DID_POINTS = frozenset(point for points, _, _ in STEPS.values() for point in points)


@pytest.mark.parametrize("name", STEPS)
def test_death_while_a_log_is_written(stage: Stage, name: str, tmp_path: Path) -> None:
    (points, before, holds), issuer = STEPS[name], stage.cast.issuer

    def institution() -> str:
        slug = next(SLUGS)
        issuer.command("new-institution", slug, "--name-ja", "学校", "--name-en", "School", "--json")
        for words in before:
            issuer.command(*words, "-i", slug)
        return slug

    def log(slug: str) -> VerifiedLog | None:
        answer = httpx.get(f"{issuer.url}/{slug}/did.jsonl")
        return verify_log(answer.content, now=int(time.time())) if answer.status_code == 200 else None

    issuer.command(*PUBLISH, "-i", institution(), extra=armed(issuer, trace=tmp_path / "trace"))
    found = [place for place in places(tmp_path / "trace") if stem(place) in points]
    assert {stem(place) for place in found} == points
    for place in found:
        slug = institution()
        with pytest.raises(subprocess.CalledProcessError) as died:
            issuer.command(*PUBLISH, "-i", slug, extra=armed(issuer, fail_at=place))
        assert died.value.returncode == -signal.SIGKILL, place
        left = log(slug)
        assert left is None or left.fault is None
        again = json.loads(issuer.command(*PUBLISH, "-i", slug))
        whole = log(slug)
        assert whole is not None
        assert whole.fault is None
        assert holds(whole), (place, len(whole.versions))
        assert (whole.newest.version_id, whole.newest.did.did) == (again["version_id"], again["did"])
    check_audits(stage)
