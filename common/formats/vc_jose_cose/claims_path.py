"""Disclosure paths: which parts of a document its holder may hold back, named as text (``credentialSubject.phones[0]``) or as an array.

An array is a claims path pointer (OpenID4VP 1.0 §7); the text form is its short spelling and cannot name members with dots or brackets.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from common.errors import Malformed
from common.formats.credential import ClaimsPath
from common.jose.sd_jwt import Disclosable

MAX_PATHS = 1000
MAX_STEPS = 32
IN_THE_OPEN = frozenset(
    {
        *("@context", "type", "issuer", "credentialStatus", "credentialSchema", "relatedResource"),
        *("validFrom", "validUntil"),
        *("iss", "aud", "exp", "nbf", "iat", "cnf", "status", "vc", "vp"),
    }
)
"""What a verification needs is not left to the holder's choice (VC-JOSE-COSE 1.0 §3.2.1 recommends it; we insist)."""
_STEP = re.compile(r"(?:\A|\.)([^.\[\]]+)|\[(\d{1,6}|\*)\]")


def parse_path(value: object) -> ClaimsPath:
    """Text or JSON array → path; ``[*]`` or null stands for every element. Raises Malformed."""
    if isinstance(value, str):
        steps, at = [], 0
        if value.startswith("."):
            raise _bad_path()
        while at < len(value):
            matched = _STEP.match(value, at)
            if matched is None or matched.end() == at:
                raise _bad_path()
            at = matched.end()
            name, index = matched.groups()
            steps.append(name if name is not None else None if index == "*" else int(index))
        path: tuple[Any, ...] = tuple(steps)
    elif isinstance(value, list):
        path = tuple(value)
    else:
        raise _bad_path()
    if not 0 < len(path) <= MAX_STEPS or not isinstance(path[0], str):
        raise _bad_path()
    for step in path:
        if (step is not None and type(step) not in (str, int)) or (isinstance(step, int) and step < 0):
            raise _bad_path()
    return path


def _bad_path() -> Malformed:
    return Malformed("bad_path", "a disclosure path is written like credentialSubject.phones[0], or as an array")


def mark_disclosable(document: Mapping[str, Any], paths: Sequence[ClaimsPath]) -> dict[str, Any]:
    """The document with `Disclosable` around what the paths name; a path and one below it may both be given.

    Raises Malformed: a path that leads to nothing, or to what must stand in the open, or too many.
    """
    if len(paths) > MAX_PATHS:
        raise Malformed("bad_path", f"more than {MAX_PATHS} disclosure paths")
    for path in paths:
        if path[0] in IN_THE_OPEN:
            raise Malformed("bad_path", f"{path[0]} must stand in the open")
    marked: dict[str, Any] = dict(document)
    # the longest first: what stands inside is marked before what is around it
    for path in sorted(set(paths), key=len, reverse=True):
        marked = _mark(marked, path)
    return marked


def _mark(value: Any, path: ClaimsPath) -> Any:
    step, rest = path[0], path[1:]

    def hide(inner: Any) -> Any:
        if not rest:
            return inner if isinstance(inner, Disclosable) else Disclosable(inner)
        if isinstance(inner, Disclosable):
            return Disclosable(_mark(inner.value, rest))
        return _mark(inner, rest)

    if isinstance(step, str) and isinstance(value, Mapping) and step in value:
        return {name: hide(member) if name == step else member for name, member in value.items()}
    if not isinstance(step, str) and isinstance(value, list) and value and (step is None or step < len(value)):
        return [hide(element) if step in (None, index) else element for index, element in enumerate(value)]
    raise Malformed("bad_path", "a disclosure path leads to nothing in this document")
