"""Any bytes are a log, a witness file, a did:peer, or a typed error; a flipped byte is noticed; what we write, we read."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.did.methods.webvh.identifier import log_address, parse_webvh_did
from common.did.methods.webvh.method import newest_of, read_log
from common.did.methods.webvh.verify_log import key_hash, verify_log, verify_witnesses
from common.did.methods.webvh.witness import build_witness_file, parse_witness_file, witness_version
from common.did.methods.webvh.write_log import moved_document, multikey_of, update_log
from common.did.resolve import Resolver
from common.did.timestamps import parse_timestamp, write_timestamp
from common.errors import Malformed, Rejected, TegataError
from tests.common.did.webvh_logs import BEGIN, KEY, NOW, did_of, ed25519, entries_of, new_log, written
from tests.fakes.clock import FixedClock
from tests.fakes.fetch import FakeFetch

WITNESS = ed25519(21)
LOG = update_log(
    new_log(witness={"threshold": 1, "witnesses": [{"id": f"did:key:{multikey_of(WITNESS)}"}]}), KEY, now=BEGIN + 1
)
FILE = build_witness_file({(name := entries_of(LOG)[1]["versionId"]): [witness_version(name, WITNESS, now=NOW)]})
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=6)
    | st.sampled_from(["{SCID}", did_of(LOG), multikey_of(KEY), "did:webvh:1.0", "2026-01-01T00:00:00Z"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "threshold", "witnesses", "scid", "method", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)
members = st.sampled_from(["versionId", "versionTime", "parameters", "state", "proof", "other"])


@given(st.binary(max_size=300))
def test_any_bytes_are_a_log_or_a_typed_error(data: bytes) -> None:
    with contextlib.suppress(Malformed, Rejected):
        verify_log(data, now=NOW)
    with contextlib.suppress(Malformed):
        parse_witness_file(data)


@given(st.integers(0, 1), st.dictionaries(members, json_values, min_size=1, max_size=3))
def test_an_entry_with_other_members_is_refused(which: int, changes: dict[str, object]) -> None:
    entries = entries_of(LOG)
    if all(entries[which].get(name) == value for name, value in changes.items()):
        return
    entries[which].update(changes)
    with pytest.raises((Malformed, Rejected)):
        newest_of(verify_log(written(entries), now=NOW))


@given(
    st.integers(0, 1),
    st.dictionaries(
        st.sampled_from(
            ["method", "scid", "updateKeys", "nextKeyHashes", "witness", "watchers", "portable", "deactivated", "ttl"]
        ),
        json_values,
        min_size=1,
        max_size=3,
    ),
)
def test_any_parameters_end_in_a_log_or_a_typed_error(which: int, changes: dict[str, object]) -> None:
    entries = entries_of(LOG)
    entries[which]["parameters"] = {**entries[which]["parameters"], **changes}
    with contextlib.suppress(Malformed, Rejected):
        newest_of(verify_log(written(entries), now=NOW))


@settings(max_examples=300)
@given(st.integers(0, len(LOG) - 1), st.integers(0, 7))
def test_a_flipped_bit_is_noticed(position: int, bit: int) -> None:
    flipped = bytearray(LOG)
    flipped[position] ^= 1 << bit
    same = [json.loads(line) for line in LOG.splitlines()]
    with contextlib.suppress(ValueError):
        if [json.loads(line) for line in bytes(flipped).splitlines() if line.strip()] == same:
            return  # a flip in the line break between two lines of JSON
    with pytest.raises((Malformed, Rejected)):
        newest_of(read_log(bytes(flipped), FILE, did=did_of(LOG), now=NOW))


@given(st.integers(0, len(FILE) - 1), st.integers(0, 7))
def test_a_flipped_bit_in_the_witness_file_approves_nothing_else(position: int, bit: int) -> None:
    flipped = bytearray(FILE)
    flipped[position] ^= 1 << bit
    log = verify_log(LOG, now=NOW)
    with pytest.raises((Malformed, Rejected)):
        verify_witnesses(log, parse_witness_file(bytes(flipped)), now=NOW)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(["update", "rotate", "commit", "move"]), max_size=6))
def test_whatever_a_controller_does_in_whatever_order_resolves(steps: list[str]) -> None:
    log, number, committed = new_log(portable=True), 1, False
    for at, step in enumerate(steps, start=1):
        parameters: dict[str, object] = {}
        key = ed25519(number)
        if committed:  # every entry brings the key that was committed, and may commit to the next
            number += 1
            key = ed25519(number)
            parameters = {"updateKeys": [multikey_of(key)], "nextKeyHashes": []}
        if step == "commit":
            parameters["nextKeyHashes"] = [key_hash(multikey_of(ed25519(number + 1)))]
        elif step == "rotate" and not committed:
            number += 1
            parameters["updateKeys"] = [multikey_of(ed25519(number))]
        document = moved_document(log, f"h{at}.example.ac.jp", now=NOW) if step == "move" else None
        committed = step == "commit"
        log = update_log(log, key, now=BEGIN + at, document=document, **parameters)
    verified = verify_log(log, now=NOW)
    assert verified.fault is None
    assert len(verified.versions) == len(steps) + 1
    assert newest_of(verified).document is not None


@given(st.from_regex(r"did:webvh:Qm[1-9A-HJ-NP-Za-km-z]{44}:[a-z0-9.%:/A-]{0,40}", fullmatch=True))
def test_a_did_webvh_leads_to_its_own_host_or_nowhere(did: str) -> None:
    try:
        address = log_address(parse_webvh_did(did), sandbox=False)
    except Malformed:
        return
    assert address.startswith(f"https://{did.split(':')[3].replace('%3A', ':')}/")
    assert address.endswith("/did.jsonl")
    assert ".." not in address.split("/")
    assert "%" not in address


@given(st.text(max_size=60) | st.from_regex(r"(2\.[AEVIDS]?[a-zA-Z0-9_.-]{0,60}|4z[a-zA-Z0-9:]{0,60})", fullmatch=True))
def test_any_peer_did_is_a_document_or_a_typed_error(identifier: str) -> None:
    did = f"did:peer:{identifier}"
    with contextlib.suppress(TegataError):
        assert Resolver(FakeFetch(), FixedClock(NOW)).resolve(did)["id"] == did


@given(
    st.text(max_size=30) | st.from_regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?(Z|[+-]\d\d:\d\d)", fullmatch=True)
)
def test_a_time_is_read_or_malformed(text: str) -> None:
    with contextlib.suppress(Malformed):
        parse_timestamp(text)


@given(st.integers(0, 4_000_000_000))
def test_a_time_that_is_written_is_read_again(seconds: int) -> None:
    assert parse_timestamp(write_timestamp(seconds), utc=True) == seconds * 1_000_000
