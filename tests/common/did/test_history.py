"""The life of a DID's keys as its documents tell it: ``expires``, ``revoked``, and what is no longer there."""

from __future__ import annotations

import json
from typing import Any

import pytest

from common.did.contract import EarlierVersion, Resolved
from common.did.document import build_document, find_key
from common.did.history import find_key_with_history
from common.did.resolve import Resolver
from common.errors import Malformed, Rejected
from common.keys.history import KeyEntry
from common.keys.software import SoftwareKey
from tests.fakes.clock import FixedClock
from tests.fakes.fetch import FakeFetch

NOW = 1_790_000_000
DID = "did:web:vc.example.ac.jp"
OLD, NEW = SoftwareKey.generate(kid="old"), SoftwareKey.generate(kid="new")
THEN, SECONDS = "2026-09-01T09:00:00+09:00", 1_788_220_800


def document_with(*, listed: bool = True, **of_old: Any) -> dict[str, Any]:
    document = build_document(DID, [NEW.public_jwk(), OLD.public_jwk()], relationships=("assertionMethod",))
    document["verificationMethod"][1].update(of_old)
    if not listed:
        document["assertionMethod"] = [f"{DID}#new"]
    return document


def entry_of(document: dict[str, Any], kid: str = "old", **resolved: Any) -> KeyEntry:
    return find_key_with_history(Resolved(document=document, **resolved), f"{DID}#{kid}", "assertionMethod").entry


def test_a_key_without_dates_is_in_use() -> None:
    assert entry_of(document_with()) == KeyEntry(key_id=f"{DID}#old")


def test_expires_is_retirement_and_revoked_is_compromise() -> None:
    assert entry_of(document_with(expires=THEN)).retired_at == SECONDS
    assert entry_of(document_with(revoked=THEN)).compromised_since == SECONDS
    assert entry_of(document_with(revoked=THEN), "new") == KeyEntry(key_id=f"{DID}#new")


def test_a_revoked_key_may_stand_under_no_relationship() -> None:
    assert entry_of(document_with(listed=False, revoked=THEN)).compromised_since == SECONDS
    with pytest.raises(Rejected):
        entry_of(document_with(listed=False, expires=THEN))
    for_another_purpose = {**document_with(listed=False, revoked=THEN), "authentication": [f"{DID}#old"]}
    with pytest.raises(Rejected):
        entry_of(for_another_purpose)


def test_a_revoked_key_was_never_one_for_logging_in() -> None:
    resolved = Resolved(document=document_with(listed=False, revoked=THEN))
    with pytest.raises(Rejected):
        find_key_with_history(resolved, f"{DID}#old", "authentication")


@pytest.mark.parametrize("wrong", [7, None, "yesterday", "2026-09-01", ""])
@pytest.mark.parametrize("member", ["expires", "revoked"])
def test_a_date_that_is_none_spoils_the_key(member: str, wrong: object) -> None:
    changes: dict[str, Any] = {member: wrong}
    with pytest.raises(Malformed):
        entry_of(document_with(**changes))


def test_a_key_that_any_document_revoked_is_compromised() -> None:
    """Once revoked and then taken out altogether: that does not make it a key that was rotated in good order."""
    newest = {**document_with(), "verificationMethod": [document_with()["verificationMethod"][0]]}
    newest["assertionMethod"] = [f"{DID}#new"]
    for middle in (document_with(listed=False, revoked=THEN), document_with(revoked=THEN)):
        earlier = (
            EarlierVersion(document=middle, since=20, until=30),
            EarlierVersion(document=document_with(), since=10, until=20),
        )
        assert entry_of(newest, earlier=earlier, since=30).compromised_since == SECONDS


def test_a_revoked_key_is_found_by_its_history_alone() -> None:
    with pytest.raises(Rejected) as error:
        find_key(document_with(revoked=THEN), f"{DID}#old", "assertionMethod")
    assert error.value.reason == "key_compromised"


def test_of_two_dates_the_earlier_counts() -> None:
    document = document_with()
    document["assertionMethod"] = [
        f"{DID}#new",
        {**document["verificationMethod"].pop(1), "revoked": "2026-10-01T00:00:00Z"},
    ]
    document["authentication"] = [{**document["assertionMethod"][1], "revoked": THEN}]
    resolved = Resolved(document=document)
    with pytest.raises(Rejected):  # defined twice: nobody can say which one it is
        find_key_with_history(resolved, f"{DID}#old", "keyAgreement")
    assert entry_of({**document, "authentication": []}).compromised_since == 1_790_812_800


def test_earlier_documents_are_searched_newest_first() -> None:
    gone = {**document_with(), "verificationMethod": [document_with()["verificationMethod"][0]]}
    gone["assertionMethod"] = [f"{DID}#new"]
    earlier = (
        EarlierVersion(document=gone, since=30, until=40),
        EarlierVersion(document=document_with(), since=20, until=30),
        EarlierVersion(document=document_with(), since=10, until=20),
    )
    assert entry_of(gone, earlier=earlier, since=40) == KeyEntry(key_id=f"{DID}#old", valid_from=10, retired_at=30)
    assert entry_of(gone, "new", earlier=earlier, since=40) == KeyEntry(key_id=f"{DID}#new", valid_from=10)
    said = document_with(expires="1970-01-01T00:00:25Z")
    early = (EarlierVersion(document=said, since=20, until=30),)
    assert entry_of(gone, earlier=early, since=30).retired_at == 25


def test_the_resolver_hands_out_keys_in_use_only() -> None:
    address = "https://vc.example.ac.jp/.well-known/did.json"
    for member, reason in (("expires", "key_retired"), ("revoked", "key_compromised")):
        changes: dict[str, Any] = {member: THEN}
        fetch = FakeFetch({address: json.dumps(document_with(**changes)).encode()})
        resolver = Resolver(fetch, FixedClock(NOW))
        resolver.key(f"{DID}#new").verify(NEW.sign(b"x"), b"x")
        with pytest.raises(Rejected) as error:
            resolver.key(f"{DID}#old")
        assert error.value.reason == reason
        resolver.key_with_history(f"{DID}#old").value.key.verify(OLD.sign(b"x"), b"x")
    later = FakeFetch({address: json.dumps(document_with(expires="2026-12-01T00:00:00Z")).encode()})
    Resolver(later, FixedClock(NOW)).key(f"{DID}#old").verify(OLD.sign(b"x"), b"x")
