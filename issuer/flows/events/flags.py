"""What is verified of who holds a ticket, as one small number: it stands in gate passes and in packs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from common.errors import Malformed

CHIP, OVER_18, OVER_20, NAME = 1, 2, 4, 8
FLAGS: Mapping[str, int] = {"chip": CHIP, "over_18": OVER_18, "over_20": OVER_20, "name": NAME}
"""By the words that forms, the API and the command line have for them."""
ALL = CHIP | OVER_18 | OVER_20 | NAME


def flags_of(words: Iterable[str]) -> int:
    """Raises Malformed("unknown_flag")."""
    found = 0
    for word in words:
        if word not in FLAGS:
            raise Malformed("unknown_flag", f"what can be demanded of a holder: {', '.join(FLAGS)}")
        found |= FLAGS[word]
    return found


def words_of(flags: int) -> tuple[str, ...]:
    return tuple(word for word, flag in FLAGS.items() if flags & flag)


def question_for(required: int) -> str:
    """Which of the verifier's questions (`verifier/queries`) proves all of it, asking for as little as it can; empty where nothing is
    required."""
    if not required:
        return ""
    if required == OVER_18:
        return "over_18"
    if required & OVER_20 and not required & NAME:
        return "over_20_chip"
    if required & (OVER_18 | OVER_20):
        return "name_birthdate_chip"
    return "name_chip"
