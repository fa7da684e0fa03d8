"""What the table of faults in the README is made of: one row for each thing that can be wrong with a card."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultRow:
    """changes: the one field of the reader's evidence that the fault changes; "nothing", or "no reading" where it ends with an error.

    becomes: what stands there then, as the evidence words it ("failed", "none"), or the error's code. ja, en: what is wrong, in words.
    """

    name: str
    changes: str
    becomes: str
    ja: str
    en: str


def named(rows: tuple[FaultRow, ...], name: str) -> FaultRow:
    """Raises ValueError for a name that is none of theirs."""
    for row in rows:
        if row.name == name:
            return row
    raise ValueError(f"unknown fault {name!r}; known: {', '.join(row.name for row in rows)}")
