"""``tegata verifier …``: asking and checking from a terminal, on the same database through the same flows as the pages."""

from __future__ import annotations

from verifier.cli.commands import app

__all__ = ["app"]
