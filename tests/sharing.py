"""Which tests go to the same worker of a run in parallel, and which go first.

Tests that stand on the same costly fixture are one unit, which one worker gets as a whole, so that the fixture is made once; every other
file is a unit of its own. The long units go first, so that the short ones fill both workers to the end.
"""

from __future__ import annotations

import pytest
from xdist.scheduler import LoadScopeScheduling

LONG = (
    "tests/browser/",
    "tests/stories/test_crashes.py",
    "tests/stories/test_main_job.py",
    "tests/stories/test_crashes",
    "tests/browser/test_",
    "tests/hostile/test_raw_bytes.py",
    "tests/hostile/test_openapi.py",
    "tests/stories/test_races.py",
    "tests/stories/test_up.py",
    "tests/stories/test_outages.py",
    "tests/interop/test_",
    "tests/stories/",
    "tests/issuer/test_races.py",
    "tests/hostile/",
    "tests/common/web/test_server.py",
    "tests/verifier/test_shown.py",
    "tests/wallet_agent/test_badge.py",
    "tests/house/",
)
"""How the names of such units begin, the longest first."""
WHOLE = ("tests/browser/", "tests/interop/test_")
"""Everything in the browser shares one cast."""
ALONE = frozenset(
    f"tests/browser/test_{name}.py"
    for name in (
        *("by_mail", "card_pages", "gate_scanner", "kiosk", "new_versions"),
        *("scanner_device", "scanner_reads", "scanner_storage"),
    )
)
"""But for these, which bring what they stand on."""


class Sharing(LoadScopeScheduling):
    """Hands out whole units in the order of the collection, which `longest_first` has made."""

    def _split_scope(self, nodeid: str) -> str:
        return unit(nodeid)


def unit(nodeid: str) -> str:
    """The name of the unit that a test belongs to."""
    file = nodeid.partition("::")[0]
    return file if file in ALONE else next((start for start in WHOLE if file.startswith(start)), file)


def longest_first(items: list[pytest.Item]) -> None:
    """Sorts in place; within a unit the order stays."""
    items.sort(key=lambda item: _place(unit(item.nodeid)))


def _place(name: str) -> int:
    if name in LONG:
        return LONG.index(name)
    return next((n for n, start in enumerate(LONG) if start not in WHOLE and name.startswith(start)), len(LONG))
