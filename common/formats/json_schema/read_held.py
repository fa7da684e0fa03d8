"""A file of an operator's folder → a schema that is held. Pure: bytes in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.encoding import compact_json, parse_json_object
from common.errors import Malformed
from common.formats.detect import format_of
from common.formats.json_schema.library import HeldSchema
from common.formats.json_schema.schema import MAX_BYTES, MAX_DEPTH, parse_schema
from common.formats.vc_jose_cose.parse import parse_credential as parse_jwt
from common.formats.vcdm.credential import CredentialDocument, read_credential

CREDENTIAL_TYPE = "JsonSchemaCredential"


def parse_held_schema(data: bytes) -> HeldSchema:
    """A JSON Schema; or a credential around one, secured by Data Integrity (JSON) or as a ``vc+jwt`` (text). Proofs are not looked at.

    Raises Malformed, Unsupported.
    """
    if not data.lstrip().startswith(b"{"):
        return _read_jwt(data)
    document = parse_json_object(data, max_bytes=MAX_BYTES, max_depth=MAX_DEPTH)
    if "@context" in document:
        return _read_credential(document, data, data.decode())
    schema = parse_schema(data)
    return HeldSchema(address=schema.id, kind="JsonSchema", source=data, schema=schema)


def _read_jwt(data: bytes) -> HeldSchema:
    try:
        text = data.decode("ascii").strip()
    except UnicodeDecodeError:
        raise Malformed("bad_schema", "the file is neither JSON nor a JWT") from None
    if len(text) > 2 * MAX_BYTES or format_of(text) != "jwt_vc_json":
        raise Malformed("bad_schema", "the file is neither JSON nor a JWT")
    return _read_credential(parse_jwt(text).document, text.encode(), text)


def _read_credential(document: Mapping[str, Any], source: bytes, text: str) -> HeldSchema:
    """VC JSON Schema §"JsonSchemaCredential": its subject is of type ``JsonSchema`` and has the schema as ``jsonSchema``."""
    read = read_credential(document)
    subject = _only_subject(read)
    stated = subject.get("jsonSchema")
    if not isinstance(stated, Mapping) or subject.get("type") not in ("JsonSchema", ["JsonSchema"]):
        raise Malformed("bad_schema", "its subject is of type JsonSchema and has a jsonSchema")
    schema = parse_schema(compact_json(stated))
    return HeldSchema(address=str(read.id), kind="JsonSchemaCredential", source=source, schema=schema, credential=text)


def _only_subject(read: CredentialDocument) -> Mapping[str, Any]:
    if CREDENTIAL_TYPE not in read.types or read.id is None or len(read.subjects) != 1:
        raise Malformed("bad_schema", f"a credential around a schema is a {CREDENTIAL_TYPE} with an id and one subject")
    return read.subjects[0]
