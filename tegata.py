"""The one command: the three programs, and `tegata vc …` and `tegata trust-list …` for files, virtual cards. It only puts them together."""

from __future__ import annotations

import importlib
import importlib.util
import sys

import typer

PROGRAMS = {
    "issuer": "issuer.cli",
    "wallet": "wallet_agent.cli",
    "verifier": "verifier.cli",
    "gate": "verifier.cli.gate",
    "vc": "common.adapters.vc_command",
    "trust-list": "common.adapters.trust_list_command",
    "sandbox": "examples.sandbox.command",
}
CHECKOUT_ONLY = {"sandbox"}
"""Stand beside the packages, so an installation has them not."""
HELP = """Tegata: issue, hold and verify W3C verifiable credentials.

\b
A first walk, in three terminals (or all at once: ./dev demo):
  tegata issuer serve      the university
  tegata wallet serve      the student
  tegata verifier serve    the shop

Each program explains itself: tegata issuer --help
"""


def build(wanted: str | None = None) -> typer.Typer:
    """The whole command; with ``wanted`` only that program is imported (the others would cost start-up time)."""
    app = typer.Typer(
        name="tegata", help=HELP, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode="rich"
    )
    for name, module in PROGRAMS.items():
        if wanted not in (None, name) or (name in CHECKOUT_ONLY and importlib.util.find_spec("examples") is None):
            continue
        app.add_typer(importlib.import_module(module).app, name=name)
    return app


def main() -> None:
    first = sys.argv[1] if len(sys.argv) > 1 else None
    build(first if first in PROGRAMS else None)()


if __name__ == "__main__":
    main()
