"""Create Term Definition (JSON-LD 1.1 API §4.2.2): one entry of a local context → a ``Term``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from common.errors import Malformed
from common.proofs.expand.term import (
    KEYWORDS,
    UNSET,
    BeyondSubset,
    Context,
    Term,
    is_absolute,
    looks_like_keyword,
    refuse_long,
)

_ENTRIES = frozenset(
    [
        "@container",
        "@context",
        "@direction",
        "@id",
        "@index",
        "@language",
        "@nest",
        "@prefix",
        "@protected",
        "@reverse",
        "@type",
    ]
)
_CONTAINERS = frozenset(["@graph", "@id", "@index", "@language", "@list", "@set", "@type"])
_IRI_LIKE = re.compile(r".*((:[^:])|/)")


def invalid(what: str, term: str) -> Malformed:
    return Malformed("bad_context", f"JSON-LD: {what}, at the term {term[:80]!r}")


class Definitions:
    """The terms of one local context on their way into ``context``."""

    def __init__(self, context: Context, local: Mapping[str, Any], *, override_protected: bool) -> None:
        self.context = context
        self.local = local
        self.override_protected = override_protected
        self.protected = local.get("@protected", False)
        if not isinstance(self.protected, bool):
            raise invalid("@protected is true or false", "@protected")
        self._done: dict[str, bool] = {}
        """False while a term is being defined, to find cycles."""

    def define(self, name: str, *, override_protected: bool) -> None:
        """Puts the term's definition into the context, and before it those that it is built on."""
        if name in self._done:
            if not self._done[name]:
                raise invalid("cyclic IRI mapping", name)
            return
        self._done[name] = False
        value = self.local[name]
        if name == "@type" and isinstance(value, dict):
            if value.get("@container", "@set") != "@set" or not value or value.keys() - {"@container", "@protected"}:
                raise invalid("keyword redefinition", name)
        elif name in KEYWORDS:
            raise invalid("keyword redefinition", name)
        elif looks_like_keyword(name):
            return
        elif not name:
            raise invalid("a term cannot be empty", name)
        previous = self.context.terms.pop(name, None)
        term = self._read(name, value)
        if term is None:  # its IRI is reserved for keywords to come: as if it had not been written
            if previous is not None:
                self.context.terms[name] = previous
            return
        if previous is not None and previous.protected and not override_protected:
            if not _same(previous, term):
                raise invalid("protected term redefinition", name)
            term = previous
        self.context.terms[name] = term
        self._done[name] = True

    def _read(self, name: str, value: Any) -> Term | None:
        simple = value is None or isinstance(value, str)
        entry = {"@id": value} if simple else value
        if not isinstance(entry, dict) or entry.keys() - _ENTRIES:
            raise invalid("invalid term definition", name)
        if "@index" in entry:
            raise BeyondSubset("an @index that is a property")
        reverse = "@reverse" in entry
        iri: str | None
        if reverse:
            named = self._reversed(name, entry)
            if named is None:
                return None
            iri = named
            prefix = False
        else:
            identifier = entry.get("@id", UNSET)
            if isinstance(identifier, str) and identifier not in KEYWORDS and looks_like_keyword(identifier):
                return None
            iri, prefix = self._mapping(name, identifier, simple=simple)
        containers = self._containers(name, entry, reverse=reverse)
        type_ = self._type(name, entry)
        if "@type" in containers:
            type_ = type_ or "@id"
            if type_ not in ("@id", "@vocab"):
                raise invalid("a @type container takes @id or @vocab", name)
        if "@prefix" in entry:
            if ":" in name or "/" in name or (iri is not None and iri in KEYWORDS):
                raise invalid("invalid @prefix", name)
            prefix = _boolean(entry["@prefix"], name)
        if iri == "@context":
            raise invalid("invalid keyword alias", name)
        refuse_long(iri)
        refuse_long(type_)
        return Term(
            iri=iri,
            reverse=reverse,
            protected=_boolean(entry.get("@protected", self.protected), name),
            prefix=prefix,
            type=type_,
            containers=containers,
            language=self._language(name, entry),
            direction=self._direction(name, entry),
            nest=self._nest(name, entry),
            context=entry.get("@context", UNSET),
        )

    def _reversed(self, name: str, entry: Mapping[str, Any]) -> str | None:
        value = entry["@reverse"]
        if "@id" in entry or "@nest" in entry or not isinstance(value, str):
            raise invalid("invalid reverse property", name)
        if looks_like_keyword(value):
            return None
        iri = self.expand(value)
        if iri is None or not is_absolute(iri):
            raise invalid("the IRI of @reverse is not absolute", name)
        return iri

    def _mapping(self, name: str, identifier: Any, *, simple: bool) -> tuple[str | None, bool]:
        """The term's IRI or keyword, and whether it may stand before a colon."""
        if identifier is None:
            return None, False
        if identifier is not UNSET and not isinstance(identifier, str):
            raise invalid("@id is a text", name)
        if isinstance(identifier, str) and identifier != name:
            iri = self.expand(identifier)
            if iri is None or not (iri in KEYWORDS or is_absolute(iri)):
                raise invalid("the IRI is not absolute", name)
            if _IRI_LIKE.match(name):
                self._done[name] = True
                if self.expand(name) != iri:
                    raise invalid("a term that looks like an IRI must mean itself", name)
                self._done[name] = False
            ends_like_prefix = iri.startswith("_:") or iri[-1:] in ":/?#[]@"
            return iri, simple and name.find(":") < 1 and ends_like_prefix
        before, colon, after = name.partition(":")
        if colon and before:
            if before in self.local:
                self.define(before, override_protected=False)
            term = self.context.terms.get(before)
            if term is None:
                return name, False
            if term.iri is None:
                raise invalid("its prefix means nothing", name)
            return term.iri + after, False
        if name == "@type":
            return name, False
        if self.context.vocab is None:
            raise invalid("no @id, and no @vocab to make one", name)
        return self.context.vocab + name, False

    def expand(self, value: str) -> str | None:
        """IRI expansion (§5.2.2) within the local context: terms that are not defined yet are defined first."""
        if value in KEYWORDS:
            return value
        if looks_like_keyword(value):
            return None
        if value in self.local and self._done.get(value) is not True:
            self.define(value, override_protected=False)
        if value in self.context.terms:
            return self.context.terms[value].iri
        prefix, colon, suffix = value.partition(":")
        if colon and prefix and prefix != "_" and not suffix.startswith("//"):  # noqa: SIM102
            if prefix in self.local and not self._done.get(prefix):
                self.define(prefix, override_protected=False)
        return self.context.expand_vocabulary(value)

    def _type(self, name: str, entry: Mapping[str, Any]) -> str | None:
        if "@type" not in entry:
            return None
        value = entry["@type"]
        if not isinstance(value, str):
            raise invalid("@type is a text", name)
        if value in ("@id", "@vocab", "@json", "@none"):
            return value
        iri = self.expand(value)
        if iri is None or not is_absolute(iri) or iri.startswith("_:"):
            raise invalid("the IRI of @type is not absolute", name)
        return iri

    @staticmethod
    def _containers(name: str, entry: Mapping[str, Any], *, reverse: bool) -> frozenset[str]:
        if "@container" not in entry:
            return frozenset()
        value = entry["@container"]
        listed = value if isinstance(value, list) else [value]
        if not all(isinstance(each, str) for each in listed) or set(listed) - _CONTAINERS:
            raise invalid("invalid container mapping", name)
        found = frozenset(listed)
        if "@list" in found:
            allowed = len(listed) == 1
        elif "@graph" in found:
            allowed = found <= {"@graph", "@id", "@index", "@set"}
        else:
            allowed = len(listed) <= (2 if "@set" in found else 1)
        if not allowed or (reverse and not found <= {"@index", "@set"}):
            raise invalid("invalid container mapping", name)
        return found

    @staticmethod
    def _language(name: str, entry: Mapping[str, Any]) -> Any:
        if "@language" not in entry or "@type" in entry:
            return UNSET
        value = entry["@language"]
        if value is not None and not isinstance(value, str):
            raise invalid("@language is a text or null", name)
        return value and value.lower()

    @staticmethod
    def _direction(name: str, entry: Mapping[str, Any]) -> Any:
        value = entry.get("@direction", UNSET)
        if value is not UNSET and value not in ("ltr", "rtl", None):
            raise invalid("invalid base direction", name)
        return value

    @staticmethod
    def _nest(name: str, entry: Mapping[str, Any]) -> str | None:
        value = entry.get("@nest")
        if "@nest" in entry and (not isinstance(value, str) or (value[:1] == "@" and value != "@nest")):
            raise invalid("invalid @nest value", name)
        return value


def _boolean(value: Any, name: str) -> bool:
    if not isinstance(value, bool):
        raise invalid("@protected and @prefix are true or false", name)
    return value


def _same(previous: Term, term: Term) -> bool:
    """Whether a protected term is only said again (§4.2.2 step 27)."""
    return all(
        getattr(previous, name) == getattr(term, name)
        for name in ("iri", "reverse", "prefix", "type", "containers", "language", "direction", "nest", "context")
    )
