"""``BitstringStatusListEntry`` in ``credentialStatus`` of W3C credentials. Bitstring Status List 1.0 §2.1; VCDM 2.0 §4.10."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from common.errors import Malformed, Rejected
from common.formats.credential import StatusReference
from common.formats.vcdm.identifier import is_url

ENTRY = "BitstringStatusListEntry"
MAX_ENTRY_BITS = 8
"""Larger entries would need more than 256 messages in every credential; a processor may even read entries of one bit only (§1.3)."""
_MAX_STATUSES = 16
_INDEX = re.compile(r"0|[1-9][0-9]{0,39}", re.ASCII)
_VALUE = re.compile(r"0[xX][0-9a-fA-F]{1,8}", re.ASCII)


def build_credential_status(references: Sequence[StatusReference]) -> list[dict[str, Any]]:
    """References → the entries of ``credentialStatus``, in their order. §2.1 gives their ``id`` no use, but Open Badges want one.

    Raises ValueError for a reference that is not for a Bitstring Status List, or without the messages that its size needs.
    """
    return [_build_entry(reference) for reference in references]


def _build_entry(reference: StatusReference) -> dict[str, Any]:
    if reference.purpose == "status_list":
        raise ValueError("the reference is for a Token Status List")
    entry: dict[str, Any] = {
        **({"id": reference.id} if reference.id else {}),
        "type": ENTRY,
        "statusPurpose": reference.purpose,
        "statusListIndex": str(reference.index),
        "statusListCredential": reference.uri,
    }
    if reference.size > 1:
        entry["statusSize"] = reference.size
    if reference.size > 1 or reference.messages:
        if len(reference.messages) != 1 << reference.size:
            raise ValueError("every possible value has its message")
        entry["statusMessage"] = [
            {"status": hex(value), "message": message} for value, message in enumerate(reference.messages)
        ]
    return entry


def parse_credential_status(document: Mapping[str, Any]) -> tuple[StatusReference, ...]:
    """The credential's entries, in their order; empty where it has none.

    Raises Malformed("malformed_value_error") for an entry that breaks a MUST of §2.1, and Rejected("status_unknown") for a type
    of status not known here: to overlook it would be to overlook a withdrawal.
    """
    if "credentialStatus" not in document:
        return ()
    found = document["credentialStatus"]
    entries = found if isinstance(found, list) else [found]
    if not 0 < len(entries) <= _MAX_STATUSES:
        raise _malformed(f"credentialStatus holds between one and {_MAX_STATUSES} entries")
    return tuple(_parse_entry(entry) for entry in entries)


def _parse_entry(entry: object) -> StatusReference:
    if not isinstance(entry, Mapping):
        raise _malformed("a status is an object")
    types = entry.get("type")
    names = types if isinstance(types, list) else [types]
    if not names or not all(isinstance(name, str) for name in names):
        raise _malformed("a status has a type")
    if ENTRY not in names:
        raise Rejected("status_unknown", "the credential keeps its status in a way that is not known here")
    purpose, index, uri = entry.get("statusPurpose"), entry.get("statusListIndex"), entry.get("statusListCredential")
    if not isinstance(purpose, str) or not purpose or purpose == "status_list":
        raise _malformed("statusPurpose is a text")
    if not isinstance(index, str) or _INDEX.fullmatch(index) is None:
        raise _malformed("statusListIndex is a whole number in base 10, as a text")
    if not isinstance(uri, str) or not is_url(uri):
        raise _malformed("statusListCredential is a URL")
    if "id" in entry and (not is_url(entry["id"]) or entry["id"] == uri):
        raise _malformed("the id of a status is a URL, and another than its list's")
    size = _size(entry)
    _check_references(entry)
    return StatusReference(uri=uri, index=int(index), purpose=purpose, size=size, messages=_messages(entry, size))


def _size(entry: Mapping[str, Any]) -> int:
    size = entry.get("statusSize", 1)
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise _malformed("statusSize is a whole number above 0")
    if size > MAX_ENTRY_BITS:
        raise Rejected("status_unknown", f"status entries of more than {MAX_ENTRY_BITS} bits are not read here")
    return size


def _messages(entry: Mapping[str, Any], size: int) -> tuple[str, ...]:
    """Value → message. Empty where a one-bit entry gives none. Each possible value has exactly one."""
    if "statusMessage" not in entry:
        if size > 1:
            raise _malformed("an entry of several bits has its statusMessage")
        return ()
    listed = entry["statusMessage"]
    if not isinstance(listed, list) or len(listed) != 1 << size:
        raise _malformed("statusMessage has one element for each possible value")
    found: dict[int, str] = {}
    for each in listed:
        status = each.get("status") if isinstance(each, Mapping) else None
        message = each.get("message") if isinstance(each, Mapping) else None
        if not isinstance(status, str) or _VALUE.fullmatch(status) is None or not isinstance(message, str):
            raise _malformed("a message has a status like 0x1 and a text")
        found[int(status, 16)] = message
    if found.keys() != set(range(1 << size)):
        raise _malformed("statusMessage names each possible value once")
    return tuple(found[value] for value in range(1 << size))


def _check_references(entry: Mapping[str, Any]) -> None:
    if "statusReference" in entry:
        found = entry["statusReference"]
        urls = found if isinstance(found, list) else [found]
        if not urls or not all(is_url(url) for url in urls):
            raise _malformed("statusReference is a URL or an array of URLs")


def _malformed(detail: str) -> Malformed:
    return Malformed("malformed_value_error", detail)
