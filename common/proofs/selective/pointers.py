"""JSON pointers (RFC 6901) → a part of a compact JSON-LD document. vc-di-ecdsa 1.0 §3.4.10–3.4.13 (selectJsonLd)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from common.errors import Malformed

MAX_POINTERS = 1000
MAX_POINTER_DEPTH = 64
_ESCAPE = re.compile("~(.?)", re.DOTALL)
_INDEX = re.compile("0|[1-9][0-9]{0,8}")
IDENTIFIERS = ("id", "@id")
KEPT = ("type", "@type", "@context")

_KINDS = {dict: "object", str: "text", int: "number", float: "number", bool: "boolean"}
"""What arrays consist of that a pointer may lead into. The text applies pointers to a document that was expanded and compacted again: there
nulls are gone, arrays in arrays are one, and elements of several kinds may stand under several names, so numbers would mean others.
"""

Trie = dict[str, "Trie"]
"""Tokens of pointers, one level each. A leaf (empty) selects everything below it."""
Plan = tuple[tuple[tuple[str, ...], ...], Trie]
"""(the tokens of each pointer, all as a tree). Shared, so not to be changed."""


def parse_pointer(pointer: str) -> tuple[str, ...]:
    """``/a/b~1c/0`` → (a, b/c, 0); empty: the whole document. Raises Malformed("bad_pointer")."""
    if pointer == "":
        return ()
    if pointer[0] != "/":
        raise Malformed("bad_pointer", "a JSON pointer begins with a slash")
    tokens = pointer[1:].split("/")
    if len(tokens) > MAX_POINTER_DEPTH:
        raise Malformed("bad_pointer", f"a JSON pointer here has at most {MAX_POINTER_DEPTH} steps")
    if "~" not in pointer:
        return tuple(tokens)
    return tuple(_ESCAPE.sub(_unescape, token) for token in tokens)


def _unescape(found: re.Match[str]) -> str:
    try:
        return {"0": "~", "1": "/"}[found[1]]
    except KeyError:
        raise Malformed("bad_pointer", "in a JSON pointer, ~ is followed by 0 or 1") from None


def check_pointers(pointers: object) -> tuple[str, ...]:
    """Anything → well-formed pointers. Raises Malformed("bad_pointer")."""
    if not isinstance(pointers, list | tuple) or len(pointers) > MAX_POINTERS:
        raise Malformed("bad_pointer", f"JSON pointers are a list of at most {MAX_POINTERS} texts")
    if not all(isinstance(pointer, str) for pointer in pointers):
        raise Malformed("bad_pointer", "a JSON pointer is a text")
    checked = tuple(pointers)
    _plan(checked)
    return checked


def select(document: Mapping[str, Any], pointers: Sequence[str]) -> dict[str, Any] | None:
    """What the pointers name, with contexts, types and identifiers (not blank ones) of all objects on the way; None for no pointer.

    The selection shares its parts with the document: neither is to be changed. Array elements keep their order and close up.
    Raises Malformed("bad_pointer") for one that is ill-formed or points to nothing, ("bad_selection") for one that leads into an array of
    elements of several kinds.
    """
    if not pointers:
        return None
    trie = trie_of(document, pointers)
    if not trie:
        return dict(document)
    picked: dict[str, Any] = _pick(document, trie)
    return picked


def trie_of(document: Mapping[str, Any], pointers: Sequence[str]) -> Trie:
    """Pointers, at least one, into this document → their tokens as a tree: empty for the whole document. Raises as `select`."""
    paths, trie = _plan(tuple(pointers))
    for path in paths:
        _walk(document, path)
    return trie


def _plan(pointers: tuple[str, ...]) -> Plan:
    """Raises Malformed("bad_pointer"). An issuer names the same pointers in all its credentials, so they are remembered."""
    return _remembered(pointers) if sum(map(len, pointers)) <= _MAX_REMEMBERED else _make_plan(pointers)


def _make_plan(pointers: tuple[str, ...]) -> Plan:
    paths = tuple(map(parse_pointer, pointers))
    return paths, {} if () in paths else _tree(paths)


_remembered = lru_cache(maxsize=128)(_make_plan)
"""Bounded in number and in size: strangers send them."""
_MAX_REMEMBERED = 4096
"""Characters."""


def _tree(paths: Sequence[tuple[str, ...]]) -> Trie:
    root: Trie = {}
    # The shorter path first: below what it selects there is nothing to add.
    for path in sorted(set(paths), key=len):
        node, fresh = root, False
        for token in path:
            if not fresh and node is not root and not node:
                break
            fresh = fresh or token not in node
            node = node.setdefault(token, {})
    return root


def _walk(value: Any, path: tuple[str, ...]) -> None:
    """Raises Malformed as `select`."""
    for token in path:
        kind = value.__class__
        if (kind is dict or isinstance(value, Mapping)) and token in value:
            value = value[token]
        elif kind is list and _INDEX.fullmatch(token) and int(token) < len(value):
            if path[0] != "@context":  # which is kept whole
                _check_countable(value)
            value = value[int(token)]
        else:
            raise Malformed("bad_pointer", f"a JSON pointer leads to nothing in the document, at {token[:100]!r}")


def _check_countable(array: list[Any]) -> None:
    if len({_KINDS.get(each.__class__) for each in array}) > 1 or array[0].__class__ not in _KINDS:
        raise Malformed("bad_selection", "an array of elements of several kinds is selected as a whole")


def _pick(value: Any, trie: Trie) -> Any:
    if not trie:
        return value
    if isinstance(value, list):
        return [_pick(value[int(token)], trie[token]) for token in sorted(trie, key=int)]
    picked = {name: value[name] for name in KEPT if name in value}
    for name in IDENTIFIERS:
        if isinstance(value.get(name), str) and not value[name].startswith("_:"):
            picked[name] = value[name]
    for token, below in trie.items():
        if token not in picked:  # types and contexts are shown already, all of them
            picked[token] = _pick(value[token], below)
    return picked
