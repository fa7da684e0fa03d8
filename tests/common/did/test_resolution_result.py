"""DID resolution results: what stands in them, and the word and status of every failure."""

from __future__ import annotations

import json
from typing import Any

import pytest

from common.did.document import build_document
from common.did.methods.key import did_of_key
from common.did.methods.webvh.write_log import deactivate_log, update_log
from common.did.parameters import parse_query, read_version_query
from common.did.resolution_result import ResolutionResult, resolve_to_result
from common.did.resolve import Resolver
from common.errors import Malformed, Unsupported
from common.keys.software import SoftwareKey
from common.ports import Fetched
from tests.common.did.webvh_logs import (
    ADDRESS,
    BEGIN,
    KEY,
    NEW_SIGNER,
    NOW,
    did_of,
    document,
    entries_of,
    new_log,
    written,
)
from tests.fakes.clock import FixedClock
from tests.fakes.fetch import FakeFetch

LOG = new_log()
LOG = update_log(LOG, KEY, now=BEGIN + 10, document=document(NEW_SIGNER, did=did_of(LOG)))
DID = did_of(LOG)
WEB = "did:web:vc.example.ac.jp"
PAGES: dict[str, Any] = {
    ADDRESS: LOG,
    "https://vc.example.ac.jp/.well-known/did.json": json.dumps(
        build_document(WEB, [SoftwareKey.generate(kid="k").public_jwk()])
    ).encode(),
    "https://gone.example/.well-known/did.json": Fetched(url="x", status=404),
    "https://down.example/.well-known/did.json": Fetched(url="x", status=500),
    "https://wrong.example/.well-known/did.json": b'{"id":"did:web:vc.example.ac.jp"}',
}


def result(did_url: str, options: dict[str, str] | None = None, *, log: bytes = LOG) -> ResolutionResult:
    resolver = Resolver(FakeFetch({**PAGES, ADDRESS: log}), FixedClock(NOW))
    return resolve_to_result(resolver, did_url, options)


@pytest.mark.parametrize("did", [DID, WEB, did_of_key(KEY.public_jwk())])
def test_any_method_gives_a_result(did: str) -> None:
    found = result(did)
    answer = found.as_json()
    assert found.status == 200
    assert answer.keys() == {"@context", "didDocument", "didResolutionMetadata", "didDocumentMetadata"}
    assert answer["didDocument"]["id"] == did
    assert answer["didResolutionMetadata"] == {"contentType": "application/did+ld+json"}
    json.dumps(answer)


VERSION_1 = entries_of(LOG)[0]["versionId"]


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("", 2),
        ("?versionNumber=1", 1),
        ("?versionNumber=2", 2),
        (f"?versionId={VERSION_1}", 1),
        ("?versionTime=2026-09-20T10:26:45Z", 1),
        ("?versionTime=2026-09-20T10%3A26%3A45%2B00%3A00", 1),
        ("?versionTime=2026-09-20T10:26:50.5Z", 2),
    ],
)
def test_a_version_is_asked_for_in_the_query(query: str, number: int) -> None:
    found = result(DID + query)
    assert (found.status, found.document_metadata["versionNumber"]) == (200, number)


def test_options_and_query_are_one() -> None:
    assert result(DID, {"versionNumber": "1"}).document_metadata["versionNumber"] == 1
    assert result(f"{DID}?versionNumber=1", {"versionId": VERSION_1}).resolution_metadata["error"] == "invalidOptions"


@pytest.mark.parametrize(
    ("did", "error", "status"),
    [
        ("", "invalidDid", 400),
        ("did:webvh", "invalidDid", 400),
        ("did:webvh:Qm:x", "invalidDid", 400),
        ("did:web:127.0.0.1", "invalidDid", 400),
        ("did:web:wrong.example", "invalidDid", 400),
        ("did:unheard:of", "methodNotSupported", 501),
        ("did:web:gone.example", "notFound", 404),
        ("did:web:down.example", "internalError", 500),
        ("did:web:silent.example", "internalError", 500),
        (f"{DID}#k11", "invalidDidUrl", 400),
        (f"{DID}/whois", "invalidDidUrl", 400),
        (f"{DID}?versionNumber", "invalidDidUrl", 400),
        (f"{DID}?versionNumber=1&versionNumber=2", "invalidDidUrl", 400),
        (f"{DID}?versionNumber=3", "notFound", 404),
        (f"{DID}?versionTime=2020-01-01T00:00:00Z", "notFound", 404),
        (f"{DID}?versionId=1-Qm", "notFound", 404),
        (f"{DID}?versionNumber=0", "invalidOptions", 400),
        (f"{DID}?versionNumber=1&versionId={VERSION_1}", "invalidOptions", 400),
        (f"{DID}?versionTime=yesterday", "invalidOptions", 400),
        (f"{DID}?versionId=", "invalidOptions", 400),
        (f"{DID}?service=files", "featureNotSupported", 501),
        (f"{WEB}?versionNumber=1", "featureNotSupported", 501),
        ("did:peer:0z6Mk", "featureNotSupported", 501),
    ],
)
def test_every_failure_has_its_word(did: str, error: str, status: int) -> None:
    found = result(did)
    assert (found.resolution_metadata["error"], found.status) == (error, status)
    assert found.document is None
    assert found.document_metadata == {}
    problem = found.resolution_metadata["problemDetails"]
    assert problem["type"].startswith("https://www.w3.org/ns/did#")
    assert problem["title"]
    assert problem["detail"]


def test_a_log_that_lies_is_an_invalid_did() -> None:
    entries = entries_of(LOG)
    entries[1]["state"]["alsoKnownAs"] = ["did:web:evil.example"]
    found = result(DID, log=written(entries))
    assert (found.resolution_metadata["error"], found.status) == ("invalidDid", 400)
    assert result(f"{DID}?versionNumber=1", log=written(entries)).status == 200


def test_a_deactivated_did_is_gone() -> None:
    log = deactivate_log(LOG, KEY, now=BEGIN + 20)
    found = result(DID, log=log)
    assert (found.status, found.document, found.document_metadata["deactivated"]) == (410, None, True)
    old = result(f"{DID}?versionNumber=1", log=log)
    assert (old.status, old.document_metadata["deactivated"]) == (200, True)
    assert old.document is not None


def test_a_query_is_read_strictly() -> None:
    assert parse_query(None) == parse_query("") == {}
    assert parse_query("a=b%20c+d&e=") == {"a": "b c+d", "e": ""}
    for wrong in ("a", "=b", "a=b&a=c", "a=%", "a=%F", "a=%FF", "a=b&&c=d"):
        with pytest.raises(Malformed):
            parse_query(wrong)
    assert read_version_query({}) is None
    with pytest.raises(Unsupported) as error:
        read_version_query({"hl": "x"})
    assert error.value.known == ("versionId", "versionNumber", "versionTime")
