"""Random credentials: nodes built from the terms that a published context defines, each with values of its kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from common.proofs.contexts import ContextStore
from tests.properties.json_ld_documents import JSON

V1 = "https://www.w3.org/2018/credentials/v1"
V2 = "https://www.w3.org/ns/credentials/v2"
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
CITIZENSHIP = "https://w3id.org/citizenship/v4rc1"
OPEN_BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
CLR = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"
COMBINATIONS = [[V2], [V1], [V2, EXAMPLES], [V2, CITIZENSHIP], [V2, OPEN_BADGES], [V2, CLR, OPEN_BADGES]]

_IRIS = st.sampled_from(
    ["did:example:issuer", "https://example.org/1", "urn:uuid:0b1", "_:b7", "https://例.example/鍵#1"]
)
_TEXTS = st.sampled_from(["", "卒業証明書", 'tab\t"quote"\\', "2026-03-25T00:00:00Z", "zQm", "é\u0301", "\u007f\u0085"])
_LOCALISED = st.fixed_dictionaries(
    {"@value": _TEXTS},
    optional={"@language": st.sampled_from(["ja", "en-US"]), "@direction": st.sampled_from(["ltr", "rtl"])},
)
_PLAIN = st.one_of(
    _TEXTS, _TEXTS, _LOCALISED, st.integers(-(2**53), 2**53), st.booleans(), st.sampled_from([128.5, 1e-9, None])
)


def _terms(context: Any) -> dict[str, Any]:
    """The terms of a context (an object, or an array of them); keywords and aliases of keywords left out."""
    if isinstance(context, list):
        return {name: entry for each in context for name, entry in _terms(each).items()}
    return {
        name: entry
        for name, entry in (context or {}).items()
        if name[0] != "@" and not str(entry).startswith("@") and not str(entry).endswith(("#", "/"))
    }


def _is_kind(name: str, entry: Any) -> bool:
    """Types are written with a capital letter in all of these contexts."""
    return name[0].isupper() or (isinstance(entry, dict) and name[0].isdigit())


def _value(entry: Any, around: Mapping[str, Any], depth: int) -> st.SearchStrategy[Any]:
    entry = entry if isinstance(entry, dict) else {"@id": entry}
    inner = {**around, **_terms(entry.get("@context"))}
    nodes = [node(inner, depth - 1)] if depth else []
    kind = entry.get("@type")
    if kind == "@json":
        return JSON
    if kind == "@vocab":
        return st.sampled_from(["assertionMethod", "authentication", "https://example.org/purpose"])
    one: st.SearchStrategy[Any]
    if kind == "@id":
        one = st.one_of(_IRIS, *nodes)
    elif kind is None:
        one = st.one_of(_PLAIN, *nodes)
    else:
        one = _PLAIN
    return st.one_of(one, one, st.lists(one, max_size=3))


def node(terms: Mapping[str, Any], depth: int) -> st.SearchStrategy[Any]:
    """A node object with a type or two and some of the properties that these types and ``terms`` allow."""
    kinds = sorted(name for name, entry in terms.items() if _is_kind(name, entry))

    def with_kinds(chosen: list[str]) -> st.SearchStrategy[Any]:
        allowed = dict(terms)
        for kind in chosen:
            if isinstance(terms[kind], dict):
                allowed.update(_terms(terms[kind].get("@context")))
        properties = sorted(name for name, entry in allowed.items() if not _is_kind(name, entry))
        names = st.lists(st.sampled_from(properties), unique=True, max_size=5) if properties else st.just([])
        body = names.flatmap(
            lambda found: st.fixed_dictionaries({name: _value(allowed[name], allowed, depth) for name in found})
        )
        head = st.fixed_dictionaries({"type": st.just(chosen)} if chosen else {}, optional={"id": _IRIS})
        return st.tuples(head, body).map(lambda parts: {**parts[0], **parts[1]})

    if not kinds:
        return with_kinds([])
    return st.lists(st.sampled_from(kinds), unique=True, max_size=2).flatmap(with_kinds)


def credentials(contexts: ContextStore) -> st.SearchStrategy[dict[str, Any]]:
    """Documents over one of the combinations of contexts."""

    def under(addresses: list[str]) -> st.SearchStrategy[dict[str, Any]]:
        terms: dict[str, Any] = {}
        for address in addresses:
            terms.update(_terms(contexts.document(address)["@context"]))
        return node(terms, 2).map(lambda found: {"@context": addresses, **found})

    return st.sampled_from(COMBINATIONS).flatmap(under)
