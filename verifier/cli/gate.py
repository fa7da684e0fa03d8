"""``tegata gate …``: the hub of a venue, a gate in a terminal, packs, and what the journals say."""

from __future__ import annotations

from verifier.cli.gate_commands import app

__all__ = ["app"]
