"""Any table says the same in every rendering; any bytes give a list or a typed error, and quickly; any byte changed is noticed."""

from __future__ import annotations

import time
import zlib
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from common.cbor import encode
from common.cose.sign1 import sign_sign1
from common.encoding import b64url_encode, compact_json
from common.errors import Malformed, TegataError
from common.formats.bitstring_entry import build_credential_status, parse_credential_status
from common.formats.credential import IssuerKeyHint, StatusReference
from common.jose.jwk import PublicKey, parse_public_jwk
from common.jose.jwt import build_jwt
from common.keys.software import SoftwareKey
from common.status.bits import StatusList, inflate
from common.status.bitstring import MIN_ENTRIES, Bitstring, expand
from common.status.bitstring_status_list import PURPOSES
from common.status.changes import (
    apply_status_changes,
    build_status_changes,
    parse_status_changes,
    verify_status_changes,
)
from common.status.contract import REFRESH, REVOKED, STATE, SUSPENDED, ListIssuer, ListTimes, StatusTable
from common.status.read_list import verify_bitstring_answer, verify_token_answer
from common.status.registry import RENDERINGS, renderings_of
from common.status.renderings import MESSAGES, pack_states
from tests.amount import examples

NOW = 1_790_000_000
URI, DID = "https://a.example/1", "did:web:a.example"
KEY = SoftwareKey.generate(alg="EdDSA", kid="k1")
PUBLIC = parse_public_jwk(KEY.public_jwk())
SIZE = 300
TABLES = st.builds(
    lambda values: StatusTable(size=SIZE, values=values, version=1, changed_at=NOW),
    st.dictionaries(
        st.integers(0, SIZE - 1),
        st.sampled_from((0, REVOKED, SUSPENDED, REFRESH, REVOKED | REFRESH, SUSPENDED | REFRESH)),
        max_size=40,
    ),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


def key_of(hint: IssuerKeyHint) -> PublicKey:
    return PUBLIC


def render(name: str, table: StatusTable, purpose: str = "") -> bytes:
    return RENDERINGS[name].render(
        table,
        uri=URI,
        purpose=purpose,
        issuer=ListIssuer(id=DID, key_id=f"{DID}#k1", signer=KEY),
        times=ListTimes(issued_at=NOW, expires_at=NOW + 600, ttl=60),
    )


def read_token(body: bytes) -> Any:
    return verify_token_answer(body, key_of, uri=URI, issuer=DID, now=NOW)


def read_bitstring(body: bytes) -> Any:
    return verify_bitstring_answer(body, key_of, uri=URI, issuer=DID, now=NOW)


@settings(max_examples=25, deadline=None)
@given(table=TABLES)
def test_all_renderings_agree(table: StatusTable) -> None:
    states = [table.values.get(index, 0) & STATE for index in range(SIZE)]
    refresh = [int(table.values.get(index, 0) & REFRESH != 0) for index in range(SIZE)]
    for one in renderings_of("token_status_list"):
        found = read_token(render(one.name, table))
        assert [found.get(index) for index in range(SIZE)] == states
    expected = {
        "revocation": [int(state == REVOKED) for state in states],
        "suspension": [int(state == SUSPENDED) for state in states],
        "message": states,
        "refresh": refresh,
    }
    for one in renderings_of("bitstring"):
        for purpose in PURPOSES:
            found = read_bitstring(render(one.name, table, purpose))
            messages = MESSAGES if purpose == "message" else ()
            said = [
                found.get(
                    StatusReference(uri=URI, index=i, purpose=purpose, size=2 if messages else 1, messages=messages)
                )
                for i in range(SIZE)
            ]
            assert said == expected[purpose]


@settings(max_examples=30, deadline=None)
@given(size=st.integers(1, 8), data=st.data())
def test_a_bitstring_round_trip(size: int, data: st.DataObject) -> None:
    values = data.draw(st.dictionaries(st.integers(0, MIN_ENTRIES - 1), st.integers(0, (1 << size) - 1), max_size=30))
    read = expand(Bitstring.of_size(MIN_ENTRIES, size=size, statuses=values).encode())
    assert {index: read.get(index, size) for index in values} == values
    assert sum(read.to_bytes()) == 0 or any(values.values())


@given(bits=st.sampled_from((1, 2, 4, 8)), wider=st.sampled_from((1, 2, 4, 8)), data=st.binary(min_size=1, max_size=50))
def test_widening_keeps_the_values(bits: int, wider: int, data: bytes) -> None:
    if wider < bits:
        return
    made = StatusList(bits, data)
    wide = made.widened(wider)
    assert [wide[index] for index in range(len(made))] == [made[index] for index in range(len(made))]


@settings(max_examples=40, deadline=None)
@given(table=TABLES, later=TABLES)
def test_changes_lead_from_one_table_to_the_other(table: StatusTable, later: StatusTable) -> None:
    changed = {
        index: later.values.get(index, 0) & STATE
        for index in range(SIZE)
        if (table.values.get(index, 0) ^ later.values.get(index, 0)) & STATE
    }
    whole = pack_states(later, bits=2)
    text = build_status_changes(
        changed, whole, KEY, uri=URI, since=1, version=2, size=SIZE, issued_at=NOW, expires_at=NOW + 9
    )
    changes = verify_status_changes(parse_status_changes(text), PUBLIC, uri=URI, now=NOW)
    assert apply_status_changes(pack_states(table), changes, version=1).to_bytes() == whole.to_bytes()


@given(noise=st.binary(max_size=200))
@example(noise=b"\xd2\x84\x43\xa1\x01\x26\xa0\xf6\x40")
@example(noise=b"e30.e30.")
@example(noise=b'{"type":"EnvelopedVerifiableCredential"}')
def test_any_bytes_are_a_typed_error(noise: bytes) -> None:
    for read in (read_token, read_bitstring):
        with pytest.raises(TegataError):
            read(noise)


@given(claims=st.dictionaries(st.sampled_from((1, 2, 4, 5, 6, 65533, 65534, "x")), JSON, max_size=8))
def test_any_claims_of_a_cwt_are_a_typed_error(claims: dict[Any, Any]) -> None:
    try:
        payload = encode({2: URI, **claims})
    except ValueError:  # numbers beyond CBOR's
        return
    token = sign_sign1(payload, KEY, protected={16: "application/statuslist+cwt"}, tagged=True)
    with pytest.raises(TegataError):
        read_token(token)


@settings(deadline=None)
@given(document=st.dictionaries(st.sampled_from(("@context", "type", "issuer", "credentialSubject", "proof")), JSON))
def test_any_document_is_a_typed_error(document: dict[str, Any]) -> None:
    with pytest.raises(TegataError):
        read_bitstring(compact_json(document))


ENTRY = {
    "type": "BitstringStatusListEntry",
    "statusPurpose": "revocation",
    "statusListIndex": "7",
    "statusListCredential": URI,
}
MEMBERS = (*ENTRY, "id", "statusSize", "statusMessage", "statusReference")


@given(changes=st.dictionaries(st.sampled_from(MEMBERS), JSON, max_size=4))
def test_any_entry_is_read_or_a_typed_error(changes: dict[str, Any]) -> None:
    try:
        found = parse_credential_status({"credentialStatus": [{**ENTRY, **changes}]})
    except TegataError:
        return
    assert parse_credential_status({"credentialStatus": build_credential_status(found)}) == found


@given(body=JSON)
def test_any_changes_are_a_typed_error(body: Any) -> None:
    text = build_jwt(
        {"typ": "tegata-statuslist-changes+jwt"}, {"sub": URI, "iat": NOW, "exp": NOW + 9, "changes": body}, KEY
    )
    with pytest.raises(TegataError):
        verify_status_changes(parse_status_changes(text), PUBLIC, uri=URI, now=NOW)


TABLE = StatusTable(size=64, values={3: REVOKED, 5: SUSPENDED}, version=1, changed_at=NOW)
CWT = render("token_status_list_cwt", TABLE)
LIST_JWT = render("bitstring_vc_jwt", TABLE, "revocation")
CHANGES = build_status_changes(
    {3: 1}, pack_states(TABLE, bits=2), KEY, uri=URI, since=0, version=1, size=64, issued_at=NOW, expires_at=NOW + 9
)


UNPROTECTED = encode({4: f"{DID}#k1".encode()})
"""The key's name is a hint that no signature covers, and the search here finds the key for anybody."""
COVERED = sorted(set(range(len(CWT))) - set(range(CWT.index(UNPROTECTED), CWT.index(UNPROTECTED) + len(UNPROTECTED))))


@given(place=st.sampled_from(COVERED), flip=st.integers(1, 255))
def test_a_cwt_changed_anywhere_is_refused(place: int, flip: int) -> None:
    with pytest.raises(TegataError):
        read_token(CWT[:place] + bytes((CWT[place] ^ flip,)) + CWT[place + 1 :])


@given(place=st.integers(0, len(LIST_JWT) - 1), flip=st.integers(1, 255))
def test_a_list_jwt_changed_anywhere_is_refused(place: int, flip: int) -> None:
    with pytest.raises(TegataError):
        read_bitstring(LIST_JWT[:place] + bytes((LIST_JWT[place] ^ flip,)) + LIST_JWT[place + 1 :])


@given(place=st.integers(0, len(CHANGES) - 1), letter=st.sampled_from("AZaz09-_."))
def test_changes_changed_anywhere_are_refused(place: int, letter: str) -> None:
    changed = CHANGES[:place] + letter + CHANGES[place + 1 :]
    if changed == CHANGES:
        return
    with pytest.raises(TegataError):
        verify_status_changes(parse_status_changes(changed), PUBLIC, uri=URI, now=NOW)


@settings(max_examples=examples(4, 10), deadline=None)
@given(mebibytes=st.integers(5, 200), byte=st.integers(0, 255))
def test_a_bomb_is_refused_before_it_inflates(mebibytes: int, byte: int) -> None:
    """A thousandth of its size comes over the wire; no more than 4 MiB of it are ever made."""
    packer = {15: zlib.compressobj(9, zlib.DEFLATED, 15), 31: zlib.compressobj(9, zlib.DEFLATED, 31)}
    block = bytes((byte,)) * (1 << 20)
    packed = {
        window: b"".join(one.compress(block) for _ in range(mebibytes)) + one.flush() for window, one in packer.items()
    }
    began = time.thread_time()
    with pytest.raises(Malformed):
        inflate(8, packed[15])
    with pytest.raises(Malformed):
        expand("u" + b64url_encode(packed[31]))
    assert time.thread_time() - began < 1
