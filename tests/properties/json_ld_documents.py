"""Random JSON-LD: small vocabularies, so that terms, types and containers meet in every way."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

TERMS = ["a", "b", "c", "d", "T", "U", "p", "id", "type"]
IRIS = ["http://e.x/1", "http://e.x/2#", "urn:x:3", "did:key:z6Mk", "_:n"]
COMPACT = ["p:one", "p:two"]
TEXTS = ["", "text", "日本（語）", 'q"\\\n', "𝔘", "2026-03-25T00:00:00Z", "5.3", *IRIS, *COMPACT, *TERMS]

NUMBERS = st.one_of(
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False).filter(lambda value: not value.is_integer()),
    st.sampled_from([0, 10**20, 10**21, 10**22 + 1, 0.1, 1e-7, 128.5, 1.1e300]),
)
SCALARS = st.one_of(st.sampled_from(TEXTS), NUMBERS, st.booleans(), st.none())
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(TEXTS), inner, max_size=3),
    max_leaves=6,
)
TYPES = ["@id", "@vocab", "@json", "@none", "http://www.w3.org/2001/XMLSchema#double", "http://e.x/dt", "p:dt"]
CONTAINERS: list[Any] = [
    "@list", "@set", "@language", "@index", "@id", "@type", "@graph",
    ["@set", "@index"], ["@graph", "@id"], ["@graph", "@index", "@set"], ["@language", "@set"],
]  # fmt: skip


def _optional(**entries: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional={f"@{name}": value for name, value in entries.items()})


def _definitions(scoped: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    named = st.sampled_from([*IRIS[:4], *COMPACT, "T"])
    entry = st.tuples(
        st.fixed_dictionaries({"@id": named}) | st.fixed_dictionaries({"@reverse": named}) | st.just({}),
        _optional(
            type=st.sampled_from(TYPES),
            container=st.sampled_from(CONTAINERS),
            language=st.sampled_from(["en", "JA", None]),
            direction=st.sampled_from(["rtl", "ltr", None]),
            protected=st.booleans(),
            context=scoped,
            prefix=st.booleans(),
        ),
    ).map(lambda parts: {**parts[0], **parts[1]})
    return st.one_of(
        named, st.sampled_from(["@id", "@type", "@nest", "@graph", None, "@value", "@set", "@none"]), entry, entry
    )


def contexts(depth: int = 2) -> st.SearchStrategy[Any]:
    """Inline context objects, with scoped contexts down to ``depth``."""
    scoped = contexts(depth - 1) if depth else st.just({"b": "http://e.x/scoped"})
    settings = _optional(
        vocab=st.sampled_from(["http://v.x/", "http://v.x#"]),
        language=st.sampled_from(["fr", "en-GB"]),
        direction=st.just("rtl"),
        protected=st.just(True),  # PyLD takes false for a circle
        propagate=st.booleans(),
        version=st.just(1.1),
    )
    terms = st.dictionaries(st.sampled_from(TERMS[:7]), _definitions(scoped), max_size=5)
    one = st.tuples(st.just({"p": "http://p.x/"}) | st.just({}), settings, terms).map(
        lambda parts: {**parts[0], **parts[1], **parts[2]}
    )
    return one if depth < 2 else st.one_of(one, one, one, st.lists(one | st.none(), max_size=2), st.none())


def _objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    keywords = ["@type", "@id", "@graph", "@set", "@list", "@included", "@nest", "@reverse", "@index"]
    keys = st.sampled_from([*TERMS, *TERMS, "p:one", "http://e.x/key", *keywords])
    value_object = st.fixed_dictionaries(
        {"@value": SCALARS},
        optional={
            "@type": st.sampled_from(["@json", "http://e.x/dt", "p:dt", "T", None]),
            "@language": st.sampled_from(["en", "de-AT", None]),
            "@direction": st.sampled_from(["rtl"]),
            "@index": st.just("i"),
        },
    )
    maps = st.dictionaries(
        st.sampled_from(["en", "ja", "@none", "http://e.x/9", "T", "i"]), inner | st.sampled_from(TEXTS), max_size=2
    )
    kinds = st.sampled_from(["T", "U", ["T", "U"], "http://e.x/K"])
    heads = {"@id": st.sampled_from(IRIS), "@type": kinds, "@context": contexts(1)}
    nodes = st.tuples(
        st.fixed_dictionaries({}, optional=heads),
        st.dictionaries(keys, inner, max_size=4),
    ).map(lambda parts: {**parts[1], **parts[0]})
    return st.one_of(
        value_object, maps, nodes, nodes, nodes, st.fixed_dictionaries({"@list": st.lists(inner, max_size=3)})
    )


VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | _objects(inner), max_leaves=10)


def documents() -> st.SearchStrategy[dict[str, Any]]:
    """Documents with an inline context; most break some rule of JSON-LD, or of safe mode."""
    keys = st.sampled_from(["a", "b", "c", "d", "a", "b", "p:one", "http://e.x/key", "@graph"])
    body = st.dictionaries(keys, VALUES, min_size=1, max_size=4)
    base = {"@vocab": "http://v.x/", "p": "http://p.x/"}
    vocabulary = contexts(1).map(lambda context: {**base, **context})
    no_rule = vocabulary.map(lambda context: {key: context[key] for key in context if key != "@propagate"})
    whole = st.one_of(vocabulary, vocabulary, no_rule, st.tuples(st.just(base), no_rule).map(list), contexts())
    kinds = st.sampled_from(["T", "U", ["U", "T"]])
    head = st.fixed_dictionaries({"@context": whole}, optional={"@id": st.sampled_from(IRIS), "@type": kinds})
    return st.tuples(head, body).map(lambda parts: {**parts[0], **parts[1]})
