"""kill -9 at every commit and every send, in the running programs: nothing lost, nothing issued twice, no code or nonce usable twice.

Each scene is played once to learn which fail-points its program passes, and then once for each of them: the program kills itself there,
is started again, and people go on as people do. Fail-points have names (`common.failpoints`); `name:2` is the second time.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stories.holder_scenes import HOLDER_SCENES
from tests.stories.invariants import check_everything
from tests.stories.office_scenes import OFFICE_SCENES
from tests.stories.scenes import SCENES as STORY_SCENES
from tests.stories.stage import Stage
from tests.stories.watch import Watch, places

SCENES = {**STORY_SCENES, **OFFICE_SCENES, **HOLDER_SCENES}
ENDS = (".before_commit", ".after_commit", ".before_send", ".after_send", ".after_receive")


def stem(place: str) -> str:
    """``redeem_code.after_commit:1`` → ``redeem_code``."""
    name = place.partition(":")[0]
    return next(name.removesuffix(end) for end in ENDS if name.endswith(end))


GENERIC = {"fetch", "statement"}
"""Names that stand for many places: of these every fifth is enough by default, of others the first hit; ``--all``: all."""


@pytest.mark.timeout(600)
@pytest.mark.parametrize("part", ["first", pytest.param("rest", marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", SCENES)
def test_death_at_every_place(stage: Stage, name: str, part: str, tmp_path: Path) -> None:
    scene = SCENES[name]
    watch = Watch(stage.cast.programs[scene.program])
    scene.prepare(stage)
    watch.restart(trace=tmp_path / "trace")
    scene.play(stage, watch)
    assert watch.deaths == 0
    found = [place for place in places(tmp_path / "trace") if stem(place) in scene.points]
    assert {stem(place) for place in found} == scene.points
    for place in chosen(found, part):
        watch.restart(fail_at=place)
        try:
            scene.play(stage, watch)
            watch.mend()
        except Exception as error:
            raise AssertionError(f"{name}: after a death at {place}") from error
        assert watch.deaths == 1, f"{name}: nobody died at {place}"
        watch.deaths = 0
    check_everything(stage)


def chosen(found: list[str], part: str) -> list[str]:
    """Of all places those that belong to this part, in order."""
    hits: dict[str, list[str]] = {}
    for place in found:
        hits.setdefault(place.partition(":")[0], []).append(place)
    first = {
        place
        for places_of_name in hits.values()
        for number, place in enumerate(places_of_name)
        if (number % 5 == 0 if stem(place) in GENERIC else number == 0)
    }
    return [place for place in found if (place in first) == (part == "first")]
