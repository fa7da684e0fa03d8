"""`tegata sandbox cards`: virtual cards in a reader, from a checkout. The program is `examples.cards`, which knows nothing of Tegata;
with --walk it is `examples.sandbox.walk`, which puts them before an issuer."""

from __future__ import annotations

import typer

PROGRAM, WALK = "tegata sandbox cards", "--walk"
app = typer.Typer(no_args_is_help=True, help="What a sandbox needs beside the three programs.")


@app.callback()
def _sandbox() -> None:
    """What a sandbox needs beside the three programs."""


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True}, add_help_option=False)
def cards(context: typer.Context) -> None:
    """Virtual identity cards and what can be wrong with them; puts one into a card reader. --walk: all of them, before a kiosk."""
    # Here, since they bring ASN.1, pictures and certificates with them, which no other command needs.
    if WALK in context.args:
        from examples.sandbox.walk import main as walk

        raise typer.Exit(walk([word for word in context.args if word != WALK], program=PROGRAM))
    from examples.cards.__main__ import main

    hint = f"どのカードも窓口で試す / every card before an issuer's kiosk: {PROGRAM} {WALK} [CARD …]"
    raise typer.Exit(main(context.args, program=PROGRAM, hint=hint))
