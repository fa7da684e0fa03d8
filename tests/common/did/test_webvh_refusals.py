"""did:webvh: what a resolver must reject. The sixteen negative scenarios of the test suite, built here, and more of their kind."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from common.did.methods.webvh.entry_proof import create_proof
from common.did.methods.webvh.identifier import log_address, parse_webvh_did
from common.did.methods.webvh.log_entry import MAX_ENTRIES, MAX_LOG_BYTES
from common.did.methods.webvh.method import newest_of, read_log
from common.did.methods.webvh.verify_log import entry_hash, key_hash, verify_log
from common.did.methods.webvh.witness import MAX_TRIED, parse_witness_file
from common.did.methods.webvh.write_log import create_log, multikey_of, update_log
from common.did.multihash import sha256_multihash
from common.did.resolve import Resolver
from common.did.timestamps import write_timestamp
from common.encoding import compact_json
from common.errors import Malformed, Rejected
from common.keys.software import SoftwareKey
from common.proofs.jcs import canonicalize_json
from tests.common.did.webvh_logs import (
    ADDRESS,
    BEGIN,
    KEY,
    NEXT,
    NOW,
    SIGNER,
    did_of,
    document,
    ed25519,
    entries_of,
    forged,
    new_log,
    scid_of_log,
    written,
)
from tests.fakes.clock import FixedClock
from tests.fakes.fetch import FakeFetch

SCID = "Qm" + "1" * 44


def refused(log: bytes, *, did: str | None = None, witnesses: bytes | None = None) -> None:
    """The log does not hold; with did: it is not the log of that DID."""
    if did is None and witnesses is None:
        with pytest.raises((Malformed, Rejected)):
            newest_of(verify_log(log, now=NOW))
        return
    with pytest.raises((Malformed, Rejected)):
        newest_of(read_log(log, witnesses, did=did or did_of(log), now=NOW))


@pytest.mark.parametrize(
    "place",
    [
        "127.0.0.1#x",
        "127.0.0.1",
        "127.0.0.1%3a8080",
        "127.0.0.1%3A8080",
        "127%2E0%2E0%2E1",
        "127%2e0%2e0%2e1",
        "169%2E254%2E169%2E254",
        "2130706433",
        "0x7f.1",
        "example.com:..:..:admin",
        "example.com:%2E%2E:admin",
        "example.com:%2e%2e:admin",
        "example.com:a%2Fb",
        "example.com:a%5Cb",
        "example.com::a",
        "example.com%3A0",
        "example.com%3A65536",
        "example.com%3A1%3A2",
        "exa%6Dple.com",
        "localhost",
        "",
    ],
)
def test_a_crooked_place_is_asked_for_nothing(place: str) -> None:
    fetch = FakeFetch()
    with pytest.raises(Malformed):
        Resolver(fetch, FixedClock(NOW), sandbox=True).resolve(f"did:webvh:{SCID}:{place}")
    assert fetch.requests == []


@pytest.mark.parametrize("scid", ["{SCID}", "Qm0" + "1" * 43, "Qm" + "1" * 43, "Qm" + "1" * 45, "Em" + "1" * 44, ""])
def test_a_crooked_scid(scid: str) -> None:
    with pytest.raises(Malformed):
        parse_webvh_did(f"did:webvh:{scid}:example.com")


@pytest.mark.parametrize(
    ("place", "address"),
    [
        ("example.com", "https://example.com/.well-known/did.jsonl"),
        ("issuer.example.com", "https://issuer.example.com/.well-known/did.jsonl"),
        ("example.com:dids:issuer", "https://example.com/dids/issuer/did.jsonl"),
        ("example.com%3A3000:dids:issuer", "https://example.com:3000/dids/issuer/did.jsonl"),
        ("xn--jp-cd2fp15c.xn--fsq.jp", "https://xn--jp-cd2fp15c.xn--fsq.jp/.well-known/did.jsonl"),
    ],
)
def test_places_of_the_text(place: str, address: str) -> None:
    assert log_address(parse_webvh_did(f"did:webvh:{SCID}:{place}"), sandbox=False) == address


def test_the_hash_of_the_text() -> None:
    """did:webvh 1.0, "Generate Entry Hash": the worked example."""
    scid = "QmdmPkUdYzbr9txmx8gM2rsHPgr5L6m3gHjJGAf4vUFoGE"
    witnesses = ("kc51mg2vpQzKWAbWQZupeGYhowaBjYkmvcKMTqteqHB4", "uDdJdKLCgwZuQuEi9xG6LVgJJ9Tebr74CXPYPSumqgJs")
    keys = (*(f"z6Mk{key}" for key in witnesses), "z6MkoSWmQyp4fTk4ZQy4KUsss9dFX51XfEUzKKKj1J1JUsrF")
    entry = {
        "versionId": scid,
        "versionTime": "2025-04-01T17:39:50Z",
        "parameters": {
            "witness": {"threshold": 2, "witnesses": [{"id": f"did:key:{key}", "weight": 1} for key in keys]},
            "updateKeys": ["z6MkgzBDcBFV3sk4ypPE5YXMZHmS213A3HpYY2LmcVKV15jr"],
            "nextKeyHashes": ["QmZreDcjvWEpyRFznQeExWNCsvMLk5i59AcRJJuQC8UodJ"],
            "method": "did:webvh:0.5",
            "scid": scid,
        },
        "state": {"@context": ["https://www.w3.org/ns/did/v1"], "id": f"did:webvh:{scid}:domain.example"},
    }
    assert entry_hash(entry, scid) == "QmQ6FJ4fk2xheSSQoEjVpTgx9AQPKhJgtR9hn1nr4EeCrZ"


def first_entry(parameters: dict[str, Any] | None = None, *, drop: str = "", **changes: Any) -> bytes:
    """A first entry that a liar hashes and signs as well as can be; the SCID fits whatever it says."""
    entry: dict[str, Any] = {
        "versionId": "{SCID}",
        "versionTime": write_timestamp(BEGIN),
        "parameters": {
            "method": "did:webvh:1.0",
            "scid": "{SCID}",
            "updateKeys": [multikey_of(KEY)],
            **(parameters or {}),
        },
        "state": document(SIGNER),
        **changes,
    }
    entry["parameters"].pop(drop, None)
    scid = sha256_multihash(canonicalize_json(entry))
    entry = json.loads(compact_json(entry).replace(b"{SCID}", scid.encode()))
    entry["versionId"] = f"1-{entry_hash(entry, scid)}"
    entry["proof"] = [create_proof(entry, KEY, now=BEGIN)]
    return written([entry])


def test_a_liar_can_write_a_first_entry_that_holds() -> None:
    assert verify_log(first_entry(), now=NOW).fault is None


W = f"did:key:{multikey_of(ed25519(21))}"


@pytest.mark.parametrize(
    "parameters",
    [
        {"method": "did:webvh:99.0"},
        {"method": "did:webvh:1.0-rc1"},
        {"method": "didwebvh:1.0"},
        {"method": 1},
        {"method": None},
        {"updateKeys": "x"},
        {"updateKeys": []},
        {"updateKeys": [multikey_of(KEY)] * 2},
        {"updateKeys": [multikey_of(KEY), multikey_of(SoftwareKey.generate("ES256"))]},
        {"updateKeys": [multikey_of(KEY), "z6Mk"]},
        {"nextKeyHashes": [7]},
        {"nextKeyHashes": ["x"] * 2},
        {"nextKeyHashes": [str(number) for number in range(101)]},
        {"portable": 1},
        {"deactivated": "true"},
        {"ttl": -1},
        {"ttl": True},
        {"ttl": 1.5},
        {"ttl": 2**31 + 1},
        {"watchers": {}},
        {"unheard": 1},
        {"witness": []},
        {"witness": {"threshold": 0, "witnesses": [{"id": W}]}},
        {"witness": {"threshold": 2, "witnesses": [{"id": W}]}},
        {"witness": {"threshold": 2, "witnesses": [{"id": W}, {"id": W}]}},
        {"witness": {"threshold": 1, "witnesses": [{"id": W}, {"id": W.removeprefix("did:key:")}]}},
        {"witness": {"threshold": 1, "witnesses": []}},
        {"witness": {"witnesses": [{"id": W}]}},
        {"witness": {"threshold": "1", "witnesses": [{"id": W}]}},
        {"witness": {"threshold": True, "witnesses": [{"id": W}]}},
        {"witness": {"threshold": 1, "witnesses": [{"id": "did:web:a.example"}]}},
        {"witness": {"threshold": 1, "witnesses": [{}]}},
        {"witness": {"threshold": 1, "witnesses": [{"id": f"did:key:{multikey_of(SoftwareKey.generate())}"}]}},
    ],
)
def test_parameters_that_are_none(parameters: dict[str, Any]) -> None:
    refused(first_entry(parameters))


@pytest.mark.parametrize("missing", ["method", "scid", "updateKeys"])
def test_parameters_that_the_first_entry_needs(missing: str) -> None:
    refused(first_entry(drop=missing))


def test_null_once_meant_the_default() -> None:
    """The text's note on early implementations."""
    log = first_entry({"nextKeyHashes": None, "witness": None, "watchers": None, "ttl": None, "portable": None})
    parameters = verify_log(log, now=NOW).newest.parameters
    assert (parameters.next_key_hashes, parameters.ttl, parameters.portable) == ((), 3600, False)


@pytest.mark.parametrize(
    "changes",
    [
        {"state": document(SIGNER, did=f"did:webvh:{SCID}:example.com")},
        {"state": {**document(SIGNER), "id": "did:webvh:{SCID}:127.0.0.1"}},
        {"state": {**document(SIGNER), "id": "did:web:example.com"}},
        {"state": {**document(SIGNER), "id": "did:webvh:{SCID}:example.com#x"}},
        {"state": {**document(SIGNER), "id": 7}},
        {"state": {}},
        {"state": []},
        {"versionTime": "9999-01-01T00:00:00Z"},
        {"versionTime": write_timestamp(NOW + 301)},
        {"versionTime": "2000-01-01T00:00:00"},
        {"versionTime": "2000-01-01T09:00:00+09:00"},
        {"versionTime": "2000-13-01T00:00:00Z"},
        {"versionTime": 946684800},
        {"extra": 1},
    ],
)
def test_first_entries_that_lie(changes: dict[str, Any]) -> None:
    refused(first_entry(**changes))


def test_a_little_ahead_of_our_clock_is_forgiven() -> None:
    assert verify_log(first_entry(versionTime=write_timestamp(NOW + 300)), now=NOW).fault is None


def test_a_state_of_another_scid_is_not_the_one_asked_for() -> None:
    """negative-scid-mismatch-genesis: the attacker's SCID stands in the document, its own hash in the parameters."""
    log = first_entry(state=document(SIGNER, did=f"did:webvh:{SCID}:example.com"))
    refused(log, did=f"did:webvh:{SCID}:example.com")


def test_the_placeholder_itself_makes_two_entries_of_one_scid() -> None:
    log = new_log()
    entry = entries_of(log)[0]
    text = compact_json({name: value for name, value in entry.items() if name != "proof"}).decode()
    twin = json.loads(
        text.replace(f"did:webvh:{scid_of_log(log)}:vc.example.ac.jp:sakuragawa#k11", "did:webvh:{SCID}:x#y", 1)
    )
    twin["versionId"] = f"1-{entry_hash(twin, scid_of_log(log))}"
    twin["proof"] = [create_proof(twin, KEY, now=BEGIN)]
    refused(written([twin]))


@pytest.mark.parametrize("changes", [{"parameters": []}, {"state": 7}, {"proof": 7}, {"versionId": None}])
def test_members_of_the_wrong_kind(changes: dict[str, Any]) -> None:
    refused(written([{**entries_of(new_log())[0], **changes}]))


def test_a_log_of_another_did() -> None:
    refused(new_log(), did=did_of(new_log(ttl=5)))
    fetch = FakeFetch({ADDRESS: new_log()})
    with pytest.raises(Rejected):
        Resolver(fetch, FixedClock(NOW)).resolve(did_of(new_log(ttl=5)))


@pytest.mark.parametrize(
    "changes",
    [
        {"versionTime": write_timestamp(BEGIN)},
        {"versionTime": write_timestamp(BEGIN - 1)},
        {"versionTime": "9999-06-15T00:00:00Z"},
        {"parameters": {"method": "did:webvh:99.0"}},
        {"parameters": {"portable": True}},
        {"parameters": {"scid": SCID}},
        {"parameters": {"witness": {"threshold": 0, "witnesses": [{"id": W}]}}},
        {"state": document(SIGNER, did=f"did:webvh:{SCID}:vc.example.ac.jp:sakuragawa")},
        {"state": {**document(SIGNER, did="did:webvh:{SCID}:new.example.ac.jp"), "alsoKnownAs": []}},
        {"versionId": "3-" + SCID},
        {"versionId": "2-" + SCID},
        {"versionId": "2--" + SCID},
        {"versionId": "02-" + SCID},
        {"versionId": SCID},
        {"versionId": 2},
    ],
)
def test_later_entries_that_lie(changes: dict[str, Any]) -> None:
    log = update_log(new_log(), KEY, now=BEGIN + 1)
    changes = json.loads(json.dumps(changes).replace("{SCID}", scid_of_log(log)))
    refused(forged(log, 2, changes))


def test_a_portable_did_keeps_its_scid() -> None:
    """negative-portable-scid-swap"""
    log = update_log(new_log(portable=True), KEY, now=BEGIN + 1)
    swapped = document(SIGNER, did=f"did:webvh:{SCID}:new.example.ac.jp", alsoKnownAs=[did_of(log)])
    refused(forged(log, 2, {"state": swapped}))


def test_a_lie_in_the_middle_is_found() -> None:
    log = update_log(new_log(), KEY, now=BEGIN + 1)
    log = forged(log, 2, {"versionTime": "9999-06-15T00:00:00Z"})
    third = {**entries_of(log)[1], "versionTime": "9999-06-16T00:00:00Z"}
    third.pop("proof")
    third["versionId"] = f"3-{entry_hash(third, entries_of(log)[1]['versionId'])}"
    third["proof"] = [create_proof(third, KEY, now=NOW)]
    assert len(verify_log(written([*entries_of(log), third]), now=NOW).versions) == 1


def test_leaving_out_the_update_keys_does_not_undo_the_commitment() -> None:
    """negative-pre-rotation-omit-updatekeys"""
    log = new_log(nextKeyHashes=[key_hash(multikey_of(NEXT))])
    fake = {**entries_of(log)[0], "versionTime": write_timestamp(BEGIN + 1), "parameters": {}}
    for signer in (KEY, NEXT):
        refused(forged(written([*entries_of(log), fake]), 2, {}, signer=signer))


@pytest.mark.parametrize(
    "changes",
    [
        {"cryptosuite": "eddsa-rdfc-2022"},
        {"cryptosuite": None},
        {"type": "Ed25519Signature2020"},
        {"proofPurpose": "authentication"},
        {"proofPurpose": None},
        {"verificationMethod": f"did:key:{multikey_of(NEXT)}#{multikey_of(KEY)}"},
        {"verificationMethod": f"did:key:{multikey_of(KEY)}#{multikey_of(NEXT)}"},
        {"verificationMethod": f"did:key:{multikey_of(KEY)}"},
        {"verificationMethod": f"{multikey_of(KEY)}#{multikey_of(KEY)}"},
        {"verificationMethod": "did:key:#"},
        {"verificationMethod": 7},
        {"proofValue": "z" + "1" * 64},
        {"proofValue": ""},
        {"proofValue": None},
        {"created": "yesterday"},
        {"created": "2000-01-01T00:00:00Z"},
        {"expires": "2001-01-01T00:00:00Z"},
        {"previousProof": "urn:x"},
        {"domain": "a.example"},
    ],
)
def test_proofs_that_are_none(changes: dict[str, Any]) -> None:
    entry = entries_of(new_log())[0]
    entry["proof"][0].update(changes)
    refused(written([entry]))


def test_a_proof_by_another_key_is_none() -> None:
    refused(forged(update_log(new_log(), KEY, now=BEGIN + 1), 2, {}, signer=NEXT))
    refused(first_entry({"updateKeys": [multikey_of(NEXT)]}))


def test_every_proof_of_an_entry_holds() -> None:
    entry = entries_of(new_log(update_keys=(multikey_of(KEY), multikey_of(NEXT))))[0]
    unsigned = {name: value for name, value in entry.items() if name != "proof"}
    two = [create_proof(unsigned, KEY, now=BEGIN), create_proof(unsigned, NEXT, now=BEGIN)]
    assert verify_log(written([{**entry, "proof": two}]), now=NOW).fault is None
    assert verify_log(written([{**entry, "proof": two[1]}]), now=NOW).fault is None
    for proofs in ([], [two[0], create_proof(unsigned, SIGNER, now=BEGIN)], [two[0], 7], two * 3, 7):
        refused(written([{**entry, "proof": proofs}]))


@pytest.mark.parametrize("data", [b"", b"\n\n", b"{}", b"[]\n", b"null", b"\xff", b'{"a":1,"a":2}', b"{" * 100])
def test_what_is_no_log(data: bytes) -> None:
    with pytest.raises(Malformed):
        verify_log(data, now=NOW)


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[7]", b"[{}]", b'[{"versionId":1,"proof":[]}]', b'[{"versionId":"a","proof":{}}]']
)
def test_what_is_no_witness_file(data: bytes) -> None:
    with pytest.raises(Malformed):
        parse_witness_file(data)


def test_a_log_is_bounded() -> None:
    for data in (b"x" * (MAX_LOG_BYTES + 1), b"x\n" * (MAX_ENTRIES + 1)):
        with pytest.raises(Malformed):
            verify_log(data, now=NOW)
    wide = document(SIGNER, x=["y" * 1000] * 70)
    with pytest.raises(Malformed):
        create_log("example.com", wide, KEY, now=BEGIN)


def test_a_padded_witness_file_costs_a_bounded_time() -> None:
    log = new_log(witness={"threshold": 1, "witnesses": [{"id": W}]})
    version_id = entries_of(log)[0]["versionId"]
    fake = {**create_proof({"versionId": version_id}, ed25519(21), now=NOW), "created": "2000-01-01T00:00:00Z"}
    padded = compact_json([{"versionId": version_id, "proof": [fake] * (10 * MAX_TRIED // 8)}])
    begin = time.process_time()
    refused(log, witnesses=padded)
    assert time.process_time() - begin < 2
