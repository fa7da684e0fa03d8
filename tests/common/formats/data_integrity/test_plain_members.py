"""A holder who writes the same statements down in another way: the signature holds, and what a verifier looks for has moved."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import Malformed, Rejected
from common.formats.data_integrity.issue import add_proof
from common.formats.data_integrity.plain_members import check_plain_members
from common.formats.data_integrity.policy import Policy, Profile
from tests.common.formats.data_integrity.cast import (
    DI,
    HOLDER,
    ISSUER,
    TERMS,
    V1,
    V2,
    check,
    credential,
    options,
    signed,
)

CREDENTIALS = "https://www.w3.org/2018/credentials#"
XSD = "http://www.w3.org/2001/XMLSchema#"
STATUS = {
    "id": "https://school.example/status/1#3",
    "type": "BitstringStatusListEntry",
    "statusPurpose": "revocation",
    "statusListIndex": "3",
    "statusListCredential": "https://school.example/status/1",
}
NAMES = ("a", "id", "x:y", "@id", "@value", "@list", "@included", "@nest", "@type")
Rewrite = Callable[[dict[str, Any]], dict[str, Any]]


def _without(document: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in names}


def _again(document: dict[str, Any]) -> dict[str, Any]:
    return {name: document[name] for name in ("id", "type", "credentialStatus", "validUntil")}


REWRITTEN: dict[str, Rewrite] = {
    "the status under its address": lambda it: (
        _without(it, "credentialStatus") | {f"{CREDENTIALS}credentialStatus": it["credentialStatus"]}
    ),
    "the end of validity under its address": lambda it: (
        _without(it, "validUntil")
        | {f"{CREDENTIALS}validUntil": {"@value": it["validUntil"], "@type": f"{XSD}dateTime"}}
    ),
    "the status nested": lambda it: (
        _without(it, "credentialStatus") | {"@nest": {"credentialStatus": it["credentialStatus"]}}
    ),
    "both included": lambda it: _without(it, "credentialStatus", "validUntil") | {"@included": [_again(it)]},
    "both included in the issuer": lambda it: (
        _without(it, "credentialStatus", "validUntil") | {"issuer": {"id": it["issuer"], "@included": [_again(it)]}}
    ),
    "the holder under @id": lambda it: (
        it | {"credentialSubject": {"@id": it["credentialSubject"]["id"], "motto": it["credentialSubject"]["motto"]}}
    ),
    "the credential's id under @id": lambda it: _without(it, "id") | {"@id": it["id"]},
    "an empty claim that nobody made": lambda it: (
        it | {"credentialSubject": it["credentialSubject"] | {"EnrolmentCredential": []}}
    ),
    "a claim of null that nobody made": lambda it: (
        it | {"credentialSubject": it["credentialSubject"] | {"EnrolmentCredential": None}}
    ),
    "an index that nobody signed": lambda it: (
        it
        | {
            "credentialSubject": {
                "id": it["credentialSubject"]["id"],
                "motto": {"@value": it["credentialSubject"]["motto"], "@index": "honours"},
            }
        }
    ),
}


@pytest.mark.parametrize("rewrite", REWRITTEN.values(), ids=REWRITTEN)
def test_the_same_statements_written_otherwise(rewrite: Rewrite) -> None:
    honest = signed(credential(credentialStatus=STATUS), cryptosuite="eddsa-rdfc-2022")
    assert check(honest).credential.status is not None
    rewritten = rewrite(honest)
    check(rewritten, policy=Policy(profile=Profile.PROOF_ONLY))  # the signature as such holds
    with pytest.raises(Rejected, match="bad_signature"):
        check(rewritten)


def test_an_expired_credential_of_the_other_version() -> None:
    """The terms of 1.1's times are open to any context under 2.0, which does not read them."""
    stated: dict[str, Any] = {"issuanceDate": "2025-01-01T00:00:00Z", "expirationDate": "2026-01-01T00:00:00Z"}
    expired = credential(validFrom=None, validUntil=None, **stated) | {"@context": [V1, DI, TERMS]}
    document = add_proof(expired, ISSUER, options())
    with pytest.raises(Rejected, match="expired"):
        check(document)
    terms = {name: {"@id": f"{CREDENTIALS}{name}", "@type": f"{XSD}dateTime"} for name in stated}
    document["@context"] = [V2, TERMS, terms]
    check(document, policy=Policy(profile=Profile.PROOF_ONLY))
    with pytest.raises(Rejected, match="bad_signature"):
        check(document)


def test_what_a_stranger_adds_changes_neither_types_nor_dates() -> None:
    """A JCS proof by the holder beside the issuer's: types stay addresses, and the holder's date is not the issuer's."""
    both = add_proof(signed(), HOLDER, options(HOLDER, cryptosuite="eddsa-jcs-2022", created=1_500_000_000))
    found = check(both).credential
    assert found.types == (TERMS["EnrolmentCredential"],)
    assert found.issued_at == check(signed()).credential.issued_at


@pytest.mark.parametrize(
    "members",
    [
        {"motto": {"@value": "学", "@language": "ja", "@direction": "ltr"}},
        {"motto": {"@value": "5", "@type": f"{XSD}decimal"}},
        {"motto": {"@list": ["a", {"@value": "b"}]}},
        {"motto": [0, False, "", {"a": {"b": ["c"]}}], "@context": {"motto": "https://school.example/motto"}},
    ],
)
def test_plain(members: dict[str, Any]) -> None:
    check_plain_members(
        {"@context": [None], "id": "urn:a", "proof": {"id": "urn:a"}, "credentialSubject": members}, version=2
    )


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"motto": {}},
        {"motto": []},
        {"motto": None},
        {"motto": [["a"], [None]]},
        {"ex:motto": "a"},
        {"@id": "urn:b"},
        {"@type": "Motto"},
        {"motto": {"@value": "a", "@index": "b"}},
        {"motto": {"@value": "a", "@language": None}},
        {"motto": {"@set": ["a"]}},
        {"motto": {"@list": ["a"], "@index": "b"}},
        {"motto": {"@list": ["a"], "@id": "urn:b"}},
        {"motto": {"@graph": [{"a": "b"}]}},
        {"motto": {"@reverse": {"a": "b"}}},
        {"author": {"id": "urn:a", "validUntil": "2026-01-01T00:00:00Z"}},
    ],
)
def test_not_plain(members: dict[str, Any]) -> None:
    with pytest.raises(Rejected, match="bad_signature"):
        check_plain_members({"id": "urn:a", "credentialSubject": members}, version=2)


@given(
    st.recursive(
        st.none() | st.booleans() | st.text(max_size=4) | st.integers(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
        max_leaves=12,
    )
)
def test_any_json(value: Any) -> None:
    """Whatever is let through has no null, nothing empty, and no name but terms outside of values and lists."""
    document = {"id": "urn:a", "credentialSubject": value}
    try:
        check_plain_members(document, version=2)
    except Rejected:
        return
    text = json.dumps(document)
    assert not re.search(r'null|\[\]|\{\}|"@id"|"@included"|"@nest"|"x:y"', text)


def test_jcs_proofs_cover_the_spelling() -> None:
    document = signed(credential(credentialStatus=STATUS), cryptosuite="eddsa-jcs-2022")
    for rewrite in REWRITTEN.values():
        with pytest.raises((Rejected, Malformed)):
            check(rewrite(document))
