"""IssuerSigned: the data elements with their salts, and the issuer's signature over their digests. ISO/IEC 18013-5 §8.3.2.1.2.2, §9.1.2.

Reading and writing; nothing is believed here. Items are kept as the bytes that were received, since digests are over those.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, NamedTuple

from common.cbor import (
    decode,
    decode_each,
    embed,
    embedded_each,
    encode,
    encode_array,
    encode_bytes,
    encode_map,
    encode_text,
)
from common.cose.sign1 import ParsedSign1, parse_sign1
from common.encoding import b64url_decode
from common.errors import Malformed
from common.formats.credential import IssuerKeyHint
from common.formats.mdoc.mobile_security_object import MobileSecurityObject, parse_mso

FORMAT = "mso_mdoc"
MAX_BYTES = 1 << 20
MAX_ELEMENTS = 512
_MEMBERS = frozenset({"issuerAuth", "nameSpaces"})
SHORTEST_RANDOM = 16
"""Bytes of salt (§9.1.2.5)."""


class Item(NamedTuple):
    """One IssuerSignedItem. encoded: as received, without the embedding. A tuple, since there are many of them."""

    digest_id: int
    element: str
    value: Any
    encoded: bytes


class ParsedIssuerSigned(NamedTuple):
    """Read, not verified. namespaces: the items by namespace, in their order. x5chain: DER, leaf first."""

    namespaces: Mapping[str, tuple[Item, ...]]
    issuer_auth: ParsedSign1
    mso: MobileSecurityObject
    x5chain: tuple[bytes, ...]

    @property
    def issuer_key_hint(self) -> IssuerKeyHint:
        """An mdoc names its issuer by the certificates in ``x5chain`` and in no other way. Raises Rejected for an unknown algorithm."""
        return IssuerKeyHint(
            format=FORMAT,
            iss=None,
            kid=None,
            x5c=tuple(base64.b64encode(certificate).decode("ascii") for certificate in self.x5chain),
            alg=self.issuer_auth.alg,
        )


def decode_text(text: str) -> Any:
    """Base64url text of one CBOR value, as OpenID4VCI A.2.4 and OpenID4VP B.2.5 carry it. Raises Malformed.

    Keys are not looked at: all but those of COSE headers, which look themselves, are compared with texts.
    """
    if len(text) > MAX_BYTES * 4 // 3:
        raise Malformed("too_large", f"more than {MAX_BYTES} bytes")
    return decode(b64url_decode(text), max_bytes=MAX_BYTES, any_keys=True)


def parse_issuer_signed(value: object) -> ParsedIssuerSigned:
    """Decoded IssuerSigned → parts. Raises Malformed."""
    if not isinstance(value, dict) or "issuerAuth" not in value or not value.keys() <= _MEMBERS:
        raise Malformed("bad_issuer_signed", "IssuerSigned is a map of issuerAuth and nameSpaces")
    auth = parse_sign1(value["issuerAuth"])
    chain = auth.x5chain
    if auth.payload is None or not chain:
        raise Malformed("bad_issuer_signed", "issuerAuth holds its payload and the signer's certificate")
    return ParsedIssuerSigned(_namespaces(value.get("nameSpaces", {})), auth, parse_mso(auth.payload), chain)


def _namespaces(value: object) -> dict[str, tuple[Item, ...]]:
    if not isinstance(value, dict):
        raise Malformed("bad_issuer_signed", "nameSpaces is a map")
    found: dict[str, tuple[Item, ...]] = {}
    room = MAX_ELEMENTS
    for namespace, items in value.items():
        if not isinstance(namespace, str) or not isinstance(items, list) or len(items) > room:
            raise Malformed("bad_issuer_signed", f"nameSpaces holds arrays of at most {MAX_ELEMENTS} elements together")
        room -= len(items)
        encoded = embedded_each(items)
        parsed = tuple(map(_item, decode_each(encoded, max_bytes=MAX_BYTES), encoded))
        if len({item.element for item in parsed}) != len(parsed):
            raise Malformed("bad_issuer_signed", "a data element stands twice in a namespace")
        found[namespace] = parsed
    return found


def _item(item: Any, encoded: bytes) -> Item:
    try:
        digest_id, random, element = item["digestID"], item["random"], item["elementIdentifier"]
        sound = type(digest_id) is int and digest_id >= 0 and type(random) is bytes and len(random) >= SHORTEST_RANDOM
        if sound and type(element) is str:
            return Item(digest_id, element, item["elementValue"], encoded)
    except (TypeError, KeyError):
        pass
    raise Malformed(
        "bad_issuer_signed",
        f"an IssuerSignedItem is a map of digestID, {SHORTEST_RANDOM} bytes of random, a name and a value",
    )


def encode_issuer_signed(namespaces: Mapping[str, list[bytes]], issuer_auth: bytes) -> bytes:
    """namespaces: embedded items, encoded. issuer_auth: encoded COSE_Sign1. Keys in deterministic order."""
    if not namespaces:
        return b"\xa1\x6aissuerAuth" + issuer_auth
    arrays = [(encode_text(namespace), encode_array(items)) for namespace, items in namespaces.items()]
    return b"".join((b"\xa2\x6aissuerAuth", issuer_auth, b"\x6anameSpaces", encode_map(arrays)))


def encode_issuer_auth(parsed: ParsedSign1) -> bytes:
    """An issuer's signature, to be passed on: what it covers is kept byte for byte."""
    return encode_array(
        (
            encode_bytes(parsed.protected_bytes),
            encode(dict(parsed.unprotected)),
            encode(parsed.payload),
            encode_bytes(parsed.signature),
        )
    )


def reembed(item: Item) -> bytes:
    return embed(item.encoded)
