"""Which quads of a document a selection from it has, told by where they come from: by the pointers, without expanding the selection.

Only as far as the way of each pointer leads through node objects and arrays that were written directly (`common.proofs.expand.direct`).
There every entry says the same with and without the others, whose types and contexts every selection keeps.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.proofs.expand.direct import Places
from common.proofs.selective.pointers import KEPT, Trie


def places_selected(document: Mapping[str, Any], trie: Trie, places: Places) -> list[int] | None:
    """Indexes of the quads selected; None where it takes expanding to tell. trie: not empty, of pointers that lead somewhere."""
    found: list[int] = []
    return found if _select(document, trie, places, found) else None


def _select(part: Any, trie: Trie, places: Places, found: list[int]) -> bool:
    starts = places.get(id(part))
    if starts is None:
        return False
    is_object = part.__class__ is dict
    for number, (key, value) in enumerate(part.items() if is_object else enumerate(part)):
        below = trie.get(key if is_object else str(key))
        start, end = starts[number], starts[number + 1]
        if below is None:
            if is_object and key in KEPT:
                found += range(start, end)
        elif not below or key in KEPT:
            found += range(start, end)
        else:
            if not _select(value, below, places, found):
                return False
            if value.__class__ is dict:
                found.append(end - 1)  # the statement that leads there
    return True
