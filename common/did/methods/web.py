"""did:web: the document stands on a web server (W3C CCG did:web). Which names are allowed: `common.did.web_address`.

did:web:example.com              → https://example.com/.well-known/did.json
did:web:example.com%3A8443:a:b   → https://example.com:8443/a/b/did.json
"""

from __future__ import annotations

from common.did.contract import DidNotFound, Resolved
from common.did.syntax import ParsedDid, parse_did
from common.did.web_address import web_address, web_name
from common.encoding import parse_json_object
from common.errors import Malformed, Unavailable
from common.ids import Did
from common.ports import Fetch

MAX_DOCUMENT_BYTES = 64 * 1024


class DidWeb:
    """Implements common.did.contract.DidMethod."""

    name = "web"
    self_contained = False

    def resolve(self, did: ParsedDid, *, fetch: Fetch, sandbox: bool, now: int) -> Resolved:  # noqa: ARG002 - timeless
        """Fetches the document. The answer is JSON, not larger than MAX_DOCUMENT_BYTES; the caller checks that it is about this DID."""
        answer = fetch.get(document_address(did.did, sandbox=sandbox), accept="application/did+json, application/json")
        if answer.status in (404, 410):
            raise DidNotFound("the DID has no document")
        if answer.status != 200:
            raise Unavailable("did_document_unavailable", f"the DID document's server answered {answer.status}")
        return Resolved(document=parse_json_object(answer.body, max_bytes=MAX_DOCUMENT_BYTES))


def document_address(did: str, *, sandbox: bool) -> str:
    """did:web → the address of its document (did:web §3.2). Raises Malformed for a name that `web_address` refuses."""
    parsed = parse_did(did)
    if parsed.method != "web":
        raise Malformed("bad_did", "not a did:web")
    base, segments = web_address(parsed.identifier, sandbox=sandbox, method="web")
    return f"{base}/{'/'.join(segments) if segments else '.well-known'}/did.json"


def did_for_address(base_url: str, *segments: str) -> Did:
    """``https://host[:port]`` (a program's public_url) and path segments → the did:web whose document stands there. Raises Malformed."""
    return Did(f"did:web:{web_name(base_url, *segments)}")
