"""DIDs, their documents and logs."""

from __future__ import annotations

import json
from typing import Any

from common.did.document import check_document, find_key
from common.did.methods.peer import build_peer_2, build_peer_4
from common.did.methods.web import document_address
from common.did.methods.webvh.identifier import parse_webvh_did
from common.did.methods.webvh.log_entry import parse_entry, parse_log
from common.did.methods.webvh.method import newest_of, read_log, version_of
from common.did.methods.webvh.verify_log import verify_log
from common.did.methods.webvh.witness import build_witness_file, parse_witness_file, witness_version
from common.did.methods.webvh.write_log import create_log, multikey_of, update_log
from common.did.parameters import parse_query, read_version_query
from common.did.resolution_result import resolve_to_result
from common.did.resolve import Resolver
from common.did.syntax import parse_did, parse_did_url
from common.did.timestamps import parse_timestamp
from common.encoding import compact_json, parse_json_object
from common.keys.multikey import decode_multikey, encode_did_key
from common.keys.verification_method import parse_verification_method
from tests.fakes.clock import FixedClock
from tests.fakes.fetch import FakeFetch
from tests.fuzz.cast import ISSUER, NOW, SCHOOL
from tests.fuzz.target import of_bytes, of_json, of_object, of_text, reading

BEGIN = NOW - 100_000
MULTIKEY = multikey_of(SCHOOL)
DOCUMENT: dict[str, Any] = {
    "@context": ["https://www.w3.org/ns/did/v1"],
    "id": "did:webvh:{SCID}:vc.example.ac.jp",
    "verificationMethod": [
        {
            "id": "did:webvh:{SCID}:vc.example.ac.jp#k",
            "type": "Multikey",
            "controller": "did:webvh:{SCID}:vc.example.ac.jp",
            "publicKeyMultibase": MULTIKEY,
        }
    ],
    "assertionMethod": ["did:webvh:{SCID}:vc.example.ac.jp#k"],
}
WITNESSES = {"threshold": 1, "witnesses": [{"id": f"did:key:{MULTIKEY}"}]}
LOG = update_log(
    create_log("vc.example.ac.jp", DOCUMENT, SCHOOL, now=BEGIN, witness=WITNESSES), SCHOOL, now=BEGIN + 1, witness={}
)
ENTRIES = [json.loads(line) for line in LOG.splitlines()]
WEBVH = str(ENTRIES[-1]["state"]["id"])
WITNESS_FILE = build_witness_file(
    {name: [witness_version(name, SCHOOL, now=NOW)] for name in (ENTRIES[0]["versionId"], ENTRIES[1]["versionId"])}
)
WEB: dict[str, Any] = parse_json_object(
    compact_json(DOCUMENT).replace(b"did:webvh:{SCID}:vc.example.ac.jp", b"did:web:a.example")
)
PEER_2 = build_peer_2(
    [("authentication", MULTIKEY)], [{"type": "DIDCommMessaging", "serviceEndpoint": {"uri": "https://a.example"}}]
)
PEER_4 = build_peer_4({"verificationMethod": [], "service": []})
KEY = f"did:key:{encode_did_key(ISSUER.public_jwk())}"


def _log(data: bytes) -> object:
    return newest_of(read_log(data, WITNESS_FILE, did=WEBVH, now=NOW))


def _version(data: bytes) -> object:
    wanted = read_version_query(parse_query(data.decode("utf-8", "replace")))
    return wanted and version_of(read_log(LOG, WITNESS_FILE, did=WEBVH, now=NOW), wanted)


def _witnessed(data: bytes) -> object:
    return newest_of(read_log(LOG, data, did=WEBVH, now=NOW))


def _parameters(data: bytes) -> object:
    """Any parameters in the last entry, which they were not signed with."""
    last = {**ENTRIES[1], "parameters": parse_json_object(data)}
    return verify_log(compact_json(ENTRIES[0]) + b"\n" + compact_json(last) + b"\n", now=NOW)


def _resolver(document: bytes = b"") -> Resolver:
    return Resolver(FakeFetch({"https://a.example/.well-known/did.json": document}), FixedClock(NOW))


def _resolved(data: bytes) -> object:
    did = data.decode("utf-8", "replace")
    return _resolver().resolve(did)


def _key(data: bytes) -> object:
    return _resolver(data).key("did:web:a.example#k")


def _result(data: bytes) -> object:
    return resolve_to_result(_resolver(compact_json(WEB)), data.decode("utf-8", "replace")).as_json()


def _document_key(document: dict[str, Any]) -> object:
    check_document(document, did="did:web:a.example")
    return find_key(document, "did:web:a.example#k", "assertionMethod")


TARGETS = (
    of_text(parse_did, WEBVH, PEER_2, KEY),
    of_text(parse_did_url, f"{WEBVH}/a?versionId=1-Qm#k"),
    of_text(parse_query, "versionId=1-Q&service=a%20b"),
    of_text(parse_webvh_did, WEBVH),
    reading(
        document_address,
        lambda data: document_address(data.decode("utf-8", "replace"), sandbox=False),
        b"did:web:a.example",
    ),
    of_json(parse_timestamp, '"2026-01-01T00:00:00Z"', '"2026-01-01T00:00:00.5+09:00"'),
    of_bytes(parse_entry, LOG.splitlines()[0]),
    reading(parse_log, lambda data: list(parse_log(data)), LOG),
    of_bytes(parse_witness_file, WITNESS_FILE),
    reading(read_log, _log, LOG),
    reading(version_of, _version, f"versionId={ENTRIES[0]['versionId']}".encode(), b"versionTime=2027-01-01T00:00:00Z"),
    reading(newest_of, _witnessed, WITNESS_FILE),
    reading(verify_log, _parameters, b"{}"),
    reading(Resolver.resolve, _resolved, PEER_2.encode(), PEER_4.encode(), KEY.encode()),
    reading(Resolver.key, _key, compact_json(WEB)),
    reading(resolve_to_result, _result, b"did:web:a.example#k", KEY.encode()),
    reading(find_key, lambda data: _document_key(parse_json_object(data)), compact_json(WEB)),
    of_text(decode_multikey, MULTIKEY, encode_did_key(ISSUER.public_jwk())),
    of_object(
        parse_verification_method,
        compact_json(WEB["verificationMethod"][0]).decode(),
        compact_json({"id": "a", "publicKeyJwk": ISSUER.public_jwk(), "secretKeyJwk": ISSUER.private_jwk()}).decode(),
    ),
)
