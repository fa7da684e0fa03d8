"""What every command needs: the deployment's live objects, and the institution that is meant."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from common.adapters.terminal import quiet_logs
from common.errors import Malformed
from issuer.deps import Deps, open_deps
from issuer.flows.delete_expired import tenants
from issuer.settings import IssuerSettings

Institution = Annotated[
    str,
    typer.Option(
        "--institution",
        "-i",
        help="Short name of the institution. Not needed where there is only one.",
        show_default=False,
    ),
]
StudentNumber = Annotated[str, typer.Argument(help="Student number, as in the roll.", show_default=False)]


def open_desk() -> Deps:
    """The live objects, from settings. Opens the database and brings its schema up to date."""
    settings = IssuerSettings.load()
    quiet_logs(settings)
    return open_deps(settings)


def choose_institution(given: str) -> str:
    """The institution that is meant. Raises Malformed where several are hosted and none was named."""
    if given:
        return given
    hosted = tenants()
    if len(hosted) == 1:
        return hosted[0]
    if not hosted:
        raise Malformed("no_institution", "there is no institution yet; make one: tegata issuer new-institution --help")
    raise Malformed("institution_needed", f"say which institution, with -i: {', '.join(hosted)}")


def actor() -> str:
    """Who works at this terminal, for the audit record: the fact, not the person."""
    return f"cli:{os.getuid()}"
