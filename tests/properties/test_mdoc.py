"""CBOR, COSE and mdocs under random input: what is made is read back; what is changed, or was never made, ends in an error of ours."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.cbor import Tagged, decode, decode_each, embed, encode, unembed
from common.cose.key import parse_cose_key
from common.cose.mac0 import create_mac0, parse_mac0, verify_mac0
from common.cose.sign1 import parse_sign1, sign_sign1, verify_sign1
from common.encoding import b64url_decode, b64url_encode
from common.errors import Malformed, Rejected, TegataError
from common.formats.mdoc.claims import to_claim
from common.formats.mdoc.mobile_security_object import parse_mso
from common.formats.mdoc.tdate import encode_tdate, parse_tdate
from common.x509.iaca import IacaRoots, parse_signer
from tests.common.formats.mdoc.cast import (
    AUDIENCE,
    CONTEXT,
    HOLDER,
    IACA,
    ISSUER,
    MDOC,
    NONCE,
    NOW,
    issued,
    presented,
    public,
)

numbers = st.integers(-(1 << 64), (1 << 64) - 1)
keys = numbers | st.text(max_size=6) | st.binary(max_size=6)
simple = (
    st.none() | st.booleans() | numbers | st.floats(allow_nan=False) | st.text(max_size=20) | st.binary(max_size=20)
)
values = st.recursive(
    simple,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)
tagged = (
    st.builds(Tagged, st.sampled_from([0, 1, 2, 18, 1004]), values)
    | st.builds(Tagged, st.just(24), st.binary())
    | values
)
heads = st.sampled_from([bytes((first,)) for first in range(256)])
cbor_like = st.lists(heads | st.binary(max_size=4), max_size=24).map(b"".join)
ROOTS = IacaRoots([IACA.certificate])
TEXT, PRESENTATION = issued(), presented()


def only_ours(call: Any, *arguments: Any, **options: Any) -> None:
    """Whatever happens, it is a result or a TegataError."""
    try:
        call(*arguments, **options)
    except TegataError:
        return


@settings(deadline=None)
@given(tagged)
def test_cbor_comes_back(value: Any) -> None:
    assert decode(encode(value), max_depth=32) == value
    assert encode(decode(encode(value), max_depth=32)) == encode(value)


@settings(deadline=None)
@given(st.floats())
def test_floats_keep_their_value_in_the_shortest_form(value: float) -> None:
    read = decode(encode(value))
    assert (
        math.isnan(read) if math.isnan(value) else (read == value and math.copysign(1, read) == math.copysign(1, value))
    )


@settings(deadline=None, max_examples=600)
@given(cbor_like, st.booleans())
def test_any_bytes_are_a_value_or_malformed(data: bytes, indefinite: bool) -> None:
    try:
        value = decode(data, allow_indefinite=indefinite)
    except Malformed:
        return
    only_ours(to_claim, value)


@settings(deadline=None, max_examples=300)
@given(st.lists(cbor_like, max_size=4))
def test_several_are_read_as_each_alone(parts: list[bytes]) -> None:
    def alone(part: bytes) -> Any:
        try:
            return repr(decode(part))
        except Malformed:
            return Malformed

    expected = [alone(part) for part in parts]
    try:
        assert [repr(value) for value in decode_each(parts)] == expected
    except Malformed:
        assert Malformed in expected


@settings(deadline=None)
@given(cbor_like)
def test_large_input_is_surveyed_as_it_is_decoded(data: bytes) -> None:
    """Above 8 kB a first pass looks at the heads; it may refuse more, never less, and never in another way."""
    large = encode([bytes(9000)])[:-9000] + bytes(9000)
    pair = b"\x82" + large + data
    try:
        expected = decode(data)
    except Malformed:
        with pytest.raises(Malformed):
            decode(pair)
        return
    assert repr(decode(pair)[1]) == repr(expected)


@settings(deadline=None)
@given(st.binary(max_size=80))
def test_embeddings(data: bytes) -> None:
    assert unembed(embed(data)) == data
    only_ours(unembed, data)


@settings(deadline=None)
@given(st.binary(max_size=60), st.binary(max_size=8), st.sampled_from([ISSUER, HOLDER]))
def test_what_is_signed_is_verified(payload: bytes, aad: bytes, key: Any) -> None:
    assert (
        verify_sign1(parse_sign1(sign_sign1(payload, key, external_aad=aad)), public(key), external_aad=aad) == payload
    )
    assert verify_mac0(parse_mac0(create_mac0(payload, b"k" * 32)), b"k" * 32) == payload


@settings(deadline=None)
@given(st.data())
def test_no_other_message_is_believed(data: st.DataObject) -> None:
    def verify_signature(changed: bytes) -> None:
        verify_sign1(parse_sign1(changed), public(ISSUER))

    def verify_mac(changed: bytes) -> None:
        verify_mac0(parse_mac0(changed), b"k" * 32)

    signed, maced = sign_sign1(b"text", ISSUER), create_mac0(b"text", b"k" * 32)
    message, verify = data.draw(st.sampled_from([(signed, verify_signature), (maced, verify_mac)]))
    verify(message)
    at, bit = data.draw(st.integers(0, len(message) - 1)), data.draw(st.integers(0, 7))
    changed = bytearray(message)
    changed[at] ^= 1 << bit
    with pytest.raises((Rejected, Malformed)):
        verify(bytes(changed))


@settings(deadline=None)
@given(cbor_like | tagged.map(encode))
def test_any_bytes_for_every_parser(data: bytes) -> None:
    for parse in (parse_sign1, parse_mac0, parse_cose_key, parse_mso, parse_signer):
        only_ours(parse, data)
    only_ours(ROOTS.verify, [data], now=NOW)
    for text in (b64url_encode(data), data.decode("latin-1")):
        only_ours(MDOC.parse, text)
        only_ours(MDOC.parse_presentation, text)


@settings(deadline=None, max_examples=400)
@given(st.data())
def test_flip_any_bit_of_a_presentation(data: st.DataObject) -> None:
    """The certificate is covered by its chain; everything else by the issuer's or the device's signature, or by structure."""
    whole = bytearray(b64url_decode(PRESENTATION))
    at, bit = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(0, 7))
    whole[at] ^= 1 << bit
    with pytest.raises((Rejected, Malformed)):
        verify_all(b64url_encode(bytes(whole)))


def verify_all(text: str) -> None:
    parsed = MDOC.parse_presentation(text)
    ROOTS.verify(parsed.issuer_signed.x5chain, now=NOW)
    MDOC.verify_presentation(parsed, public(), audience=AUDIENCE, nonce=NONCE, now=NOW, context=CONTEXT)
    _ = parsed.issuer_key_hint


def test_flipped_back_it_is_believed() -> None:
    verify_all(PRESENTATION)


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_flip_any_bit_of_a_credential(data: st.DataObject) -> None:
    whole = bytearray(b64url_decode(TEXT))
    at, bit = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(0, 7))
    whole[at] ^= 1 << bit

    def verify() -> None:
        parsed = MDOC.parse(b64url_encode(bytes(whole)))
        ROOTS.verify(parsed.x5chain, now=NOW)
        MDOC.verify(parsed, public(), now=NOW)

    with pytest.raises((Rejected, Malformed)):
        verify()


@settings(deadline=None)
@given(st.data())
def test_cut_anywhere_it_is_malformed(data: st.DataObject) -> None:
    whole = b64url_decode(PRESENTATION)
    cut = data.draw(st.integers(0, len(whole) - 1))
    for text in (b64url_encode(whole[:cut]), b64url_encode(whole + whole[:cut] + b"\0")):
        with pytest.raises(Malformed):
            MDOC.parse_presentation(text)


@settings(deadline=None)
@given(st.integers(0, 253_402_300_799))
def test_times_come_back(seconds: int) -> None:
    assert parse_tdate(decode(encode_tdate(seconds))) == seconds
