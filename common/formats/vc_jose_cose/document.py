"""The W3C credential document itself: content → VCDM 2.0, and reading the parts of 2.0 and 1.1 that a verification needs.

Status: a JWT-based referenced token carries the ``status`` claim of Token Status List draft-20 §6.2 at the top of its claims set. In
``vc+jwt`` the claims set *is* the document, so ``status`` stands beside ``credentialSubject``; there is no registered W3C
``credentialStatus`` type for a Token Status List. A ``credentialStatus`` from elsewhere is not overlooked: it fails as unknown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from common.errors import Malformed, Rejected
from common.formats.credential import CredentialContent
from common.formats.status_claim import build_status_claim
from common.formats.vc_jose_cose.holder_key import did_of_holder

CONTEXT_V2 = "https://www.w3.org/ns/credentials/v2"
CONTEXT_V1 = "https://www.w3.org/2018/credentials/v1"
BASE_TYPE = "VerifiableCredential"
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)\Z", re.ASCII)


def build_document(content: CredentialContent) -> dict[str, Any]:
    """VCDM 2.0 §4. Raises ValueError for a claim named ``id`` (the holder's DID goes there)."""
    if "id" in content.claims:
        raise ValueError("the subject's id is the holder's DID")
    holder = content.holder_did or (did_of_holder(content.holder_jwk) if content.holder_jwk is not None else None)
    subject = {**({"id": holder} if holder else {}), **content.claims}
    issuer_names = language_values(content.issuer_names)
    document: dict[str, Any] = {"@context": [CONTEXT_V2, *content.contexts]}
    if content.credential_id:
        document["id"] = content.credential_id
    document["type"] = [BASE_TYPE, *content.w3c_types]
    document["issuer"] = {"id": content.issuer, "name": issuer_names} if issuer_names else content.issuer
    if content.names:
        document["name"] = language_values(content.names)
    if content.descriptions:
        document["description"] = language_values(content.descriptions)
    if content.valid_from is not None:
        document["validFrom"] = format_moment(content.valid_from)
    if content.valid_until is not None:
        document["validUntil"] = format_moment(content.valid_until)
    document["credentialSubject"] = subject
    if content.status is not None:
        document["status"] = build_status_claim(content.status)
    return document


def language_values(texts: Mapping[str, str]) -> list[dict[str, str]]:
    """Language tag → text, as VCDM 2.0 §11.1 writes language values."""
    return [{"@value": text, "@language": language} for language, text in texts.items()]


def format_moment(seconds: int) -> str:
    """Seconds → ``2026-04-01T00:00:00Z``."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_moment(value: object) -> int:
    """XML dateTimeStamp → seconds, fractions cut off. A time without zone is no moment: Malformed."""
    if not isinstance(value, str) or not _MOMENT.match(value):
        raise Malformed("bad_time", "a time is written like 2026-04-01T00:00:00Z")
    try:
        return int(datetime.fromisoformat(value).timestamp())
    except (ValueError, OverflowError):
        raise Malformed("bad_time", "no such moment") from None


def read_types(document: Mapping[str, Any], *, base: str) -> tuple[str, ...]:
    """``@context`` and ``type`` (VCDM 2.0 §4.3, §4.5): the base context comes first, ``base`` is a type; the other types."""
    contexts = document.get("@context")
    first = contexts[0] if isinstance(contexts, list) and contexts else contexts
    if first not in (CONTEXT_V2, CONTEXT_V1):
        raise Malformed("bad_context", "@context begins with the base context of VCDM 2.0 or 1.1")
    types = document.get("type")
    names = [types] if isinstance(types, str) else types
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names) or base not in names:
        raise Malformed("bad_type", f"type is text or an array of texts with {base} in it")
    return tuple(name for name in names if name != base)


def read_id(value: object, what: str) -> str:
    """The identifier of an issuer or holder: text, or an object with ``id``."""
    found = value.get("id") if isinstance(value, Mapping) else value
    if not isinstance(found, str) or ":" not in found:
        raise Malformed(f"bad_{what}", f"{what} is a URL, or an object with one as its id")
    return found


def read_subject(document: Mapping[str, Any]) -> tuple[str | None, dict[str, Any]]:
    """``credentialSubject`` → (its id, its claims without id). One subject: a presentation by several holders is not known here."""
    subject = document.get("credentialSubject")
    if isinstance(subject, list) and len(subject) == 1:
        subject = subject[0]
    if not isinstance(subject, Mapping) or not subject:
        raise Malformed("bad_subject", "credentialSubject is one object, and not empty")
    identifier = subject.get("id")
    if identifier is not None and (not isinstance(identifier, str) or ":" not in identifier):
        raise Malformed("bad_subject", "a subject's id is a URL")
    return identifier, {name: value for name, value in subject.items() if name != "id"}


def check_validity(valid_from: int | None, valid_until: int | None, *, now: int, leeway: int) -> None:
    """VCDM 2.0 §4.9. Raises Rejected("expired" | "not_yet_valid") or Malformed when the end comes before the beginning."""
    if valid_from is not None and valid_until is not None and valid_until < valid_from:
        raise Malformed("bad_time", "validUntil comes before validFrom")
    if valid_until is not None and now >= valid_until + leeway:
        raise Rejected("expired", "validUntil has passed")
    if valid_from is not None and now < valid_from - leeway:
        raise Rejected("not_yet_valid", "validFrom is still to come")
