"""Which JSON Schema an issued W3C credential names, and that it keeps it, before it is signed (VCDM 2.0 §4.11).

Known are the schemas of our own catalogue and those of the operator's folder; nothing is fetched. A schema that stands in a credential is
taken at the operator's word here: who issues binds himself by it and believes nobody for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from common.encoding import compact_json
from common.errors import Misconfigured, NotFound, Refused, Rejected
from common.formats.bitstring_entry import build_credential_status
from common.formats.credential import CredentialContent
from common.formats.vc_jose_cose.document import build_document as build_jwt_document
from common.formats.vcdm.document import build_document
from common.formats.vcdm.holder_key import did_of_holder
from common.formats.vcdm.typed_objects import SchemaReference, read_schemas
from issuer.catalogue.configurations import Configuration
from issuer.catalogue.registry import CATALOGUE
from issuer.catalogue.schemas import schema_of
from issuer.settings import Addresses

if TYPE_CHECKING:
    from common.formats.json_schema.library import SchemaLibrary

W3C_FORMATS = frozenset({"ldp_vc", "jwt_vc_json"})


class DocumentSchemas:
    """Safe between threads."""

    def __init__(self, addresses: Addresses, named: Sequence[str] = (), *, held: SchemaLibrary | None = None) -> None:
        """named: ``type`` or ``type=address``, types of the catalogue whose W3C credentials name a schema. Raises Misconfigured."""
        self._addresses = addresses
        self._held = held
        self._named = dict(_read_named(entry, held) for entry in named)

    def reference(self, configuration: Configuration) -> Mapping[str, Any] | None:
        """What the credential says as ``credentialSchema``. No digest: what the catalogue publishes may gain words later."""
        kind = configuration.type.name
        if configuration.format not in W3C_FORMATS or kind not in self._named:
            return None
        address = self._named[kind]
        if not address:
            return {"id": self._addresses.schema(kind), "type": "JsonSchema"}
        assert self._held is not None
        return {"id": address, "type": self._held.kind_of(address)}

    def require_kept(self, configuration: Configuration, content: CredentialContent) -> None:
        """Raises Refused("credential_request_denied") where the certificate would not keep the schema that it names."""
        if "credentialSchema" not in content.members:
            return
        document = build_jwt_document(content) if configuration.format == "jwt_vc_json" else _with_proof(content)
        try:
            self.check_document(document)
        except Rejected as rejected:
            raise Refused(
                "credential_request_denied", f"the certificate cannot be issued: {rejected.detail}"
            ) from rejected

    def check_document(self, document: Mapping[str, Any]) -> tuple[str, ...]:
        """The ids of its schemas that are not known here. Raises Rejected("schema_violated"), Malformed."""
        return tuple(schema.id for schema in read_schemas(document) if not self._check(schema, document))

    def _check(self, schema: SchemaReference, document: Mapping[str, Any]) -> bool:
        own = self._own(schema.id)
        if own is not None and own.check(schema, document):
            return True
        return self._held is not None and self._held.check(schema, document)

    def _own(self, address: str) -> SchemaLibrary | None:
        for kind in CATALOGUE:
            if kind.model is None and self._addresses.schema(kind.name) == address:
                return _library_of(describe_schema(self._addresses, kind.name))
        return None


def describe_schema(addresses: Addresses, name: str) -> bytes:
    """The schema of a type in our own words, as it is published. Raises NotFound("no_such_type")."""
    if (
        name not in CATALOGUE
        or CATALOGUE[name].model is not None
        or not W3C_FORMATS.intersection(CATALOGUE[name].formats)
    ):
        raise NotFound("no_such_type", "no such credential type here")
    return compact_json(schema_of(CATALOGUE[name], addresses))


@lru_cache(maxsize=256)
def _library_of(schema: bytes) -> SchemaLibrary:
    from common.formats.json_schema.library import SchemaLibrary  # a tenth of a second, for those who name schemas
    from common.formats.json_schema.read_held import parse_held_schema

    return SchemaLibrary((parse_held_schema(schema),))


def _with_proof(content: CredentialContent) -> dict[str, Any]:
    """As `common.formats.data_integrity.format.LdpVc` makes it, but for the proof, which no schema is asked about."""
    holder = content.holder_did or (did_of_holder(content.holder_jwk) if content.holder_jwk is not None else None)
    document = build_document(content, holder=holder)
    if content.statuses:
        statuses = build_credential_status(content.statuses)
        document["credentialStatus"] = statuses[0] if len(statuses) == 1 else statuses
    return document


def _read_named(entry: str, held: SchemaLibrary | None) -> tuple[str, str]:
    name, _, address = entry.partition("=")
    if name not in CATALOGUE or not W3C_FORMATS.intersection(CATALOGUE[name].formats):
        raise Misconfigured("named_schemas", f"named_schemas: {name[:60]} is no type here with a W3C form")
    if address and (held is None or held.kind_of(address) == ""):
        raise Misconfigured("named_schemas", f"named_schemas: the schema of {name} is not in the folder of schemas")
    if not address and CATALOGUE[name].model is not None:
        raise Misconfigured(
            "named_schemas", f"named_schemas: {name} has no schema of ours; name one of the folder, {name}=address"
        )
    return name, address
