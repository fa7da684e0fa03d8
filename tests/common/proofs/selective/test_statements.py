"""Statements and their selection: against the specification's own way (expand, name, compact, select), and the corners of JSON-LD."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from pyld import ContextResolver, jsonld

from common.errors import Malformed
from common.proofs.canonical import canonize_quads, render
from common.proofs.contexts import PINNED
from common.proofs.expand.n_quads import expanded_to_quads
from common.proofs.selective.labels import LabelMapFactory, disclosed_labels, hmac_labels, shuffled_labels
from common.proofs.selective.pointers import select
from common.proofs.selective.statements import MAX_STATEMENTS, Statements, revealed_statements, split
from tests.common.proofs.selective.documents import MANDATORY, OPEN_BADGE, SELECTIVE, every_pointer

KEY = bytes(range(32))
V2 = "https://www.w3.org/ns/credentials/v2"
FACTORIES = [hmac_labels(KEY), shuffled_labels(KEY)]


def _load(address: str, _options: Any) -> dict[str, Any]:
    document = copy.deepcopy(PINNED.document(address))
    return {"contextUrl": None, "documentUrl": address, "document": document}


def _pyld(verb: str, *arguments: Any) -> Any:
    options = {"documentLoader": _load, "contextResolver": ContextResolver({}, _load)}
    return getattr(jsonld.JsonLdProcessor(), verb)(*arguments, options)


class ByTheBook:
    """§3.4.16 step by step, with PyLD: the second opinion. Only for documents without ordered lists, which the text forgets."""

    def __init__(self, document: Mapping[str, Any], make_labels: LabelMapFactory) -> None:
        self._count = 0
        expanded = self._name(_pyld("expand", document))
        self._compact = _pyld("compact", expanded, document["@context"])
        quads = self._quads(expanded)
        self._labels = make_labels({f"_:{name}": f"_:{label}" for name, label in canonize_quads(quads)[1].items()})
        self.lines = render(quads, self._labels)

    def matching(self, pointers: Sequence[str]) -> tuple[int, ...]:
        selected = set(render(self._quads(_pyld("expand", select(self._compact, pointers))), self._labels))
        assert selected <= set(self.lines)
        return tuple(number for number, line in enumerate(self.lines) if line in selected)

    def _name(self, elements: Any) -> list[Any]:
        named = []
        for element in elements:
            if not isinstance(element, dict) or "@value" in element:
                named.append(element)
                continue
            node = {
                key: self._name(value) if isinstance(value, list) else self._name([value])[0]
                for key, value in element.items()
            }
            if "@id" not in node:
                node["@id"] = f"urn:bnid:n{self._count}"
                self._count += 1
            named.append(node)
        return named

    @staticmethod
    def _quads(expanded: Any) -> list[Any]:
        return [
            tuple(f"_:{term[10:-1]}" if term.startswith("<urn:bnid:") else term for term in quad)
            for quad in dict.fromkeys(expanded_to_quads(expanded))
        ]


def _without_lists() -> dict[str, Any]:
    document = copy.deepcopy(OPEN_BADGE)
    del document["credentialSubject"]["achievement"]["resultDescription"][0]["allowedValue"]
    return document


@pytest.mark.parametrize("make_labels", FACTORIES, ids=["hmac", "shuffled"])
def test_the_specifications_own_way_agrees(make_labels: LabelMapFactory) -> None:
    document = _without_lists()
    ours, theirs = Statements(document, make_labels, PINNED), ByTheBook(document, make_labels)
    assert ours.lines == theirs.lines
    compared = 0
    for pointer in every_pointer(document):
        # Compaction writes arrays of one element without the array; theirs cannot be pointed into.
        try:
            expected = theirs.matching([pointer])
        except Malformed:
            continue
        assert ours.matching([pointer]) == expected, pointer
        compared += 1
    assert compared > 40
    assert ours.matching(MANDATORY + SELECTIVE[:4]) == theirs.matching(MANDATORY + SELECTIVE[:4])


def _reveals(document: Mapping[str, Any], pointers: Sequence[str]) -> list[str]:
    """What a verifier sees of a selection is what the pointers match."""
    statements = Statements(document, hmac_labels(KEY), PINNED)
    matching, labels = statements.reveal(pointers)
    revealed = select(document, pointers)
    assert revealed is not None
    seen = revealed_statements(revealed, disclosed_labels(labels), PINNED)
    inside, _ = split(statements.lines, matching)
    assert seen == inside
    return seen


@pytest.mark.parametrize("pointer", every_pointer(OPEN_BADGE))
def test_what_is_selected_is_what_a_verifier_sees(pointer: str) -> None:
    assert _reveals(OPEN_BADGE, [pointer])


def test_an_ordered_list_is_shown_whole_or_not_at_all() -> None:
    pointer = "/credentialSubject/achievement/resultDescription/0/allowedValue"
    seen = _reveals(OPEN_BADGE, [pointer])
    assert sum("#first>" in line for line in seen) == 3
    statements = Statements(OPEN_BADGE, hmac_labels(KEY), PINNED)
    with pytest.raises(Malformed, match="bad_selection"):
        statements.matching([f"{pointer}/1"])
    assert statements.matching([f"{pointer}/{n}" for n in range(3)]) == statements.matching([pointer])


def _document(context: Any, **members: Any) -> dict[str, Any]:
    return {"@context": [V2, context], "type": ["VerifiableCredential"], "issuer": "did:example:issuer", **members}


VOCABULARY = "https://example.org/"


def test_json_literals_are_one_statement_each() -> None:
    context = {"raw": {"@id": f"{VOCABULARY}raw", "@type": "@json"}}
    document = _document(context, raw={"a": {"b": 1}, "c": [{}]}, credentialSubject={"raw": {"x": {}}})
    seen = _reveals(document, ["/credentialSubject/raw"])
    assert next(line for line in seen if "#JSON>" in line).endswith(
        '"{\\"x\\":{}}"^^<http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON> .\n'
    )
    assert (
        len(_reveals(document, ["/raw", "/credentialSubject/raw"]))
        == len(Statements(document, hmac_labels(KEY), PINNED).lines) - 1
    )  # all but the issuer


@pytest.mark.parametrize(
    ("definition", "value"),
    [
        ({"@container": "@language"}, {"en": "one", "ja": "一"}),
        ({"@container": "@index", "@type": "@id"}, {"a": "urn:x:1", "b": "urn:x:2"}),
        ({"@container": "@set"}, [{"v": 1}, {"v": 1}]),
        ({"@container": "@list"}, [{"v": 1}, {"v": 1}, "x"]),
        ({"@container": "@list"}, []),
        ({"@container": "@graph"}, [{"v": 1}, {"v": {"v": 2}}]),
        ({"@type": "@id"}, ["_:x", "urn:x:1"]),
    ],
    ids=["language map", "index map", "set", "list", "empty list", "graph", "named blank node"],
)
def test_corners_of_json_ld(definition: dict[str, Any], value: Any) -> None:
    context = {"t": {"@id": f"{VOCABULARY}t", **definition}, "v": f"{VOCABULARY}v"}
    document = _document(context, credentialSubject={"t": value, "v": "beside"}, v={"id": "_:x", "v": 5})
    whole = Statements(document, hmac_labels(KEY), PINNED).lines
    assert len(_reveals(document, ["/credentialSubject", "/v", "/issuer"])) == len(whole)
    part = _reveals(document, ["/credentialSubject/t"])
    assert not any("beside" in line for line in part)


def test_json_that_looks_like_a_blank_node_stays() -> None:
    context = {"raw": {"@id": f"{VOCABULARY}raw", "@type": "@json"}, "v": f"{VOCABULARY}v"}
    document = _document(
        context, raw={"id": "_:x", "@id": "_:y"}, credentialSubject={"raw": {"id": "_:x"}, "v": {"id": "_:x"}}
    )
    seen = _reveals(document, ["/raw", "/credentialSubject"])
    assert sum('\\"id\\":\\"_:x\\"' in line for line in seen) == 2


def test_one_list_twice_of_one_thing_is_refused() -> None:
    context = {
        "t": {"@id": f"{VOCABULARY}t", "@container": "@list"},
        "u": {"@id": f"{VOCABULARY}t", "@container": "@list"},
    }
    statements = Statements(_document(context, id="urn:x:1", t=["a"], u=["a"]), hmac_labels(KEY), PINNED)
    with pytest.raises(Malformed, match="not_selectable"):
        statements.matching(["/t"])
    assert len(statements.matching([""])) == len(statements.lines)
    assert len(statements.matching(["/issuer"])) == 2  # and the type


def test_a_literal_that_looks_like_a_blank_node_stays() -> None:
    document = _document({"v": f"{VOCABULARY}v"}, v="see _:c14n0 and <urn:bnid:x> .")
    assert any('"see _:c14n0 and <urn:bnid:x> ."' in line for line in _reveals(document, ["/v"]))


def test_the_number_of_statements_is_bounded() -> None:
    document = _document({"v": f"{VOCABULARY}v"}, v=list(range(MAX_STATEMENTS)))
    for read in (
        lambda: Statements(document, hmac_labels(KEY), PINNED),
        lambda: revealed_statements(document, disclosed_labels({}), PINNED),
    ):
        with pytest.raises(Malformed, match="too_many_statements"):
            read()


def test_label_maps_are_one_to_one_and_complete() -> None:
    revealed = json.loads(json.dumps(_without_lists()))
    statements = Statements(revealed, hmac_labels(KEY), PINNED)
    _, labels = statements.reveal([""])
    assert revealed_statements(revealed, disclosed_labels(labels), PINNED) == statements.lines
    first, second, *_ = labels
    for wrong in (
        {**labels, first: labels[second]},
        {name: label for name, label in labels.items() if name != first},
        {**labels, f"c14n{len(labels)}": "uAAAA"},
        {},
    ):
        with pytest.raises(Malformed, match="bad_label_map"):
            revealed_statements(revealed, disclosed_labels(wrong), PINNED)
