"""Content → the document of VCDM 2.0 §4, before it is secured; and reading the parts that a verification needs from 2.0 and 1.1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.errors import Malformed
from common.formats.credential import CredentialContent
from common.formats.vcdm.identifier import is_url
from common.formats.vcdm.language import language_values
from common.formats.vcdm.moment import format_moment
from common.formats.vcdm.terms import CONTEXT_V2, CREDENTIAL, VERSION_OF_CONTEXT


def build_document(content: CredentialContent, *, holder: str | None) -> dict[str, Any]:
    """The document without its status, which each way of securing writes in its own form.

    holder: the DID that becomes the subject's ``id``. Raises ValueError for a claim named ``id``.
    """
    if "id" in content.claims:
        raise ValueError("the subject's id is the holder's DID")
    issuer = dict(content.issuer_members)
    if content.issuer_names:
        issuer["name"] = language_values(content.issuer_names)
    document: dict[str, Any] = {"@context": [CONTEXT_V2, *content.contexts]}
    if content.credential_id:
        document["id"] = content.credential_id
    document["type"] = [CREDENTIAL, *content.w3c_types]
    document["issuer"] = {"id": content.issuer, **issuer} if issuer else content.issuer
    if content.names:
        document["name"] = language_values(content.names)
    if content.descriptions:
        document["description"] = language_values(content.descriptions)
    if content.valid_from is not None:
        document["validFrom"] = format_moment(content.valid_from)
    if content.valid_until is not None:
        document["validUntil"] = format_moment(content.valid_until)
    document |= content.members
    document["credentialSubject"] = {**({"id": holder} if holder else {}), **content.claims}
    return document


def read_types(document: Mapping[str, Any], *, base: str) -> tuple[str, ...]:
    """``@context`` and ``type`` (VCDM 2.0 §4.3, §4.5): the base context comes first, ``base`` is a type; the other types."""
    contexts = document.get("@context")
    first = contexts[0] if isinstance(contexts, list) and contexts else contexts
    if not isinstance(first, str) or first not in VERSION_OF_CONTEXT:
        raise Malformed("bad_context", "@context begins with the base context of VCDM 2.0 or 1.1")
    types = document.get("type")
    names = [types] if isinstance(types, str) else types
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names) or base not in names:
        raise Malformed("bad_type", f"type is text or an array of texts with {base} in it")
    return tuple(name for name in names if name != base)


def read_subject(document: Mapping[str, Any]) -> tuple[str | None, dict[str, Any]]:
    """``credentialSubject`` → (its id, its claims without id), where exactly one subject is wanted. Raises Malformed."""
    subject = document.get("credentialSubject")
    if isinstance(subject, list) and len(subject) == 1:
        subject = subject[0]
    if not isinstance(subject, Mapping) or not subject:
        raise Malformed("bad_subject", "credentialSubject is one object, and not empty")
    identifier = subject.get("id")
    if identifier is not None and not is_url(identifier):
        raise Malformed("bad_subject", "a subject's id is a URL")
    return identifier, {name: value for name, value in subject.items() if name != "id"}
