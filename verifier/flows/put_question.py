"""A ready-made question → what its judge has to know. Pure."""

from __future__ import annotations

from typing import Any

from common.formats.credential import ClaimsPath
from verifier.checks.contract import Wanted, WantedChip
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
    evidence = question.evidence_path_of(query["id"])
    claims = tuple((tuple(claim["path"]), tuple(claim.get("values", ()))) for claim in query["claims"])
    return Wanted(
        query_id=query["id"],
        format=query["format"],
        types=_types(query["meta"]),
        claims=tuple((path, values) for path, values in claims if path != evidence),
        age_path=question.age_path_of(query["id"]),
        chip=_wanted_chip(question, evidence),
    )


def _wanted_chip(question: Question, evidence: ClaimsPath | None) -> WantedChip | None:
    """The record of the chip is judged by a rule of its own, and is none of the claims that are shown to the operator."""
    if question.chip is None or evidence is None:
        return None
    return WantedChip(
        path=evidence,
        origins=tuple(frozenset(claim.from_chip) for claim in question.claims),
        demand=question.chip,
    )


def _types(meta: dict[str, Any]) -> tuple[frozenset[str], ...]:
    if "type_values" in meta:
        return tuple(frozenset(types) for types in meta["type_values"])
    return tuple(frozenset((name,)) for name in meta.get("vct_values") or [meta["doctype_value"]])
