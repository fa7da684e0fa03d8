"""did:web: the document stands on a web server (W3C CCG did:web). Strict about the name, since whoever chooses it chooses an address.

    did:web:example.com              → https://example.com/.well-known/did.json
    did:web:example.com%3A8443:a:b   → https://example.com:8443/a/b/did.json

Refused: address literals, any percent-encoding but the one ``%3A`` before a port, empty and dot segments, names without a dot.
In a sandbox, and only there, ``localhost%3A<port>`` is allowed, and it is asked by plain http.
"""

from __future__ import annotations

import re
from typing import Any

from common.did.syntax import ParsedDid, parse_did
from common.encoding import parse_json_object
from common.errors import Malformed, Rejected, Unavailable
from common.ids import Did
from common.ports import Fetch

MAX_DOCUMENT_BYTES = 64 * 1024

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = re.compile(rf"(?:{_LABEL}\.)+[A-Za-z](?:[A-Za-z0-9-]{{0,61}}[A-Za-z0-9])?|localhost")
# The last label begins with a letter: no IPv4 literal in any spelling does.
_SEGMENT = re.compile(r"[A-Za-z0-9_.-]{1,128}")
_MAX_SEGMENTS = 16


class DidWeb:
    """Implements common.did.contract.DidMethod."""

    name = "web"
    self_contained = False

    def resolve(self, did: ParsedDid, *, fetch: Fetch, sandbox: bool) -> dict[str, Any]:
        """Fetches the document. The answer is JSON, not larger than MAX_DOCUMENT_BYTES; the caller checks that it is about this DID."""
        answer = fetch.get(document_address(did.did, sandbox=sandbox), accept="application/did+json, application/json")
        if answer.status in (404, 410):
            raise Rejected("untrusted_key", "the DID has no document")
        if answer.status != 200:
            raise Unavailable("did_document_unavailable", f"the DID document's server answered {answer.status}")
        return parse_json_object(answer.body, max_bytes=MAX_DOCUMENT_BYTES)


def document_address(did: str, *, sandbox: bool) -> str:
    """did:web → the address of its document (did:web §3.2). Raises Malformed for every other name than those described above."""
    parsed = parse_did(did)
    if parsed.method != "web":
        raise Malformed("bad_did", "not a did:web")
    authority, *segments = parsed.identifier.split(":")
    host, marker, port = authority.partition("%3A")
    if not _HOST.fullmatch(host) or len(host) > 253:
        raise Malformed("bad_did", "a did:web names its host by a domain name")
    if marker and not (port.isdecimal() and port.isascii() and 0 < int(port) < 65536 and port == str(int(port))):
        raise Malformed("bad_did", "not a port number")
    if len(segments) > _MAX_SEGMENTS or not all(_SEGMENT.fullmatch(segment) for segment in segments):
        raise Malformed("bad_did", "a path segment of a did:web is made of letters, digits, '.', '-' and '_'")
    if any(set(segment) == {"."} for segment in segments):
        raise Malformed("bad_did", "a did:web does not climb about in its server's folders")
    scheme = "https"
    if host.lower() == "localhost":
        if not sandbox or not marker:
            raise Malformed("bad_did", "a did:web on this machine is for sandboxes, with a port")
        scheme = "http"
    path = "/".join(segments) if segments else ".well-known"
    return f"{scheme}://{host}{':' + port if marker else ''}/{path}/did.json"


def did_for_address(base_url: str, *segments: str) -> Did:
    """``https://host[:port]`` (a program's public_url) and path segments → the did:web whose document stands there.

    Raises Malformed when the address cannot be named by a did:web (an address literal, a path in base_url).
    """
    scheme, separator, authority = base_url.partition("://")
    if not separator or scheme not in ("http", "https") or "/" in authority:
        raise Malformed("bad_address", "a did:web is made from https://host or https://host:port")
    did = Did("did:web:" + ":".join((authority.replace(":", "%3A"), *segments)))
    if document_address(did, sandbox=True).partition("://")[0] != scheme:
        raise Malformed("bad_address", "a did:web is served by https; by http on localhost only")
    return did
