"""A ready-made question → what its judge has to know. Pure."""

from __future__ import annotations

from typing import Any

from common.formats.credential import ClaimsPath
from verifier.checks.contract import Wanted
from verifier.flows.judge import Asked
from verifier.queries.contract import Question


def ask(question: Question, vct_base: str) -> Asked:
    """The question as `judge` takes it, from the same DCQL that the wallet was sent."""
    dcql = question.dcql(vct_base)
    return Asked(
        question=question.name,
        wanted=tuple(_wanted(query, question.age_path) for query in dcql["credentials"]),
        sets=tuple(tuple(tuple(option) for option in one["options"]) for one in dcql["credential_sets"]),
        minimum_age=question.minimum_age,
    )


def _wanted(query: dict[str, Any], age_path: ClaimsPath | None) -> Wanted:
    is_jwt = query["format"] == "jwt_vc_json"
    meta = query["meta"]
    root: ClaimsPath = ("credentialSubject",) if is_jwt else ()
    return Wanted(
        query_id=query["id"],
        format=query["format"],
        types=tuple(frozenset(types) for types in meta["type_values"])
        if is_jwt
        else tuple(frozenset((vct,)) for vct in meta["vct_values"]),
        claims=tuple((tuple(claim["path"]), tuple(claim.get("values", ()))) for claim in query["claims"]),
        age_path=(*root, *age_path) if age_path is not None else None,
    )
