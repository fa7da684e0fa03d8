"""Context Processing (JSON-LD 1.1 API §4.1.2), each context compiled once and remembered within a bound."""

from __future__ import annotations

import copy
import marshal
from collections.abc import Hashable
from typing import Any
from weakref import WeakKeyDictionary

from common.errors import Malformed
from common.proofs.contexts import ContextStore
from common.proofs.expand.define_term import Definitions, invalid
from common.proofs.expand.term import (
    UNCERTAIN,
    UNSET,
    BeyondSubset,
    Context,
    Term,
    is_absolute,
    looks_like_keyword,
    refuse_long,
)

MAX_REMEMBERED_TERMS = 300_000
"""Over all compiled contexts of a store; past it everything is forgotten and compiled anew."""
SHAPE_WEIGHT = 10
"""What remembering the shape of a node object counts for, in terms, beside one for each of its entries."""
MAX_KEY_BYTES = 16_384
"""Longer inline contexts are compiled every time."""
MAX_WORK = 1_000_000
"""Terms that compiling for one document may touch: a fraction of a second."""
_SPECIAL = frozenset(["@base", "@direction", "@import", "@language", "@propagate", "@protected", "@version", "@vocab"])


class CompiledContexts:
    """The compiled contexts of a store. ``root`` is the initial context; all others hang on it by ``derived``."""

    def __init__(self) -> None:
        self.root = Context({})
        self._remembered = 0

    def remember_shape(self, active: Context, key: Hashable, shape: Any, entries: int) -> None:
        """key: of bounded length."""
        self._count(SHAPE_WEIGHT + entries)
        active.shapes[key] = shape

    def remember(self, base: Context, key: Hashable, compiled: Context, *, key_bytes: int = 0) -> None:
        self._count(len(compiled.terms) + 1 + key_bytes // 64)
        base.derived[key] = compiled

    def _count(self, weight: int) -> None:
        self._remembered += weight
        if self._remembered > MAX_REMEMBERED_TERMS:
            self._remembered = 0
            self.root = Context({})


_COMPILED: WeakKeyDictionary[ContextStore, CompiledContexts] = WeakKeyDictionary()


def compiled_contexts(store: ContextStore) -> CompiledContexts:
    found = _COMPILED.get(store)
    if found is None:
        found = _COMPILED[store] = CompiledContexts()
    return found


class ContextProcessor:
    """Applies local contexts for one document. ``work`` bounds what compiling may cost, whatever the document says."""

    def __init__(self, store: ContextStore) -> None:
        self.store = store
        self.compiled = compiled_contexts(store)
        self.root = self.compiled.root
        self.work = 0

    def apply(
        self, active: Context, local: Any, *, override_protected: bool = False, propagate: bool = True
    ) -> Context:
        """The context that holds after ``local`` (an address, an object, null, or an array of these) is applied to ``active``."""
        if local.__class__ is list:
            if not local:
                return active
            if len(local) > 1 and any(isinstance(each, dict) and "@propagate" in each for each in local):
                raise Malformed("bad_context", "@propagate inside an array of contexts is read in two ways")
            for each in local:
                if isinstance(each, dict) and each.keys() == {"@context"} and isinstance(each["@context"], dict):
                    each = each["@context"]  # not in the recommendation, but read so, and written, in the field
                active = self._remembered(active, each, override_protected, propagate)
            return active
        return self._remembered(active, local, override_protected, propagate)

    def scoped_by(self, active: Context, name: str, term: Term) -> Context:
        """``active`` with the property-scoped context of ``term``, which is called ``name``; just ``active`` if it has none."""
        if term.context is UNSET:
            return active
        if active.terms.get(name) is not term:  # the definition was looked up in another context
            return self.apply(active, term.context, override_protected=True)
        found = active.derived.get(name)
        if found is None:
            found = self.apply(active, term.context, override_protected=True)
            self.compiled.remember(active, name, found)
        return found

    def typed(self, active: Context, kinds: tuple[str, ...]) -> Context:
        """``active`` with the contexts of these types, which are terms of it, in order; it holds for one node object."""
        found = active.derived.get(kinds)
        if found is None:
            found = active
            for kind in kinds:
                found = self.apply(found, active.terms[kind].context, propagate=False)
            self.compiled.remember(active, kinds, found)
        return found

    def _remembered(self, active: Context, local: Any, override_protected: bool, propagate: bool) -> Context:
        key: Hashable = None
        key_bytes = 0
        if local.__class__ is str:
            key = (local, override_protected, propagate, 0)
        elif local is not None:
            try:
                text = marshal.dumps(local, 2)
            except ValueError:
                raise Malformed("bad_json", "a context is not JSON, or nested too deeply") from None
            key_bytes = len(text)
            if key_bytes <= MAX_KEY_BYTES:
                key = (text, override_protected, propagate, 0)
        else:
            key = (None, override_protected, propagate, 0)
        found = active.derived.get(key) if key is not None else None
        if found is None:
            if isinstance(local, dict):
                # What is compiled keeps parts of it, and the document is its owner's to change.
                local = copy.deepcopy(local)
            found = self._apply_one(active, local, override_protected, propagate, remote=())
            if key is not None:
                self.compiled.remember(active, key, found, key_bytes=key_bytes)
        return found

    def _apply_one(
        self, active: Context, local: Any, override_protected: bool, propagate: bool, remote: tuple[str, ...]
    ) -> Context:
        self.work += len(active.terms) + 200
        if self.work > MAX_WORK:
            raise Malformed("too_complex", "the document's contexts take too much work")
        if local is None:
            return self._nullified(active, override_protected, propagate)
        if isinstance(local, str):
            return self._apply_remote(active, local, override_protected, propagate, remote)
        if not isinstance(local, dict):
            raise Malformed("bad_context", "a context is an address, an object or null")
        if "@context" in local:
            raise Malformed("bad_context", "a context within a context")
        propagate = _read_propagate(local, propagate)
        if remote and "@propagate" in local:
            raise Malformed("bad_context", "@propagate in a published context is read in two ways")
        result = active.copy()
        if not propagate and result.previous is None:
            result.previous = active
        self._settings(result, local)
        self.work += 4 * len(local)
        definitions = Definitions(result, local, override_protected=override_protected)
        for name in local:
            if name not in _SPECIAL:
                definitions.define(name, override_protected=override_protected)
                if not remote:  # published contexts are known to be sound
                    self._check_scoped(result, name, local[name])
        return result.complete()

    def _apply_remote(
        self, active: Context, address: str, override_protected: bool, propagate: bool, remote: tuple[str, ...]
    ) -> Context:
        if address in remote or len(remote) > 8:
            raise Malformed("bad_context", "contexts that name each other in a circle")
        if not is_absolute(address):
            raise Malformed("relative_iri", f"the context {address[:100]!r} is not an absolute address")
        content = self.store.document(address)["@context"]
        original = active
        for each in content if isinstance(content, list) else [content]:
            active = self._apply_one(active, each, override_protected, True, (*remote, address))
        if not propagate and active.previous is None:
            active = active.copy().complete()
            active.previous = original
        return active

    def _nullified(self, active: Context, override_protected: bool, propagate: bool) -> Context:
        if not propagate:
            raise Malformed("bad_context", "a type-scoped context of null is read in two ways")
        if not override_protected and any(term.protected for term in active.terms.values()):
            raise Malformed("bad_context", "JSON-LD: protected terms cannot be nullified")
        return self.root

    def _settings(self, result: Context, local: dict[str, Any]) -> None:
        """@version, @base, @vocab, @language, @direction."""
        if "@version" in local and local["@version"] != 1.1:
            raise Malformed("bad_context", "JSON-LD: @version is 1.1")
        if "@import" in local:
            raise BeyondSubset("@import")
        if local.get("@base") is not None:
            raise BeyondSubset("@base")
        if "@vocab" in local:
            result.vocab = self._vocabulary(result, local["@vocab"])
        if "@language" in local:
            language = local["@language"]
            if language is not None and not isinstance(language, str):
                raise Malformed("bad_context", "JSON-LD: invalid default language")
            result.language = language and language.lower()
        if "@direction" in local:
            if local["@direction"] not in ("ltr", "rtl", None):
                raise Malformed("bad_context", "JSON-LD: invalid base direction")
            result.direction = local["@direction"]
        elif result.direction is not None:
            result.direction = UNCERTAIN

    @staticmethod
    def _vocabulary(result: Context, value: Any) -> str | None:
        if value is None:
            return None
        if not isinstance(value, str):
            raise Malformed("bad_context", "JSON-LD: invalid vocab mapping")
        expanded = result.expand_vocabulary(value)
        if expanded is None or not is_absolute(expanded):
            raise Malformed("relative_iri", f"the @vocab {value[:100]!r} is not an absolute IRI")
        refuse_long(expanded)
        return expanded

    def _check_scoped(self, result: Context, name: str, entry: Any) -> None:
        """A scoped context must be sound even where it is never used (§4.2.2 step 21)."""
        if isinstance(entry, dict) and entry.get("@context", UNSET) is not UNSET and not looks_like_keyword(name):
            try:
                self._remembered_or_list(result, entry["@context"])
            except Malformed as error:
                if error.code == "too_complex":
                    raise
                raise invalid("invalid scoped context", name) from error

    def _remembered_or_list(self, result: Context, local: Any) -> None:
        for each in local if isinstance(local, list) else [local]:
            result = self._apply_one(result, each, True, True, ())


def _read_propagate(local: dict[str, Any], propagate: bool) -> bool:
    value = local.get("@propagate", propagate)
    if not isinstance(value, bool):
        raise Malformed("bad_context", "JSON-LD: @propagate is true or false")
    return value
