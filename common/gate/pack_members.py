"""What stands in a gate pack, member by member: typed values ↔ what CBOR carries. The wire table is in common/gate/README.md.

Each ``read_…`` raises Malformed("bad_pack"); each ``write_…`` gives what its reader takes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, TypeVar

from common.errors import Malformed
from common.formats.gate_pass.labels import MAX_CLASS, MAX_TIME
from common.gate.journal_entry import MAX_ENTRANCE
from common.gate.signed import NAME_SIZE, name_of
from common.keys.compressed_point import SIZE, known_point_key
from common.plain_text import CONTROLS
from common.record import Record

MAX_NAME = 120
MAX_URI = 1024
SCANNER, HUB = 0, 1
_MAX_MEMBERS = {"gates": 4096, "classes": MAX_CLASS + 1, "entrances": MAX_ENTRANCE + 1, "keys": 32, "windows": 64}
_MAX_SECONDS = 366 * 86400
_MAX_GROUPS = 4096
_LANGUAGES = ["en", "ja"]
_CONTROL = re.compile(f"[{CONTROLS}]")
Member = TypeVar("Member")


class PackIssuerKey(Record, frozen=True):
    """Seconds; from not_before up to, and not at, not_after."""

    point: bytes
    not_before: int
    not_after: int


class PackGate(Record, frozen=True):
    """locked_at: from when its entries are flagged. home_group: which tickets are its own, below the rules' home_groups."""

    gate: bytes
    name: str
    point: bytes
    entrances: tuple[int, ...]
    enrolled_at: int
    locked_at: int | None
    role: int
    home_group: int


class PackClass(Record, frozen=True):
    """windows: when it may enter, [from, to) in seconds; none: at any time. flags: which must be set. paper: it has passes
    without a key."""

    klass: int
    names: Mapping[str, str]
    entrances: tuple[int, ...]
    windows: tuple[tuple[int, int], ...]
    flags: int
    paper: bool


class PackEntrance(Record, frozen=True):
    number: int
    names: Mapping[str, str]
    challenge: bool


class PackRules(Record, frozen=True):
    """re_entry: after an exit. document_if_undetermined: ask for one instead of refusing. Times in seconds. home_groups 0: off."""

    re_entry: bool
    document_if_undetermined: bool
    max_clock_error: int
    home_groups: int
    facts_stale_after: int
    challenge_seconds: int


def bad(what: str) -> Malformed:
    return Malformed("bad_pack", f"a gate pack {what}")


def number(value: object, most: int, *, least: int = 0) -> int:
    if type(value) is not int or not least <= value <= most:
        raise bad("has whole numbers within their bounds")
    return value


def read_names(value: object) -> Mapping[str, str]:
    if not isinstance(value, dict) or list(value) != _LANGUAGES:
        raise bad("names things in English and Japanese")
    return {language: read_name(name) for language, name in value.items()}


def read_name(value: object, *, most: int = MAX_NAME) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= most or _CONTROL.search(value):
        raise bad(f"has names of 1 to {most} characters, none of them a control")
    return value


def read_point(value: object) -> bytes:
    if not isinstance(value, bytes) or len(value) != SIZE:
        raise bad("has keys as compressed points")
    known_point_key(value)
    return value


def read_each(
    value: object, kind: str, read: Callable[[Any], Member], key: Callable[[Member], Any]
) -> tuple[Member, ...]:
    """An array, sorted strictly by ``key``: so nothing stands in it twice."""
    if not isinstance(value, list) or len(value) > _MAX_MEMBERS[kind]:
        raise bad(f"has at most {_MAX_MEMBERS[kind]} {kind}")
    members = tuple(read(one) for one in value)
    keys = [key(member) for member in members]
    if any(one >= other for one, other in pairwise(keys)):
        raise bad(f"has its {kind} sorted, none twice")
    return members


def read_tuple(value: object, size: int) -> Sequence[Any]:
    if not isinstance(value, list) or len(value) != size:
        raise bad(f"has an array of {size} there")
    return value


def read_flag(value: object) -> bool:
    return number(value, 1) == 1


def read_issuer_keys(value: object) -> tuple[PackIssuerKey, ...]:
    def read(one: object) -> PackIssuerKey:
        point, not_before, not_after = read_tuple(one, 3)
        return PackIssuerKey(read_point(point), number(not_before, MAX_TIME), number(not_after, MAX_TIME))

    return read_each(value, "keys", read, lambda key: key.point)


def write_issuer_keys(keys: Sequence[PackIssuerKey]) -> list[Any]:
    return [[key.point, key.not_before, key.not_after] for key in sorted(keys, key=lambda key: key.point)]


def read_entrance_numbers(value: object) -> tuple[int, ...]:
    return read_each(value, "entrances", lambda one: number(one, MAX_ENTRANCE), lambda one: one)


def read_gates(value: object) -> tuple[PackGate, ...]:
    return read_each(value, "gates", _read_gate, lambda gate: gate.gate)


def _read_gate(value: object) -> PackGate:
    gate, name, encoded_point, entrances, enrolled_at, locked_at, role, home_group = read_tuple(value, 8)
    point = read_point(encoded_point)
    if type(gate) is not bytes or len(gate) != NAME_SIZE or gate != name_of(point):
        raise bad("names each gate by its key")
    return PackGate(
        gate,
        read_name(name),
        point,
        read_entrance_numbers(entrances),
        number(enrolled_at, MAX_TIME),
        None if locked_at is None else number(locked_at, MAX_TIME),
        number(role, HUB),
        number(home_group, _MAX_GROUPS),
    )


def write_gates(gates: Sequence[PackGate]) -> list[Any]:
    return [
        [g.gate, g.name, g.point, sorted(g.entrances), g.enrolled_at, g.locked_at, g.role, g.home_group]
        for g in sorted(gates, key=lambda gate: gate.gate)
    ]


def read_classes(value: object) -> tuple[PackClass, ...]:
    return read_each(value, "classes", _read_class, lambda one: one.klass)


def _read_class(value: object) -> PackClass:
    klass, names, entrances, windows, flags, paper = read_tuple(value, 6)
    return PackClass(
        number(klass, MAX_CLASS),
        read_names(names),
        read_entrance_numbers(entrances),
        read_each(windows, "windows", _read_window, lambda window: window),
        number(flags, 255),
        read_flag(paper),
    )


def _read_window(value: object) -> tuple[int, int]:
    begins, ends = read_tuple(value, 2)
    begins = number(begins, MAX_TIME)
    return begins, number(ends, MAX_TIME, least=begins + 1)


def write_classes(classes: Sequence[PackClass]) -> list[Any]:
    return [
        [
            one.klass,
            dict(one.names),
            sorted(one.entrances),
            [list(window) for window in sorted(one.windows)],
            one.flags,
            int(one.paper),
        ]
        for one in sorted(classes, key=lambda one: one.klass)
    ]


def read_entrances(value: object) -> tuple[PackEntrance, ...]:
    def read(one: object) -> PackEntrance:
        entrance, names, challenge = read_tuple(one, 3)
        return PackEntrance(number(entrance, MAX_ENTRANCE), read_names(names), read_flag(challenge))

    return read_each(value, "entrances", read, lambda entrance: entrance.number)


def write_entrances(entrances: Sequence[PackEntrance]) -> list[Any]:
    ordered = sorted(entrances, key=lambda one: one.number)
    return [[one.number, dict(one.names), int(one.challenge)] for one in ordered]


def read_rules(value: object) -> PackRules:
    if not isinstance(value, dict) or list(value) != [1, 2, 3, 4, 5, 6]:
        raise bad("has six rules")
    bounds = (1, 1, _MAX_SECONDS, _MAX_GROUPS, _MAX_SECONDS, _MAX_SECONDS)
    one, two, error, groups, stale, challenge = map(number, value.values(), bounds)
    return PackRules(one == 1, two == 1, error, groups, stale, challenge)


def write_rules(rules: PackRules) -> dict[int, int]:
    return {
        1: int(rules.re_entry),
        2: int(rules.document_if_undetermined),
        3: rules.max_clock_error,
        4: rules.home_groups,
        5: rules.facts_stale_after,
        6: rules.challenge_seconds,
    }


def read_next_signers(value: object) -> tuple[bytes, ...]:
    return read_each(value, "keys", read_point, lambda point: point)
