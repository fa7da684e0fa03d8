"""Schemas for the tests of this folder."""

from __future__ import annotations

from typing import Any

from common.encoding import compact_json
from common.formats.json_schema.evaluate import Evaluator
from common.formats.json_schema.link import link
from common.formats.json_schema.schema import parse_schema

ADDRESS = "https://school.example/schemas/degree.json"
NEWEST = "https://json-schema.org/draft/2020-12/schema"
OLDER = "https://json-schema.org/draft/2019-09/schema"
OLDEST = "http://json-schema.org/draft-07/schema#"


def written(dialect: str = NEWEST, **keywords: Any) -> bytes:
    """The bytes of a schema; a keyword in Python's way (ref) stands for JSON Schema's ($ref)."""
    own = {"ref": "$ref", "defs": "$defs", "id": "$id", "dynamic": "$dynamicRef", "recursive": "$recursiveRef"}
    renamed = {own.get(name, name): value for name, value in keywords.items()}
    return compact_json({"$schema": dialect, "$id": ADDRESS, **renamed})


def evaluator(dialect: str = NEWEST, **keywords: Any) -> Evaluator:
    (found,) = link([parse_schema(written(dialect, **keywords))]).values()
    return found


def keeps(document: Any, dialect: str = NEWEST, **keywords: Any) -> bool:
    """Of the value of the member ``it``."""
    return evaluator(dialect, properties={"it": keywords}).find_violation({"it": document}) is None
