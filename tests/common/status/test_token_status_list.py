"""The list against the draft's own vectors, and against lists that must not be believed."""

from __future__ import annotations

import json
import re
import zlib
from pathlib import Path
from typing import Any

import pytest

from common.encoding import b64url_decode, b64url_encode
from common.errors import Malformed, Rejected, TegataError
from common.jose.jwt import build_jwt
from common.keys.software import SoftwareKey
from common.status.bits import StatusList, inflate
from common.status.token_status_list import (
    TYP,
    VerifiedStatusList,
    build_status_list_token,
    parse_status_list_token,
    verify_status_list_token,
)
from tests.shared_data import shared_vectors

NOW = 1_790_000_000
URI = "https://issuer.example/sakuragawa/status/1"
ISSUER = "https://issuer.example/sakuragawa"
KEY = SoftwareKey.generate(kid="k1")

# draft-20, appendix "Test vectors": index → value, all others 0, 2^20 entries.
ONE_BIT = dict.fromkeys((0, 1993, 25460, 159495, 495669, 554353, 645645, 723232, 854545, 934534, 1000345), 1)
TWO_BITS = {
    **dict.fromkeys((0, 25460, 495669, 554353, 723232, 854545), 1),
    **dict.fromkeys((1993, 645645, 934534), 2),
    **dict.fromkeys((159495, 1000345), 3),
}
FOUR_BITS = dict(
    zip(
        (0, 1993, 35460, 459495, 595669, 754353, 845645, 923232, 924445, 934534, 1004534, 1000345, 1030203, 1030204, 1030205),
        range(1, 16),
        strict=True,
    )
)  # fmt: skip


def verify(
    token: str, *, now: int = NOW, uri: str = URI, issuer: str = ISSUER, key: SoftwareKey = KEY
) -> VerifiedStatusList:
    from common.jose.jwk import parse_public_jwk

    return verify_status_list_token(
        parse_status_list_token(token), parse_public_jwk(key.public_jwk()), uri=uri, issuer=issuer, now=now
    )


def token_with(changes: dict[str, Any], *, header: dict[str, Any] | None = None) -> str:
    claims = {
        "sub": URI,
        "iat": NOW,
        "exp": NOW + 600,
        "ttl": 60,
        "status_list": {"bits": 2, "lst": b64url_encode(StatusList.of_size(64, bits=2).deflate())},
        **changes,
    }
    kept = {name: value for name, value in claims.items() if value is not ...}
    return build_jwt({"alg": "ES256", "typ": TYP, "kid": "k1", **(header or {})}, kept, KEY)


def encoded(folder: Path, name: str) -> dict[str, Any]:
    text = (folder / name).read_text().partition("encoded:")[2] or (folder / name).read_text()
    return dict(json.loads(re.sub(r"\s", "", text)))


@pytest.mark.parametrize(
    ("name", "bits", "statuses"),
    [
        ("status_list_encoding1_long_json.md", 1, ONE_BIT),
        ("status_list_encoding2_long_json.md", 2, TWO_BITS),
        ("status_list_encoding4_json.md", 4, FOUR_BITS),
    ],
)
def test_long_vectors(name: str, bits: int, statuses: dict[int, int]) -> None:
    vector = encoded(shared_vectors("token-status-list"), name)
    assert vector["bits"] == bits
    entries = inflate(bits, b64url_decode(vector["lst"]))
    assert len(entries) == 1 << 20
    assert {index: value for index in range(len(entries)) if (value := entries[index])} == statuses
    assert StatusList.of_size(1 << 20, bits=bits, statuses=statuses).to_bytes() == entries.to_bytes()


def test_eight_bit_vector() -> None:
    vector = encoded(shared_vectors("token-status-list"), "status_list_encoding8_json.md")
    entries = inflate(8, b64url_decode(vector["lst"]))
    # some of the 256 values of the appendix
    facts = {233478: 0, 52451: 1, 576778: 2, 66653: 9, 416992: 15, 879796: 16, 145867: 43, 96100: 44}
    assert {index: entries[index] for index in facts} == facts
    assert sorted(value for value in entries.to_bytes() if value) == list(range(1, 256))


def test_the_drafts_own_tokens_read() -> None:
    folder = shared_vectors("token-status-list")
    text = re.sub(r"\s", "", (folder / "status_list_jwt_raw.md").read_text())
    parsed = parse_status_list_token(text)
    assert parsed.header["typ"] == TYP
    assert parsed.claims["sub"] == "https://example.com/statuslists/1"


def test_worked_examples_of_the_text() -> None:
    """§4.1: 16 entries of one bit are 0xB9 0xA3, 12 of two bits are 0xC9 0x44 0xF9."""
    one = StatusList.of_size(16, bits=1, statuses=dict.fromkeys((0, 3, 4, 5, 7, 8, 9, 13, 15), 1))
    assert one.to_bytes() == bytes((0xB9, 0xA3))
    assert b64url_encode(one.deflate()) == "eNrbuRgAAhcBXQ"
    two = StatusList.of_size(12, bits=2, statuses=dict(enumerate((1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3))))
    assert two.to_bytes() == bytes((0xC9, 0x44, 0xF9))
    assert b64url_encode(two.deflate()) == "eNo76fITAAPfAgc"


def test_round_trip() -> None:
    entries = StatusList.of_size(1000, bits=2, statuses={3: 1, 999: 2})
    verified = verify(build_status_list_token(entries, KEY, uri=URI, issued_at=NOW, expires_at=NOW + 600, ttl=60))
    assert [verified.get(index) for index in (0, 3, 999)] == [0, 1, 2]
    assert (verified.issued_at, verified.expires_at, verified.ttl) == (NOW, NOW + 600, 60)
    for outside in (1000, 1 << 40, -1):
        with pytest.raises(Rejected) as error:
            verified.get(outside)
        assert error.value.reason == "status_unknown"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"sub": "https://issuer.example/other/status/1"}, "status_unknown"),
        ({"sub": ...}, "status_unknown"),
        ({"exp": NOW - 61}, "expired"),
        ({"iat": NOW + 3600}, "not_yet_valid"),
        ({"nbf": NOW + 3600}, "not_yet_valid"),
        ({"iss": "https://issuer.example/other"}, "untrusted_issuer"),
    ],
)
def test_lists_that_are_not_believed(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(Rejected) as error:
        verify(token_with(changes))
    assert error.value.reason == reason


def lst(data: bytes) -> dict[str, Any]:
    return {"status_list": {"bits": 1, "lst": b64url_encode(data)}}


@pytest.mark.parametrize(
    "changes",
    [
        {"iat": ...},
        {"iat": "now"},
        {"ttl": 0},
        {"ttl": -1},
        {"ttl": "60"},
        {"ttl": True},
        {"ttl": None},
        {"status_list": ...},
        {"status_list": []},
        {"status_list": {"bits": 1}},
        {"status_list": {"bits": 3, "lst": "eNrbuRgAAhcBXQ"}},
        {"status_list": {"bits": True, "lst": "eNrbuRgAAhcBXQ"}},
        {"status_list": {"bits": "1", "lst": "eNrbuRgAAhcBXQ"}},
        {"status_list": {"bits": 1, "lst": "eNrbuRgAAhcBXQ=="}},
        {"status_list": {"bits": 1, "lst": "eNrbuRgAAhcBXQ", "aggregation_uri": 7}},
        lst(b""),
        lst(b"not zlib"),
        lst(zlib.compress(b"")),
        lst(zlib.compress(b"abc")[:-1]),
        lst(zlib.compress(b"abc") + b"x"),
        lst(zlib.compress(bytes(5 << 20))),
    ],
)
def test_lists_that_break_the_text(changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        verify(token_with(changes))


def test_a_bomb_is_not_inflated() -> None:
    bomb = zlib.compress(bytes(1 << 28), 9)
    assert len(bomb) < 1 << 19
    with pytest.raises(Malformed) as error:
        inflate(1, bomb)
    assert error.value.code == "too_large"


def test_a_list_as_large_as_allowed_is_read() -> None:
    assert len(inflate(1, zlib.compress(bytes(1000)), max_bytes=1000)) == 8000
    with pytest.raises(Malformed):
        inflate(1, zlib.compress(bytes(1001)), max_bytes=1000)


def test_another_type_or_key_is_refused() -> None:
    with pytest.raises(Rejected) as error:
        verify(token_with({}, header={"typ": "JWT"}))
    assert error.value.reason == "wrong_type"
    with pytest.raises(Rejected) as error:
        verify(token_with({}), key=SoftwareKey.generate())
    assert error.value.reason == "bad_signature"


def test_our_own_lists_are_made_right() -> None:
    entries = StatusList.of_size(10, bits=1)
    assert len(entries) == 16
    with pytest.raises(ValueError, match="fit"):
        entries[0] = 2
    with pytest.raises(IndexError):
        entries[16] = 1
    with pytest.raises(TegataError):
        StatusList.of_size(10, bits=3)
    for issued_at, expires_at, ttl in ((NOW, NOW, 60), (NOW, NOW + 1, 0)):
        with pytest.raises(ValueError, match="positive"):
            build_status_list_token(entries, KEY, uri=URI, issued_at=issued_at, expires_at=expires_at, ttl=ttl)
