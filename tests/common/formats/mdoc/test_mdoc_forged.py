"""mdocs that were changed after they were signed, or signed by somebody who should not have: none is believed."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from common.cbor import Tagged, decode, embed, embedded, encode
from common.cose.headers import X5CHAIN
from common.cose.sign1 import sign_sign1
from common.encoding import b64url_decode, b64url_encode
from common.errors import Malformed, Rejected
from tests.common.formats.mdoc.cast import (
    ELEMENTS,
    ISSUER,
    MDOC,
    NOW,
    STRANGER,
    STUDENT,
    X5C,
    certificate,
    issued,
    public,
)

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
