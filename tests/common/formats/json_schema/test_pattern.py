"""Patterns: what they match is what ECMA-262 says, and the time that they take grows with the text and nothing else."""

from __future__ import annotations

import contextlib
import random
import re
import time

import pytest

from common.errors import Unsupported
from common.formats.json_schema import pattern as pattern_module
from common.formats.json_schema.meter import Exhausted, Meter
from common.formats.json_schema.pattern import Pattern
from common.formats.json_schema.pattern_syntax import MAX_LENGTH


def free(_: int) -> None:
    """Work costs nothing here."""


def matches(pattern: str, text: str) -> bool:
    return Pattern(pattern).search(text, free)


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("", ["", "a"], []),
        ("a", ["a", "xax"], ["", "b"]),
        ("^a$", ["a"], ["ab", "ba", "a\n"]),
        ("^$", [""], ["a"]),
        ("^(a|bc)+$", ["a", "bca", "aabc"], ["", "b", "abcb"]),
        ("^a{2,3}$", ["aa", "aaa"], ["a", "aaaa"]),
        ("^a{2}$", ["aa"], ["a", "aaa"]),
        ("^a{2,}$", ["aa", "aaaaa"], ["a"]),
        ("^a{0}$", [""], ["a"]),
        ("^a*?b+?c??$", ["b", "aabbc"], ["a", "c"]),
        ("^[a-cx-]+$", ["abc", "x-"], ["d", ""]),
        ("^[^a-c]$", ["d", "\n"], ["a", ""]),
        ("^[\\]\\^\\-]$", ["]", "^", "-"], ["\\"]),
        ("^[\\d\\s]+$", ["1 2", "\u3000"], ["a"]),
        ("^[^\\D]$", ["1"], ["a"]),
        ("^\\w+$", ["aZ_9"], ["é", "-", "学"]),
        ("^\\W$", ["学"], ["a"]),
        ("^\\S+$", ["a"], ["a b", "\ufeff"]),
        ("^.$", ["学", "😀"], ["\n", "\u2028", ""]),
        ("^\\u5b66\\x61\\u{1F600}$", ["学a😀"], ["学"]),
        ("^\\ud83d\\ude00$", ["😀"], ["x"]),
        ("^\\p{Lu}\\p{L}+$", ["Ünal", "ÅB"], ["ünal", "1a"]),
        ("^\\p{Letter}\\P{N}$", ["a-"], ["a1"]),
        ("^[\\p{Nd}_]+$", ["1_", "\u0661"], ["a"]),
        ("^\\t\\n\\v\\f\\r\\0\\cJ[\\b]$", ["\t\n\x0b\x0c\r\x00\n\x08"], ["t"]),
        ("^a\\.b\\/c\\@d$", ["a.b/c@d"], ["axb/c@d"]),
        ("^(?:a(?<name>b))$", ["ab"], ["a"]),
        ("a|^b|c$", ["xa", "bx", "xc"], ["xbx", "cx"]),
        ("(^|,)x($|,)", ["x", "a,x", "x,b", "a,x,b"], ["ax", "xb"]),
        ("^-?([1-9][0-9]{3,}|0[0-9]{3})-(0[1-9]|1[0-2])$", ["2026-11", "-0044-03"], ["2026-13", "26-01"]),
    ],
)
def test_what_matches(pattern: str, yes: list[str], no: list[str]) -> None:
    compiled = Pattern(pattern)
    for _ in range(2):  # what is remembered says the same as what is worked out
        assert [text for text in yes if not compiled.search(text, free)] == []
        assert [text for text in no if compiled.search(text, free)] == []


@pytest.mark.parametrize(
    "pattern",
    [
        *(
            "(?=a)",
            "(?!a)",
            "(?<=a)",
            "(?<!a)",
            "(a)\\1",
            "\\k<a>",
            "\\bword\\b",
            "\\p{Script=Han}",
            "\\p{Nope}",
            "\\pL",
        ),
        *(
            "(",
            ")",
            "a)",
            "[",
            "[a",
            "[b-a]",
            "[\\d-z]",
            "a**",
            "*",
            "+a",
            "?",
            "{2}",
            "a{,2}",
            "a{2,1}",
            "a{x}",
            "]",
            "}",
        ),
        *("\\", "\\u12", "\\u{110000}", "\\u{}", "\\xZZ", "\\c1", "\\q", "\\é", "^*", "a{1001}", "a{99999}", "(?<a"),
        *("(a{1000}){1000}", "(" * 30 + ")" * 30, "a" * (MAX_LENGTH + 1), "(((a{99}){99}){99}){99}"),
        *("(((){1000}){1000}){1000}", "(((a{0}){1000}){1000}){1000}", "((((|){9}){999}){999}){999}"),
    ],
)
def test_what_is_left_out_is_named(pattern: str) -> None:
    with pytest.raises(Unsupported, match="unsupported_pattern"):
        Pattern(pattern)


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "^(a|aa)+$", "(.*a){12}b", "^(([a-z])+.)+[A-Z]([a-z])+$", ".*.*.*.*=.*", "(a?){40}a{40}b"]
)
def test_bombs_are_duds(pattern: str) -> None:
    """Python's own engine takes years for the first ones."""
    began = time.process_time()
    assert not matches(pattern, "a" * 50_000 + "!")
    assert time.process_time() - began < 2


def test_work_is_told_before_it_is_done() -> None:
    class Enough(Exception):
        pass

    def never(_: int) -> None:
        raise Enough

    with pytest.raises(Enough):
        Pattern("a").search("a", never)


def test_a_full_memory_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pattern_module, "MAX_REMEMBERED", 8)
    compiled = Pattern("^(学|校|[a-z])+$")
    text = "abcdefghijklmnopqrstuvwxyz学校" * 3
    assert compiled.search(text, free)
    assert not compiled.search(text + "1", free)
    assert compiled.search(text, free)


_ROLL = "".join(chr(0x4E00 + 3 * at) + "-" + chr(0x4E01 + 3 * at) for at in range(1300))


@pytest.mark.parametrize("pattern", [f"[{_ROLL}]x", f"^[{_ROLL}]+$", f"[{_ROLL}]{{900}}x", "[\\D\\W\\S\\p{Lu}\\P{N}]x"])
def test_a_class_of_thousands_costs_no_more_than_its_price(pattern: str) -> None:
    """Of characters that no step remembers, each is looked up in the class: that took half a minute."""
    began, meter = time.process_time(), Meter()
    for start in (0x4E00, 0x10000):
        with contextlib.suppress(Exhausted):
            Pattern(pattern).search("".join(map(chr, range(start, start + 20_000))), meter.spend)
    assert time.process_time() - began < 2


def test_memory_is_of_states_and_not_of_steps() -> None:
    """Each step of this one leads to hundreds of states: so many documents later it would have been gigabytes."""
    pattern, dice = Pattern("(a|b)*a(a|b){400}"), random.Random(1)
    for _ in range(3):
        pattern.search("".join(dice.choices("ab", k=1500)), free)
        assert sum(len(row) for row in pattern._rows) <= pattern_module.MAX_REMEMBERED


@pytest.mark.parametrize("text", ["[c-ea-b]", "[a-zb-c]", "[b-ca-z]", "[a-cb-e]", "[zya-be]", "[^x-za-w]"])
def test_ranges_mean_the_same_in_any_order(text: str) -> None:
    members = [chr(point) for point in range(0x60, 0x80)]
    assert [each for each in members if matches(text, each)] == [each for each in members if re.search(text, each)]
