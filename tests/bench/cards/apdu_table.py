"""What reading each card costs on the line: commands and bytes, counted at the virtual cards. Kept in the README of ``common/cards``.

python -m tests.bench.cards.apdu_table [--write]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from common.cards.channel import CardChannel
from examples.cards.authorities import Authorities
from tests.bench.cards.walks import WALKS, Deck, Metered, Walk
from tests.fakes.card import insert_in_process

README = Path(__file__).parents[3] / "common" / "cards" / "README.md"
COMMAND = "python -m tests.bench.cards.apdu_table --write"
BEGIN, END = f"<!-- begin: {COMMAND} -->", f"<!-- end: {COMMAND} -->"
_HEADINGS = (
    "card",
    "to tell it",
    "APDUs",
    "of them READ BINARY",
    "bytes to it",
    "bytes from it",
    "bytes of files",
    "APDUs in short length",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One reading, as the card's own length allows it, and with all commands in short length (None where it
    cannot). files: bytes of those that were read."""

    title: str
    to_tell: int
    apdus: int
    reads: int
    sent: int
    received: int
    files: int
    apdus_short: int | None

    @property
    def cells(self) -> tuple[str, ...]:
        numbers = (self.to_tell, self.apdus, self.reads, self.sent, self.received, self.files, self.apdus_short)
        return (self.title, *("—" if number is None else str(number) for number in numbers))


def count(deck: Deck) -> tuple[Row, ...]:
    return tuple(_count(deck, walk) for walk in WALKS)


def _count(deck: Deck, walk: Walk) -> Row:
    meter = Metered(insert_in_process(deck.card(walk)))
    channel = CardChannel(meter)
    reading = deck.read(walk, channel)
    deck.authenticate(walk, reading)
    short = CardChannel(insert_in_process(deck.card(walk)), extended=False)
    if walk.knows_short:
        deck.read(walk, short)
    return Row(
        title=walk.title,
        to_tell=deck.told_after[walk.card],
        apdus=channel.exchanges,
        reads=meter.reads,
        sent=channel.bytes_sent,
        received=channel.bytes_received,
        files=sum(map(len, reading.files.values())),
        apdus_short=short.exchanges if walk.knows_short else None,
    )


def markdown(rows: Iterable[Row]) -> str:
    lines = [_HEADINGS, ("---", *("--:" for _ in _HEADINGS[1:])), *(row.cells for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def kept() -> str:
    """The table as it stands in the README. Raises ValueError where its two marks are not there."""
    _, _, rest = README.read_text(encoding="utf-8").partition(BEGIN)
    table, end, _ = rest.partition(END)
    if not end:
        raise ValueError(f"{README} lacks the marks around the table")
    return table.strip()


def write(table: str) -> None:
    page = README.read_text(encoding="utf-8")
    README.write_text(page.replace(kept(), table), encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description="Commands and bytes of each card's reading.")
    parser.add_argument("--write", action="store_true", help=f"keep the table in {README.name} of common/cards")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tegata-trust-") as folder:
        table = markdown(count(Deck(Authorities(), Path(folder))))
    print(table)
    if options.write:
        write(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
