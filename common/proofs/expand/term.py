"""What a JSON-LD context makes of a term: an immutable definition, and the contexts that hold such definitions."""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, Final

from common.errors import Malformed

KEYWORDS: Final = frozenset(
    {
        *("@base", "@container", "@context", "@direction", "@graph", "@id", "@import", "@included", "@index", "@json"),
        *("@language", "@list", "@nest", "@none", "@prefix", "@propagate", "@protected", "@reverse", "@set", "@type"),
        *("@value", "@version", "@vocab"),
    }
)
_KEYWORD_LIKE = re.compile(r"@[a-zA-Z]+")
_ABSOLUTE = re.compile(r"(?:[A-Za-z][A-Za-z0-9+-.]*|_):\S*")


class Unset:
    """The type of ``UNSET``: not said at all, where null is something that can be said."""


UNSET: Final = Unset()
MAX_IRI_CHARACTERS = 2_000
"""Of what a context makes of a word: it is written out for each word that a document has."""
UNCERTAIN: Final = "?"
"""A default base direction that a further context left as it was: implementations in the field forget it there."""
LITERAL, IDENTIFIER, VOCABULARY, TYPED, JSON = range(5)
"""How a term reads a text: as a literal, an IRI, a term or IRI, a literal with datatype, JSON."""


class BeyondSubset(Exception):
    """Something that the expander here leaves to PyLD."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A term definition (JSON-LD 1.1 API §4.2). iri: None where the term is mapped to null. context: the scoped context as written.

    coercion, plain and bare are derived, for speed: plain is a property without scoped context, reversal, or a container that
    changes how values are read; bare: texts under it get nothing of the term, neither datatype nor language nor direction.
    """

    iri: str | None
    reverse: bool = False
    protected: bool = False
    prefix: bool = False
    type: str | None = None
    containers: frozenset[str] = frozenset()
    language: str | Unset | None = UNSET
    direction: str | Unset | None = UNSET
    nest: str | None = None
    context: Any = UNSET
    coercion: int = field(init=False, compare=False)
    plain: bool = field(init=False, compare=False)
    bare: bool = field(init=False, compare=False)

    def __post_init__(self) -> None:
        coercion = {None: LITERAL, "@none": LITERAL, "@id": IDENTIFIER, "@vocab": VOCABULARY, "@json": JSON}
        object.__setattr__(self, "coercion", coercion.get(self.type, TYPED))
        plain = not (
            self.iri is None
            or not is_absolute(self.iri)
            or self.reverse
            or not self.containers <= {"@set"}
            or self.context is not UNSET
            or self.type == "@json"
        )
        object.__setattr__(self, "plain", plain)
        unlocalised = self.language in (UNSET, None) and self.direction in (UNSET, None)
        object.__setattr__(self, "bare", self.coercion == LITERAL and unlocalised)


@dataclass(slots=True, eq=False)
class Context:
    """An active context (§4.1). Never changed once compiled, but for ``shapes`` and for ``derived``: contexts compiled from it, by
    what was applied.

    previous: the context to return to at the next node object, where this one does not propagate.
    """

    terms: dict[str, Term]
    vocab: str | None = None
    language: str | None = None
    direction: str | None = None
    previous: Context | None = None
    type_keys: tuple[str, ...] = ("@type",)
    """``@type`` and its aliases; known once ``terms`` is whole."""
    value_keys: frozenset[str] = frozenset({"@value"})
    """``@value`` and its aliases, likewise."""
    derived: dict[Hashable, Context] = field(default_factory=dict)
    shapes: dict[Hashable, Any] = field(default_factory=dict)
    """How node objects of one shape expand under it: `shape.Shape`, or `shape.NO_SHAPE`."""

    def complete(self) -> Context:
        """To be called when all terms are defined."""
        aliases = [(name, term.iri) for name, term in self.terms.items() if term.iri in ("@type", "@value")]
        self.type_keys = ("@type", *(name for name, iri in aliases if iri == "@type" and name != "@type"))
        self.value_keys = frozenset(["@value", *(name for name, iri in aliases if iri == "@value")])
        return self

    def copy(self) -> Context:
        return Context(dict(self.terms), self.vocab, self.language, self.direction, self.previous)

    def expand_vocabulary(self, value: str) -> str | None:
        """A term, compact IRI or IRI → IRI or keyword; None for what is mapped to null or looks like a keyword. May stay relative."""
        term = self.terms.get(value)
        if term is not None:
            return term.iri
        if value[:1] == "@":
            if value in KEYWORDS:
                return value
            if _KEYWORD_LIKE.fullmatch(value):
                return None
        expanded = self.expand_compact(value)
        if expanded is not None:
            return expanded
        return value if self.vocab is None else self.vocab + value

    def expand_compact(self, value: str) -> str | None:
        """A compact or absolute IRI, or a blank node identifier → the same in full; None for anything else."""
        prefix, colon, suffix = value.partition(":")
        if not colon or not prefix:
            return None
        if prefix == "_" or suffix.startswith("//"):
            return value
        term = self.terms.get(prefix)
        if term is not None and term.prefix and term.iri is not None:
            return term.iri + suffix
        return value if is_absolute(value) else None


def is_absolute(value: str) -> bool:
    """Whether a text has the form of an absolute IRI or blank node identifier. Ill-formed ones are found when they are written."""
    return _ABSOLUTE.fullmatch(value) is not None


def looks_like_keyword(value: str) -> bool:
    """Reserved: ``@`` and letters. Such terms are ignored in contexts (§4.2.2 step 5)."""
    return _KEYWORD_LIKE.fullmatch(value) is not None


def refuse_long(iri: str | None) -> None:
    """Raises Malformed("too_complex")."""
    if iri is not None and len(iri) > MAX_IRI_CHARACTERS:
        raise Malformed("too_complex", f"a context with an IRI of more than {MAX_IRI_CHARACTERS} characters")
