"""All that can be wrong with the virtual cards, as the tables of README.md. ``python -m examples.cards.fault_tables`` writes them there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from examples.cards import driving_licence, mynumber_licence, residence_card
from examples.cards.fault_rows import FaultRow
from examples.cards.my_number import fault_table as my_number
from examples.cards.passport import faults as passport

README = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- tables of faults: written by fault_tables.py -->", "<!-- end of the tables -->"

ANY_CARD = (
    FaultRow(
        name="removed", changes="no reading", becomes="card_removed",
        ja="途中で抜かれる", en="removed in the middle (`faults.RemovedAt(card, n)`: at any command)",
    ),
    FaultRow(
        name="removed_after_hearing", changes="no reading", becomes="card_removed",
        ja="命令を実行した後、応答の前に抜かれる", en="the same, but the command was still executed: a try may be spent",
    ),
    FaultRow(
        name="garbage", changes="no reading", becomes="an error",
        ja="でたらめな応答", en="answers that are none (`faults.GarbageAt`)",
    ),
    FaultRow(
        name="silence", changes="no reading", becomes="an error",
        ja="空の応答", en="empty answers, without a status word",
    ),
    FaultRow(
        name="endless", changes="no reading", becomes="an error, or nothing",
        ja="終わりのないファイル（長さを見て読む場合は影響なし）", en="no file ends; who reads by a file's own length does not see it",
    ),
    FaultRow(
        name="always_more", changes="no reading", becomes="an error",
        ja="際限なく続きがあると言う（61xx）", en="there is always more to fetch (61xx)",
    ),
    FaultRow(
        name="never_the_length", changes="no reading", becomes="an error",
        ja="どの長さを求めても別の長さを求める（6Cxx）", en="whatever length is asked for, another one is right (6Cxx)",
    ),
    FaultRow(
        name="too_much", changes="no reading", becomes="an error",
        ja="求めたより長い応答", en="answers that are longer than what was asked for",
    ),
    FaultRow(
        name="slow", changes="nothing", becomes="",
        ja="応答が遅い", en="thinks about every command for a while",
    ),
)  # fmt: skip
"""Those of `faults.AROUND`, around a card of any kind."""

TABLES: tuple[tuple[str, Sequence[FaultRow]], ...] = (
    ("Any card", ANY_CARD),
    ("My Number card", my_number.FAULTS),
    ("Driving licence", driving_licence.FAULTS),
    ("マイナ免許証", mynumber_licence.FAULTS),
    ("Residence card, 特定在留カード", residence_card.FAULTS),
    ("Passport", passport.FAULTS),
)


def table(title: str, rows: Sequence[FaultRow]) -> str:
    """One table in Markdown."""
    lines = [f"### {title}", "", "| fault | what is wrong | 何がおかしいか | changes | to |", "|---|---|---|---|---|"]
    for row in rows:
        sources = (
            f" ({', '.join(row.sources)})"
            if isinstance(row, my_number.MyNumberFault) and row.sources != my_number.ALL
            else ""
        )
        becomes = f"`{row.becomes}`" if row.becomes and " " not in row.becomes else row.becomes
        lines.append(f"| `{row.name}` | {row.en} | {row.ja} | {row.changes}{sources} | {becomes} |")
    return "\n".join([*lines, ""])


def tables() -> str:
    return "\n".join(table(title, rows) for title, rows in TABLES)


def written(text: str) -> str:
    """The README with its tables as they have to be. Raises ValueError where it has no place for them."""
    before, _, rest = text.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise ValueError("README.md has no place for the tables")
    return f"{before}{BEGIN}\n\n{tables()}\n{END}{after}"


if __name__ == "__main__":
    README.write_text(written(README.read_text(encoding="utf-8")), encoding="utf-8")
