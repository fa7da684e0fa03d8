"""A did:webvh from its first day to its last: created, rotated with keys committed in advance, witnessed, moved, deactivated."""

from __future__ import annotations

import json
from typing import Any

import pytest

from common.did.contract import DidNotFound, VersionQuery
from common.did.methods.webvh.identifier import log_address, parse_webvh_did
from common.did.methods.webvh.method import newest_of, read_log, version_of
from common.did.methods.webvh.verify_log import key_hash, verify_log
from common.did.methods.webvh.witness import build_witness_file, witness_version
from common.did.methods.webvh.write_log import (
    create_log,
    deactivate_log,
    moved_document,
    multikey_of,
    parallel_web_document,
    update_log,
)
from common.did.resolve import Resolver
from common.errors import Conflict, Malformed, Rejected, TegataError, Unavailable
from common.ports import Fetched
from tests.common.did.webvh_logs import (
    ADDRESS,
    BEGIN,
    KEY,
    NEW_SIGNER,
    NEXT,
    NOW,
    SIGNER,
    THIRD,
    WITNESS_ADDRESS,
    did_of,
    document,
    ed25519,
    entries_of,
    new_log,
    scid_of_log,
)
from tests.fakes.clock import FixedClock
from tests.fakes.fetch import FakeFetch

DAY = 86400


def rotated(log: bytes, *, at: int = BEGIN + 10) -> bytes:
    """The signing key of the credentials gives way to another."""
    return update_log(log, KEY, now=at, document=document(NEW_SIGNER, did=did_of(log)))


def test_a_log_is_created_and_resolved() -> None:
    log = new_log(portable=True, ttl=60)
    did = did_of(log)
    resolver = Resolver(FakeFetch({ADDRESS: log}), FixedClock(NOW))
    resolver.key(f"{did}#k11").verify(SIGNER.sign(b"x"), b"x")
    resolved = resolver.resolved(did)
    assert resolved.dies_at - resolved.obtained_at == 60
    assert resolved.value.metadata == {
        "versionId": entries_of(log)[0]["versionId"],
        "versionNumber": 1,
        "versionTime": "2026-09-20T10:26:40Z",
        "created": "2026-09-20T10:26:40Z",
        "updated": "2026-09-20T10:26:40Z",
        "scid": scid_of_log(log),
        "portable": True,
        "deactivated": False,
        "ttl": "60",
        "watchers": [],
        "witness": {},
    }
    assert resolved.value.document is not None
    assert resolved.value.document["service"][0]["serviceEndpoint"] == "https://vc.example.ac.jp/sakuragawa/"


def test_a_key_that_left_the_document_is_known_as_rotated() -> None:
    log = rotated(new_log())
    did = did_of(log)
    resolver = Resolver(FakeFetch({ADDRESS: log}), FixedClock(NOW))
    found = resolver.key_with_history(f"{did}#k11").value
    found.key.verify(SIGNER.sign(b"x"), b"x")
    assert (found.entry.valid_from, found.entry.retired_at, found.entry.compromised_since) == (BEGIN, BEGIN + 10, None)
    with pytest.raises(Rejected) as error:
        resolver.key(f"{did}#k11")
    assert error.value.reason == "key_retired"
    new = resolver.key_with_history(f"{did}#k12").value.entry
    assert (new.valid_from, new.retired_at) == (BEGIN + 10, None)


def test_a_compromised_key_is_said_to_be_in_the_newest_document() -> None:
    log = new_log()
    did = did_of(log)
    newest = document(NEW_SIGNER, did=did)
    newest["verificationMethod"].append(
        {**document(SIGNER, did=did)["verificationMethod"][0], "revoked": "2026-09-20T00:00:00Z"}
    )
    log = update_log(log, KEY, now=BEGIN + 10, document=newest)
    found = Resolver(FakeFetch({ADDRESS: log}), FixedClock(NOW)).key_with_history(f"{did}#k11").value
    assert found.entry.compromised_since == 1789862400


def test_keys_committed_in_advance() -> None:
    log = new_log(nextKeyHashes=[key_hash(multikey_of(NEXT))])
    keys: dict[str, Any] = {"updateKeys": [multikey_of(NEXT)], "nextKeyHashes": [key_hash(multikey_of(THIRD))]}
    log = update_log(log, NEXT, now=BEGIN + 1, **keys)
    log = update_log(log, THIRD, now=BEGIN + 2, updateKeys=[multikey_of(THIRD)], nextKeyHashes=[])
    log = update_log(log, THIRD, now=BEGIN + 3)  # the commitment was given up, so nothing needs to be said
    assert len(verify_log(log, now=NOW).versions) == 4


@pytest.mark.parametrize(
    ("signer", "parameters"),
    [
        (KEY, {}),
        (KEY, {"updateKeys": [multikey_of(KEY)], "nextKeyHashes": []}),
        (THIRD, {"updateKeys": [multikey_of(THIRD)], "nextKeyHashes": []}),
        (NEXT, {"updateKeys": [multikey_of(NEXT), multikey_of(THIRD)], "nextKeyHashes": []}),
        (NEXT, {"updateKeys": [multikey_of(NEXT)]}),
        (NEXT, {"nextKeyHashes": []}),
        (KEY, {"updateKeys": [], "nextKeyHashes": [], "deactivated": True}),
    ],
)
def test_a_thief_of_the_present_key_cannot_rotate(signer: Any, parameters: dict[str, Any]) -> None:
    log = new_log(nextKeyHashes=[key_hash(multikey_of(NEXT))])
    with pytest.raises(Rejected):
        update_log(log, signer, now=BEGIN + 1, **parameters)


def test_the_update_keys_are_rotated_by_the_old_ones() -> None:
    log = update_log(new_log(), KEY, now=BEGIN + 1, updateKeys=[multikey_of(NEXT)])
    with pytest.raises(Rejected):
        update_log(log, KEY, now=BEGIN + 2)
    log = update_log(log, NEXT, now=BEGIN + 2, updateKeys=[])
    with pytest.raises(Rejected):
        update_log(log, NEXT, now=BEGIN + 3)
    assert newest_of(verify_log(log, now=NOW)).document is not None


def witnessed_by(*witnesses: Any, threshold: int) -> dict[str, Any]:
    return {"threshold": threshold, "witnesses": [{"id": f"did:key:{multikey_of(one)}"} for one in witnesses]}


W1, W2, W3 = ed25519(21), ed25519(22), ed25519(23)


def approvals(log: bytes, *signed: tuple[int, Any]) -> bytes:
    proofs: dict[str, list[Any]] = {}
    for number, witness in signed:
        version_id = entries_of(log)[number - 1]["versionId"]
        proofs.setdefault(version_id, []).append(witness_version(version_id, witness, now=NOW))
    return build_witness_file(proofs)


@pytest.mark.parametrize(
    ("signed", "good"),
    [
        ([(3, W1), (3, W2)], 3),
        ([(3, W1), (2, W1), (3, W3)], 3),
        ([(3, W1), (2, W2)], 2),
        ([(1, W1), (1, W2)], 1),
        ([(3, W1), (3, W1)], 0),
        ([(3, W1)], 0),
        ([(3, KEY), (3, NEXT)], 0),
        ([], 0),
    ],
)
def test_a_threshold_of_witnesses(signed: list[tuple[int, Any]], good: int) -> None:
    log = new_log(witness=witnessed_by(W1, W2, W3, threshold=2))
    for step in (1, 2):
        log = update_log(log, KEY, now=BEGIN + step)
    fetch = FakeFetch({ADDRESS: log, WITNESS_ADDRESS: approvals(log, *signed)})
    resolver = Resolver(fetch, FixedClock(NOW))
    if good == 3:
        assert resolver.resolve(did_of(log))["id"] == did_of(log)
    else:
        with pytest.raises(Rejected):
            resolver.resolve(did_of(log))
    for number in range(1, 4):
        query = VersionQuery(version_number=number)
        if number <= good:
            assert resolver.resolve_version(did_of(log), query).metadata["versionNumber"] == number
        else:
            with pytest.raises(Rejected):
                resolver.resolve_version(did_of(log), query)


def test_witnesses_come_in_at_once_and_leave_one_version_later() -> None:
    log = update_log(new_log(), KEY, now=BEGIN + 1, witness=witnessed_by(W1, threshold=1))
    log = update_log(log, KEY, now=BEGIN + 2, witness={})
    log = update_log(log, KEY, now=BEGIN + 3)
    needed = [len(version.needs.keys) for version in verify_log(log, now=NOW).versions]
    assert needed == [0, 1, 1, 0]


def test_without_their_file_nothing_is_witnessed() -> None:
    log = new_log(witness=witnessed_by(W1, threshold=1))
    gone = Fetched(url=WITNESS_ADDRESS, status=404)
    with pytest.raises(DidNotFound):
        Resolver(FakeFetch({ADDRESS: log, WITNESS_ADDRESS: gone}), FixedClock(NOW)).resolve(did_of(log))
    with pytest.raises(Rejected):
        read_log(log, None, did=did_of(log), now=NOW)


def test_an_approval_of_another_log_counts_for_nothing() -> None:
    mine = new_log(witness=witnessed_by(W1, threshold=1))
    other = new_log(witness=witnessed_by(W1, threshold=1), ttl=7)
    with pytest.raises(Rejected):
        read_log(mine, approvals(other, (1, W1)), did=did_of(mine), now=NOW)


def test_a_did_moves_with_its_history() -> None:
    log = new_log(portable=True)
    old = did_of(log)
    log = update_log(log, KEY, now=BEGIN + 1, document=moved_document(log, "new.example.ac.jp", now=NOW))
    new = did_of(log)
    assert new == f"did:webvh:{scid_of_log(log)}:new.example.ac.jp"
    fetch = FakeFetch({ADDRESS: log, log_address(parse_webvh_did(new), sandbox=False): log})
    resolver = Resolver(fetch, FixedClock(NOW))
    moved = resolver.resolve(new)
    assert (moved["id"], moved["alsoKnownAs"], moved["assertionMethod"]) == (new, [old], [f"{new}#k11"])
    assert resolver.resolve(old)["id"] == new
    found = resolver.key_with_history(f"{old}#k11").value
    assert found.entry.retired_at == BEGIN + 1
    resolver.key(f"{new}#k11").verify(SIGNER.sign(b"x"), b"x")


def test_only_a_portable_did_moves_and_says_where_from() -> None:
    log = new_log(portable=False)
    with pytest.raises(Rejected):
        update_log(log, KEY, now=BEGIN + 1, document=moved_document(log, "new.example.ac.jp", now=NOW))
    log = new_log(portable=True)
    silent = {**moved_document(log, "new.example.ac.jp", now=NOW), "alsoKnownAs": []}
    with pytest.raises(Rejected):
        update_log(log, KEY, now=BEGIN + 1, document=silent)
    fixed = update_log(log, KEY, now=BEGIN + 1, portable=False)
    with pytest.raises(Rejected):
        update_log(fixed, KEY, now=BEGIN + 2, document=moved_document(fixed, "new.example.ac.jp", now=NOW))


def test_a_deactivated_did_is_over() -> None:
    log = deactivate_log(rotated(new_log()), KEY, now=BEGIN + 20)
    did = did_of(log)
    resolver = Resolver(FakeFetch({ADDRESS: log}), FixedClock(NOW))
    assert resolver.resolved(did).value.metadata["deactivated"] is True
    for ask in (lambda: resolver.resolve(did), lambda: resolver.key_with_history(f"{did}#k12")):
        with pytest.raises(Rejected):
            ask()
    first = resolver.resolve_version(did, VersionQuery(version_number=1))
    assert first.document is not None
    assert first.metadata["deactivated"] is True
    with pytest.raises(Rejected):
        update_log(log, KEY, now=BEGIN + 30, updateKeys=[multikey_of(KEY)])


@pytest.mark.parametrize(
    ("query", "number"),
    [
        (VersionQuery(version_time=BEGIN * 1_000_000), 1),
        (VersionQuery(version_time=(BEGIN + 9) * 1_000_000), 1),
        (VersionQuery(version_time=(BEGIN + 10) * 1_000_000 - 1), 1),
        (VersionQuery(version_time=(BEGIN + 10) * 1_000_000), 2),
        (VersionQuery(version_time=(NOW + DAY) * 1_000_000), 2),
        (VersionQuery(version_time=BEGIN * 1_000_000 - 1), None),
        (VersionQuery(version_number=2), 2),
        (VersionQuery(version_number=3), None),
        (VersionQuery(version_number=0), None),
        (VersionQuery(version_id="1-" + "Q" * 46), None),
    ],
)
def test_a_version_or_a_time(query: VersionQuery, number: int | None) -> None:
    log = verify_log(rotated(new_log()), now=NOW)
    if number is None:
        with pytest.raises(DidNotFound):
            version_of(log, query)
        return
    found = version_of(log, query)
    assert found.metadata["versionNumber"] == number
    assert version_of(log, VersionQuery(version_id=str(found.metadata["versionId"]))).document == found.document


def test_a_log_that_breaks_off_is_good_for_named_versions_only() -> None:
    log = rotated(new_log()) + b"{}\n"
    whole = verify_log(log, now=NOW)
    with pytest.raises(Malformed):
        newest_of(whole)
    assert version_of(whole, VersionQuery(version_number=2)).metadata["versionNumber"] == 2
    assert version_of(whole, VersionQuery(version_time=BEGIN * 1_000_000)).metadata["versionNumber"] == 1
    with pytest.raises(Malformed):  # what came after version 2 is unknown
        version_of(whole, VersionQuery(version_time=NOW * 1_000_000))
    with pytest.raises(Malformed):
        version_of(whole, VersionQuery(version_number=3))


def test_nobody_shows_an_older_log_afterwards() -> None:
    short = new_log()
    long = rotated(short)
    fetch, clock = FakeFetch({ADDRESS: long}), FixedClock(NOW)
    resolver = Resolver(fetch, clock)
    resolver.resolve(did_of(long))
    fetch.pages[ADDRESS] = short
    clock.advance(DAY)
    with pytest.raises(Rejected, match="cut or rewritten"):
        resolver.resolve(did_of(long))
    fetch.pages[ADDRESS] = update_log(long, KEY, now=BEGIN + 30)
    clock.advance(DAY)
    assert resolver.resolve(did_of(long))["id"] == did_of(long)


def test_the_parallel_did_web() -> None:
    log = new_log()
    did = did_of(log)
    web, beside = parallel_web_document(log, now=NOW)
    assert web == beside["id"] == "did:web:vc.example.ac.jp:sakuragawa"
    assert beside["alsoKnownAs"] == [did]
    assert beside["assertionMethod"] == [f"{web}#k11"]
    assert [service["id"] for service in beside["service"]] == ["#files", "#whois"]
    fetch = FakeFetch({"https://vc.example.ac.jp/sakuragawa/did.json": json.dumps(beside).encode()})
    Resolver(fetch, FixedClock(NOW)).key(f"{web}#k11").verify(SIGNER.sign(b"x"), b"x")


def test_time_in_a_log_goes_up_even_if_the_clock_does_not() -> None:
    log = new_log()
    for _ in range(5):
        log = update_log(log, KEY, now=BEGIN)
    times = [version.time // 1_000_000 for version in verify_log(log, now=NOW).versions]
    assert times == [BEGIN + step for step in range(6)]
    with pytest.raises(TegataError):
        update_log(log, KEY, now=BEGIN - 1000)
    with pytest.raises(Conflict):
        update_log(log, KEY, now=BEGIN - 100)


@pytest.mark.parametrize(("status", "error"), [(404, DidNotFound), (410, DidNotFound), (500, Unavailable)])
def test_a_did_without_a_log(status: int, error: type[TegataError]) -> None:
    fetch = FakeFetch({ADDRESS: Fetched(url=ADDRESS, status=status)})
    with pytest.raises(error):
        Resolver(fetch, FixedClock(NOW)).resolve(did_of(new_log()))


def test_an_institution_at_its_own_root() -> None:
    log = create_log("localhost%3A8101", document(SIGNER, did="did:webvh:{SCID}:localhost%3A8101"), KEY, now=BEGIN)
    fetch = FakeFetch({"http://localhost:8101/.well-known/did.jsonl": log})
    assert Resolver(fetch, FixedClock(NOW), sandbox=True).resolve(did_of(log))["id"] == did_of(log)
    with pytest.raises(Malformed):
        Resolver(fetch, FixedClock(NOW)).resolve(did_of(log))
