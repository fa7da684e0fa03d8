"""Objects that are maps by language, index, @id or @type (JSON-LD 1.1 API §5.1.2 steps 13.7 and 13.8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from common.proofs.expand.finished_object import bad
from common.proofs.expand.term import UNSET, Context, Term
from common.proofs.expand.values import identifier, localisation, vocabulary

if TYPE_CHECKING:
    from common.proofs.expand.node_object import Expander


def expand_container(
    expander: Expander, active: Context, scoped: Context, term: Term | None, key: str, value: Any
) -> list[Any] | None:
    """A map under a property with such a container → its values; None where it is no such map.

    scoped: ``active`` with the property's own context.
    """
    if term is None or not isinstance(value, Mapping):
        return None
    if "@language" in term.containers:
        return _language_map(active, scoped, term, value)
    for kind in ("@index", "@id", "@type"):
        if kind in term.containers:
            return _map(expander, scoped, kind, key, value, as_graph="@graph" in term.containers)
    return None


def _language_map(active: Context, scoped: Context, term: Term, value: Mapping[str, Any]) -> list[Any]:
    found = []
    _, direction = localisation(active, term)
    for language, texts in value.items():
        for text in texts if isinstance(texts, list) else [texts]:
            if text is None:
                continue
            if not isinstance(text, str):
                raise bad("invalid language map value")
            item = {"@value": text}
            if scoped.expand_vocabulary(language) != "@none":
                item["@language"] = language.lower()
            if isinstance(direction, str):
                item["@direction"] = direction
            found.append(item)
    return found


def _map(
    expander: Expander, scoped: Context, kind: str, key: str, value: Mapping[str, Any], *, as_graph: bool
) -> list[Any]:
    if kind == "@type" and scoped.previous is not None:
        scoped = scoped.previous
    found: list[Any] = []
    for index, content in value.items():
        active = scoped
        if kind == "@type":
            term = scoped.terms.get(index)
            if term is not None and term.context is not UNSET:
                if len(value) > 1:
                    raise bad("a type map with type-scoped contexts is read in two ways")
                active = expander.processor.typed(scoped, (index,))
        items = content if isinstance(content, list) else [content]
        meaning = active.expand_vocabulary(index)
        for item in expander.element(active, key, items, in_index=True):
            found.append(_indexed(active, item, kind, index, meaning, as_graph=as_graph))
    return found


def _indexed(active: Context, item: Any, kind: str, index: str, meaning: str | None, *, as_graph: bool) -> Any:
    """One value of a map with what its key says of it."""
    if as_graph and not ("@graph" in item and item.keys() <= {"@graph", "@id", "@index"}):
        item = {"@graph": [item]}
    if kind != "@index" and ("@value" in item or "@list" in item):
        raise bad("a map by @id or @type holds nodes")
    if meaning == "@none":
        return item
    if kind == "@type":
        return {**item, "@type": [vocabulary(active, index), *item.get("@type", [])]}
    if kind in item:
        return item
    return {**item, kind: identifier(active, index) if kind == "@id" else index}
