"""The README's tables are those of the cards, and the cards' rows are what evidence can say."""

from __future__ import annotations

import pytest

from common.cards.evidence import Answer, Environment, OriginKind, RevocationAnswer, SourceEvidence
from examples.cards import faults
from examples.cards.fault_rows import FaultRow
from examples.cards.fault_tables import ANY_CARD, README, TABLES, written

ROWS = [(title, row) for title, rows in TABLES for row in rows]
FIELDS = {
    "data_authenticity": {answer.value for answer in Answer},
    "chip_genuineness": {answer.value for answer in Answer},
    "holder_verification": {answer.value for answer in Answer},
    "revocation": {answer.value for answer in RevocationAnswer},
    "trust_anchor": {environment.value for environment in Environment},
    "origins": {kind.value for kind in OriginKind},
}


def test_the_readme_has_the_tables() -> None:
    text = README.read_text(encoding="utf-8")
    assert written(text) == text, "write it afresh: python -m examples.cards.fault_tables"


def test_a_readme_without_a_place_for_them_is_refused() -> None:
    with pytest.raises(ValueError, match="no place"):
        written("# Virtual cards")


@pytest.mark.parametrize(("title", "row"), ROWS, ids=[f"{title}-{row.name}" for title, row in ROWS])
def test_a_row_names_one_field_and_what_it_becomes(title: str, row: FaultRow) -> None:
    if row.changes in FIELDS:
        assert row.becomes in FIELDS[row.changes]
        assert row.changes in SourceEvidence.__slots__
    else:
        assert row.changes in {"nothing", "no reading"}
        assert bool(row.becomes) is (row.changes == "no reading")
    assert row.ja
    assert row.en
    assert "|" not in row.ja + row.en


def test_names_are_used_once_per_card() -> None:
    for title, rows in TABLES:
        names = [row.name for row in rows]
        assert len(names) == len(set(names)), title


def test_every_fault_around_a_card_has_its_row() -> None:
    assert [row.name for row in ANY_CARD] == list(faults.AROUND)
