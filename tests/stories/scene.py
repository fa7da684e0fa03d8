"""A scene that is played once for every place at which one program may die in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.stories.stage import Stage
from tests.stories.watch import Watch


@dataclass(frozen=True, kw_only=True)
class Scene:
    """points: names of the fail-points (without before and after) at which it dies here, at every hit.

    prepare: what must be there before, played before the program is armed.
    """

    program: str
    points: frozenset[str]
    play: Callable[[Stage, Watch], None]
    prepare: Callable[[Stage], object] = lambda stage: None
