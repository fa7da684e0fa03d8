"""mdocs issued, presented, believed, and everything that is not."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from common.cbor import Tagged, decode, embedded, encode
from common.encoding import b64url_decode
from common.errors import Rejected, Unsupported
from common.formats.credential import VerifiedPresentation
from common.formats.presentation_context import PresentationContext
from common.keys.software import SoftwareKey
from tests.common.formats.mdoc.cast import (
    ADDRESS,
    AUDIENCE,
    CLAIMS,
    CONTEXT,
    ELEMENTS,
    HOLDER,
    ISSUER,
    MDOC,
    NONCE,
    NOW,
    STATUS,
    STRANGER,
    STUDENT,
    X5C,
    certificate,
    content,
    issued,
    presented,
    public,
)


def check(text: str, **change: Any) -> VerifiedPresentation:
    options = {"audience": AUDIENCE, "nonce": NONCE, "now": NOW, "context": CONTEXT, "key": public(), **change}
    return MDOC.verify_presentation(MDOC.parse_presentation(text), options.pop("key"), **options)


def refused(text: str, reason: str, **change: Any) -> None:
    with pytest.raises(Rejected) as caught:
        check(text, **change)
    assert caught.value.reason == reason


def test_issued_parsed_verified() -> None:
    parsed = MDOC.parse(issued())
    hint = parsed.issuer_key_hint
    assert (hint.format, hint.iss, hint.kid, hint.x5c, hint.alg) == ("mso_mdoc", None, None, X5C, "ES256")
    found = MDOC.verify(parsed, public(), now=NOW)
    assert found.claims == {STUDENT: ELEMENTS}
    assert (found.format, found.types, found.issuer) == ("mso_mdoc", (STUDENT,), ADDRESS)
    assert found.status == STATUS
    assert found.issued_at == NOW - NOW % 3600
    assert (found.valid_from, found.valid_until) == (NOW - 10, NOW + 100_000)
    assert found.holder_jwk is not None
    assert found.holder_jwk["x"] == HOLDER.public_jwk()["x"]


def test_what_is_written() -> None:
    """ISO/IEC 18013-5 §9.1.2.4 and OpenID4VCI 1.0 A.2.4: IssuerSigned, MSO 1.0, tagged dates, all in deterministic encoding."""
    data = b64url_decode(issued())
    document = decode(data)
    assert encode(document) == data
    assert document.keys() == {"nameSpaces", "issuerAuth"}
    protected, unprotected, payload, _ = document["issuerAuth"]
    assert (protected, unprotected) == (bytes.fromhex("a10126"), {33: base64.b64decode(X5C[0])})
    mso_bytes = embedded(decode(payload))
    mso = decode(mso_bytes)
    assert encode(mso) == mso_bytes
    assert (mso["version"], mso["digestAlgorithm"], mso["docType"]) == ("1.0", "SHA-256", STUDENT)
    assert mso["validityInfo"]["validUntil"] == Tagged(0, "2026-09-22T18:00:00Z")
    assert mso["status"] == {"status_list": {"idx": 42, "uri": STATUS.uri}}
    assert mso["deviceKeyInfo"]["deviceKey"].keys() == {1, -1, -2, -3}
    items = {item["elementIdentifier"]: item for item in map(decode, map(embedded, document["nameSpaces"][STUDENT]))}
    assert items["birth_date"]["elementValue"] == Tagged(1004, "2005-04-02")
    assert items["portrait"]["elementValue"] == b"\xff\xd8\xff"
    assert sorted(item["digestID"] for item in items.values()) == list(range(len(ELEMENTS)))
    assert sorted(mso["valueDigests"][STUDENT]) == list(range(len(ELEMENTS)))
    assert all(len(item["random"]) >= 16 for item in items.values())


def test_copies_share_no_random_part() -> None:
    copies = [decode(b64url_decode(issued())) for _ in range(8)]
    items = [[decode(embedded(item)) for item in copy["nameSpaces"][STUDENT]] for copy in copies]
    assert len({item["random"] for of_copy in items for item in of_copy}) == 8 * len(ELEMENTS)
    assert len({tuple(item["digestID"] for item in of_copy) for of_copy in items}) > 1


def test_presented_and_believed() -> None:
    found = check(presented())
    assert found.credential.claims == {STUDENT: ELEMENTS}
    assert (found.audience, found.nonce, found.presented_at) == (AUDIENCE, NONCE, NOW)


@pytest.mark.parametrize(
    ("paths", "shown"),
    [
        ([(STUDENT, "age_over_18")], {STUDENT: {"age_over_18": True}}),
        ([(STUDENT, "age_over_18"), (STUDENT, "absent"), ("other", "x")], {STUDENT: {"age_over_18": True}}),
        ([(STUDENT,)], {STUDENT: ELEMENTS}),
        ([], {}),
        ([("other", "age_over_18")], {}),
        (None, {STUDENT: ELEMENTS}),
    ],
)
def test_only_what_is_asked(paths: Any, shown: dict[str, Any]) -> None:
    text = issued()
    assert check(presented(text, paths=paths)).credential.claims == shown
    if paths is not None:
        assert MDOC.preview(text, paths) == shown


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"audience": "another"}, "wrong_holder"),
        ({"nonce": "another"}, "wrong_holder"),
        ({"context": PresentationContext(response_uri="https://thief.example/response")}, "wrong_holder"),
        (
            {"context": PresentationContext(response_uri=CONTEXT.response_uri, encryption_thumbprint=bytes(32))},
            "wrong_holder",
        ),
        ({"context": PresentationContext(response_uri=CONTEXT.response_uri)}, "wrong_holder"),
        ({"context": PresentationContext(origin="https://cafe.example")}, "wrong_holder"),
        ({"key": public(STRANGER)}, "untrusted_key"),
        ({"now": NOW + 100_060}, "expired"),
        ({"now": NOW - 71}, "not_yet_valid"),
    ],
)
def test_not_believed(change: dict[str, Any], reason: str) -> None:
    refused(presented(), reason, **change)


def test_a_thief_cannot_present() -> None:
    refused(presented(holder=STRANGER), "wrong_holder")


def test_without_a_request_nothing_is_presented() -> None:
    with pytest.raises(Unsupported):
        presented(context=None)
    with pytest.raises(Unsupported):
        check(presented(), context=None)


@pytest.mark.parametrize(
    "context",
    [
        CONTEXT,
        PresentationContext(response_uri="https://cafe.example/response"),
        PresentationContext(origin="https://cafe.example"),
        PresentationContext(origin="https://cafe.example", encryption_thumbprint=bytes(32)),
        PresentationContext(response_uri="https://cafe.example/response", wallet_nonce="from the wallet"),
        PresentationContext(shown_at=NOW),
    ],
)
def test_every_handover(context: PresentationContext) -> None:
    text = presented(context=context)
    assert check(text, context=context)
    if context != CONTEXT:
        refused(text, "wrong_holder")


def test_a_context_answers_to_one_place() -> None:
    for options in ({}, {"response_uri": "https://a.example", "origin": "https://b.example"}):
        with pytest.raises(ValueError, match="either"):
            PresentationContext(**options)


@pytest.mark.parametrize("alg", ["ES256", "ES384", "ES512", "EdDSA"])
def test_keys_of_other_kinds(alg: str) -> None:
    issuer, holder = SoftwareKey.generate(alg), SoftwareKey.generate(alg)
    text = MDOC.issue(content(holder_jwk=holder.public_jwk()), issuer, x5c=certificate(issuer))
    assert check(presented(text, holder=holder), key=public(issuer)).credential.claims == {STUDENT: ELEMENTS}


@pytest.mark.parametrize(
    "change",
    [
        {"doctype": ""},
        {"holder_jwk": None},
        {"valid_until": None},
        {"issued_at": None, "valid_from": None},
        {"claims": {**CLAIMS, "shoe_size": 38}},
        {"claims": {"family_name": "髙橋"}},
        {"claims": {**CLAIMS, "birthdate": "2005-02-30"}},
        {"doctype": "com.example.unknown"},
        {"doctype": "com.example.unknown", "claims": {}},
    ],
)
def test_content_that_cannot_be_issued(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        issued(**change)
    with pytest.raises(ValueError, match="certificate"):
        MDOC.issue(content(), ISSUER)


def test_an_unknown_document_type_is_issued_by_namespace() -> None:
    claims = {"com.example.a": {"x": 1, "list": [1, {"y": b"z"}]}, "com.example.b": {"x": "2"}}
    text = issued(doctype="com.example.thing", claims=claims)
    found = MDOC.verify(MDOC.parse(text), public(), now=NOW)
    assert found.types == ("com.example.thing",)
    assert found.claims == {"com.example.a": {"x": 1, "list": [1, {"y": "eg"}]}, "com.example.b": {"x": "2"}}


def test_validity_does_not_begin_before_the_signature() -> None:
    found = MDOC.verify(MDOC.parse(issued(valid_from=NOW - 86_400)), public(), now=NOW)
    assert found.valid_from == found.issued_at == NOW - NOW % 3600
    assert MDOC.verify(MDOC.parse(issued(status=None)), public(), now=NOW).status is None
