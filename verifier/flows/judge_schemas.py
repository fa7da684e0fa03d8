"""The schemas that a proven credential names, put to it: one fact for the rule ``schema_kept``. Pure, but for what `SchemaCheck` does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.errors import Malformed, Rejected
from common.formats.data_integrity.policy import SchemaCheck
from common.formats.json_schema.violated import SchemaViolated
from common.formats.vcdm.typed_objects import SchemaReference, read_schemas
from verifier.checks.contract import SchemaFact

_REASONS = {
    "bad_signature": "schema_changed",  # its digest
    "request_not_met": "schema_demanded",
}


def judge_schemas(document: Mapping[str, Any], check: SchemaCheck | None) -> SchemaFact:
    """document: the credential's. All of its schemas are looked at; what one of them violates outweighs that another is not known."""
    try:
        schemas = read_schemas(document)
    except Malformed:
        return SchemaFact(reason="schema_malformed")
    found = [_judge(check, schema, document) for schema in schemas]
    for reason in ("schema_violated", "schema_changed", "schema_malformed", "schema_demanded", "schema_not_known"):
        for fact in found:
            if fact.reason == reason:
                return fact
    return SchemaFact(reason="schema_kept") if found else SchemaFact()


def _judge(check: SchemaCheck | None, schema: SchemaReference, document: Mapping[str, Any]) -> SchemaFact:
    if check is None:
        return SchemaFact(reason="schema_not_known")
    try:
        known = check(schema, document)
    except Malformed:
        return SchemaFact(reason="schema_malformed")
    except SchemaViolated as violated:
        return SchemaFact(reason="schema_violated", place=violated.place)
    except Rejected as rejected:
        return SchemaFact(reason=_REASONS[rejected.reason])
    return SchemaFact(reason="schema_kept" if known else "schema_not_known")
