"""Processes for tests that let some race, or die: forked from one that has imported the three programs already.

A process that is started anew spends more than a second on importing; one that is forked, some hundredths.
"""

from __future__ import annotations

import multiprocessing

ROOMS = ("issuer", "wallet_agent", "verifier")
Forks = multiprocessing.get_context("forkserver")
Forks.set_forkserver_preload(
    [
        *("pytest", "tests.forks", "tests.quick_apps", "tests.issuer.school", "tests.stories.quick_start"),
        *("tegata", "uvloop", "uvicorn.lifespan.on", "uvicorn.loops.uvloop", "anyio._backends._asyncio", "pydantic.v1"),
        *(f"{room}.{part}" for room in ROOMS for part in ("app", "cli")),
    ]
)
