"""Claims path pointers applied to JSON-based credentials (OpenID4VP 1.0 §7.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from common.formats.credential import ClaimsPath

MAX_SELECTED = 4096


def select(claims: Mapping[str, Any], path: ClaimsPath) -> tuple[tuple[ClaimsPath, Any], ...]:
    """The elements that ``path`` selects, each with its concrete path (indices in place of nulls). Empty: nothing there.

    §7.1.1: a component that does not fit the kind of a selected element makes the whole path fail; a missing member or index only
    drops that element. More than MAX_SELECTED elements count as failure.
    """
    selected: list[tuple[ClaimsPath, Any]] = [((), claims)]
    for component in path:
        found: list[tuple[ClaimsPath, Any]] = []
        for place, element in selected:
            if isinstance(component, str):
                if not isinstance(element, Mapping):
                    return ()
                if component in element:
                    found.append(((*place, component), element[component]))
            elif not isinstance(element, (list, tuple)):
                return ()
            elif component is None:
                found.extend(((*place, index), one) for index, one in enumerate(element))
            elif 0 <= component < len(element):
                found.append(((*place, component), element[component]))
        if not found or len(found) > MAX_SELECTED:
            return ()
        selected = found
    return tuple(selected)


def select_disclosed(claims: Mapping[str, Any], path: ClaimsPath) -> tuple[Any, ...]:
    """Like ``select``, for a verifier that sees arrays from which undisclosed elements have vanished (RFC 9901 §7.1 step 3).

    What the issuer placed at index ``i`` stands at ``i`` or before it now, so an index selects every element up to itself; behind an
    index, elements of another kind are neighbours that the path never meant, and are passed over. Values only.
    """
    selected: list[Any] = [claims]
    shifted = False
    for component in path:
        found: list[Any] = []
        for element in selected:
            if isinstance(component, str) and isinstance(element, Mapping):
                found += [element[component]] if component in element else []
            elif not isinstance(component, str) and isinstance(element, (list, tuple)):
                found.extend(element if component is None else element[: component + 1])
            elif not shifted:
                return ()
        shifted = shifted or isinstance(component, int)
        if not found or len(found) > MAX_SELECTED:
            return ()
        selected = found
    return tuple(selected)


def equals(value: Any, wanted: str | int | bool) -> bool:
    """Type and value both match exactly (§6.3): 1 is not true, and not "1"; 1.0 is no integer."""
    return type(value) is type(wanted) and bool(value == wanted)


def matches_any(value: Any, wanted: Sequence[str | int | bool]) -> bool:
    """Whether the value is one of those wanted; no list means any value will do."""
    return not wanted or any(equals(value, one) for one in wanted)
