"""The list as a CWT: the draft's own examples and vectors, and tokens that must not be believed."""

from __future__ import annotations

import re
import zlib
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from common.cbor import Tagged, decode, encode
from common.cose.cwt import build_cwt, parse_cwt, verify_cwt
from common.cose.mac0 import create_mac0
from common.cose.sign1 import sign_sign1
from common.errors import Malformed, Rejected
from common.jose.jwk import parse_public_jwk
from common.keys.software import SoftwareKey
from common.status.bits import StatusList
from common.status.token_status_list import VerifiedStatusList
from common.status.token_status_list_cwt import (
    MEDIA_TYPE,
    STATUS_LIST,
    TTL,
    build_status_list_cwt,
    parse_status_list_cwt,
    read_status_list,
    verify_status_list_cwt,
)
from tests.common.status.test_token_status_list import FOUR_BITS, ONE_BIT, TWO_BITS
from tests.shared_data import shared_vectors

NOW = 1_790_000_000
URI, ISSUER = "https://issuer.example/sakuragawa/status/1", "https://issuer.example/sakuragawa"
KEY = SoftwareKey.generate(kid="k1")
ENTRIES = StatusList.of_size(1000, bits=2, statuses={3: 1, 999: 2})


def hexadecimal(name: str) -> bytes:
    text = (shared_vectors("token-status-list") / name).read_text()
    return bytes.fromhex(re.sub(r"\s", "", text.partition("encoded:")[2] or text))


def verify(
    token: bytes, *, now: int = NOW, uri: str = URI, issuer: str = ISSUER, key: SoftwareKey = KEY
) -> VerifiedStatusList:
    parsed = parse_status_list_cwt(token)
    return verify_status_list_cwt(parsed, parse_public_jwk(key.public_jwk()), uri=uri, issuer=issuer, now=now)


def build(**changes: Any) -> bytes:
    arguments = {"uri": URI, "issued_at": NOW, "expires_at": NOW + 600, "ttl": 60, **changes}
    return build_status_list_cwt(ENTRIES, KEY, **arguments)


def token_with(changes: dict[Any, Any], *, typ: str = MEDIA_TYPE) -> bytes:
    claims: dict[Any, Any] = {
        2: URI,
        6: NOW,
        4: NOW + 600,
        TTL: 60,
        STATUS_LIST: {"bits": 2, "lst": ENTRIES.deflate()},
        **changes,
    }
    return build_cwt({key: value for key, value in claims.items() if value is not ...}, KEY, typ=typ)


def test_the_drafts_own_token() -> None:
    """§5.2. Its key is not published, so what is compared is all but the signature."""
    parsed = parse_status_list_cwt(hexadecimal("status_list_cwt.md"))
    assert parsed.sign1.protected == {1: -7, 16: "application/statuslist+cwt"}
    assert parsed.kid == b"12"
    claims = parsed.claims
    assert (claims[2], claims[6], claims[4], claims[TTL]) == (
        "https://example.com/statuslists/1",
        1686920170,
        2291720170,
        43200,
    )
    entries, aggregation_uri = read_status_list(claims[STATUS_LIST])
    assert aggregation_uri is None
    assert [entries[index] for index in range(16)] == [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]


def test_the_drafts_referenced_token() -> None:
    """§6.3: status (65535) of a CWT."""
    parsed = parse_cwt(hexadecimal("referenced_token_cwt.md"))
    assert parsed.claims[65535] == {"status_list": {"idx": 0, "uri": "https://example.com/statuslists/1"}}


@pytest.mark.parametrize(
    ("name", "bits", "size", "statuses"),
    [
        ("status_list_encoding_cbor.md", 1, 16, dict.fromkeys((0, 3, 4, 5, 7, 8, 9, 13, 15), 1)),
        ("status_list_encoding2_cbor.md", 2, 12, dict(enumerate((1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3)))),
        ("status_list_encoding1_long_cbor.md", 1, 1 << 20, ONE_BIT),
        ("status_list_encoding2_long_cbor.md", 2, 1 << 20, TWO_BITS),
        ("status_list_encoding4_cbor.md", 4, 1 << 20, FOUR_BITS),
    ],
)
def test_vectors(name: str, bits: int, size: int, statuses: dict[int, int]) -> None:
    entries, _ = read_status_list(decode(hexadecimal(name)))
    assert (entries.bits, len(entries)) == (bits, size)
    assert StatusList.of_size(size, bits=bits, statuses=statuses).to_bytes() == entries.to_bytes()


def test_eight_bit_vector() -> None:
    folder: Path = shared_vectors("token-status-list")
    entries, _ = read_status_list(decode(hexadecimal("status_list_encoding8_cbor.md")))
    assert sorted(value for value in entries.to_bytes() if value) == list(range(1, 256))
    assert folder.joinpath("status_list_encoding8_json.md").exists()
    facts = {233478: 0, 52451: 1, 576778: 2, 66653: 9, 416992: 15, 879796: 16, 145867: 43, 96100: 44}
    assert {index: entries[index] for index in facts} == facts


def test_round_trip() -> None:
    verified = verify(build(aggregation_uri="https://issuer.example/all", version=7, key_id="did:web:a.example#k1"))
    assert [verified.get(index) for index in (0, 3, 999)] == [0, 1, 2]
    assert (verified.issued_at, verified.expires_at, verified.ttl) == (NOW, NOW + 600, 60)
    assert (verified.aggregation_uri, verified.version) == ("https://issuer.example/all", 7)


def test_certificates_travel_with_it() -> None:
    chain = (b"leaf", b"middle")
    for length in (1, 2):
        token = build(x5c=tuple(b64encode(one).decode() for one in chain[:length]))
        assert parse_status_list_cwt(token).x5chain == chain[:length]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({2: "https://issuer.example/other/status/1"}, "status_unknown"),
        ({2: ...}, "status_unknown"),
        ({4: NOW - 61}, "expired"),
        ({6: NOW + 3600}, "not_yet_valid"),
        ({5: NOW + 3600}, "not_yet_valid"),
        ({1: "https://issuer.example/other"}, "untrusted_issuer"),
    ],
)
def test_lists_that_are_not_believed(changes: dict[Any, Any], reason: str) -> None:
    with pytest.raises(Rejected) as error:
        verify(token_with(changes))
    assert error.value.reason == reason


@pytest.mark.parametrize(
    "changes",
    [
        {6: ...},
        {6: "now"},
        {6: True},
        {4: -1},
        {4: float("inf")},
        {TTL: 0},
        {TTL: -1},
        {TTL: 1.5},
        {TTL: True},
        {TTL: None},
        {STATUS_LIST: ...},
        {STATUS_LIST: []},
        {STATUS_LIST: {"bits": 1}},
        {STATUS_LIST: {"bits": 3, "lst": zlib.compress(b"abc")}},
        {STATUS_LIST: {"bits": True, "lst": zlib.compress(b"abc")}},
        {STATUS_LIST: {"bits": 1, "lst": "text"}},
        {STATUS_LIST: {"bits": 1, "lst": zlib.compress(b"abc")[:-1]}},
        {STATUS_LIST: {"bits": 1, "lst": zlib.compress(b"abc") + b"x"}},
        {STATUS_LIST: {"bits": 1, "lst": zlib.compress(bytes(5 << 20), 9)}},
        {STATUS_LIST: {"bits": 1, "lst": zlib.compress(b"abc"), "aggregation_uri": 7}},
    ],
)
def test_lists_that_break_the_text(changes: dict[Any, Any]) -> None:
    with pytest.raises(Malformed):
        verify(token_with(changes))


@pytest.mark.parametrize("typ", ["application/statuslist+jwt", "application/cwt", "JWT", ""])
def test_another_type_is_refused(typ: str) -> None:
    with pytest.raises(Rejected) as error:
        verify(token_with({}, typ=typ))
    assert error.value.reason == "wrong_type"


def test_the_type_must_be_protected() -> None:
    token = sign_sign1(encode({2: URI, 6: NOW}), KEY, unprotected={16: MEDIA_TYPE}, tagged=True)
    with pytest.raises(Rejected) as error:
        verify(token)
    assert error.value.reason == "wrong_type"


def test_another_key_is_refused() -> None:
    with pytest.raises(Rejected) as error:
        verify(build(), key=SoftwareKey.generate())
    assert error.value.reason == "bad_signature"
    with pytest.raises(Rejected) as error:
        verify(build(), key=SoftwareKey.generate(alg="ES384"))
    assert error.value.reason == "algorithm_not_allowed"


def test_the_tags_are_those_of_the_text() -> None:
    """§5.2: tagged as COSE_Sign1 (or COSE_Mac0, which we refuse), not as a CWT."""
    token = build()
    assert token[0] == 0xD2
    for other in (token[1:], b"\xd8\x3d" + token, create_mac0(b"\xa0", b"k" * 32, tagged=True), b"", b"\xd2\x84"):
        with pytest.raises(Malformed):
            verify(other)
    inside = decode(token)
    assert isinstance(inside, Tagged)
    with pytest.raises(Malformed):
        verify(encode(Tagged(17, inside.value)))


def test_a_cwt_carries_a_map_of_claims() -> None:
    for payload in (b"", b"\x80", b"\xa1\x41\x00\x00", b"\xa0\xa0"):
        with pytest.raises(Malformed):
            parse_cwt(sign_sign1(payload, KEY, tagged=True))
    with pytest.raises(Malformed):
        parse_cwt(sign_sign1(b"\xa0", KEY, detached=True))
    parsed = parse_cwt(sign_sign1(b"\xa0", KEY))
    assert dict(verify_cwt(parsed, parse_public_jwk(KEY.public_jwk()), typ=None, now=NOW)) == {}


def test_our_own_lists_are_made_right() -> None:
    for changes in ({"expires_at": NOW}, {"ttl": 0}):
        with pytest.raises(ValueError, match="positive"):
            build(**changes)
