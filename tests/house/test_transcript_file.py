"""The example transcript is what its maker writes, fits the example roll, and is wrong in two places."""

from __future__ import annotations

from pathlib import Path

import pytest

from examples.registrar import make_transcript
from issuer.connectors.csv_file import read_rows
from issuer.connectors.transcript_columns import TRANSCRIPT
from issuer.flows.import_roll import import_roll
from issuer.flows.import_transcript import import_transcript
from tests.house.tree import ROOT
from tests.issuer.school import TENANT, open_school

FOLDER = ROOT / "examples/registrar"


def test_the_file_is_the_makers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    again = tmp_path / "transcript.csv"
    monkeypatch.setattr("sys.argv", ["make_transcript", "--output", str(again)])
    make_transcript.main()
    assert again.read_bytes() == (FOLDER / "transcript.csv").read_bytes()


def test_it_is_taken_in_after_the_roll(tmp_path: Path) -> None:
    school = open_school(f"sqlite:///{tmp_path / 'issuer.sqlite3'}", tmp_path)
    try:
        with (FOLDER / "roll.csv").open("rb") as roll:
            import_roll(school.desk, TENANT, read_rows(roll), actor="test")
        with (FOLDER / "transcript.csv").open("rb") as file:
            report = import_transcript(school.desk, TENANT, read_rows(file, TRANSCRIPT), actor="test")
    finally:
        school.deps.database.close_all()
    assert [one.code for one in report.problems] == ["not_credits", "unknown_student"]
    assert report.added == report.rows - 2
