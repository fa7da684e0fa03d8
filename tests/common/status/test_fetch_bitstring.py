"""The checker over Bitstring Status Lists and list CWTs: which facts come of them, and what is not believed."""

from __future__ import annotations

from typing import Any

import pytest

from common.encoding import compact_json
from common.errors import Rejected
from common.formats.credential import IssuerKeyHint, StatusReference
from common.jose.jwk import PublicKey, parse_public_jwk
from common.keys.software import SoftwareKey
from common.status.contract import REFRESH, REVOKED, SUSPENDED, ListIssuer, ListTimes, StatusTable
from common.status.fetch_status import StatusChecker, StatusFact, worst
from common.status.registry import RENDERINGS
from common.status.renderings import MESSAGES
from tests.fakes.fetch import FakeFetch

NOW = 1_790_000_000
DID = "did:web:issuer.example:sakuragawa"
BASE = "https://issuer.example/sakuragawa/status/1"
KEY, STRANGER = SoftwareKey.generate(kid="k1"), SoftwareKey.generate(kid="k1")
TABLE = StatusTable(
    size=1000, values={1: REVOKED, 2: SUSPENDED, 3: REFRESH, 4: REVOKED | REFRESH}, version=4, changed_at=NOW
)
SECURINGS = ("bitstring_data_integrity", "bitstring_vc_jwt")


def render(
    name: str, purpose: str = "", *, key: SoftwareKey = KEY, did: str = DID, uri: str = "", at: int = NOW
) -> bytes:
    return RENDERINGS[name].render(
        TABLE,
        uri=uri or (f"{BASE}/{purpose}" if purpose else BASE),
        purpose=purpose,
        issuer=ListIssuer(id=did, key_id=f"{did}#k1", signer=key),
        times=ListTimes(issued_at=at, expires_at=at + 600, ttl=60),
    )


def find_key(hint: IssuerKeyHint, now: int) -> PublicKey:
    if hint.iss != DID or hint.kid != f"{DID}#k1":
        raise Rejected("untrusted_key")
    return parse_public_jwk(KEY.public_jwk())


def at(index: int, purpose: str) -> StatusReference:
    messages = MESSAGES if purpose == "message" else ()
    uri = BASE if purpose == "status_list" else f"{BASE}/{purpose}"
    return StatusReference(uri=uri, index=index, purpose=purpose, size=2 if messages else 1, messages=messages)


def checker(pages: dict[str, Any]) -> StatusChecker:
    return StatusChecker(FakeFetch(pages), find_key)


@pytest.mark.parametrize("name", SECURINGS)
def test_facts_by_purpose(name: str) -> None:
    purposes = ("revocation", "suspension", "refresh", "message")
    found = checker({f"{BASE}/{purpose}": render(name, purpose) for purpose in purposes})

    def facts(index: int) -> dict[str, tuple[Any, ...]]:
        made = {purpose: found.check(at(index, purpose), issuer=DID, now=NOW + 7) for purpose in purposes}
        return {one: (fact.value, fact.reason, fact.code, fact.message) for one, fact in made.items()}

    assert facts(0) == {
        "revocation": ("valid", "listed", 0, "unset"),
        "suspension": ("valid", "listed", 0, "unset"),
        "refresh": ("valid", "listed", 0, "unset"),
        "message": ("valid", "listed", 0, "valid"),
    }
    assert facts(1)["revocation"] == ("invalid", "listed", 1, "set")
    assert facts(1)["message"] == ("application_specific", "listed", 1, "revoked")
    assert facts(2)["suspension"] == ("suspended", "listed", 1, "set")
    assert facts(2)["revocation"] == ("valid", "listed", 0, "unset")
    assert facts(3)["refresh"] == ("valid", "refresh_available", 1, "set")
    assert facts(4)["refresh"] == ("valid", "refresh_available", 1, "set")
    fact = found.check(at(1, "revocation"), issuer=DID, now=NOW + 7)
    assert (fact.as_of, fact.fetched_at, fact.valid_until, fact.status_type) == (NOW, NOW + 7, NOW + 67, 1)


def test_the_list_as_cwt() -> None:
    found = checker({BASE: render("token_status_list_cwt")})
    assert [found.check(at(index, "status_list"), issuer=DID, now=NOW).value for index in range(5)] == [
        *("valid", "invalid", "suspended", "valid", "invalid")
    ]


def test_an_enveloped_list() -> None:
    inside = "data:application/vc+jwt," + render("bitstring_vc_jwt", "revocation").decode()
    envelope = {
        "@context": "https://www.w3.org/ns/credentials/v2",
        "id": inside,
        "type": "EnvelopedVerifiableCredential",
    }
    found = checker({f"{BASE}/revocation": compact_json(envelope)})
    assert found.check(at(1, "revocation"), issuer=DID, now=NOW).value == "invalid"
    wrong = checker({f"{BASE}/revocation": compact_json({**envelope, "id": "data:text/plain,x"})})
    assert wrong.check(at(1, "revocation"), issuer=DID, now=NOW).reason == "list_malformed"


@pytest.mark.parametrize("name", SECURINGS)
def test_unknown_is_never_valid(name: str) -> None:
    uri = f"{BASE}/revocation"

    def reason(body: bytes, *, index: int = 1, now: int = NOW, purpose: str = "revocation", issuer: str = DID) -> str:
        reference = StatusReference(uri=uri, index=index, purpose=purpose)
        fact = checker({uri: body}).check(reference, issuer=issuer, now=now)
        assert (fact.value, fact.as_of, fact.status_type) == ("unknown", None, None)
        return fact.reason

    good = render(name, "revocation")
    assert reason(render(name, "revocation", key=STRANGER)) == "list_not_signed_by_issuer"
    assert reason(good, issuer="did:web:issuer.example:other") == "list_rejected"
    assert reason(render(name, "revocation", did="did:web:evil.example")) == "list_rejected"
    assert reason(render(name, "revocation", uri=f"{BASE}/other")) == "list_rejected"
    assert reason(render(name, "suspension", uri=uri)) == "list_rejected"
    assert reason(good, now=NOW + 661) == "list_expired"
    assert reason(good, now=NOW - 3600) == "list_rejected"
    assert reason(good, index=1 << 30) == "no_such_entry"
    assert reason(render("token_status_list_jwt")) == "list_malformed"
    assert reason(render("token_status_list_cwt")) == "list_malformed"
    assert reason(b"") == "list_malformed"
    assert reason(b"{}") == "list_malformed"
    assert reason(b"[]") == "list_malformed"
    assert reason(b"{" * 100) == "list_malformed"
    assert reason(b"x" * (1 << 21)) == "list_malformed"


def test_one_kind_of_list_is_not_taken_for_the_other() -> None:
    pages = {BASE: render("bitstring_vc_jwt", "revocation", uri=BASE)}
    assert checker(pages).check(at(1, "status_list"), issuer=DID, now=NOW).reason == "list_rejected"
    both = checker({BASE: render("token_status_list_jwt")})
    assert both.check(at(1, "status_list"), issuer=DID, now=NOW).value == "invalid"
    reference = StatusReference(uri=BASE, index=1, purpose="revocation")
    assert both.check(reference, issuer=DID, now=NOW).reason == "list_malformed"


def test_lists_are_remembered_by_what_they_are() -> None:
    uri = f"{BASE}/revocation"
    fetch = FakeFetch({uri: render("bitstring_data_integrity", "revocation")})
    found = StatusChecker(fetch, find_key)
    for index in (0, 1, 2):
        found.check(at(index, "revocation"), issuer=DID, now=NOW)
    assert len(fetch.requests) == 1
    found.check(at(1, "revocation"), issuer=DID, now=NOW + 60)
    assert len(fetch.requests) == 2


def test_the_same_number_in_two_credentials_with_other_messages() -> None:
    found = checker({f"{BASE}/message": render("bitstring_vc_jwt", "message")})
    uri = f"{BASE}/message"
    one = StatusReference(uri=uri, index=1, purpose="message", size=2, messages=("a", "b", "c", "d"))
    other = StatusReference(uri=uri, index=1, purpose="message", size=2, messages=("e", "f", "g", "h"))
    none = StatusReference(uri=uri, index=2, purpose="message")
    said = [found.check(each, issuer=DID, now=NOW).message for each in (one, other, none, one)]
    assert said == ["b", "f", "unset", "b"]


def test_a_purpose_of_ones_own() -> None:
    fact = StatusFact(value="application_specific", as_of=1, list_uri="", reason="listed", code=1, purpose="colour")
    assert fact.status_type == 3
    token = StatusFact(value="application_specific", as_of=1, list_uri="", reason="listed", code=0x0C)
    assert token.status_type == 0x0C


def test_the_worst_fact_decides() -> None:
    found = checker({f"{BASE}/{one}": render("bitstring_vc_jwt", one) for one in ("revocation", "suspension")})

    def decide(index: int, *purposes: str) -> str:
        fact = worst(found.check_all([at(index, one) for one in purposes], issuer=DID, now=NOW))
        assert fact is not None
        return fact.value

    assert decide(0, "suspension", "revocation") == "valid"
    assert decide(1, "suspension", "revocation") == "invalid"
    assert decide(2, "revocation", "suspension") == "suspended"
    assert decide(0, "revocation", "missing") == "unknown"
    assert decide(1, "missing", "revocation") == "invalid"
    assert worst(()) is None
    old, new = (StatusFact(value="valid", as_of=when, list_uri="", reason="listed") for when in (1, 2))
    assert worst((new, old)) is old
