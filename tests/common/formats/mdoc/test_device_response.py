"""What surrounds an mdoc when it is presented: structure, the device's authentication, its own data elements."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from common.cbor import Tagged, decode, encode
from common.encoding import b64url_decode, b64url_encode
from common.errors import Malformed, Rejected
from common.formats.credential import VerifiedPresentation
from common.formats.mdoc.device_auth import derive_mac_key, device_authentication, mac_device_auth, sign_device_auth
from common.formats.mdoc.device_response import build_device_response
from common.formats.mdoc.session_transcript import session_transcript
from common.formats.mdoc.verify import verify_presentation
from tests.common.formats.mdoc.cast import (
    AUDIENCE,
    CONTEXT,
    ELEMENTS,
    HOLDER,
    MDOC,
    NONCE,
    NOW,
    STUDENT,
    issued,
    presented,
    public,
)
from tests.common.formats.mdoc.test_mdoc_forged import put, resigned


def check(text: str, **change: Any) -> VerifiedPresentation:
    options = {"audience": AUDIENCE, "nonce": NONCE, "now": NOW, "context": CONTEXT, "key": public(), **change}
    return MDOC.verify_presentation(MDOC.parse_presentation(text), options.pop("key"), **options)


def refused(text: str, reason: str, **change: Any) -> None:
    with pytest.raises(Rejected) as caught:
        check(text, **change)
    assert caught.value.reason == reason


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
