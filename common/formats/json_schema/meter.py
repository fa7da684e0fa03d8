"""How much work one evaluation may take. jsonschema hands its ``format_checker`` on to every validator that it makes, and so the meter.

Work is counted where it is done and not by the clock: the same document and schema end the same way on every machine.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from datetime import date
from uuid import UUID

from jsonschema.exceptions import FormatError

from common.errors import Malformed
from common.formats.vcdm.identifier import is_url
from common.formats.vcdm.moment import parse_moment

MAX_WORK = 400_000
"""Less than a second. A transcript of a hundred courses takes a tenth of it."""
MAX_NESTED = 100
"""Keywords within keywords: four frames of Python each, of the thousand that there are."""


class Exhausted(Exception):
    """Too much work, or nested too deep."""


def _date(text: str) -> None:
    if date.fromisoformat(text).isoformat() != text:  # weeks, and dates without dashes
        raise ValueError


def _email(text: str) -> None:
    local, _, host = text.rpartition("@")
    if not local or not host or any(each.isspace() for each in text):
        raise ValueError


def _uri(text: str) -> None:
    if not is_url(text):
        raise ValueError


def _uuid(text: str) -> None:
    if str(UUID(text)) != text.lower():
        raise ValueError


_FORMATS: Mapping[str, Callable[[str], object]] = {
    "date": _date,
    "date-time": parse_moment,
    "email": _email,
    "ipv4": ipaddress.IPv4Address,
    "ipv6": ipaddress.IPv6Address,
    "uri": _uri,
    "uuid": _uuid,
}
"""Asserted. JSON Schema 2020-12 §7.2.1 leaves it to us, and the specification's own example of a failure (§ Evaluation) is a wrong email.
All other formats say something to people only."""


class Meter:
    """Of one evaluation."""

    def __init__(self, work: int = MAX_WORK) -> None:
        self._left = work
        self._nested = 0

    def spend(self, work: int) -> None:
        self._left -= work
        if self._left < 0:
            raise Exhausted

    def enter(self) -> None:
        self._nested += 1
        if self._nested > MAX_NESTED:
            raise Exhausted

    def leave(self) -> None:
        self._nested -= 1

    def check(self, instance: object, format: str) -> None:  # noqa: A002 - the name that jsonschema calls it by
        """As jsonschema's FormatChecker: raises FormatError."""
        known = _FORMATS.get(format)
        if known is None or not isinstance(instance, str):
            return
        self.spend(1 + len(instance) // 16)
        try:
            known(str(instance))
        except (ValueError, Malformed) as error:
            raise FormatError("not of its format") from error
