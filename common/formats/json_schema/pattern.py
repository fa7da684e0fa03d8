"""Does a text match a pattern of a schema? In time proportional to the text, whatever the pattern: an automaton, no backtracking.

``re`` of Python backtracks: ``(a+)+$`` takes it minutes for thirty characters, and ``.*a`` without an anchor a time that grows with the
square of the text. Here all ways through the pattern are walked at once (Thompson 1968); steps that were taken before are remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

from common.errors import Unsupported
from common.formats.json_schema.pattern_syntax import CharacterSet, Node, read_pattern

MAX_STATES = 2000
MAX_REMEMBERED = 400_000
"""Of one pattern's memory, some 40 bytes each: a step counts `_STEP`, and each state that it leads to. Then it begins anew."""
_STEP = 16
_MAX_BUILT = 10 * MAX_STATES
"""Parts that are put together; a thousand times nothing is no state, but time."""

Spend = Callable[[int], None]
"""Told how much work is about to be done; raises where that is too much."""


class _Row:
    """States that the walk is in at once, and where single characters lead from there."""

    __slots__ = ("accepts", "accepts_at_end", "following", "states")

    def __init__(self, states: frozenset[int], *, accepts: bool, accepts_at_end: bool) -> None:
        self.states = states
        self.accepts = accepts
        self.accepts_at_end = accepts_at_end
        self.following: dict[str, _Row] = {}


class Pattern:
    """A compiled pattern. Safe between threads: rows are only ever added, and a full memory is replaced."""

    def __init__(self, text: str) -> None:
        """Raises Unsupported("unsupported_pattern")."""
        self._sets: list[CharacterSet | None] = []
        self._free: list[list[tuple[str, int]]] = []
        self._to: list[int] = []
        self._prices: list[int] = []
        self._built = 0
        end = self._state()
        self._start, self._end = self._build(read_pattern(text), end), end
        self._rows: dict[frozenset[int], _Row] = {}
        self._remembered = 0
        self._first = self._row(self._close((self._start,), "begin"), at_begin=True)

    def search(self, text: str, spend: Spend) -> bool:
        """Whether any part of the text matches."""
        spend(1 + len(text) // 16)
        row = self._first
        for character in text:
            if row.accepts:
                return True
            following = row.following.get(character)
            row = following if following is not None else self._step(row, character, spend)
        return row.accepts or row.accepts_at_end

    def _step(self, row: _Row, character: str, spend: Spend) -> _Row:
        spend(1 + sum(map(self._prices.__getitem__, row.states)))
        if self._remembered >= MAX_REMEMBERED:
            self._rows, self._remembered = {}, 0
            self._first = self._row(self._close((self._start,), "begin"), at_begin=True)
        moved = {self._start}
        for state in row.states:
            found = self._sets[state]
            if found is not None and found.has(character):
                moved.add(self._to[state])
        following = self._row(self._close(moved), at_begin=False)
        row.following[character] = following
        self._remembered += _STEP + len(following.states)
        return following

    def _row(self, states: frozenset[int], *, at_begin: bool) -> _Row:
        """The first row is not shared: at the beginning of an empty text both anchors hold."""
        row = None if at_begin else self._rows.get(states)
        if row is None:
            final = self._close(states, "end", *(("begin",) if at_begin else ()))
            row = _Row(states, accepts=self._end in states, accepts_at_end=self._end in final)
            if not at_begin:
                row = self._rows.setdefault(states, row)
        return row

    def _close(self, states: Iterable[int], *holding: str) -> frozenset[int]:
        """All that is reached without a character. holding: the anchors that hold here."""
        found = set(states)
        waiting = list(found)
        while waiting:
            for condition, to in self._free[waiting.pop()]:
                if to not in found and (not condition or condition in holding):
                    found.add(to)
                    waiting.append(to)
        return frozenset(found)

    def _state(self, *free: tuple[str, int], through: CharacterSet | None = None, to: int = -1) -> int:
        if len(self._sets) >= MAX_STATES:
            raise _too_large()
        self._sets.append(through)
        self._free.append(list(free))
        self._to.append(to)
        self._prices.append(1 + len(through.others) if through is not None else 1)
        return len(self._sets) - 1

    def _build(self, node: Node, then: int) -> int:
        """The state from which the node, and after it ``then``, is walked."""
        kind = node[0]
        self._built += 1
        if self._built > _MAX_BUILT:
            raise _too_large()
        if kind == "set":
            return self._state(through=node[1], to=then)
        if kind in ("begin", "end"):
            return self._state((kind, then))
        if kind == "all":
            for part in reversed(node[1]):
                then = self._build(part, then)
            return then
        if kind == "any":
            return self._state(*[("", self._build(each, then)) for each in node[1]])
        _, inner, least, most = node
        if most is None:
            loop = self._state(("", then))
            self._free[loop].append(("", self._build(inner, loop)))
            then = loop
        else:
            after = then
            for _ in range(most - least):
                then = self._state(("", self._build(inner, then)), ("", after))
        for _ in range(least):
            then = self._build(inner, then)
        return then


def _too_large() -> Unsupported:
    return Unsupported("unsupported_pattern", "a pattern of the schema cannot be used here: it is too large")


@lru_cache(maxsize=1024)
def compile_pattern(text: str) -> Pattern:
    """Raises Unsupported("unsupported_pattern"). Compiled patterns are kept."""
    return Pattern(text)
