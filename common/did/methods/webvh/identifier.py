"""The names of did:webvh, and where the log of each stands on the web (did:webvh 1.0, "Method-Specific Identifier").

    did:webvh:Qm…:example.com              → https://example.com/.well-known/did.jsonl
    did:webvh:Qm…:example.com%3A8443:a:b   → https://example.com:8443/a/b/did.jsonl

Narrower than the text: host and path are those of did:web here, so that nothing is percent-encoded but the colon before a port.
"""

from __future__ import annotations

from dataclasses import dataclass

from common.did.multihash import MULTIHASH
from common.did.syntax import parse_did
from common.did.web_address import web_address
from common.errors import Malformed
from common.ids import Did

SCID_PLACEHOLDER = "{SCID}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebvhDid:
    """scid: the self-certifying part. place: what follows it, ``example.com%3A8443:a:b``."""

    did: Did
    scid: str
    place: str


def parse_webvh_did(text: str) -> WebvhDid:
    """DID → its parts; the place is looked at by `log_address`. Raises Malformed("bad_did")."""
    parsed = parse_did(text)
    scid, _, place = parsed.identifier.partition(":")
    if parsed.method != "webvh" or not MULTIHASH.fullmatch(scid):
        raise Malformed("bad_did", "a did:webvh is made of a SHA-256 multihash in base58 and a place on the web")
    web_address(place, sandbox=True, method="webvh")
    return WebvhDid(did=parsed.did, scid=scid, place=place)


def log_address(did: WebvhDid, *, sandbox: bool) -> str:
    """Where the log stands. Raises Malformed for a place that `web_address` refuses."""
    base, segments = web_address(did.place, sandbox=sandbox, method="webvh")
    return f"{base}/{'/'.join(segments) if segments else '.well-known'}/did.jsonl"


def witness_address(did: WebvhDid, *, sandbox: bool) -> str:
    """Where the witnesses' proofs stand: beside the log."""
    return f"{log_address(did, sandbox=sandbox).removesuffix('did.jsonl')}did-witness.json"


def files_address(did: WebvhDid) -> str:
    """The folder that DID URL paths lead into, with its last slash: as the log's, without ``.well-known``."""
    base, segments = web_address(did.place, sandbox=True, method="webvh")
    return "/".join((base, *segments, ""))


def did_at(scid: str, place: str) -> Did:
    """The did:webvh of that name at that place."""
    return Did(f"did:webvh:{scid}:{place}")
