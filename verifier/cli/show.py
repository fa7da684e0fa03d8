"""How a verdict looks in a terminal, and the exit status that scripts go by."""

from __future__ import annotations

from typing import Any, NoReturn

import typer

from common.adapters.terminal import console, print_json
from verifier.flows.draw_verdict import verdict_tree

EXIT = {"passed": 0, "failed": 1, "undetermined": 2}
NO_ANSWER = 3


def end_with(verdict: dict[str, Any] | None, state: str, as_json: bool) -> NoReturn:
    """Prints and ends the command: 0 yes, 1 no, 2 undetermined, 3 no answer."""
    if as_json:
        print_json({"state": state, "verdict": verdict})
    elif verdict is None:
        console.print(f"No answer: {state}.")
    else:
        console.print(verdict_tree(verdict))
    raise typer.Exit(NO_ANSWER if verdict is None else EXIT[verdict["answer"]])
