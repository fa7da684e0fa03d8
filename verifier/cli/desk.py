"""What every command needs: the deployment's live objects, and the relying party that is meant."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from common.adapters.terminal import quiet_logs
from verifier.deps import Deps, build_deps
from verifier.settings import VerifierSettings

Party = Annotated[str, typer.Argument(help="slug of the relying party, as in its address", show_default=False)]


def open_desk() -> Deps:
    """The live objects, as the server has them. Opens the database and brings its schema up to date."""
    settings = VerifierSettings.load()
    quiet_logs(settings)
    return build_deps(settings)


def actor() -> str:
    """Who works at this terminal, for the audit record: the fact, not the person."""
    return f"cli:{os.getuid()}"
