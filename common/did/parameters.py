"""DID parameters: what may stand in a DID URL's query to ask for a version (DID Core 1.0 §3.2.1, did:webvh 1.0 "Reading DID URLs")."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote

from common.did.contract import VersionQuery
from common.did.timestamps import parse_timestamp
from common.errors import Malformed, Unsupported

KNOWN = ("versionId", "versionNumber", "versionTime")
_BROKEN_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")


def parse_query(query: str | None) -> dict[str, str]:
    """``versionId=1-Qm…`` → name → value. Raises Malformed("bad_did_url") for a name twice, a name alone or broken percent-encoding."""
    found: dict[str, str] = {}
    for pair in (query or "").split("&") if query else ():
        name, separator, value = pair.partition("=")
        if not name or not separator or name in found or _BROKEN_PERCENT.search(value):
            raise Malformed("bad_did_url", "a DID URL's query is made of different names, each with its value")
        try:
            found[name] = unquote(value, errors="strict")  # a plus is a plus in a URI
        except UnicodeDecodeError:
            raise Malformed("bad_did_url", "a DID URL is UTF-8 text") from None
    return found


def read_version_query(parameters: Mapping[str, str]) -> VersionQuery | None:
    """Which version the parameters ask for; None for the newest.

    Raises Unsupported("unknown_did_parameter") for others than `KNOWN`, Malformed("bad_did_parameter") for two of them, or a wrong value.
    """
    unknown = parameters.keys() - set(KNOWN)
    if unknown:
        raise Unsupported("unknown_did_parameter", "only a version can be asked for", known=KNOWN)
    if len(parameters) > 1:
        raise Malformed("bad_did_parameter", "a version is asked for by one parameter")
    for name, value in parameters.items():
        if name == "versionTime":
            return VersionQuery(version_time=_time(value))
        if name == "versionNumber":
            if not re.fullmatch("[1-9][0-9]{0,5}", value):
                raise Malformed("bad_did_parameter", "versionNumber is a number from 1 on")
            return VersionQuery(version_number=int(value))
        if not value:
            raise Malformed("bad_did_parameter", "versionId names a version")
        return VersionQuery(version_id=value)
    return None


def _time(value: str) -> int:
    try:
        return parse_timestamp(value, utc=True)
    except Malformed:
        raise Malformed("bad_did_parameter", "versionTime is written as 2026-03-31T09:00:00Z") from None
