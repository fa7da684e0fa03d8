"""DeviceResponse: a document as presented, with what the device signed. ISO/IEC 18013-5 §8.3.2.1.2.2, OpenID4VP 1.0 B.2.5.

Reading and writing; nothing is believed here. One response carries exactly one document: so OpenID4VP wants it, one per credential query.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from common.cbor import decode, embed, embedded, encode, encode_array, encode_map, encode_text
from common.cose.headers import ParsedCose
from common.cose.mac0 import parse_mac0
from common.cose.sign1 import parse_sign1
from common.encoding import b64url_encode
from common.errors import Malformed
from common.formats.credential import ClaimsPath, IssuerKeyHint
from common.formats.mdoc.device_auth import device_authentication, sign_device_auth
from common.formats.mdoc.issuer_signed import (
    MAX_BYTES,
    Item,
    ParsedIssuerSigned,
    decode_text,
    encode_issuer_auth,
    encode_issuer_signed,
    parse_issuer_signed,
    reembed,
)
from common.ports import Signer

_EMPTY_MAP = encode({})


class ParsedDeviceResponse(NamedTuple):
    """Read, not verified. One of signature and mac is there. device_namespaces: as received; device_signed: the same, decoded."""

    doc_type: str
    issuer_signed: ParsedIssuerSigned
    device_namespaces: bytes
    device_signed: Mapping[str, Mapping[str, Any]]
    signature: ParsedCose | None
    mac: ParsedCose | None

    @property
    def issuer_key_hint(self) -> IssuerKeyHint:
        return self.issuer_signed.issuer_key_hint


def parse_device_response(text: str) -> ParsedDeviceResponse:
    """Base64url text → parts. Raises Malformed: structure, a status other than OK, or other than one document."""
    response = decode_text(text)
    if not isinstance(response, dict) or response.get("version") != "1.0":
        raise _bad("is a map of version 1.0")
    if type(response.get("status")) is not int or response["status"] != 0:  # table 8: 0 is OK
        raise _bad("has the status 0")
    documents = response.get("documents")
    if not isinstance(documents, list) or len(documents) != 1 or not isinstance(documents[0], dict):
        raise _bad("holds one document")
    return _document(documents[0])


def _document(document: dict[Any, Any]) -> ParsedDeviceResponse:
    doc_type, device = document.get("docType"), document.get("deviceSigned")
    if not isinstance(doc_type, str) or not isinstance(device, dict) or not isinstance(device.get("deviceAuth"), dict):
        raise _bad("holds a document with docType and deviceSigned")
    auth = device["deviceAuth"]
    if ("deviceSignature" in auth) == ("deviceMac" in auth):
        raise _bad("has either a deviceSignature or a deviceMac")
    namespaces = embedded(device.get("nameSpaces"))
    return ParsedDeviceResponse(
        doc_type=doc_type,
        issuer_signed=parse_issuer_signed(document.get("issuerSigned")),
        device_namespaces=namespaces,
        device_signed={} if namespaces == _EMPTY_MAP else _device_signed(namespaces),
        signature=parse_sign1(auth["deviceSignature"]) if "deviceSignature" in auth else None,
        mac=parse_mac0(auth["deviceMac"]) if "deviceMac" in auth else None,
    )


def _device_signed(namespaces: bytes) -> Mapping[str, Mapping[str, Any]]:
    value = decode(namespaces, max_bytes=MAX_BYTES)
    if not isinstance(value, dict) or not all(
        isinstance(namespace, str) and isinstance(elements, dict) and all(isinstance(name, str) for name in elements)
        for namespace, elements in value.items()
    ):
        raise _bad("has data elements of the device by namespace")
    return value


def _bad(what: str) -> Malformed:
    return Malformed("bad_device_response", f"a DeviceResponse here {what}")


def select_items(parsed: ParsedIssuerSigned, paths: Sequence[ClaimsPath] | None) -> dict[str, tuple[Item, ...]]:
    """The items at ``paths`` (namespace, element; a namespace alone means all of it). None: all. What is not there is passed over."""
    if paths is None:
        return dict(parsed.namespaces)
    wanted = {path[:2] for path in paths}
    chosen = {
        namespace: tuple(item for item in items if (namespace,) in wanted or (namespace, item.element) in wanted)
        for namespace, items in parsed.namespaces.items()
    }
    return {namespace: items for namespace, items in chosen.items() if items}


def build_device_response(
    parsed: ParsedIssuerSigned,
    paths: Sequence[ClaimsPath] | None,
    *,
    device_auth: tuple[str, bytes],
    device_namespaces: bytes = _EMPTY_MAP,
) -> str:
    """Base64url text. device_auth: ``deviceSignature`` or ``deviceMac`` with its encoded message; device_namespaces: what it covers."""
    items = {namespace: [reembed(item) for item in chosen] for namespace, chosen in select_items(parsed, paths).items()}
    name, message = device_auth
    device_signed = encode_map(
        (
            (b"\x6anameSpaces", embed(device_namespaces)),
            (b"\x6adeviceAuth", encode_map(((encode_text(name), message),))),
        )
    )
    document = encode_map(
        (
            (b"\x67docType", encode_text(parsed.mso.doc_type)),
            (b"\x6cissuerSigned", encode_issuer_signed(items, encode_issuer_auth(parsed.issuer_auth))),
            (b"\x6cdeviceSigned", device_signed),
        )
    )
    response = encode_map(
        (
            (b"\x67version", b"\x631.0"),
            (b"\x69documents", encode_array((document,))),
            (b"\x66status", encode(0)),
        )
    )
    return b64url_encode(response)


def sign_device_response(
    parsed: ParsedIssuerSigned, paths: Sequence[ClaimsPath] | None, *, holder: Signer, transcript: bytes
) -> str:
    """The presentation by the device's signature, without data elements of its own."""
    authentication = device_authentication(transcript, parsed.mso.doc_type, _EMPTY_MAP)
    message = sign_device_auth(authentication, holder)
    return build_device_response(parsed, paths, device_auth=("deviceSignature", message))
