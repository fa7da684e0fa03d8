"""A document put to a schema, in bounded time. Pure; what is not kept is told by its place, never by its value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from common.formats.json_schema.keywords import Dialect
from common.formats.json_schema.meter import MAX_WORK, Exhausted, Meter
from common.formats.json_schema.quiet_values import quieten

SECURING = frozenset({"proof"})
"""Members that the schema is not asked about: a credential is put to it before it is signed, and must give the same answer after."""
_MAX_POINTER = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """pointer: RFC 6901, into the document; a name that the schema does not know is the document's own word, and written ``*``."""

    pointer: str
    keyword: str


class Evaluator:
    """One schema, ready. Safe between threads."""

    def __init__(self, dialect: Dialect, content: Any, resolver: Any, *, names: frozenset[str] | None) -> None:
        """names: members that a pointer may name; None: all. resolver: of `referencing`, without any way to fetch."""
        # `_resolver` is how a validator is given a registry that holds nothing but ours: `registry=` would add every version's metaschemas,
        # and a reference to one of those would be followed by an evaluator without a meter.
        self._validator = dialect.validator(content, _resolver=resolver)
        self._names = names

    def find_violation(self, document: Mapping[str, Any], *, work: int = MAX_WORK) -> Violation | None:
        """The first that is found, None where the document keeps the schema. work: units of `Meter`.

        Raises Malformed("too_complex"), Exhausted.
        """
        value = quieten(document, without=SECURING)
        validator = self._validator.evolve(format_checker=Meter(work))
        try:
            error = next(validator.iter_errors(value), None)
        except RecursionError:
            raise Exhausted from None
        if error is None:
            return None
        steps = [str(step) if self._may_tell(step) else "*" for step in error.absolute_path]
        pointer = "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)
        words = [word for word in error.absolute_schema_path if word in self._validator.VALIDATORS]
        return Violation(
            pointer=pointer[:_MAX_POINTER], keyword=str(error.validator or (words[-1] if words else "false"))
        )

    def _may_tell(self, step: str | int) -> bool:
        return isinstance(step, int) or self._names is None or step in self._names
