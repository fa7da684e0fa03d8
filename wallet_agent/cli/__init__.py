"""``tegata wallet …``: everything that the pages can do, from a terminal, on the same database through the same flows."""

from __future__ import annotations

from wallet_agent.cli.commands import app

__all__ = ["app"]
