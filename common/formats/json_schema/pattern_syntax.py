"""Regular expressions as JSON Schema has them (ECMA-262 with the flag ``u``), read into a tree. Total: `Unsupported` for what is left out.

Left out is what no automaton can do, or what would need tables that we do not have: look-around, back-references, word boundaries,
scripts (``\\p{Script=…}``). Everything is bounded: length, nesting, repetitions.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from typing import Any

from common.errors import Unsupported

MAX_LENGTH = 4096
MAX_NESTED = 20
MAX_REPEAT = 1000

Node = tuple[Any, ...]
"""("set", CharacterSet), ("begin",), ("end",), ("all", [nodes]), ("any", [nodes]), ("repeat", node, least, most or None)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacterSet:
    """ranges: code points, both ends within, in any order. categories: of Unicode, by their first letters. others: sets that belong to it
    as well. A class that lists two thousand characters of a school's roll is asked as fast as one of ten: ranges are joined and sorted.
    """

    ranges: tuple[tuple[int, int], ...] = ()
    categories: tuple[str, ...] = ()
    others: tuple[CharacterSet, ...] = ()
    negated: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "ranges", _joined(self.ranges))
        object.__setattr__(self, "others", tuple(dict.fromkeys(self.others)))

    def has(self, character: str) -> bool:
        point = ord(character)
        before = bisect_right(self.ranges, (point, 0x110000))
        found = (
            (before > 0 and point <= self.ranges[before - 1][1])
            or (bool(self.categories) and unicodedata.category(character).startswith(self.categories))
            or any(other.has(character) for other in self.others)
        )
        return found is not self.negated


def _joined(ranges: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    joined: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if joined and low <= joined[-1][1] + 1:
            first, last = joined.pop()
            joined.append((first, max(last, high)))
        else:
            joined.append((low, high))
    return tuple(joined)


def _points(text: str) -> tuple[tuple[int, int], ...]:
    return tuple((ord(each), ord(each)) for each in text)


_DIGIT = CharacterSet(ranges=((48, 57),))
_WORD = CharacterSet(ranges=((48, 57), (65, 90), (95, 95), (97, 122)))
_SPACE = CharacterSet(ranges=((9, 13), (0x2000, 0x200A), *_points(" \xa0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff")))
_DOT = CharacterSet(ranges=_points("\n\r\u2028\u2029"), negated=True)
_CLASSES = {"d": _DIGIT, "w": _WORD, "s": _SPACE}
_CONTROLS = {"t": 9, "n": 10, "v": 11, "f": 12, "r": 13, "0": 0}
_CATEGORIES = {
    **{name: name for name in "LMNPSZC"},
    **dict.fromkeys(("Letter", "Mark", "Number", "Punctuation", "Symbol", "Separator", "Other"), ""),
}
_CATEGORIES |= {name: name[0] for name, short in _CATEGORIES.items() if not short}
_CATEGORIES["Other"] = "C"
_SMALL_CATEGORIES = frozenset(
    first + second
    for first, seconds in {
        "L": "ultmo",
        "M": "nce",
        "N": "dlo",
        "P": "cdseifo",
        "S": "mcko",
        "Z": "slp",
        "C": "cfson",
    }.items()
    for second in seconds
)
_SYNTAX = frozenset("^$\\.*+?()[]{}|")


def _unsupported(what: str) -> Unsupported:
    return Unsupported("unsupported_pattern", f"a pattern of the schema cannot be used here: {what}")


def read_pattern(text: str) -> Node:
    """Raises Unsupported("unsupported_pattern")."""
    if len(text) > MAX_LENGTH:
        raise _unsupported("it is too long")
    reader = _Reader(text)
    node = reader.alternatives(0)
    if not reader.at_end:
        raise _unsupported("a bracket is not opened")
    return node


class _Reader:
    """Recursive descent, one character ahead."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    @property
    def at_end(self) -> bool:
        return self._at >= len(self._text)

    def _peek(self) -> str:
        return self._text[self._at] if self._at < len(self._text) else ""

    def _next(self) -> str:
        found = self._peek()
        if not found:
            raise _unsupported("it ends too early")
        self._at += 1
        return found

    def _skip(self, text: str) -> bool:
        if not self._text.startswith(text, self._at):
            return False
        self._at += len(text)
        return True

    def alternatives(self, depth: int) -> Node:
        if depth > MAX_NESTED:
            raise _unsupported("it is nested too deep")
        branches = [self._sequence(depth)]
        while self._skip("|"):
            branches.append(self._sequence(depth))
        return branches[0] if len(branches) == 1 else ("any", branches)

    def _sequence(self, depth: int) -> Node:
        parts: list[Node] = []
        while self._peek() not in ("", "|", ")"):
            parts.append(self._repeated(self._atom(depth)))
        return ("all", parts)

    def _atom(self, depth: int) -> Node:
        character = self._next()
        if character == "(":
            return self._group(depth)
        if character == "[":
            return ("set", self._class())
        if character == "\\":
            return ("set", self._escape(in_class=False))
        if character in "*+?{}]":
            raise _unsupported(f"a {character} stands where it means nothing")
        return {"^": ("begin",), "$": ("end",), ".": ("set", _DOT)}.get(
            character, ("set", CharacterSet(ranges=_points(character)))
        )

    def _group(self, depth: int) -> Node:
        if self._skip("?") and not self._skip(":"):
            if not self._skip("<") or self._peek() in ("=", "!"):
                raise _unsupported("it looks ahead or behind")
            while self._next() != ">":
                pass
        node = self.alternatives(depth + 1)
        if not self._skip(")"):
            raise _unsupported("a bracket is not closed")
        return node

    def _repeated(self, node: Node) -> Node:
        character = self._peek()
        if character not in ("*", "+", "?", "{") or not character:
            return node
        if node[0] in ("begin", "end"):
            raise _unsupported("an anchor cannot be repeated")
        self._at += 1
        least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(character) or self._bounds()
        self._skip("?")  # lazy or greedy: whether there is a match is the same
        if self._peek() in ("*", "+", "?", "{") and self._peek():
            raise _unsupported("a repetition is repeated")
        return ("repeat", node, least, most)

    def _bounds(self) -> tuple[int, int | None]:
        least = self._number()
        most: int | None = least
        if self._skip(","):
            most = None if self._peek() == "}" else self._number()
        if not self._skip("}") or (most is not None and most < least):
            raise _unsupported("a repetition has no bounds")
        return least, most

    def _number(self) -> int:
        digits = ""
        while self._peek() and self._peek() in "0123456789":
            digits += self._next()
        if not digits or len(digits) > 4 or int(digits) > MAX_REPEAT:
            raise _unsupported(f"a repetition is not a number up to {MAX_REPEAT}")
        return int(digits)

    def _class(self) -> CharacterSet:
        negated = self._skip("^")
        ranges: list[tuple[int, int]] = []
        others: list[CharacterSet] = []
        while not self._skip("]"):
            first = self._member()
            if self._peek() == "-" and self._text[self._at + 1 : self._at + 2] not in ("]", ""):
                self._at += 1
                last = self._member()
                low, high = _only(first), _only(last)
                if low > high:
                    raise _unsupported("a range of characters is empty")
                ranges.append((low, high))
            else:
                others.append(first)
        ranges += [pair for each in others if _is_plain(each) for pair in each.ranges]
        return CharacterSet(
            ranges=tuple(ranges), others=tuple(each for each in others if not _is_plain(each)), negated=negated
        )

    def _member(self) -> CharacterSet:
        character = self._next()
        return self._escape(in_class=True) if character == "\\" else CharacterSet(ranges=_points(character))

    def _escape(self, *, in_class: bool) -> CharacterSet:
        character = self._next()
        if character.lower() in _CLASSES:
            found = _CLASSES[character.lower()]
            return found if character.islower() else CharacterSet(others=(found,), negated=True)
        if character in "pP":
            return self._property(negated=character == "P")
        if character == "b" and in_class:
            return CharacterSet(ranges=((8, 8),))
        if character in _CONTROLS and not (character == "0" and self._peek().isdecimal()):
            point = _CONTROLS[character]
        elif character == "c":
            letter = self._next()
            if not (letter.isascii() and letter.isalpha()):
                raise _unsupported("an escape is not known")
            point = ord(letter) % 32
        elif character == "x":
            point = self._hexadecimal(2)
        elif character == "u":
            point = self._unicode()
        elif character in _SYNTAX or not (character.isalnum() or character == "_" or not character.isascii()):
            point = ord(character)
        else:
            raise _unsupported("an escape is not known, or refers back")
        return CharacterSet(ranges=((point, point),))

    def _property(self, *, negated: bool) -> CharacterSet:
        if not self._skip("{"):
            raise _unsupported("a property has no name")
        name = ""
        while (character := self._next()) != "}":
            name += character
        name = name.removeprefix("gc=").removeprefix("General_Category=")
        category = name if name in _SMALL_CATEGORIES else _CATEGORIES.get(name)
        if category is None:
            raise _unsupported("a property is not known")
        return CharacterSet(categories=(category,), negated=negated)

    def _unicode(self) -> int:
        if self._skip("{"):
            digits = ""
            while (character := self._next()) != "}":
                digits += character
            return _point_of(digits)
        high = self._hexadecimal(4)
        if 0xD800 <= high < 0xDC00 and self._text.startswith("\\u", self._at):
            before = self._at
            self._at += 2
            low = self._hexadecimal(4)
            if 0xDC00 <= low < 0xE000:
                return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)
            self._at = before
        return high

    def _hexadecimal(self, length: int) -> int:
        return _point_of("".join(self._next() for _ in range(length)))


def _point_of(digits: str) -> int:
    if not 0 < len(digits) <= 6 or not all(each in "0123456789abcdefABCDEF" for each in digits):
        raise _unsupported("a code point is not hexadecimal")
    point = int(digits, 16)
    if point > 0x10FFFF:
        raise _unsupported("a code point is too large")
    return point


def _is_plain(one: CharacterSet) -> bool:
    return not one.negated and not one.categories and not one.others


def _only(one: CharacterSet) -> int:
    """The one character of a range's end. A class such as \\d is none."""
    if not _is_plain(one) or len(one.ranges) != 1 or one.ranges[0][0] != one.ranges[0][1]:
        raise _unsupported("a range has a class of characters at its end")
    return one.ranges[0][0]
