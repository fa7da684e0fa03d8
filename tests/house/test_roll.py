"""The example roll is what its maker writes, and is wrong in exactly the places that the demo reports."""

from __future__ import annotations

from examples.registrar import make_roll
from tests.house.tree import ROOT


def test_the_file_is_the_makers(tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    again = tmp_path / "roll.csv"
    monkeypatch.setattr("sys.argv", ["make_roll", "--output", str(again)])
    make_roll.main()
    assert again.read_bytes() == (ROOT / "examples/registrar/roll.csv").read_bytes()


def test_it_has_the_letters_that_break_careless_software() -> None:
    content = (ROOT / "examples/registrar/roll.csv").read_text(encoding="utf-8-sig")
    assert all(letter in content for letter in ("髙", "﨑", "𠮷", "ﾀ"))
    assert content.count("\n") == 301
