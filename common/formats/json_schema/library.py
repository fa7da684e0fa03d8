"""The schemas that an operator put here, and credentials put to them. Nothing is fetched because a credential names it.

VCDM 2.0 §4.11; Verifiable Credentials JSON Schema Specification §"Data Model", §"Processing". Of its three outcomes *success* is True,
*indeterminate* False (a schema that is not held here, of a type or version that is not read, or not believed), *failure* an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from common.errors import Malformed, Rejected
from common.formats.json_schema.evaluate import Evaluator
from common.formats.json_schema.link import link
from common.formats.json_schema.meter import Exhausted
from common.formats.json_schema.schema import Schema
from common.formats.json_schema.violated import SchemaViolated
from common.formats.vcdm.related_resource import Contents, matches_digests, read_digests, read_related_resources
from common.formats.vcdm.typed_objects import SchemaReference, read_schemas

Kind = Literal["JsonSchema", "JsonSchemaCredential"]
_PLAIN = frozenset({"JsonSchema", "1EdTechJsonSchemaValidator2019"})
"""Types of ``credentialSchema`` whose address is a JSON Schema's. The second is Open Badges' own (Open Badges 3.0 §B.5.2)."""

MAX_NAMED = 4
"""Schemas of one credential; each may take a second of work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldSchema:
    """address: by which credentials name it: the schema's ``$id``, the credential's ``id``. source: the bytes that digests are over.

    credential: the text of a `JsonSchemaCredential`, which somebody has to believe; empty for a schema without one.
    """

    address: str
    kind: Kind
    source: bytes = field(repr=False)
    schema: Schema
    credential: str = field(default="", repr=False)


class SchemaLibrary:
    """Safe between threads. believe: is this JsonSchemaCredential to be believed now? Without it, the operator's word is enough.

    demanded: what is indeterminate is refused.
    """

    def __init__(
        self,
        held: Iterable[HeldSchema] = (),
        *,
        believe: Callable[[HeldSchema], bool] | None = None,
        demanded: bool = False,
    ) -> None:
        """Raises Malformed("bad_schema") for two at one address, Unsupported("unresolved_reference")."""
        every = tuple(held)
        self._held = {one.address: one for one in every}
        schemas = {one.schema.id: one.schema for one in every}
        if len(self._held) != len(every) or any(schemas[one.schema.id].content != one.schema.content for one in every):
            raise Malformed("bad_schema", "two schemas here have one address")
        self._evaluators: Mapping[str, Evaluator] = link(schemas.values())
        self._believe = believe
        self._demanded = demanded

    def __len__(self) -> int:
        return len(self._held)

    def kind_of(self, address: str) -> Kind | Literal[""]:
        """Empty for an address that nothing here has."""
        found = self._held.get(address)
        return found.kind if found is not None else ""

    @property
    def held(self) -> tuple[HeldSchema, ...]:
        return tuple(self._held.values())

    def contents(self, beside: Contents) -> Contents:
        """Address → bytes, of the schemas and of what is held ``beside`` them, for related resources."""

        def read(address: str) -> bytes | None:
            found = self._held.get(address)
            return found.source if found is not None else beside(address)

        return read

    def check(self, reference: SchemaReference, document: Mapping[str, Any]) -> bool:
        """Implements `common.formats.data_integrity.policy.SchemaCheck`.

        1. the schema is held here, and of the type that the credential says      VC JSON Schema §"Data Model"
        2. it is what the credential was issued with, where that says a digest    VCDM 2.0 §5.3
        3. a schema in a credential: that is to be believed                       §"Integrity Validation"
        4. the document keeps it                                                  §"Evaluation"
        False for 1 and 3, or Rejected("request_not_met") where schemas are demanded. Raises Rejected("bad_signature") for 2, Malformed
        for a digest that is none, `SchemaViolated` for 4, also where it cannot be evaluated within bounds: fails closed.
        """
        known = self._check(reference, document)
        if not known and self._demanded:
            raise Rejected(
                "request_not_met", "the credential names a schema that is not known here, so it cannot be checked"
            )
        return known

    def _check(self, reference: SchemaReference, document: Mapping[str, Any]) -> bool:
        # 1
        held = self._held.get(reference.id)
        if held is None or not self._is_of_type(held, reference):
            return False
        # 2
        digests = [read_digests(reference.entry, required=False)]
        digests += [(one.sri, one.multibase) for one in read_related_resources(document) if one.id == reference.id]
        if not all(matches_digests(sri, multibase, held.source) for sri, multibase in digests):
            raise Rejected("bad_signature", "the schema held here is not the one that the credential was issued with")
        # 3
        if held.credential and self._believe is not None and not self._believe(held):
            return False
        # 4
        self._evaluate(held, document)
        return True

    def _is_of_type(self, held: HeldSchema, reference: SchemaReference) -> bool:
        if held.kind == "JsonSchemaCredential":
            return "JsonSchemaCredential" in reference.types
        return not _PLAIN.isdisjoint(reference.types)

    def _evaluate(self, held: HeldSchema, document: Mapping[str, Any]) -> None:
        if len(read_schemas(document)) > MAX_NAMED:
            raise SchemaViolated(f"the credential names more than {MAX_NAMED} schemas")
        try:
            violation = self._evaluators[held.schema.id].find_violation(document)
        except (Exhausted, Malformed):
            detail = "the credential is too large, or nested too deep, to be checked against its schema"
            raise SchemaViolated(detail) from None
        if violation is not None:
            place = violation.pointer or "the whole"
            detail = f"{place} does not keep {violation.keyword} of the schema {held.address[:200]}"
            raise SchemaViolated(detail, place=violation.pointer)
