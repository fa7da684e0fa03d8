"""All that the data model demands of a credential's document, whichever way it is secured. VCDM 2.0 §4, §5, §11.1; VCDM 1.1 §4, §5.

What JSON-LD adds (terms are defined, protected terms keep their meaning) is checked where the document is expanded.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.errors import Malformed
from common.formats.vcdm.contexts import read_version
from common.formats.vcdm.identifier import is_url, read_id
from common.formats.vcdm.language import check_text
from common.formats.vcdm.moment import check_order, parse_moment
from common.formats.vcdm.related_resource import RelatedResource, read_related_resources
from common.formats.vcdm.terms import CREDENTIAL
from common.formats.vcdm.typed_objects import SchemaReference, check_typed_objects, read_schemas, read_type_names
from common.record import Record

MAX_SUBJECTS = 256


class CredentialDocument(Record, frozen=True, kw_only=True):
    """A document that keeps the rules; nothing in it is proven. version: 1 or 2. types: without ``VerifiableCredential``.

    subjects: the objects of ``credentialSubject``, ids included. Times are seconds since 1970.
    """

    document: Mapping[str, Any]
    version: int
    types: tuple[str, ...]
    id: str | None
    issuer: str
    subjects: tuple[Mapping[str, Any], ...]
    valid_from: int | None
    valid_until: int | None
    schemas: tuple[SchemaReference, ...]
    related_resources: tuple[RelatedResource, ...]


def read_credential(document: Mapping[str, Any]) -> CredentialDocument:
    """The document, once it keeps the rules. Raises Malformed.

    1. contexts: the base context first, then URLs and objects     §4.3
    2. id: one URL                                                 §4.4
    3. type: VerifiableCredential among them                       §4.5
    4. name, description, of the issuer too: text with a language  §4.6, §11.1
    5. issuer: a URL, or an object with one as its id              §4.7
    6. subjects: objects, none empty                               §4.8
    7. validity: dateTimeStamps in order                           §4.9; 1.1 §4.6: issuanceDate is required
    8. status, schema, refresh service, terms, evidence: typed     §4.10, §4.11, §5.4 to §5.6
    9. related resources: digests                                  §5.3
    """
    # 1 · contexts
    version = read_version(document)
    # 2 · id
    if "id" in document and not is_url(document["id"]):
        raise Malformed("bad_id", "the id of a credential is one URL")
    # 3 · type
    types = read_type_names(document.get("type"), "a credential")
    if CREDENTIAL not in types:
        raise Malformed("bad_type", f"a credential is a {CREDENTIAL}")
    # 4 · texts
    stated_issuer = document.get("issuer")
    if version == 2:
        _check_texts(document)
        if isinstance(stated_issuer, Mapping):
            _check_texts(stated_issuer)
    # 5 · issuer
    issuer = read_id(stated_issuer, "issuer")
    # 6 · subjects
    subjects = read_subjects(document)
    # 7 · validity
    begin, end = ("validFrom", "validUntil") if version == 2 else ("issuanceDate", "expirationDate")
    if version == 1 and begin not in document:
        raise Malformed("bad_time", "a credential of VCDM 1.1 has an issuanceDate")
    valid_from = parse_moment(document[begin]) if begin in document else None
    valid_until = parse_moment(document[end]) if end in document else None
    check_order(valid_from, valid_until)
    # 8 · typed objects
    check_typed_objects(document, version=version)
    # 9 · related resources
    related = read_related_resources(document) if version == 2 else ()
    return CredentialDocument(
        document=document,
        version=version,
        types=tuple([name for name in types if name != CREDENTIAL]),
        id=document.get("id"),
        issuer=issuer,
        subjects=subjects,
        valid_from=valid_from,
        valid_until=valid_until,
        schemas=read_schemas(document),
        related_resources=related,
    )


def read_subjects(document: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """``credentialSubject``: one object or several, each with a member at least and with a URL where it has an id. Raises Malformed."""
    value = document.get("credentialSubject")
    subjects = value if isinstance(value, list) else [value]
    if not 0 < len(subjects) <= MAX_SUBJECTS:
        raise Malformed("bad_subject", f"credentialSubject is one object, or up to {MAX_SUBJECTS}")
    for subject in subjects:
        if (subject.__class__ is not dict and not isinstance(subject, Mapping)) or not subject:
            raise Malformed("bad_subject", "a subject is an object, and not empty")
        if "id" in subject and not is_url(subject["id"]):
            raise Malformed("bad_subject", "a subject's id is one URL")
    return tuple(subjects)


def _check_texts(holder: Mapping[str, Any]) -> None:
    for member in ("name", "description"):
        if member in holder:
            check_text(holder[member], member)
