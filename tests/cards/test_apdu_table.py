"""The table of commands and bytes in the README of ``common/cards`` says what the virtual cards count."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.cards.apdu_table import Row, count, kept, markdown, write
from tests.bench.cards.walks import WALKS, Deck
from tests.cards.sandbox import sandbox

_NEAR = 0.02
"""Signatures and names differ by some bytes from one set of authorities to the next."""


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> tuple[Row, ...]:
    return count(Deck(sandbox(), tmp_path_factory.mktemp("trust")))


def test_every_command_is_told(rows: tuple[Row, ...]) -> None:
    """Exactly, if this fails: `python -m tests.bench.cards.apdu_table --write`."""
    told = [_cells(line) for line in kept().splitlines()[2:]]
    assert len(told) == len(WALKS)
    for row, cells in zip(rows, told, strict=True):
        exact, near = (0, 1, 2, 3, 7), (4, 5, 6)
        assert [cells[at] for at in exact] == [row.cells[at] for at in exact]
        assert [int(cells[at]) for at in near] == [pytest.approx(int(row.cells[at]), rel=_NEAR) for at in near]


def test_no_reading_costs_more_in_long_commands_than_in_short_ones(rows: tuple[Row, ...]) -> None:
    """But for EF.ATR/INFO of a passport, where it says that there are none."""
    for row in rows:
        assert row.apdus_short is None or row.apdus <= row.apdus_short + row.title.startswith("passport")
        assert row.reads <= row.apdus


def test_the_table_is_written_where_it_stands(
    rows: tuple[Row, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "README.md"
    monkeypatch.setattr("tests.bench.cards.apdu_table.README", page)
    page.write_text("before\n", encoding="utf-8")
    with pytest.raises(ValueError, match="lacks the marks"):
        write(markdown(rows))
    begin, end = (
        "<!-- begin: python -m tests.bench.cards.apdu_table --write -->",
        "<!-- end: python -m tests.bench.cards.apdu_table --write -->",
    )
    page.write_text(f"before\n{begin}\n\nold\n\n{end}\nafter\n", encoding="utf-8")
    write(markdown(rows))
    assert kept() == markdown(rows)
    assert page.read_text(encoding="utf-8").startswith(f"before\n{begin}\n\n| card |")
    assert page.read_text(encoding="utf-8").endswith(f"|\n\n{end}\nafter\n")


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]
