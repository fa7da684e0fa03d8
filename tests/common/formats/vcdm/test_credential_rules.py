"""VCDM 2.0 §4, §5 and §11.1: what a credential's document must be. The cases are those of the W3C's test-suite for the data model."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from typing import Any

import pytest

from common.encoding import b64url_encode
from common.errors import Malformed, Rejected
from common.formats.vcdm.credential import read_credential
from common.formats.vcdm.related_resource import check_related_resources, read_related_resources
from common.formats.vcdm.terms import CONTEXT_V1, CONTEXT_V2
from common.keys.multikey import base58btc_encode

URL_WITH_SPACE = "https ://not-a-url/vcs/343cf54b"
TYPED = ("credentialStatus", "credentialSchema", "refreshService", "termsOfUse", "evidence")
LANGUAGE = {"@value": "Example", "@language": "en"}


def document(**change: Any) -> dict[str, Any]:
    whole = {
        "@context": [CONTEXT_V2],
        "type": ["VerifiableCredential"],
        "issuer": "did:example:issuer",
        "credentialSubject": {"id": "did:example:subject"},
        **change,
    }
    return {name: value for name, value in whole.items() if value is not ...}


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"@context": [CONTEXT_V2, "https://www.w3.org/ns/credentials/examples/v2", {"@vocab": "https://x.example/#"}]},
        {"@context": CONTEXT_V2},
        {"id": "urn:uuid:9c9a36f8-518f-4976-a934-6649502d0008"},
        {"type": ["https://example.org/#A", "VerifiableCredential", "https://example.org/#B"]},
        {"type": "VerifiableCredential"},
        {"issuer": {"id": "did:example:issuer", "name": "Example", "description": LANGUAGE}},
        {"name": "Example"},
        {"name": LANGUAGE},
        {"name": {**LANGUAGE, "@direction": "ltr"}},
        {"name": [LANGUAGE, {"@value": "例", "@language": "ja"}, {"@value": "x", "@language": "zh-Hant-TW"}]},
        {"description": [{"@value": "no language"}]},
        {"credentialSubject": [{"id": "did:example:one"}, {"name": "two"}]},
        {"validFrom": "2023-02-26T01:02:58.447Z"},
        {"validFrom": "2023-02-25T19:10:39-06:00", "validUntil": "4023-02-26T01:02:58.447Z"},
        {"validFrom": "2026-01-01T09:00:00+09:00", "validUntil": "2026-01-01T00:00:00Z"},
        {"credentialStatus": {"type": "CredentialStatusList2017"}},
        {"credentialStatus": [{"id": "did:example:status", "type": ["CredentialStatusList2017"]}]},
        {"credentialSchema": [{"id": f"did:example:schemas/{n}", "type": "JsonSchema"} for n in (1, 2)]},
        {"refreshService": [{"id": "did:example:refresh/2", "type": "https://example.org/#Refresh"}]},
        {"termsOfUse": [{"type": "OdrlPolicy2017"}, {"type": "OdrlPolicy2017", "id": "did:example:terms/1"}]},
        {"evidence": {"type": "https://example.org/#Evidence"}},
    ],
)
def test_kept(change: dict[str, Any]) -> None:
    read_credential(document(**change))


@pytest.mark.parametrize(
    "change",
    [
        {"@context": ...},
        {"@context": []},
        {"@context": {}},
        {"@context": [{}, CONTEXT_V2]},
        {"@context": ["https://www.w3.org/ns/credentials/examples/v2"]},
        {"@context": [CONTEXT_V2, URL_WITH_SPACE]},
        {"@context": [CONTEXT_V2, 123192875]},
        {"@context": [CONTEXT_V2, None]},
        {"@context": [CONTEXT_V2] * 65},
        {"id": None},
        {"id": ["did:example:1", "did:example:2"]},
        {"id": URL_WITH_SPACE},
        {"id": 5},
        {"id": {"id": "did:example:1"}},
        {"type": ...},
        {"type": []},
        {"type": ["RelationshipCredential"]},
        {"type": ["VerifiableCredential", 2]},
        {"type": ["VerifiableCredential", " "]},
        {"type": {"VerifiableCredential": 1}},
        {"issuer": ...},
        {"issuer": None},
        {"issuer": "fake-issuer"},
        {"issuer": {}},
        {"issuer": {"id": None}},
        {"issuer": {"id": "fake-issuer"}},
        {"issuer": ["did:example:issuer"]},
        {"issuer": {"id": "did:example:issuer", "name": {**LANGUAGE, "url": "did:example:issuer"}}},
        {"name": {**LANGUAGE, "url": "did:example:credential"}},
        {"name": 5},
        {"name": []},
        {"name": ["text"]},
        {"name": {"@value": 5}},
        {"name": {"@language": "en"}},
        {"name": {"@value": "x", "@language": "not a tag"}},
        {"name": {"@value": "x", "@direction": "up"}},
        {"description": {**LANGUAGE, "@type": "@json"}},
        {"credentialSubject": ...},
        {"credentialSubject": {}},
        {"credentialSubject": []},
        {"credentialSubject": [{"id": "did:example:subject"}, {}]},
        {"credentialSubject": "did:example:subject"},
        {"credentialSubject": {"id": ["did:example:one", "did:example:two"]}},
        {"credentialSubject": {"id": "no url"}},
        {"credentialSubject": [{"a": 1}] * 257},
        {"validFrom": "Sat 25 Feb 2023 07:16:31 PM CST"},
        {"validFrom": "2023-02-26T01:21:51"},
        {"validFrom": 1_790_000_000},
        {"validFrom": None},
        {"validUntil": "Sun, 26 Feb 2023 01:22:14 +0000"},
        {"validFrom": "2027-01-01T00:00:00Z", "validUntil": "2026-01-01T00:00:00Z"},
        *({member: value} for member in TYPED for value in ({}, {"id": "did:example:1"}, [], "text", None, [[]])),
        *({member: {"id": URL_WITH_SPACE, "type": "https://example.org/#T"}} for member in TYPED),
        *({member: {"id": ["did:example:1"], "type": "https://example.org/#T"}} for member in TYPED),
        *({member: {"id": "did:example:1", "type": 2}} for member in TYPED),
        {"credentialSchema": {"type": "JsonSchema"}},
        {"evidence": [{"type": "https://example.org/#T"}] * 257},
    ],
)
def test_broken(change: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        read_credential(document(**change))


def test_what_was_read() -> None:
    found = read_credential(
        document(
            id="urn:example:1",
            type=["VerifiableCredential", "Diploma"],
            issuer={"id": "did:example:issuer"},
            validFrom="1970-01-01T00:00:01Z",
            credentialSchema={"id": "https://school.example/schema", "type": "JsonSchema", "digestSRI": "…"},
        )
    )
    assert (found.version, found.types, found.id, found.issuer) == (
        2,
        ("Diploma",),
        "urn:example:1",
        "did:example:issuer",
    )
    assert (found.valid_from, found.valid_until) == (1, None)
    assert (found.schemas[0].id, found.schemas[0].types) == ("https://school.example/schema", ("JsonSchema",))
    assert found.subjects == ({"id": "did:example:subject"},)


def version_1(**change: Any) -> dict[str, Any]:
    return document(**{"@context": [CONTEXT_V1], "issuanceDate": "2020-01-01T00:00:00Z", **change})


def test_version_1_1() -> None:
    assert read_credential(version_1(name=5)).version == 1  # a word of 2.0's base context alone
    for change in (
        {"issuanceDate": ...},
        {"issuanceDate": "2020-01-01"},
        {"expirationDate": "2019-01-01T00:00:00Z"},
        {"credentialStatus": {"type": "StatusList2021Entry"}},
        {"refreshService": {"type": "ManualRefreshService2018"}},
    ):
        with pytest.raises(Malformed):
            read_credential(version_1(**change))


# Related resources

DATA = b"the resource"
ADDRESS = "https://school.example/rules.pdf"


def sri(name: str, data: bytes = DATA) -> str:
    return f"{name}-{b64encode(hashlib.new(name, data).digest()).decode()}"


def multibase(data: bytes = DATA, *, prefix: bytes = b"\x12\x20") -> str:
    return "u" + b64url_encode(prefix + hashlib.sha256(data).digest())


@pytest.mark.parametrize(
    ("digest", "holds"),
    [
        ({"digestSRI": sri("sha256")}, True),
        ({"digestSRI": sri("sha512")}, True),
        ({"digestSRI": sri("sha384") + "?options"}, True),
        ({"digestSRI": f"{sri('sha384', b'older')} {sri('sha384')}"}, True),
        ({"digestSRI": [sri("sha256", b"older"), sri("sha384")]}, True),
        ({"digestSRI": f"{sri('sha256')} {sri('sha384', b'other')}"}, False),
        ({"digestSRI": sri("sha256", b"other")}, False),
        ({"digestMultibase": multibase()}, True),
        ({"digestMultibase": multibase(prefix=b"")}, True),
        ({"digestMultibase": "z" + base58btc_encode(b"\x12\x20" + hashlib.sha256(DATA).digest())}, True),
        ({"digestMultibase": [multibase(), "u" + b64url_encode(b"\x13\x40" + hashlib.sha512(DATA).digest())]}, True),
        ({"digestMultibase": "u" + b64url_encode(b"\x20\x30" + hashlib.sha384(DATA).digest())}, True),
        ({"digestMultibase": [multibase(), multibase(b"other")]}, False),
        ({"digestSRI": sri("sha256"), "digestMultibase": multibase(b"other")}, False),
        ({"digestSRI": sri("sha256", b"other"), "digestMultibase": multibase()}, False),
    ],
)
def test_digests(digest: dict[str, Any], holds: bool) -> None:
    resources = read_related_resources({"relatedResource": {"id": ADDRESS, **digest}})
    if holds:
        assert check_related_resources(resources, {ADDRESS: DATA}.get) == ()
    else:
        with pytest.raises(Rejected):
            check_related_resources(resources, {ADDRESS: DATA}.get)
    assert check_related_resources(resources, {}.get) == (ADDRESS,)


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        "text",
        [ADDRESS],
        {"digestSRI": sri("sha256")},
        {"id": "no url", "digestSRI": sri("sha256")},
        {"id": ADDRESS},
        {"id": ADDRESS, "digestSRI": []},
        {"id": ADDRESS, "digestSRI": ""},
        {"id": ADDRESS, "digestSRI": 5},
        {"id": ADDRESS, "digestSRI": "md5-CY9rzUYh03PK3k6DJie09g=="},
        {"id": ADDRESS, "digestSRI": "sha256-abcd"},
        {"id": ADDRESS, "digestSRI": "sha384-_rCVIV7fSXXTNIvpiq26jRDyj8JG8TDjij-tD0ewLk4JpnXEz6a5AeeY_1qQ0d0P"},
        {"id": ADDRESS, "digestMultibase": "mAAAA"},
        {"id": ADDRESS, "digestMultibase": "uAAAA"},
        {"id": ADDRESS, "digestMultibase": "u!"},
        {"id": ADDRESS, "digestMultibase": ""},
        {"id": ADDRESS, "digestSRI": sri("sha256"), "mediaType": 5},
        [{"id": ADDRESS, "digestSRI": sri("sha256")}, {"id": ADDRESS, "digestMultibase": multibase()}],
        [{"id": f"{ADDRESS}?{n}", "digestSRI": sri("sha256")} for n in range(257)],
    ],
)
def test_resources_that_say_nothing(value: object) -> None:
    with pytest.raises(Malformed):
        read_related_resources({"relatedResource": value})
