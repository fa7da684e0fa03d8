"""``tegata verifier …``: asking and checking from a terminal, on the same database through the same flows as the pages.

``app`` is imported when it is asked for: a gate (``tegata gate``, `verifier.cli.gate`) starts without the web.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from verifier.cli.commands import app

__all__ = ["app"]


def __getattr__(name: str) -> Any:
    if name != "app":
        raise AttributeError(name)
    from verifier.cli.commands import app

    return app
