"""The checker: what becomes of a reference when lists are fresh, old, missing, forged, or for somebody else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from common.errors import Refused, Rejected
from common.formats.credential import IssuerKeyHint, StatusReference
from common.jose.jwk import PublicKey, parse_public_jwk
from common.keys.software import SoftwareKey
from common.ports import Fetched
from common.status.bits import StatusList
from common.status.fetch_status import StatusChecker
from common.status.token_status_list import build_status_list_token
from tests.fakes.fetch import FakeFetch

NOW = 1_790_000_000
ISSUER = "https://issuer.example/sakuragawa"
URI = "https://issuer.example/sakuragawa/status/1"
KEY, STRANGER = SoftwareKey.generate(kid="k1"), SoftwareKey.generate(kid="k1")


def token(
    statuses: dict[int, int], *, at: int = NOW, ttl: int = 60, key: SoftwareKey = KEY, uri: str = URI, bits: int = 8
) -> bytes:
    entries = StatusList.of_size(64, bits=bits, statuses=statuses)
    return build_status_list_token(entries, key, uri=uri, issued_at=at, expires_at=at + 600, ttl=ttl).encode()


def find_key(hint: IssuerKeyHint, now: int) -> PublicKey:
    """The trust room in small: one issuer, one key."""
    if hint.iss != ISSUER or hint.kid != "k1":
        raise Rejected("untrusted_key")
    return parse_public_jwk(KEY.public_jwk())


def at(index: int, uri: str = URI) -> StatusReference:
    return StatusReference(uri=uri, index=index)


@pytest.mark.parametrize(
    ("code", "value"),
    [
        (0, "valid"),
        (1, "invalid"),
        (2, "suspended"),
        (3, "application_specific"),
        (4, "unknown"),
        (0x0B, "unknown"),
        (0x0C, "application_specific"),
        (0x0F, "application_specific"),
        (0x10, "unknown"),
        (0xFF, "unknown"),
    ],
)
def test_every_registered_value_and_nothing_else(code: int, value: str) -> None:
    checker = StatusChecker(FakeFetch({URI: token({5: code})}), find_key)
    fact = checker.check(at(5), issuer=ISSUER, now=NOW + 7)
    assert (fact.value, fact.as_of, fact.fetched_at, fact.code) == (value, NOW, NOW + 7, code)
    assert fact.reason == ("reserved_value" if value == "unknown" else "listed")


def test_a_list_is_kept_for_its_ttl_and_no_longer() -> None:
    fetch = FakeFetch({URI: token({})})
    checker = StatusChecker(fetch, find_key)
    assert checker.check(at(1), issuer=ISSUER, now=NOW).value == "valid"
    fetch.pages[URI] = token({1: 1}, at=NOW + 59)
    assert checker.check(at(1), issuer=ISSUER, now=NOW + 59).value == "valid"
    fact = checker.check(at(1), issuer=ISSUER, now=NOW + 60)
    assert (fact.value, fact.as_of) == ("invalid", NOW + 59)
    assert len(fetch.requests) == 2


def test_exp_and_policy_shorten_the_life_of_a_list() -> None:
    fetch = FakeFetch({URI: token({}, ttl=10_000)})
    checker = StatusChecker(fetch, find_key)
    assert checker.check(at(1), issuer=ISSUER, now=NOW).valid_until == NOW + 600
    eager = StatusChecker(fetch, find_key, max_age=0)
    for _ in range(3):
        eager.check(at(1), issuer=ISSUER, now=NOW)
    assert len(fetch.requests) == 4


def test_unknown_is_never_valid() -> None:
    other = "https://issuer.example/other/status/1"
    pages = {
        URI: token({}),
        "https://a.example/forged": token({}, key=STRANGER, uri="https://a.example/forged"),
        "https://a.example/swapped": token({}),
        "https://a.example/old": token({}, at=NOW - 10_000, uri="https://a.example/old"),
        "https://a.example/html": b"<html>",
        "https://a.example/bytes": b"\xff\xfe",
        "https://a.example/error": Fetched(url="", status=500, body=token({})),
        "https://a.example/moved": Fetched(url="", status=304, body=token({})),
        other: token({}, uri=other),
    }
    checker = StatusChecker(FakeFetch(pages), find_key)

    def reason(uri: str, *, index: int = 1, issuer: str = ISSUER) -> str:
        fact = checker.check(at(index, uri), issuer=issuer, now=NOW)
        assert fact.value == "unknown"
        assert fact.as_of is None
        return fact.reason

    assert reason("https://a.example/forged") == "list_not_signed_by_issuer"
    assert reason("https://a.example/swapped") == "list_rejected"
    assert reason("https://a.example/old") == "list_expired"
    assert reason("https://a.example/html") == "list_malformed"
    assert reason("https://a.example/bytes") == "list_malformed"
    assert reason("https://a.example/error") == "list_unreachable"
    assert reason("https://a.example/moved") == "list_unreachable"
    assert reason("https://a.example/nobody") == "list_unreachable"
    assert reason(URI, index=64) == "no_such_entry"
    assert reason(other, issuer="https://issuer.example/other") == "list_rejected"


def test_a_list_believed_for_one_issuer_is_not_believed_for_another() -> None:
    checker = StatusChecker(FakeFetch({URI: token({})}), find_key)
    assert checker.check(at(1), issuer=ISSUER, now=NOW).value == "valid"
    assert checker.check(at(1), issuer="https://evil.example", now=NOW).value == "unknown"


def test_failures_are_not_asked_again_at_once() -> None:
    fetch = FakeFetch()
    checker = StatusChecker(fetch, find_key, failure_ttl=5)
    for _ in range(4):
        assert checker.check(at(1), issuer=ISSUER, now=NOW).reason == "list_unreachable"
    assert len(fetch.requests) == 1
    fetch.pages[URI] = token({})
    assert checker.check(at(1), issuer=ISSUER, now=NOW + 5).value == "valid"


def test_an_address_that_may_not_be_asked_is_unknown() -> None:
    class Forbidden(FakeFetch):
        def _answer(self, method: str, url: str, body: bytes) -> Fetched:
            raise Refused("address_not_allowed")

    fact = StatusChecker(Forbidden(), find_key).check(at(1), issuer=ISSUER, now=NOW)
    assert (fact.value, fact.reason) == ("unknown", "list_not_allowed")
    assert replace(fact, reason="") != fact
