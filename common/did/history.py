"""The history of a DID's keys: which key a DID URL names or once named, and what became of it.

Three sources, in this order. The newest document: a verification method may carry ``expires`` (rotated out in good order) or ``revoked``
(compromised since) of Controlled Identifiers 1.0 §2.2. A method that is listed under ``verificationMethod`` with ``revoked``, and under no
relationship any more, is a key that was taken out of use because of a compromise: software that does not know ``revoked`` refuses it, too.
Last, the earlier documents of a method that proves its history (did:webvh): a key that is in them and not in the newest was rotated out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from common.did.contract import Resolved
from common.did.document import RELATIONSHIPS, Relationship, find_key, methods_named
from common.did.timestamps import parse_timestamp
from common.errors import Malformed, Rejected
from common.jose.jwk import PublicKey
from common.keys.history import KeyEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyWithHistory:
    """A key that the DID's controller published, and its life. Whether a signature counts: `common.keys.history.judge_key_time`."""

    key: PublicKey
    entry: KeyEntry


def find_key_with_history(resolved: Resolved, did_url: str, relationship: Relationship) -> KeyWithHistory:
    """The key that ``did_url`` names or named.

    1. the newest document lists it under the relationship, and did not revoke it
    2. the newest document keeps it as revoked: it is a compromised key, and only for assertions does its past count
    3. an earlier document of a proven log listed it: it was rotated out when the next one came,
       unless any document of the log revoked it; then it is compromised

    Raises as `find_key` does on the newest document, and Rejected("untrusted_key") for a deactivated DID.
    """
    document = resolved.document
    if document is None:
        raise Rejected("untrusted_key", "the DID was deactivated")
    # 1
    try:
        key = find_key(document, did_url, relationship)
    except (Rejected, Malformed):
        # 2, 3
        found = _revoked_key(document, did_url, relationship) or _earlier_key(resolved, did_url, relationship)
        if found is None:
            raise
        return found
    return KeyWithHistory(
        key=key, entry=_entry(document, did_url, valid_from=_first_listed(resolved, did_url, relationship))
    )


def _entry(document: Mapping[str, Any], did_url: str, *, valid_from: int | None = None) -> KeyEntry:
    """What a document itself says of a key: ``expires`` → retired_at, ``revoked`` → compromised_since. Raises Malformed for a bad time."""
    retired, revoked = [], []
    for method in methods_named(document, did_url):
        if "expires" in method:
            retired.append(parse_timestamp(method["expires"]) // 1_000_000)
        if "revoked" in method:
            revoked.append(parse_timestamp(method["revoked"]) // 1_000_000)
    return KeyEntry(
        key_id=did_url,
        valid_from=valid_from,
        retired_at=min(retired, default=None),
        compromised_since=min(revoked, default=None),
    )


def _revoked_key(document: Mapping[str, Any], did_url: str, relationship: Relationship) -> KeyWithHistory | None:
    """A method with ``revoked`` that stands under assertionMethod, or under no relationship any more."""
    methods = methods_named(document, did_url)
    if relationship != "assertionMethod" or len(methods) != 1 or "revoked" not in methods[0]:
        return None
    if any(_lists(document, did_url, name) for name in RELATIONSHIPS if name != relationship):
        return None
    method = {name: value for name, value in methods[0].items() if name != "revoked"}
    revived = {"id": document.get("id"), "verificationMethod": [method], "assertionMethod": [method["id"]]}
    return KeyWithHistory(key=find_key(revived, did_url, "assertionMethod"), entry=_entry(document, did_url))


def _earlier_key(resolved: Resolved, did_url: str, relationship: Relationship) -> KeyWithHistory | None:
    found: KeyWithHistory | None = None
    revoked = [_entry(resolved.document or {}, did_url).compromised_since]
    for version in resolved.earlier:
        said = _entry(version.document, did_url)
        revoked.append(said.compromised_since)
        if found is None and _lists(version.document, did_url, relationship):
            past = _revoked_key(version.document, did_url, relationship)
            key = past.key if past else find_key(version.document, did_url, relationship)
            retired = version.until if said.retired_at is None else min(said.retired_at, version.until)
            found = KeyWithHistory(key=key, entry=KeyEntry(key_id=did_url, retired_at=retired))
    if found is None:
        return None
    entry = replace(
        found.entry,
        valid_from=_first_listed(resolved, did_url, relationship),
        compromised_since=min((time for time in revoked if time is not None), default=None),
    )
    return KeyWithHistory(key=found.key, entry=entry)


def _first_listed(resolved: Resolved, did_url: str, relationship: Relationship) -> int | None:
    """When the key was first published; None where no log proves it."""
    since = [version.since for version in resolved.earlier if _lists(version.document, did_url, relationship)]
    return min(since) if since else resolved.since


def _lists(document: Mapping[str, Any], did_url: str, relationship: Relationship) -> bool:
    entries = document.get(relationship)
    did = document.get("id")
    if not isinstance(entries, list):
        return False
    names = (entry.get("id") if isinstance(entry, dict) else entry for entry in entries)
    return any(isinstance(name, str) and (name == did_url or f"{did}{name}" == did_url) for name in names)
