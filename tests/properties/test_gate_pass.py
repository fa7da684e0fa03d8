"""Gate passes under random input: what is matched is what the general decoder reads, and no changed byte is believed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.cbor import Encoded, decode, encode
from common.errors import Malformed, Rejected
from common.formats.base45 import ALPHABET, base45_encode
from common.formats.gate_pass.build import write_pass_text
from common.formats.gate_pass.parse import PassToken, parse_gate_pass, parse_pass_bytes, parse_pass_token
from common.formats.gate_pass.verify import verify_gate_pass
from tests.common.formats.gate_pass.passes import EVENT, KEYS, NOW, proof, token

TIMES, WORDS, SMALLS = (st.integers(0, (1 << bits) - 1) for bits in (53, 32, 8))
edges = st.sampled_from([0, 23, 24, 255, 256, 65535, 65536, (1 << 32) - 1, 1 << 32, (1 << 53) - 1, 1 << 53, -1])
strange: st.SearchStrategy[Any] = st.one_of(
    edges,
    st.none(),
    st.booleans(),
    st.binary(max_size=34),
    st.text(max_size=3),
    st.lists(edges, max_size=4),
    st.floats(),
)
PROOF, PAPER, BOUND = proof(token(), cnonce=b"\1\2"), token(holder=None), token()


def general_token(data: bytes) -> dict[Any, Any]:
    """The profile's table as the general decoder sees it. Raises Malformed, AssertionError for anything else."""
    message = decode(data)
    assert encode(message) == data
    protected_bytes, unprotected, payload, signature = message
    protected, claims = decode(protected_bytes), decode(payload)
    assert encode(protected) == protected_bytes
    assert encode(claims) == payload
    assert protected == {1: -7, 4: protected[4]}
    assert unprotected == {}
    assert [*map(type, (protected[1], protected[4], signature))] == [int, bytes, bytes]
    assert (len(protected[4]), len(signature)) == (4, 64)
    assert {4, 7, -65537} <= claims.keys() <= {4, 5, 7, 8, -65537}
    times = [claims[4], claims.get(5, 0)]
    klass, index, flags = claims[-65537]
    assert [*map(type, (*times, klass, index, flags))] == [int] * 5
    assert max(times) < 1 << 53
    assert min(*times, klass, index, flags) >= 0
    assert max(klass, flags) < 256
    assert index < 1 << 32
    assert type(claims[7]) is bytes
    assert len(claims[7]) == 8
    if 8 in claims:
        key = claims[8][1]
        assert claims[8] == {1: key}
        assert key == {1: 2, -1: 1, -2: key[-2], -3: key[-3]}
        assert [*map(type, key.values())] == [int, int, bytes, bool]
        assert len(key[-2]) == 32
    return {**claims, "kid": protected[4], "signature": signature}


def as_general(read: PassToken) -> dict[Any, Any]:
    point = read.holder
    return {
        4: read.exp,
        **({} if read.nbf is None else {5: read.nbf}),
        7: read.cti,
        **({} if point is None else {8: {1: {1: 2, -1: 1, -2: point[1:], -3: point[0] == 3}}}),
        -65537: [read.klass, read.index, read.flags],
        "kid": read.kid,
        "signature": read.signature,
    }


def agree(data: bytes) -> bool:
    """Whether both read it; they may not differ in that, nor in what they read."""
    try:
        expected = general_token(data)
    except (Malformed, AssertionError, ValueError, TypeError, KeyError, IndexError, AttributeError):
        expected = None
    try:
        found = as_general(parse_pass_token(data))
    except Malformed:
        found = None
    assert found == expected
    return found is not None


@st.composite
def tokens(draw: st.DrawFn) -> bytes:
    """Of the profile's shape, with up to two members of another kind, in deterministic encoding."""
    key: dict[Any, Any] = {1: 2, -1: 1, -2: draw(st.binary(min_size=32, max_size=32)), -3: draw(st.booleans())}
    claims: dict[Any, Any] = {4: draw(TIMES), 7: draw(st.binary(min_size=8, max_size=8))}
    claims[-65537] = [draw(SMALLS), draw(WORDS), draw(SMALLS)]
    claims |= draw(st.sampled_from([{}, {5: draw(TIMES)}, {8: {1: key}}, {5: draw(TIMES), 8: {1: key}}]))
    protected: dict[Any, Any] = {1: -7, 4: draw(st.binary(min_size=4, max_size=4))}
    message: list[Any] = [protected, {}, claims, draw(st.binary(min_size=64, max_size=64))]
    for where in draw(st.lists(st.sampled_from(["claim", "ticket", "key", "protected", "message"]), max_size=2)):
        value = draw(strange)
        if where == "claim":
            claims[draw(st.sampled_from([4, 5, 6, 7, 8, -65537, "x"]))] = value
        elif where == "ticket" and isinstance(claims[-65537], list) and len(claims[-65537]) == 3:
            claims[-65537][draw(st.integers(0, 2))] = value
        elif where == "key":
            key[draw(st.sampled_from([1, -1, -2, -3, 2]))] = value
        elif where == "protected":
            protected[draw(st.sampled_from([1, 4, 16]))] = value
        else:
            message[draw(st.sampled_from([1, 3]))] = value
    return encode([encode(message[0]), message[1], encode(message[2]), message[3]])


@settings(deadline=None, max_examples=300)
@given(tokens())
def test_the_matched_shape_is_the_general_decoders(data: bytes) -> None:
    agree(data)


def test_the_oracle_accepts_what_is_built() -> None:
    assert agree(PAPER)
    assert agree(BOUND)


@pytest.mark.parametrize("whole", [PAPER, BOUND], ids=["paper", "bound"])
def test_each_bit_of_a_token(whole: bytes) -> None:
    """One bit changed at a time, of all but the signature: matched and decoded in the general way alike."""
    accepted = 0
    for place in range(len(whole) - 64):
        for bit in range(8):
            accepted += agree(whole[:place] + bytes((whole[place] ^ 1 << bit,)) + whole[place + 1 :])
    assert accepted, "some bits, as those of cti, change nothing in the shape"


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_spliced_tokens(data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from([PAPER, BOUND]))
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 9)))
    agree(whole[:start] + data.draw(st.binary(max_size=9)) + whole[end:])


@settings(deadline=None, max_examples=300)
@given(st.one_of(st.text(max_size=700), st.text(ALPHABET, max_size=700).map(lambda text: "TG1:" + text)))
def test_any_text_is_read_or_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        parse_gate_pass(text)


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=450))
def test_any_bytes_behind_the_heads_are_read_or_malformed(data: bytes) -> None:
    for start in (b"", b"\x84\x58", b"\x84\x58\xb4\xa2\x01\x26\x0d\x84\x49\xa2\x01\x26\x04\x44"):
        with pytest.raises(Malformed):
            parse_gate_pass("TG1:" + base45_encode(start + data))


@pytest.mark.parametrize("whole", [PAPER, PROOF], ids=["paper", "with a proof"])
def test_no_changed_byte_is_believed(whole: bytes) -> None:
    good = verify_gate_pass(parse_gate_pass(write_pass_text(whole)), event=EVENT, issuer_keys=KEYS, now=NOW)
    assert good.cti
    for place in range(len(whole)):
        for change in (0x01, 0x80):
            changed = whole[:place] + bytes((whole[place] ^ change,)) + whole[place + 1 :]
            with pytest.raises((Malformed, Rejected)):
                verify_gate_pass(parse_pass_bytes(changed), event=EVENT, issuer_keys=KEYS, now=NOW)


@settings(deadline=None, max_examples=60)
@given(
    st.builds(dict, klass=SMALLS, index=WORDS, flags=SMALLS, exp=TIMES, nbf=st.none() | TIMES),
    TIMES,
    st.none() | st.binary(min_size=2, max_size=4),
)
def test_there_and_back(claims: dict[str, Any], iat: int, cnonce: bytes | None) -> None:
    inner = token(**claims)
    read = parse_pass_bytes(proof(inner, iat=iat, cnonce=cnonce))
    assert {name: getattr(read.token, name) for name in claims} == claims
    assert (read.iat, read.cnonce) == (iat, cnonce)
    assert read.protected == encode({1: -7, 13: Encoded(inner)})
    assert encode(decode(read.payload or b"")) == read.payload
