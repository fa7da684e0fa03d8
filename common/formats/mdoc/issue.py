"""Content → IssuerSigned. ISO/IEC 18013-5 §9.1.2, OpenID4VCI 1.0 A.2.

Copies of one document share nothing that would link them beyond what the content gives: salts are fresh, digests are numbered at random,
``signed`` is cut down to the hour.
"""

from __future__ import annotations

import base64
import os
import struct
from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Any

from common.cbor import Encoded, embed, encode, encode_text, head
from common.cose.headers import X5CHAIN, build_x5chain
from common.cose.sign1 import sign_sign1
from common.encoding import b64url_encode
from common.formats.credential import CredentialContent
from common.formats.mdoc.document_types.registry import DOCUMENT_TYPES
from common.formats.mdoc.issuer_signed import encode_issuer_signed
from common.formats.mdoc.mobile_security_object import build_mso
from common.ports import Signer

SIGNED_STEP = 3600
RANDOM_BYTES = 16
_ITEM = b"\xa4\x66random\x50%b\x68digestID%b\x6celementValue%b\x71elementIdentifier%b"
"""IssuerSignedItem: salt of RANDOM_BYTES, number, value, name; keys in deterministic order."""
_encode_name = lru_cache(maxsize=4096)(encode_text)


def issue(content: CredentialContent, signer: Signer, *, x5c: Sequence[str] | None = None) -> str:
    """The document with all its data elements, as base64url text of IssuerSigned.

    Raises ValueError: no docType, no certificate, no holder's key, no end of validity, claims that the document type does not know.
    """
    if not content.doctype:
        raise ValueError("an mdoc needs a doctype")
    if not x5c:
        raise ValueError("an mdoc needs the certificate of its signer")
    if content.holder_jwk is None:
        raise ValueError("an mdoc needs a key of its holder")
    if content.valid_until is None:
        raise ValueError("an mdoc needs an end of validity")
    begins = content.issued_at if content.issued_at is not None else content.valid_from
    if begins is None:
        raise ValueError("an mdoc needs the time of its issue")
    signed = begins - begins % SIGNED_STEP
    items: dict[str, list[bytes]] = {}
    digests: dict[str, list[bytes]] = {}
    for namespace, elements in _arrange(content).items():
        items[namespace], digests[namespace] = _items(elements)
    mso = build_mso(
        doc_type=content.doctype,
        digests=digests,
        holder_jwk=content.holder_jwk,
        signed=signed,
        valid_from=max(signed, content.valid_from or 0),  # §9.1.2.4: not before it was signed
        valid_until=content.valid_until,
        status=content.status,
    )
    issuer_auth = sign_sign1(mso, signer, unprotected=_chain_header(tuple(x5c)))
    return b64url_encode(encode_issuer_signed(items, issuer_auth))


@lru_cache(maxsize=64)
def _chain_header(x5c: tuple[str, ...]) -> Encoded:
    """The unprotected header with the signer's certificates, the same in all that a signer signs."""
    return Encoded(encode({X5CHAIN: build_x5chain([base64.b64decode(certificate) for certificate in x5c])}))


def _arrange(content: CredentialContent) -> dict[str, dict[str, Any]]:
    if content.doctype in DOCUMENT_TYPES:
        return DOCUMENT_TYPES[content.doctype].arrange(content.claims)
    if not content.claims or not all(isinstance(elements, Mapping) for elements in content.claims.values()):
        raise ValueError(f"{content.doctype} is not known here: its claims must come by namespace")
    return {namespace: dict(elements) for namespace, elements in content.claims.items()}


def _items(elements: Mapping[str, Any]) -> tuple[list[bytes], list[bytes]]:
    """Elements of a namespace → their items, embedded; and the digests, each at the place that its digestID names.

    The numbers are drawn, so that they tell no order.
    """
    count = len(elements)
    chance = os.urandom((RANDOM_BYTES + 8) * count)
    lots = struct.unpack_from(f"{count}Q", chance, RANDOM_BYTES * count)
    items, digests, at = [], [b""] * count, 0
    for number, (name, value) in zip(sorted(range(count), key=lots.__getitem__), elements.items(), strict=True):
        item = embed(
            _ITEM
            % (
                chance[at : at + RANDOM_BYTES],
                head(0, number),
                encode_text(value) if type(value) is str else encode(value),
                _encode_name(name),
            )
        )
        items.append(item)
        digests[number] = sha256(item).digest()
        at += RANDOM_BYTES
    return items, digests
