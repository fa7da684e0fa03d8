"""did:webvh: every log of the test suite resolves to what its publishers say, except where they contradict the text or each other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from common.did.contract import Resolved, VersionQuery
from common.did.methods.webvh.method import newest_of, read_log, version_of
from common.errors import Rejected
from tests.shared_data import shared_vectors

NOW = 1_795_000_000
VECTORS = shared_vectors("didwebvh")
RESULTS = sorted(VECTORS.glob("*/*/resolutionResult*.json"))

# "If a DID log entry contains a new (replacement) list of witnesses …, that new list becomes active AFTER the new DID log entry has been
# published" (Witness Lists): these logs let the new list, of one, approve its own coming into force. Two publishers say so, two do not.
UNWITNESSED = {f"witness-update/{name}/resolutionResult.json" for name in ("java-eecc", "python", "java", "ts")}
# The script asks for versions 1 and 2; the publisher answered with version 3.
ANOTHER_VERSION = {f"multi-update/python/resolutionResult.{number}.json" for number in (1, 2)}
# `updated` is that of the version for all others (DID Core 1.0 §7.1.3), that of the DID for this one.
UPDATED_OF_THE_DID = {f"multi-update/rust/resolutionResult.{number}.json" for number in (1, 2)}
# Leaves out the implicit services of a deactivated DID, which it adds to every other.
WITHOUT_SERVICES = {"deactivate/java/resolutionResult.json"}
# `witness` is that of the version before.
WITNESS_BEFORE = {"witness-update/rust/resolutionResult.json"}


def name_of(path: Path) -> str:
    return str(path.relative_to(VECTORS))


def resolve(path: Path) -> Resolved:
    """What we make of it. The publishers show the document of a deactivated DID, which we do only when asked."""
    folder = path.parent
    data, witnesses = (folder / "did.jsonl").read_bytes(), folder / "did-witness.json"
    did = json.loads(data.splitlines()[0])["state"]["id"]
    log = read_log(data, witnesses.read_bytes() if witnesses.exists() else None, did=did, now=NOW)
    number = path.name.split(".")[1]
    if number.isdecimal():
        return version_of(log, VersionQuery(version_number=int(number)))
    return newest_of(log, return_deactivated=True)


def comparable(document: dict[str, Any]) -> dict[str, Any]:
    """Ids of services are relative for some and absolute for others, an address of a folder has a last slash or none."""
    copy: dict[str, Any] = json.loads(json.dumps(document))
    for service in copy.get("service", []):
        service["id"] = service["id"].removeprefix(copy["id"])
        service["serviceEndpoint"] = service["serviceEndpoint"].rstrip("/")
    return copy


@pytest.mark.parametrize("path", RESULTS, ids=name_of)
def test_published_results(path: Path) -> None:
    published = json.loads(path.read_bytes())
    if name_of(path) in UNWITNESSED:
        with pytest.raises(Rejected, match="version 2 of the log lacks its witnesses"):
            resolve(path)
        return
    ours = resolve(path)
    assert ours.document is not None
    metadata = published["didDocumentMetadata"]
    if name_of(path) in ANOTHER_VERSION:
        assert ours.metadata["versionNumber"] == int(path.name.split(".")[1]) != metadata["versionNumber"]
        return
    expected, found = comparable(published["didDocument"]), comparable(ours.document)
    if name_of(path) in WITHOUT_SERVICES:
        assert [service["id"] for service in found.pop("service")] == ["#files", "#whois"]
    assert found == expected
    for member, value in metadata.items():
        if value is None or (member == "updated" and name_of(path) in UPDATED_OF_THE_DID):
            continue
        if member == "witness" and value:
            if name_of(path) in WITNESS_BEFORE:
                continue
            value = {**value, "threshold": str(value["threshold"])}
        assert ours.metadata[member] == value, member
    assert ours.metadata["deactivated"] is metadata.get("deactivated", False)


def test_a_deactivated_did_has_no_document_unless_it_is_asked_for() -> None:
    for folder in sorted((VECTORS / "deactivate").glob("*/")):
        data = (folder / "did.jsonl").read_bytes()
        log = read_log(data, None, did=json.loads(data.splitlines()[0])["state"]["id"], now=NOW)
        gone = newest_of(log)
        assert gone.document is None
        assert gone.metadata["deactivated"] is True
        first = version_of(log, VersionQuery(version_number=1))
        assert first.document is not None
        assert first.metadata["deactivated"] is True


def test_every_vector_is_there() -> None:
    assert len(RESULTS) == 74
    assert {*UNWITNESSED, *ANOTHER_VERSION, *UPDATED_OF_THE_DID, *WITHOUT_SERVICES, *WITNESS_BEFORE} <= set(
        map(name_of, RESULTS)
    )
