"""mdocs issued, presented, believed, and everything that is not."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from common.cbor import Tagged, decode, embed, embedded, encode
from common.cose.headers import X5CHAIN
from common.cose.sign1 import sign_sign1
from common.encoding import b64url_decode, b64url_encode
from common.errors import Malformed, Rejected, Unsupported
from common.formats.credential import VerifiedPresentation
from common.formats.mdoc.device_auth import derive_mac_key, device_authentication, mac_device_auth, sign_device_auth
from common.formats.mdoc.device_response import build_device_response
from common.formats.mdoc.session_transcript import session_transcript
from common.formats.mdoc.verify import verify_presentation
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


# Documents that were changed after they were signed, or signed by somebody who should not have: the MSO is written anew and signed
# with the issuer's own key, so that nothing but the point in question is wrong.


def resigned(change_mso: Any = None, change_items: Any = None, **signing: Any) -> str:
    document = decode(b64url_decode(issued()))
    mso = decode(embedded(decode(document["issuerAuth"][2])))
    items = [decode(embedded(item)) for item in document["nameSpaces"][STUDENT]]
    if change_mso is not None:
        mso = change_mso(mso) or mso
    if change_items is not None:
        change_items(items)
    document["nameSpaces"][STUDENT] = [Tagged(24, encode(item)) for item in items]
    unprotected = signing.pop("unprotected", {X5CHAIN: base64.b64decode(X5C[0])})
    payload = signing.pop("payload", embed(encode(mso)))
    document["issuerAuth"] = decode(sign_sign1(payload, signing.pop("signer", ISSUER), unprotected=unprotected))
    return b64url_encode(encode(document))


def verify(text: str) -> Any:
    return MDOC.verify(MDOC.parse(text), public(), now=NOW)


def test_resigned_as_it_was() -> None:
    assert verify(resigned()).claims == {STUDENT: ELEMENTS}


def put(path: tuple[Any, ...], value: Any) -> Any:
    def change(mso: dict[Any, Any]) -> None:
        at: Any = mso
        for step in path[:-1]:
            at = at[step]
        if value is None:
            del at[path[-1]]
        else:
            at[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("version",), "2.0"),
        (("version",), 1),
        (("docType",), None),
        (("docType",), ""),
        (("digestAlgorithm",), "SHA-1"),
        (("digestAlgorithm",), ["SHA-256"]),
        (("valueDigests",), None),
        (("valueDigests",), {}),
        (("valueDigests", STUDENT), []),
        (("valueDigests", 1), {0: bytes(32)}),
        (("valueDigests", STUDENT, 0), bytes(31)),
        (("valueDigests", STUDENT, -1), bytes(32)),
        (("valueDigests", STUDENT, "0"), bytes(32)),
        (("deviceKeyInfo",), None),
        (("deviceKeyInfo", "deviceKey"), []),
        (("deviceKeyInfo", "deviceKey", -2), bytes(31)),
        (("deviceKeyInfo", "deviceKey", -2), bytes(32)),
        (("deviceKeyInfo", "keyAuthorizations"), []),
        (("deviceKeyInfo", "keyAuthorizations"), {"nameSpaces": "x"}),
        (("deviceKeyInfo", "keyAuthorizations"), {"nameSpaces": [1]}),
        (("deviceKeyInfo", "keyAuthorizations"), {"dataElements": {"a": "x"}}),
        (("validityInfo",), None),
        (("validityInfo", "signed"), "2026-01-01T00:00:00Z"),
        (("validityInfo", "signed"), Tagged(1, 0)),
        (("validityInfo", "signed"), Tagged(0, "2026-02-30T00:00:00Z")),
        (("validityInfo", "signed"), Tagged(0, "2026-01-01")),
        (("validityInfo", "validUntil"), None),
        (("validityInfo", "validFrom"), Tagged(0, 1)),
    ],
)
def test_malformed_security_objects(path: tuple[Any, ...], value: Any) -> None:
    with pytest.raises(Malformed):
        verify(resigned(put(path, value)))


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        (("status",), {"identifier_list": {"id": b"1", "uri": "https://a.example"}}, "status_unknown"),
        (("validityInfo", "signed"), Tagged(0, "2020-01-01T00:00:00Z"), "untrusted_key"),
        (("validityInfo", "signed"), Tagged(0, "2030-01-01T00:00:00Z"), "untrusted_key"),
        (("validityInfo", "signed"), Tagged(0, "2026-09-22T00:00:00Z"), "not_yet_valid"),
        (("valueDigests", STUDENT, 0), bytes(32), "disclosure_invalid"),
        (("valueDigests", STUDENT, 0), None, "disclosure_invalid"),
        (("valueDigests",), {"other": {0: bytes(32)}}, "disclosure_invalid"),
        (("deviceKeyInfo", "deviceKey", 3), -35, "algorithm_not_allowed"),
    ],
)
def test_security_objects_that_are_not_believed(path: tuple[Any, ...], value: Any, reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        verify(resigned(put(path, value)))
    assert caught.value.reason == reason


@pytest.mark.parametrize("algorithm", ["SHA-384", "SHA-512"])
def test_other_digests(algorithm: str) -> None:
    import hashlib

    items: list[Any] = []

    def change(mso: dict[str, Any]) -> None:
        mso["digestAlgorithm"] = algorithm
        make = hashlib.new
        name = algorithm.replace("-", "").lower()
        mso["valueDigests"][STUDENT] = {item["digestID"]: make(name, embed(encode(item))).digest() for item in items}

    document = decode(b64url_decode(issued()))
    items += [decode(embedded(item)) for item in document["nameSpaces"][STUDENT]]
    mso = decode(embedded(decode(document["issuerAuth"][2])))
    change(mso)
    unprotected = {X5CHAIN: base64.b64decode(X5C[0])}
    document["issuerAuth"] = decode(sign_sign1(embed(encode(mso)), ISSUER, unprotected=unprotected))
    assert verify(b64url_encode(encode(document))).claims == {STUDENT: ELEMENTS}


@pytest.mark.parametrize(
    "change",
    [
        lambda items: items[0].update(random=bytes(15)),
        lambda items: items[0].update(random="text of sixteen "),
        lambda items: items[0].pop("elementValue"),
        lambda items: items[0].update(digestID=-1),
        lambda items: items[0].update(digestID=True),
        lambda items: items[0].update(elementIdentifier=1),
        lambda items: items.append(dict(items[0])),
        lambda items: items.__setitem__(0, []),
        lambda items: items.extend([items[0]] * 512),
    ],
)
def test_malformed_items(change: Any) -> None:
    with pytest.raises(Malformed):
        MDOC.parse(resigned(change_items=change))


@pytest.mark.parametrize(
    "change",
    [
        lambda items: items[0].update(elementValue="forged"),
        lambda items: items[0].update(random=bytes(16)),
        lambda items: items[0].update(elementIdentifier="another"),
        lambda items: items[0].update(digestID=99),
        lambda items: items[0].update(digestID=items[1]["digestID"]),
        lambda items: items[0].update(more=1),
    ],
)
def test_items_that_were_not_signed(change: Any) -> None:
    with pytest.raises(Rejected) as caught:
        verify(resigned(change_items=change))
    assert caught.value.reason == "disclosure_invalid"


def test_signatures_and_certificates() -> None:
    with pytest.raises(Rejected) as caught:
        verify(resigned(signer=STRANGER))
    assert caught.value.reason == "bad_signature"
    for unprotected in ({}, {X5CHAIN: "text"}, {X5CHAIN: []}):
        with pytest.raises(Malformed):
            MDOC.parse(resigned(unprotected=unprotected))
    with pytest.raises(Malformed):
        verify(resigned(unprotected={X5CHAIN: b"no certificate"}))
    with pytest.raises(Rejected) as caught:  # another institution's certificate: the key is not its
        verify(resigned(unprotected={X5CHAIN: base64.b64decode(certificate(STRANGER)[0])}))
    assert caught.value.reason == "untrusted_key"
    for payload in (b"", b"\0", encode({}), encode(Tagged(24, {})), embed(b"\0"), embed(b"\xff")):
        with pytest.raises(Malformed):
            MDOC.parse(resigned(payload=payload))


@pytest.mark.parametrize("change", [{"issuing_country": "DE"}, {"issuing_jurisdiction": "JP-27"}])
def test_country_and_jurisdiction_are_the_certificates(change: dict[str, str]) -> None:
    """ISO/IEC 18013-5 §7.2.1: of the mDL's own namespace."""
    elements = {"issuing_country": "JP", "family_name": "x", **change}
    text = issued(doctype="com.example.licence", claims={"org.iso.18013.5.1": elements})
    parsed = MDOC.parse(text)
    if "issuing_jurisdiction" in change:
        assert MDOC.verify(parsed, public(), now=NOW)  # the certificate names no state
    else:
        with pytest.raises(Rejected) as caught:
            MDOC.verify(parsed, public(), now=NOW)
        assert caught.value.reason == "untrusted_key"


# What surrounds the document: DeviceResponse.


def rebuilt(change: Any) -> str:
    response = decode(b64url_decode(presented()))
    change(response)
    return b64url_encode(encode(response))


def document_of(response: Any) -> Any:
    return response["documents"][0]


@pytest.mark.parametrize(
    "change",
    [
        lambda response: response.update(version="2.0"),
        lambda response: response.update(version=1),
        lambda response: response.update(status=10),
        lambda response: response.update(status=False),
        lambda response: response.pop("status"),
        lambda response: response.pop("documents"),
        lambda response: response.update(documents=[]),
        lambda response: response.update(documents=response["documents"] * 2),
        lambda response: response.update(documents=[1]),
        lambda response: document_of(response).pop("docType"),
        lambda response: document_of(response).pop("issuerSigned"),
        lambda response: document_of(response).pop("deviceSigned"),
        lambda response: document_of(response)["deviceSigned"].pop("nameSpaces"),
        lambda response: document_of(response)["deviceSigned"].update(nameSpaces={}),
        lambda response: document_of(response)["deviceSigned"].update(nameSpaces=Tagged(24, b"\xff")),
        lambda response: document_of(response)["deviceSigned"].update(nameSpaces=Tagged(24, encode({1: {}}))),
        lambda response: document_of(response)["deviceSigned"].update(nameSpaces=Tagged(24, encode({"a": {1: 1}}))),
        lambda response: document_of(response)["deviceSigned"].update(deviceAuth={}),
        lambda response: document_of(response)["deviceSigned"]["deviceAuth"].update(deviceMac=[b"", {}, None, b""]),
        lambda response: document_of(response)["deviceSigned"]["deviceAuth"].update(deviceSignature=[]),
        lambda response: document_of(response)["issuerSigned"].update(nameSpaces=[]),
        lambda response: document_of(response)["issuerSigned"].update(nameSpaces={1: []}),
        lambda response: document_of(response)["issuerSigned"].update(nameSpaces={"a": {}}),
        lambda response: document_of(response)["issuerSigned"].update(nameSpaces={"a": [b""]}),
    ],
)
def test_malformed_responses(change: Any) -> None:
    with pytest.raises(Malformed):
        MDOC.parse_presentation(rebuilt(change))


def test_another_type_outside_than_inside() -> None:
    refused(rebuilt(lambda response: document_of(response).update(docType="tegata.graduate.1")), "wrong_type")


def test_a_credential_is_no_presentation_and_the_reverse() -> None:
    with pytest.raises(Malformed):
        MDOC.parse_presentation(issued())
    with pytest.raises(Malformed):
        MDOC.parse(presented())


def test_an_attached_payload_is_refused() -> None:
    def attach(response: Any) -> None:
        document_of(response)["deviceSigned"]["deviceAuth"]["deviceSignature"][2] = b"payload"

    with pytest.raises(Malformed):
        check(rebuilt(attach))


def test_elements_of_the_device() -> None:
    """§9.1.2.4 keyAuthorizations: only what the issuer allowed the device to say."""
    namespaces = encode({"tegata.device.1": {"battery": 80}})
    transcript = session_transcript(CONTEXT, audience=AUDIENCE, nonce=NONCE)
    for allowed, believed in (
        (None, False),
        ({"nameSpaces": ["tegata.device.1"]}, True),
        ({"dataElements": {"tegata.device.1": ["battery"]}}, True),
        ({"dataElements": {"tegata.device.1": ["signal"]}}, False),
        ({"nameSpaces": ["other"]}, False),
    ):
        change = put(("deviceKeyInfo", "keyAuthorizations"), allowed) if allowed else None
        parsed = MDOC.parse(resigned(change))
        message = sign_device_auth(device_authentication(transcript, STUDENT, namespaces), HOLDER)
        text = build_device_response(
            parsed, None, device_auth=("deviceSignature", message), device_namespaces=namespaces
        )
        if believed:
            assert check(text).credential.claims == {STUDENT: ELEMENTS}
        else:
            refused(text, "disclosure_invalid")


def test_authentication_by_mac() -> None:
    transcript = session_transcript(CONTEXT, audience=AUDIENCE, nonce=NONCE)
    reader = ec.generate_private_key(ec.SECP256R1())
    holder_key = HOLDER.private_key()
    assert isinstance(holder_key, ec.EllipticCurvePrivateKey)
    mac_key = derive_mac_key(holder_key, reader.public_key(), transcript)
    message = mac_device_auth(device_authentication(transcript, STUDENT, encode({})), mac_key)
    text = build_device_response(MDOC.parse(issued()), None, device_auth=("deviceMac", message))
    parsed = MDOC.parse_presentation(text)
    options: dict[str, Any] = {"audience": AUDIENCE, "nonce": NONCE, "now": NOW, "context": CONTEXT}
    assert verify_presentation(parsed, public(), reader_key=reader, **options)
    for wrong, reason in (
        ({"nonce": "other", "reader_key": reader}, "wrong_holder"),
        ({"reader_key": ec.generate_private_key(ec.SECP256R1())}, "wrong_holder"),
        ({"reader_key": ec.generate_private_key(ec.SECP384R1())}, "algorithm_not_allowed"),
        ({"reader_key": None}, "algorithm_not_allowed"),
    ):
        with pytest.raises(Rejected) as caught:
            verify_presentation(parsed, public(), **{**options, **wrong})
        assert caught.value.reason == reason
    refused(text, "algorithm_not_allowed")
