"""A ready-made question → what its judge has to know. Pure."""

from __future__ import annotations

from typing import Any

from verifier.checks.contract import Wanted
from verifier.flows.judge import Asked
from verifier.queries.contract import Question


def ask(question: Question, vct_base: str) -> Asked:
    """The question as `judge` takes it, from the same DCQL that the wallet was sent."""
    dcql = question.dcql(vct_base)
    return Asked(
        question=question.name,
        wanted=tuple(_wanted(query, question) for query in dcql["credentials"]),
        sets=tuple(tuple(tuple(option) for option in one["options"]) for one in dcql["credential_sets"]),
        minimum_age=question.minimum_age,
    )


def _wanted(query: dict[str, Any], question: Question) -> Wanted:
    return Wanted(
        query_id=query["id"],
        format=query["format"],
        types=_types(query["meta"]),
        claims=tuple((tuple(claim["path"]), tuple(claim.get("values", ()))) for claim in query["claims"]),
        age_path=question.age_path_of(query["id"]),
    )


def _types(meta: dict[str, Any]) -> tuple[frozenset[str], ...]:
    if "type_values" in meta:
        return tuple(frozenset(types) for types in meta["type_values"])
    return tuple(frozenset((name,)) for name in meta.get("vct_values") or [meta["doctype_value"]])
