"""Changes that know the form of their input: JSON, CBOR and what is embedded in it, and the base64url parts of compact tokens.

Half of all inputs are changed so, the others byte by byte. Names that are put in come from the source code of the parser and its seeds.
"""

from __future__ import annotations

import ast
import json
import random
import re
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from common.cbor import Tagged, decode, encode
from common.encoding import b64url_decode, b64url_encode
from common.errors import TegataError

if TYPE_CHECKING:
    from tests.fuzz.target import Target

ATOMS: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 7, 1.5, -0.0, 1e308, 1 << 31, 1 << 53, 1 << 63, 1 << 64, -(1 << 64), 10**400),
    *("", "a", "\0", " ", "ja", "高", "\ud800", "a" * 300, "2026-01-01T00:00:00Z", "9999-12-31T23:59:60Z"),
    *("0000-01-01T00:00:00Z", "https://a.example/b", "http://[", "did:web:a.example#k", "urn:a:b", "data:,", "AAAA"),
    *([], {}, [[]], [None], {"": None}, [[[[[[[[1]]]]]]]], {"a": {"a": {"a": {}}}}),
)
_WORD = re.compile(rb"[A-Za-z0-9@#:/._+-]{2,40}")


def words_of(target: Target) -> tuple[str, ...]:
    """Short texts in the modules of the target's parsers, and in its seeds."""
    found = {word.decode() for seed in target.seeds for word in _WORD.findall(seed)}
    for module in {parser.partition(":")[0] for parser in target.parsers}:
        path = getattr(sys.modules.get(module), "__file__", None)
        if path is not None:
            with open(path, encoding="utf-8") as source:
                tree = ast.parse(source.read())
            constants = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
            found |= {value for value in constants if isinstance(value, str) and 0 < len(value) <= 40}
    return tuple(sorted(found))


def mutator(words: tuple[str, ...], by_bytes: Callable[[bytes, int], bytes]) -> Callable[[bytes, int, int], bytes]:
    """For libFuzzer: (input, longest, seed) → another input. by_bytes: its own way to change bytes."""

    def mutate(data: bytes, longest: int, seed: int) -> bytes:
        chance = random.Random(seed)
        if chance.random() < 0.5:
            changed = _change(data, chance, words, by_bytes, longest)
            if changed is not None and len(changed) <= longest:
                return changed
        return by_bytes(data, longest)

    return mutate


def _change(
    data: bytes, chance: random.Random, words: tuple[str, ...], by_bytes: Callable[[bytes, int], bytes], longest: int
) -> bytes | None:
    """None: the bytes have no form that is known here."""
    try:
        return json.dumps(_edit(json.loads(data), chance, words), ensure_ascii=chance.random() < 0.5).encode()
    except (ValueError, RecursionError):
        pass
    try:
        value = _edit(decode(data, any_keys=True), chance, words)
        return encode(value)
    except (TegataError, ValueError, TypeError, RecursionError):
        pass
    pieces = re.split(rb"([.~])", data)  # a compact token, or one base64url text
    place = chance.randrange(0, len(pieces), 2)
    try:
        inner = b64url_decode(pieces[place])
    except TegataError:
        return None
    if len(inner) < 2:
        return None
    changed = _change(inner, chance, words, by_bytes, longest) or by_bytes(inner, longest)
    return b"".join([*pieces[:place], b64url_encode(changed).encode(), *pieces[place + 1 :]])


def _edit(value: Any, chance: random.Random, words: tuple[str, ...]) -> Any:
    """The value with one to three places changed."""
    root = [_copied(value)]
    for _ in range(chance.choice((1, 1, 2, 3))):
        parent, key = chance.choice(list(_places(root)))
        here = parent[key]
        what = chance.randrange(8)
        if what == 0:
            parent[key] = _copied(chance.choice(ATOMS))
        elif what == 1:
            parent[key] = chance.choice(words) if words else ""
        elif what == 2:
            other, name = chance.choice(list(_places(root)))
            parent[key] = _copied(other[name])
        elif what == 3:
            parent[key] = chance.choice(([here], [here, _copied(here)], {"a": here}))
        elif what == 4 and isinstance(here, dict):
            here[chance.choice(words) if words else "a"] = _copied(chance.choice(ATOMS))
        elif what == 4 and isinstance(here, list):
            here.insert(chance.randrange(len(here) + 1), _copied(chance.choice(ATOMS)))
        elif what == 5 and parent is not root:
            del parent[key]
        elif what == 6 and isinstance(here, str) and here:
            at = chance.randrange(len(here))
            parent[key] = here[:at] + chance.choice(("", "\0", "%", "é", ":", "/", "~", "9" * 30)) + here[at + 1 :]
        elif what == 7 and isinstance(here, bytes):
            parent[key] = _inside(here, chance, words)
        elif what == 7 and isinstance(here, Tagged):
            inner = here.value
            inner = _inside(inner, chance, words) if isinstance(inner, bytes) else chance.choice(ATOMS)
            parent[key] = Tagged(chance.choice((here.tag, here.tag, 0, 1, 24, 1004)), inner)
    return root[0]


def _copied(value: Any) -> Any:
    """Arrays and objects anew; the rest cannot be changed."""
    if isinstance(value, dict):
        return {name: _copied(member) for name, member in value.items()}
    return [_copied(one) for one in value] if isinstance(value, list) else value


def _inside(data: bytes, chance: random.Random, words: tuple[str, ...]) -> bytes:
    """Embedded CBOR changed; other bytes cut or turned."""
    try:
        return encode(_edit(decode(data, any_keys=True), chance, words))
    except (TegataError, ValueError, TypeError):
        return chance.choice((data[:-1], data + b"\0", data[::-1], bytes(len(data)), b""))


def _places(root: Any) -> Iterable[tuple[Any, Any]]:
    """Everything that can be set: (what holds it, its name or number there)."""
    waiting = [root]
    while waiting:
        holder = waiting.pop()
        for key in list(holder) if isinstance(holder, dict) else range(len(holder)):
            yield holder, key
            inner = holder[key]
            inner = inner.value if isinstance(inner, Tagged) else inner
            if isinstance(inner, dict | list):
                waiting.append(inner)
