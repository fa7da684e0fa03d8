"""What a document type is: its name, and which data elements it has in which namespace. ISO/IEC 18013-5 §7.1, §7.2."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Any

from common.cbor import Tagged
from common.encoding import b64url_decode
from common.errors import Malformed
from common.formats.credential import ClaimsPath
from common.formats.mdoc.tdate import parse_tdate

_FULL_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}")
_DATES = frozenset({"issue_date", "expiry_date"})
_LONGEST_SHORT = 150


class Kind(Enum):
    """How a value is encoded. FULL_DATE: tag 1004 (RFC 8943). TDATE: tag 0. BYTES: given as bytes or base64url text."""

    TEXT = "tstr"
    SHORT_TEXT = "tstr, at most 150 characters"
    COUNTRY = "tstr, two capital letters"
    FULL_DATE = "full-date"
    TDATE = "tdate"
    FULL_DATE_OR_TDATE = "full-date or tdate"
    UINT = "uint"
    BOOL = "bool"
    BYTES = "bstr"
    PRIVILEGES = "an array of driving privileges"
    ANY = "any"


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One data element. claim: where a flat set of claims, as other formats carry them, has its value; ``(name,)`` unless given."""

    name: str
    kind: Kind = Kind.TEXT
    mandatory: bool = False
    claim: tuple[str, ...] = ()
    path: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", self.claim or (self.name,))


_Place = tuple[str, str, Callable[[Any, str], Any]]
"""Namespace, element, and what makes the element's value of a claim's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentType:
    """name: the docType. namespaces: each with its elements."""

    name: str
    namespaces: Mapping[str, tuple[Element, ...]]
    _flat: Mapping[tuple[str, ...], _Place] = field(init=False, repr=False, compare=False)
    _mandatory: tuple[tuple[str, str], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        elements = [(namespace, element) for namespace, of in self.namespaces.items() for element in of]
        flat = {element.path: (namespace, element.name, _READERS[element.kind]) for namespace, element in elements}
        if len(flat) != len(elements):
            raise ValueError(f"two elements of {self.name} come from one claim")
        object.__setattr__(self, "_flat", flat)
        object.__setattr__(
            self, "_mandatory", tuple((namespace, one.name) for namespace, one in elements if one.mandatory)
        )

    def arrange(self, claims: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """Claims → namespace → element → CBOR value. claims: by namespace already, or flat as other formats have them.

        Raises ValueError: a claim that the table does not know, a value of another kind, a mandatory element missing.
        """
        arranged: dict[str, dict[str, Any]] = {namespace: {} for namespace in self.namespaces}
        if claims and claims.keys() <= arranged.keys():
            self._place_by_namespace(claims, arranged)
        else:
            self._place_flat(claims, arranged)
        for namespace, name in self._mandatory:
            if name not in arranged[namespace]:
                raise ValueError(f"{self.name} needs {name}")
        return {namespace: found for namespace, found in arranged.items() if found}

    def _place_flat(self, claims: Mapping[str, Any], arranged: dict[str, dict[str, Any]]) -> None:
        for claim, value in claims.items():
            if value is None:
                continue
            place = self._flat.get((claim,))
            if place is not None:
                namespace, name, read = place
                arranged[namespace][name] = read(value, name)
                continue
            for inner, member in value.items() if isinstance(value, Mapping) else ((None, value),):
                place = self._flat.get((claim, inner)) if inner is not None else None
                if place is None:
                    raise ValueError(f"{self.name} has no element for {claim if inner is None else f'{claim}.{inner}'}")
                namespace, name, read = place
                arranged[namespace][name] = read(member, name)

    def _place_by_namespace(self, claims: Mapping[str, Any], arranged: dict[str, dict[str, Any]]) -> None:
        for namespace, given in claims.items():
            kinds = {element.name: element.kind for element in self.namespaces[namespace]}
            for name, value in given.items():
                if name not in kinds:
                    raise ValueError(f"{self.name} has no element {name}")
                if value is not None:
                    arranged[namespace][name] = _READERS[kinds[name]](value, name)

    def path_of(self, claim: ClaimsPath) -> ClaimsPath | None:
        """Where a flat claim stands in this document: (namespace, element). None where the table has no element for it."""
        for path, (namespace, name, _) in self._flat.items():
            if path == claim:
                return (namespace, name)
        return None


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} must be text, and not empty")
    return value


def _short_text(value: Any, name: str) -> str:
    if len(_text(value, name)) > _LONGEST_SHORT:
        raise ValueError(f"{name} must have at most {_LONGEST_SHORT} characters")
    return str(value)


def _country(value: Any, name: str) -> str:
    if not _COUNTRY.fullmatch(_text(value, name)):
        raise ValueError(f"{name} must be two capital letters")
    return str(value)


def _uint(value: Any, name: str) -> int:
    if type(value) is not int or not 0 <= value < 1 << 64:
        raise ValueError(f"{name} must be a whole number, not below zero")
    return value


def _bool(value: Any, name: str) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{name} must be true or false")
    return value


def _bytes(value: Any, name: str) -> bytes:
    try:
        return value if isinstance(value, bytes) else b64url_decode(value)
    except (Malformed, AttributeError, TypeError):
        raise ValueError(f"{name} must be bytes, or base64url text of them") from None


def _full_date(value: Any, name: str) -> Tagged:
    text = value.isoformat() if isinstance(value, date) else value
    try:
        if isinstance(text, str) and _FULL_DATE.fullmatch(text):
            date.fromisoformat(text)
            return Tagged(1004, text)
    except ValueError:
        pass
    raise ValueError(f"{name} must be a date, as in 2026-01-31")


def _tdate(value: Any, name: str) -> Tagged:
    try:
        parse_tdate(Tagged(0, value))
    except Malformed:
        raise ValueError(f"{name} must be a time, as in 2026-01-31T09:00:00Z") from None
    return Tagged(0, value)


def _full_date_or_tdate(value: Any, name: str) -> Tagged:
    return _tdate(value, name) if isinstance(value, str) and "T" in value else _full_date(value, name)


def _privileges(value: Any, name: str) -> list[dict[str, Any]]:
    """ISO/IEC 18013-5 §7.2.4: categories of vehicles, with their dates as full-date."""
    if not isinstance(value, list | tuple) or not all(
        isinstance(one, Mapping) and isinstance(one.get("vehicle_category_code"), str) for one in value
    ):
        raise ValueError(f"{name} must be an array of driving privileges")
    return [
        {member: _full_date(inner, member) if member in _DATES else inner for member, inner in one.items()}
        for one in value
    ]


_READERS: Mapping[Kind, Callable[[Any, str], Any]] = {
    Kind.TEXT: _text,
    Kind.SHORT_TEXT: _short_text,
    Kind.COUNTRY: _country,
    Kind.FULL_DATE: _full_date,
    Kind.TDATE: _tdate,
    Kind.FULL_DATE_OR_TDATE: _full_date_or_tdate,
    Kind.UINT: _uint,
    Kind.BOOL: _bool,
    Kind.BYTES: _bytes,
    Kind.PRIVILEGES: _privileges,
    Kind.ANY: lambda value, _: value,
}
