"""The grammar of DIDs and DID URLs (DID Core 1.0 §3.1, §3.2). Strict: what the grammar does not allow is Malformed, never mended."""

from __future__ import annotations

import re
from dataclasses import dataclass

from common.errors import Malformed
from common.ids import Did, DidUrl

MAX_DID_URL = 8192
"""Characters. A did:jwk of a P-521 key is under 400; nothing honest comes near."""

_IDCHAR = r"(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2})"
_PCHAR = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})"
_DID = re.compile(rf"did:([a-z0-9]+):((?:{_IDCHAR}*:)*{_IDCHAR}+)")
_REST = re.compile(rf"((?:/{_PCHAR}*)*)(?:\?((?:{_PCHAR}|[/?])*))?(?:#((?:{_PCHAR}|[/?])*))?\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedDid:
    """``did:<method>:<identifier>``."""

    did: Did
    method: str
    identifier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedDidUrl:
    """A DID with what follows it. path includes its leading slash; query and fragment are None where absent."""

    url: DidUrl
    did: ParsedDid
    path: str
    query: str | None
    fragment: str | None


def parse_did(text: str) -> ParsedDid:
    """Text → its parts. Raises Malformed("bad_did") also when anything follows the DID."""
    matched = _DID.fullmatch(text) if len(text) <= MAX_DID_URL else None
    if matched is None:
        raise Malformed("bad_did", "not a DID")
    return ParsedDid(did=Did(text), method=matched[1], identifier=matched[2])


def parse_did_url(text: str) -> ParsedDidUrl:
    """Text → its parts. A bare DID is a DID URL too. Raises Malformed("bad_did_url")."""
    head = _DID.match(text) if len(text) <= MAX_DID_URL else None
    rest = _REST.match(text, head.end()) if head else None
    if head is None or rest is None:
        raise Malformed("bad_did_url", "not a DID URL")
    did = ParsedDid(did=Did(head[0]), method=head[1], identifier=head[2])
    return ParsedDidUrl(url=DidUrl(text), did=did, path=rest[1], query=rest[2], fragment=rest[3])
