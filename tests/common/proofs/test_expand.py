"""Expansion and N-Quads: what credentials use, what is refused, what goes to PyLD. Facts from JSON-LD 1.1 and its API."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from common.errors import Malformed, TegataError
from common.proofs.canonical import canonize
from common.proofs.contexts import PINNED
from common.proofs.expand import compile as compilation
from common.proofs.expand import expand, to_nquads
from common.proofs.expand.pyld_fallback import COUNTER
from tests.bench.formats.json_ld import handed_to_pyld

V2 = "https://www.w3.org/ns/credentials/v2"
VOCAB = {"@vocab": "http://v.x/"}


def _one(context: Any, **entries: Any) -> dict[str, Any]:
    (node,) = expand({"@context": context, **entries})
    assert isinstance(node, dict)
    return node


def _code(document: Any) -> str:
    with pytest.raises(TegataError) as refused:
        canonize(document)
    return refused.value.code


@pytest.mark.parametrize(
    ("container", "value", "expected"),
    [
        ("@set", "a", [{"@value": "a"}]),
        ("@list", ["a", ["b"], []], [{"@list": [{"@value": "a"}, {"@list": [{"@value": "b"}]}, {"@list": []}]}]),
        ("@language", {"ja": "卒業", "EN": ["a", None], "@none": "x"},
         [{"@value": "卒業", "@language": "ja"}, {"@value": "a", "@language": "en"}, {"@value": "x"}]),
        ("@index", {"i": "a"}, [{"@value": "a", "@index": "i"}]),
        ("@id", {"urn:x:1": {"q": "a"}}, [{"@id": "urn:x:1", "http://v.x/q": [{"@value": "a"}]}]),
        ("@type", {"http://v.x/K": {"q": "a"}}, [{"@type": ["http://v.x/K"], "http://v.x/q": [{"@value": "a"}]}]),
        ("@graph", {"q": "a"}, [{"@graph": [{"http://v.x/q": [{"@value": "a"}]}]}]),
        (["@graph", "@id"], {"urn:x:1": {"q": "a"}},
         [{"@id": "urn:x:1", "@graph": [{"http://v.x/q": [{"@value": "a"}]}]}]),
    ],
)  # fmt: skip
def test_containers(container: Any, value: Any, expected: Any) -> None:
    node = _one({**VOCAB, "p": {"@id": "http://v.x/p", "@container": container}}, p=value)
    assert node == {"http://v.x/p": expected}


def test_type_scoped_contexts_end_at_the_next_node_and_property_scoped_ones_do_not() -> None:
    context = {
        "T": {"@id": "http://v.x/T", "@context": {"a": "http://v.x/typed"}},
        "a": "http://v.x/a",
        "p": {"@id": "http://v.x/p", "@context": {"b": "http://v.x/scoped"}},
        "q": "http://v.x/q",
    }
    node = _one(context, **{"@type": "T", "a": "1", "q": {"a": "2"}, "p": {"b": "3", "q": {"b": "4"}}})
    assert node == {
        "@type": ["http://v.x/T"],
        "http://v.x/typed": [{"@value": "1"}],
        "http://v.x/q": [{"http://v.x/a": [{"@value": "2"}]}],
        "http://v.x/p": [
            {"http://v.x/scoped": [{"@value": "3"}], "http://v.x/q": [{"http://v.x/scoped": [{"@value": "4"}]}]}
        ],
    }


def test_nested_entries_belong_to_the_node_around_them() -> None:
    context = {**VOCAB, "labels": "@nest"}
    assert _one(context, labels=[{"a": "1"}, {"b": "2"}]) == {
        "http://v.x/a": [{"@value": "1"}],
        "http://v.x/b": [{"@value": "2"}],
    }


def test_json_literals_are_canonical() -> None:
    context = {"p": {"@id": "http://v.x/p", "@type": "@json"}}
    quads = to_nquads({"@context": context, "p": {"b": [1.0, None], "a": 'é"'}})
    expected = '"{\\"a\\":\\"é\\\\\\"\\",\\"b\\":[1,null]}"^^<http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON>'
    assert quads == [f"_:b0 <http://v.x/p> {expected} .\n"]


@pytest.mark.parametrize(
    ("value", "literal"),
    [
        (True, '"true"^^<http://www.w3.org/2001/XMLSchema#boolean>'),
        (10, '"10"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        (10.0, '"10"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        (5.3, '"5.3E0"^^<http://www.w3.org/2001/XMLSchema#double>'),
        (-1e-7, '"-1.0E-7"^^<http://www.w3.org/2001/XMLSchema#double>'),
        (10**21, '"1.0E21"^^<http://www.w3.org/2001/XMLSchema#double>'),
        ({"@value": 2, "@type": "http://www.w3.org/2001/XMLSchema#double"}, '"2.0E0"^^<http://www.w3.org/2001/XMLSchema#double>'),
        ({"@value": "5", "@type": "http://www.w3.org/2001/XMLSchema#double"}, '"5.0E0"^^<http://www.w3.org/2001/XMLSchema#double>'),
        ({"@value": "é", "@language": "FR"}, '"é"@fr'),
        ({"@value": "א", "@language": "he", "@direction": "rtl"}, '"א"^^<https://www.w3.org/ns/i18n#he_rtl>'),
        ({"@value": "x", "@direction": "ltr"}, '"x"^^<https://www.w3.org/ns/i18n#_ltr>'),
        ("\ufffe\uffff", '"\\uFFFE\\uFFFF"'),  # RDFC-1.0 §5: no characters of XML 1.1
        ('\x00\x08\t\n\x0b\f\r"\\\x7f\x80', '"\\u0000\\b\\t\\n\\u000B\\f\\r\\"\\\\\\u007F\x80"'),
    ],
)  # fmt: skip
def test_literals(value: Any, literal: str) -> None:
    assert to_nquads({"@context": VOCAB, "p": value}) == [f"_:b0 <http://v.x/p> {literal} .\n"]


@pytest.mark.parametrize(
    ("code", "document"),
    [
        ("undefined_term", {"@context": V2, "type": "VerifiableCredential", "unheardOf": "x"}),
        ("undefined_term", {"@context": V2, "type": ["VerifiableCredential", "UnheardOf"]}),
        ("undefined_term", {"@context": {**VOCAB, "a": None}, "a": "x"}),
        ("undefined_term", {"@context": VOCAB, "p": {"@value": "x", "@type": "a b"}}),
        ("undefined_term", {"@context": VOCAB, "@type": "has space"}),
        ("relative_iri", {"@context": VOCAB, "@id": "relative", "p": "x"}),
        ("relative_iri", {"@context": V2, "type": "VerifiableCredential", "issuer": "relative"}),
        ("relative_iri", {"@context": VOCAB, "@id": "http://x.y/a b", "p": "x"}),
        ("relative_iri", {"@context": VOCAB, "@id": "http://x.y/a>\n", "p": "x"}),
        ("relative_iri", {"@context": {"@base": "http://e.x/", **VOCAB}, "@id": "urn:x:a#b#c", "p": "x"}),
        ("relative_iri", {"@context": {"@base": "relative/", **VOCAB}, "@id": "here", "p": "x"}),
        ("relative_iri", {"@context": "contexts/here.json", "p": "x"}),
        ("lost_value", {"@context": VOCAB, "p": {"@value": None}}),
        ("lost_value", {"@context": VOCAB, "@id": "urn:x:1"}),
        ("lost_value", {"@context": VOCAB, "@graph": ["text"]}),
        ("lost_value", {"@context": VOCAB}),
        ("bad_context", {"@context": [V2, {"VerifiableCredential": "http://e.x/other"}], "type": "VerifiableCredential"}),
        ("bad_context", {"@context": [V2, None], "type": "VerifiableCredential"}),
        ("bad_context", {"@context": {"a": "b:c", "b": "a:d"}, "a": "x"}),
        ("bad_context", {"@context": {"a": {"@id": "http://v.x/a", "@context": {"b": {"@id": 1}}}}, "a": "x"}),
        ("bad_context", {"@context": 7, "a": "x"}),
        ("bad_context", {"@context": {"@propagate": 1, **VOCAB}, "a": "x"}),
        ("bad_context", {"@context": {"@version": 1.0, **VOCAB}, "a": "x"}),
        ("bad_json_ld", {"@context": VOCAB, "@id": 5, "p": "x"}),
        ("bad_json_ld", {"@context": VOCAB, "p": {"@value": "x", "@type": "urn:t", "@language": "en"}}),
        ("bad_json_ld", {"@context": VOCAB, "p": {"@list": ["x"], "q": "y"}}),
        ("bad_json_ld", {"@context": {**VOCAB, "id": "@id"}, "@id": "urn:x:1", "id": "urn:x:1", "p": "x"}),
        ("bad_json_ld", {"@context": {**VOCAB, "@direction": "rtl"}, "p": {"@context": {"a": "urn:a"}, "q": "x"}}),
        ("bad_json_ld", {"@context": VOCAB, "p": ["x", {"@value": "x", "@direction": "rtl"}]}),
        ("bad_language", {"@context": VOCAB, "p": {"@value": "x", "@language": "not a tag"}}),
        ("bad_number", {"@context": VOCAB, "p": 10**400}),
        ("bad_number", {"@context": VOCAB, "p": float("nan")}),
        ("blank_node_predicate", {"@context": {"p": "_:p"}, "p": "x"}),
        ("unknown_context", {"@context": "https://example.org/c", "p": "x"}),
        ("unknown_context", {"@context": {"@import": "https://example.org/c"}, "p": "x"}),
    ],
)  # fmt: skip
def test_what_is_refused(code: str, document: Any) -> None:
    assert _code(document) == code


SCOPED = {"@id": "http://v.x/T", "@context": {"@vocab": "http://scoped.x/"}}
TWO_WAYS = {
    "a type-scoped context of null": {"@context": {**VOCAB, "T": {**SCOPED, "@context": None}}, "@type": "T", "p": "x"},
    "scoped types under two keys": {
        "@context": {**VOCAB, "T": SCOPED, "kind": "@type"},
        "@type": "T",
        "kind": "T",
        "p": "x",
    },
    "propagation in an array": {"@context": [VOCAB, {"@propagate": False, "a": "urn:a"}], "a": "x"},
    "a term that its own scoped context redefines": {
        "@context": {**VOCAB, "a": {"@id": "http://v.x/a", "@context": {"a": "http://v.x/b"}}},
        "a": {"p": "x"},
    },
    "a value object of three entries": {
        "@context": {
            **VOCAB,
            "T": {**SCOPED, "@context": {"d": {"@id": "urn:d:", "@prefix": True}}},
            "q": "http://v.x/q",
        },
        "@type": "T",
        "q": {"@value": "x", "@type": "d:t", "@index": "i"},
    },
    "a type map over scoped types": {
        "@context": {**VOCAB, "T": SCOPED, "m": {"@id": "http://v.x/m", "@container": "@type"}},
        "m": {"T": {"p": "x"}, "http://v.x/U": {"p": "y"}},
    },
}


@pytest.mark.parametrize("document", TWO_WAYS.values(), ids=TWO_WAYS.keys())
def test_what_is_read_in_two_ways_is_refused(document: Any) -> None:
    with pytest.raises(Malformed, match="two ways"):
        canonize(document)


def test_settings_may_be_taken_back() -> None:
    context = [
        {**VOCAB, "@language": "en", "@direction": "rtl"},
        {"@language": None, "@direction": None, "a": "http://v.x/a"},
    ]
    assert _one(context, a="x") == {"http://v.x/a": [{"@value": "x"}]}
    assert _code({"@context": [VOCAB, {"@vocab": None}], "a": "x"}) == "undefined_term"
    term = {"@id": "http://v.x/a", "@language": None}
    assert _one({"@language": "en", "a": term, "b": "http://v.x/b"}, a="x", b="y") == {
        "http://v.x/a": [{"@value": "x"}],
        "http://v.x/b": [{"@value": "y", "@language": "en"}],
    }


def test_a_protected_term_may_be_said_again() -> None:
    assert expand({"@context": [V2, {"name": {"@id": "https://schema.org/name", "@protected": True}}], "name": "x"})


def test_default_base_direction_holds_where_no_further_context_is() -> None:
    quads = to_nquads({"@context": {**VOCAB, "@direction": "rtl"}, "p": {"q": "x"}})
    assert '_:b1 <http://v.x/q> "x"^^<https://www.w3.org/ns/i18n#_rtl> .\n' in quads


def test_the_document_is_not_changed() -> None:
    document = {
        "@context": [V2, {"x": {"@id": "http://v.x/x", "@type": "@json"}}],
        "type": ["VerifiableCredential"],
        "x": {"a": [1]},
    }
    before = copy.deepcopy(document)
    canonize(document)
    assert document == before


@pytest.mark.parametrize(
    "context",
    [
        {"@base": "http://e.x/dir/", **VOCAB},
        {"p": {"@id": "http://v.x/p", "@container": "@index", "@index": "q"}, **VOCAB},
    ],
)
def test_beyond_our_subset_is_read_by_pyld(context: Any) -> None:
    before = COUNTER.documents
    node = _one(context, p={"i": {"@id": "urn:x:1"}})
    assert node["http://v.x/p"]
    assert COUNTER.documents == before + 1


def test_large_documents_do_not_reach_pyld() -> None:
    before = COUNTER.documents
    assert _code({"@context": {"@base": "http://e.x/", **VOCAB}, "p": ["x" * 40_000]}) == "too_complex"
    assert COUNTER.documents == before


def test_pyld_reads_relative_iris_against_the_base_only() -> None:
    (node,) = expand({"@context": {"@base": "http://e.x/dir/", **VOCAB}, "@id": "here", "p": "x"})
    assert node["@id"] == "http://e.x/dir/here"


def test_no_credential_of_ours_needs_pyld() -> None:
    assert handed_to_pyld() == 0


def test_inline_contexts_are_remembered_within_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compilation, "MAX_REMEMBERED_TERMS", 50)
    store = PINNED.extended({})
    for number in range(100):
        expand({"@context": {f"t{number}": "http://v.x/t"}, f"t{number}": "x"}, contexts=store)
    assert len(compilation.compiled_contexts(store).root.derived) < 50


def test_a_document_changed_afterwards_changes_nothing_for_the_next() -> None:
    def document() -> dict[str, Any]:
        scoped = {"@vocab": "http://own.x/"}
        return {"@context": {**VOCAB, "a": {"@id": "http://v.x/owned", "@context": scoped}}, "b": "x"}

    first = document()
    canonize(first)
    first["@context"]["a"]["@context"]["@vocab"] = "http://other.x/"
    assert '_:b1 <http://own.x/p> "x" .\n' in to_nquads({**document(), "a": {"p": "x"}})


def test_contexts_that_take_too_much_work_are_refused() -> None:
    many = {f"t{number}": f"http://v.x/{number}" for number in range(2000)}
    document = {
        "@context": [VOCAB, many],
        "p": [{"@context": {f"u{number}": "urn:u"}, "q": "x"} for number in range(2000)],
    }
    assert _code(document) == "too_complex"


def test_nesting_without_end_is_refused() -> None:
    deep: dict[str, Any] = {"q": "x"}
    for _ in range(5000):
        deep = {"q": deep}
    assert _code({"@context": VOCAB, **deep}) == "bad_json_ld"


def test_lone_surrogates_are_refused() -> None:
    for document in (
        {"p": "\ud800"},
        {"@id": "urn:x:1", "p": "\ud800"},
        {"@id": "urn:\ud800", "p": "x"},
        {"p": {"q": "\udc00"}},
        {"\ud800": "x"},
    ):
        with pytest.raises(Malformed):
            canonize({"@context": VOCAB, **document})
