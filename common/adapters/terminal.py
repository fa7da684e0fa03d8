"""What the three programs' command lines share: two consoles, errors as sentences, JSON, QR codes, the list of settings."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import Annotated, Any

import qrcode
import typer
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from typer.core import TyperGroup

from common.adapters.logs import set_up_logs
from common.errors import Misconfigured, TegataError
from common.plain_text import escape_in_json, make_lines_visible
from common.settings import ProgramSettings


class PlainConsole(Console):
    """A terminal obeys control characters, and texts come from others: whatever is printed, they are replaced, line feeds excepted.

    A text from outside that must not pretend to be several lines goes through `make_visible` first.
    """

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for each in super().render(renderable, options):
            yield each if each.control else Segment(make_lines_visible(each.text), each.style)


console = PlainConsole(soft_wrap=True, emoji=False)  # a DID has ":key:" in it, which is no picture
complaints = PlainConsole(stderr=True, soft_wrap=True, emoji=False)

Json = Annotated[bool, typer.Option("--json", help="Answer as JSON, for programs.")]


class SaysErrors(TyperGroup):
    """The ``cls`` of a program's command: an error raised on purpose is one sentence on standard error, never a trace.

    Exit status 1; 2 where a setting is wrong.
    """

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except TegataError as error:
            complaints.print(make_lines_visible(f"{error.code}: {error.detail}"), markup=False, highlight=False)
            raise typer.Exit(2 if isinstance(error, Misconfigured) else 1) from None


def quiet_logs(settings: ProgramSettings) -> None:
    """A command's output is its answer: logs tell only of what goes wrong, and of a card's traffic where that was asked for."""
    set_up_logs("traffic" if settings.log_level == "traffic" else "error", settings.program)


def say(text: str) -> None:
    """Prints a line as it is: no markup, no colours, and of control characters nothing but line feeds."""
    console.print(make_lines_visible(text), markup=False, highlight=False)


def print_json(value: Any) -> None:
    """One line, as it is: names stay readable."""
    print_json_text(json.dumps(value, ensure_ascii=False))


def print_json_text(text: str) -> None:
    """The same for what is JSON already."""
    typer.echo(escape_in_json(text))


def print_qr(text: str) -> None:
    """A QR code in letters, with the quiet zone that scanners need; light on dark, as terminals mostly are."""
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=4)
    code.add_data(text)
    code.print_ascii(out=sys.stdout, invert=True)


def print_settings(settings: ProgramSettings, *, as_json: bool) -> None:
    """Every setting: value (secrets redacted), where it came from, what it is for."""
    rows = settings.describe()
    if as_json:
        print_json([{"name": row.name, "value": row.value, "origin": row.origin, "help": row.help} for row in rows])
        return
    for row in rows:
        console.print(f"[bold]{row.name}[/] = ", end="")
        say(f"{row.value or '(empty)'}   ({row.origin})")
        console.print(f"    {row.help}", markup=False, highlight=False, style="dim")
