"""Inline contexts in which every term stands for an address that ends in the term's own name, and others."""

from __future__ import annotations

from typing import Any

import pytest

from common.errors import Rejected
from common.formats.data_integrity.plain_contexts import check_plain_contexts

TERMS = "https://school.example/terms#"


@pytest.mark.parametrize(
    "context",
    [
        "https://www.w3.org/ns/credentials/v2",
        None,
        [],
        {"gpa": f"{TERMS}gpa"},
        {"gpa": "https://school.example/gpa", "degree": "urn:terms:degree"},
        {"@vocab": TERMS},
        {"@vocab": "https://school.example/", "@version": 1.1, "@protected": True, "@language": "ja"},
        {"@vocab": None, "gpa": None},
        {"gpa": {"@id": f"{TERMS}gpa", "@type": "http://www.w3.org/2001/XMLSchema#decimal"}},
        {"courses": {"@id": f"{TERMS}courses", "@container": ["@list"], "@protected": True}},
        {"names": {"@id": f"{TERMS}names", "@container": "@language"}},
        {"course": {"@id": f"{TERMS}course", "@context": {"code": f"{TERMS}code"}}},
        {"gpa": {"@type": "@json"}},
        {"@context": {"gpa": f"{TERMS}gpa"}},
        [{"gpa": f"{TERMS}gpa"}, {"degree": f"{TERMS}degree"}],
    ],
)
def test_plain(context: Any) -> None:
    check_plain_contexts({"@context": context})
    check_plain_contexts({"@context": [], "a": [{"b": {"@context": context}}]})


@pytest.mark.parametrize(
    "context",
    [
        {"gpa": f"{TERMS}grade"},
        {"gpa": f"{TERMS}xgpa"},
        {"gpa": "gpa"},
        {"gpa": TERMS},
        {"gpa": 5},
        {"gpa": {"@id": f"{TERMS}grade"}},
        {"identifier": "@id"},
        {"kind": {"@id": "@type"}},
        {"wrapper": "@nest"},
        {"gpa": {"@id": f"{TERMS}gpa", "@nest": "wrapper"}},
        {"gpa": {"@reverse": f"{TERMS}gpa"}},
        {"gpa": {"@id": f"{TERMS}gpa", "@container": "@index"}},
        {"gpa": {"@id": f"{TERMS}gpa", "@container": ["@set", "@index"]}},
        {"gpa": {"@id": f"{TERMS}gpa", "@container": "@type"}},
        {"gpa": {"@id": f"{TERMS}gpa", "@container": ["@graph", "@id"]}},
        {"gpa": {"@id": f"{TERMS}gpa", "@prefix": True}},
        {"school": TERMS},
        {"@vocab": "https://school.example/terms"},
        {"@vocab": 5},
        {"@import": "https://elsewhere.example"},
        {"@base": "https://school.example/"},
        {"course": {"@id": f"{TERMS}course", "@context": {"code": f"{TERMS}grade"}}},
        {"@context": {"gpa": f"{TERMS}grade"}},
        [{"gpa": f"{TERMS}gpa"}, {"gpa": f"{TERMS}grade"}],
        5,
    ],
)
def test_not_plain(context: Any) -> None:
    for document in (
        {"@context": context},
        {"@context": [], "a": [{"b": [[{"@context": context}]]}]},
        {"credentialSubject": {"@context": {"@version": 1.1}, "x": {"@context": context}}},
    ):
        with pytest.raises(Rejected, match="bad_signature"):
            check_plain_contexts(document)


def test_contexts_nested_without_end() -> None:
    context: dict[str, Any] = {}
    for _ in range(500):
        context = {"course": {"@id": f"{TERMS}course", "@context": context}}
    with pytest.raises(Rejected):
        check_plain_contexts({"@context": context})
