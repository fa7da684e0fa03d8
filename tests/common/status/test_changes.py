"""What changed since a version: applied it gives the issuer's own list, and nothing else is accepted."""

from __future__ import annotations

from typing import Any

import pytest

from common.errors import Malformed, Rejected
from common.jose.jwk import parse_public_jwk
from common.jose.jwt import build_jwt
from common.keys.software import SoftwareKey
from common.status.bits import StatusList
from common.status.changes import (
    MAX_CHANGES,
    TYP,
    VerifiedChanges,
    apply_status_changes,
    build_status_changes,
    digest_of,
    parse_status_changes,
    verify_status_changes,
)

NOW = 1_790_000_000
URI = "https://issuer.example/sakuragawa/status/1"
KEY = SoftwareKey.generate(kid="k1")
OLD = StatusList.of_size(100, bits=1, statuses={4: 1})
NEW = StatusList.of_size(100, bits=2, statuses={4: 1, 7: 2, 99: 1})
CHANGED = {7: 2, 99: 1, 50: 0}


def build(changed: dict[int, int] | None = None, whole: StatusList = NEW, **changes: Any) -> str:
    arguments = {
        "uri": URI,
        "since": 3,
        "version": 6,
        "size": 100,
        "issued_at": NOW,
        "expires_at": NOW + 600,
        **changes,
    }
    return build_status_changes(CHANGED if changed is None else changed, whole, KEY, **arguments)


def verify(text: str, *, now: int = NOW, uri: str = URI, key: SoftwareKey = KEY) -> VerifiedChanges:
    return verify_status_changes(parse_status_changes(text), parse_public_jwk(key.public_jwk()), uri=uri, now=now)


def statement(body: Any, **claims: Any) -> str:
    all_claims = {"sub": URI, "iat": NOW, "exp": NOW + 600, "changes": body, **claims}
    return build_jwt({"typ": TYP, "kid": "k1"}, {k: v for k, v in all_claims.items() if v is not ...}, KEY)


@pytest.mark.parametrize("version", [3, 4, 6])
def test_applied_it_gives_the_issuers_list(version: int) -> None:
    changes = verify(build(x5c=("MA",)))
    assert (changes.since, changes.version, changes.size) == (3, 6, 100)
    assert apply_status_changes(OLD, changes, version=version).to_bytes() == NEW.to_bytes()
    assert OLD[7] == 0


def test_nothing_changed_is_said_too() -> None:
    changes = verify(build({}, whole=NEW, since=6))
    assert apply_status_changes(NEW, changes, version=6).to_bytes() == NEW.to_bytes()


@pytest.mark.parametrize("version", [2, 7])
def test_changes_for_another_version(version: int) -> None:
    with pytest.raises(Rejected) as error:
        apply_status_changes(OLD, verify(build()), version=version)
    assert error.value.reason == "stale"


def test_a_wrong_base_is_noticed() -> None:
    other = StatusList.of_size(100, bits=2, statuses={5: 1})
    shorter = StatusList.of_size(16, bits=1)
    wider = StatusList.of_size(100, bits=4)
    for base in (other, shorter, wider):
        with pytest.raises(Rejected) as error:
            apply_status_changes(base, verify(build()), version=3)
        assert error.value.reason == "status_unknown"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"uri": "https://issuer.example/other"}, "status_unknown"),
        ({"now": NOW + 661}, "expired"),
        ({"now": NOW - 3600}, "not_yet_valid"),
        ({"key": SoftwareKey.generate()}, "bad_signature"),
    ],
)
def test_statements_that_are_not_believed(arguments: dict[str, Any], reason: str) -> None:
    with pytest.raises(Rejected) as error:
        verify(build(), **arguments)
    assert error.value.reason == reason


BODY = {"since": 3, "version": 6, "size": 100, "set": {"1": [7]}, "sha256": digest_of(NEW)}


@pytest.mark.parametrize(
    "changes",
    [
        {"since": 7},
        {"since": -1},
        {"since": True},
        {"since": "3"},
        {"version": None},
        {"size": 7.0},
        {"set": [7]},
        {"set": {"3": [7]}},
        {"set": {"1": 7}},
        {"set": {"1": [100]}},
        {"set": {"1": [-1]}},
        {"set": {"1": [True]}},
        {"set": {"1": ["7"]}},
        {"set": {"1": [7, 7]}},
        {"set": {"0": [7], "1": [7]}},
        {"set": {"1": list(range(MAX_CHANGES + 1))}, "size": 1 << 20},
        {"sha256": 7},
    ],
)
def test_statements_that_are_none(changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        verify(statement({**BODY, **changes}))


@pytest.mark.parametrize("claims", [{"iat": ...}, {"exp": ...}, {"changes": ...}, {"changes": []}])
def test_statements_without_what_they_need(claims: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        verify(statement(BODY, **claims))


def test_another_type_of_token() -> None:
    text = build_jwt({"typ": "statuslist+jwt"}, {"sub": URI, "iat": NOW, "exp": NOW + 9, "changes": BODY}, KEY)
    with pytest.raises(Rejected) as error:
        verify(text)
    assert error.value.reason == "wrong_type"


def test_statements_that_we_would_not_make() -> None:
    for arguments in ({"since": 7}, {"since": -1}, {"whole": OLD}, {"changed": dict.fromkeys(range(65_537), 1)}):
        with pytest.raises(ValueError, match="changes"):
            build(**arguments)
