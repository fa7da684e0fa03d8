"""`tegata sandbox cards`: virtual cards in a reader, from a checkout. The program is `examples.cards`, which knows nothing of Tegata."""

from __future__ import annotations

import typer

app = typer.Typer(no_args_is_help=True, help="What a sandbox needs beside the three programs.")


@app.callback()
def _sandbox() -> None:
    """What a sandbox needs beside the three programs."""


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True}, add_help_option=False)
def cards(context: typer.Context) -> None:
    """Virtual identity cards and what can be wrong with them; puts one into a card reader. --help tells more."""
    # Here, since it brings ASN.1, pictures and certificates with it, which no other command needs.
    from examples.cards.__main__ import main

    raise typer.Exit(main(context.args, program="tegata sandbox cards"))
