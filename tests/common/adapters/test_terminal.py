"""What others say is shown and obeyed by no terminal."""

from __future__ import annotations

import io
import json

import pytest
from rich.table import Table

from common.adapters.terminal import PlainConsole, complaints, console, print_json, say
from common.plain_text import make_lines_visible, make_visible

ESCAPES = ["\x1b[2J", "\x1b]0;title\x07", "\x9b2J", "\r", "\x00", "\x7f", "\x85", "\u2028", "\u202e", "\u2066"]


@pytest.mark.parametrize("said", ESCAPES, ids=ascii)
def test_what_is_printed_has_no_controls(said: str, capsys: pytest.CaptureFixture[str]) -> None:
    say(f"桜川{said}大学")
    complaints.print(f"code: {said}detail", markup=False, highlight=False)
    table = Table("name")
    table.add_row(f"a{said}b")
    console.print(table)
    shown = capsys.readouterr()
    assert shown.out.startswith("桜川\N{REPLACEMENT CHARACTER}")
    for stream in (shown.out, shown.err):
        assert make_lines_visible(stream) == stream


def test_our_own_lines_and_colours_stay() -> None:
    into = io.StringIO()
    paper = PlainConsole(file=into, force_terminal=True, color_system="standard")
    paper.print("one\ntwo", style="red")
    assert into.getvalue() == "\x1b[31mone\x1b[0m\n\x1b[31mtwo\x1b[0m\n"


def test_a_name_stays_in_its_line() -> None:
    assert make_visible("University\n  address: x") == "University\N{REPLACEMENT CHARACTER}  address: x"
    assert make_visible("桜川大学 Sakuragawa é\N{SNOWMAN}") == "桜川大学 Sakuragawa é\N{SNOWMAN}"


@pytest.mark.parametrize("said", ESCAPES, ids=ascii)
def test_json_is_escaped_and_means_the_same(said: str, capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"名": said})
    shown = capsys.readouterr().out
    assert make_lines_visible(shown) == shown
    assert json.loads(shown) == {"名": said}
