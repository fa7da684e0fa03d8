"""The mobile security object (MSO): what the issuer signs, digests in place of data elements. ISO/IEC 18013-5 §9.1.2.4.

``status`` is that of ISO/IEC 18013-5 second edition and Token Status List draft-20 §6.3.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from common.cbor import decode, embed, encode_map, encode_text, head, unembed
from common.cose.key import encode_cose_key, parse_cose_key
from common.errors import Malformed
from common.formats.credential import StatusReference
from common.formats.mdoc.tdate import encode_tdate, parse_tdate
from common.formats.status_claim import parse_status_claim
from common.jose.jwk import PublicKey

MAX_BYTES = 1 << 18
_DIGESTS: Mapping[str, tuple[Callable[..., Any], int]] = MappingProxyType(
    {"SHA-256": (hashlib.sha256, 32), "SHA-384": (hashlib.sha384, 48), "SHA-512": (hashlib.sha512, 64)}
)


class MobileSecurityObject(NamedTuple):
    """As read: believed once the signature over it holds. Times are seconds.

    device_key: the decoded COSE_Key. authorised: namespace → elements that the device itself may sign, None for all of the namespace.
    """

    doc_type: str
    digest_algorithm: str
    value_digests: Mapping[str, Mapping[int, bytes]]
    device_key: Mapping[Any, Any]
    authorised: Mapping[str, frozenset[str] | None]
    signed: int
    valid_from: int
    valid_until: int
    status: Mapping[str, Any]

    @property
    def hash(self) -> Callable[[bytes], Any]:
        """What digests are made with, each over the embedding of an item, tag and all (§9.1.2.5)."""
        return _DIGESTS[self.digest_algorithm][0]

    def read_device_key(self) -> PublicKey:
        """Raises Malformed, Rejected("algorithm_not_allowed")."""
        return parse_cose_key(self.device_key)

    def read_status(self) -> StatusReference | None:
        """Where the status stands. Raises Malformed, Rejected("status_unknown") for a mechanism that is not known here."""
        return parse_status_claim(self.status)


def parse_mso(payload: bytes) -> MobileSecurityObject:
    """Payload of IssuerAuth (MobileSecurityObjectBytes) → MSO. Members not known here are passed over. Raises Malformed."""
    value = decode(unembed(payload, max_bytes=MAX_BYTES), max_bytes=MAX_BYTES, any_keys=True)
    if not isinstance(value, dict):
        raise _bad("is a map")
    version, doc_type, algorithm = value.get("version"), value.get("docType"), value.get("digestAlgorithm")
    if not isinstance(version, str) or not version.startswith("1."):
        raise Malformed("unknown_mso_version", "an MSO of version 1.0 is needed")
    if not isinstance(doc_type, str) or not doc_type:
        raise _bad("names its docType")
    if not isinstance(algorithm, str) or algorithm not in _DIGESTS:
        raise Malformed("unknown_digest_algorithm", f"digestAlgorithm is one of {', '.join(_DIGESTS)}")
    key_info, validity = value.get("deviceKeyInfo"), value.get("validityInfo")
    if not isinstance(key_info, dict) or not isinstance(key_info.get("deviceKey"), dict):
        raise _bad("has the device's key")
    if not isinstance(validity, dict):
        raise _bad("has validityInfo")
    return MobileSecurityObject(
        doc_type=doc_type,
        digest_algorithm=algorithm,
        value_digests=_value_digests(value.get("valueDigests"), _DIGESTS[algorithm][1]),
        device_key=key_info["deviceKey"],
        authorised=_authorised(key_info["keyAuthorizations"]) if "keyAuthorizations" in key_info else {},
        signed=parse_tdate(validity.get("signed")),
        valid_from=parse_tdate(validity.get("validFrom")),
        valid_until=parse_tdate(validity.get("validUntil")),
        status={"status": value["status"]} if "status" in value else {},
    )


def _bad(what: str) -> Malformed:
    return Malformed("bad_mso", f"a mobile security object {what}")


def _value_digests(value: object, size: int) -> Mapping[str, Mapping[int, bytes]]:
    if not isinstance(value, dict) or not value:
        raise _bad("has valueDigests")
    for namespace, digests in value.items():
        if not isinstance(namespace, str) or not isinstance(digests, dict):
            raise _bad("has digests by namespace")
        for identifier, digest in digests.items():
            if type(identifier) is not int or identifier < 0 or type(digest) is not bytes or len(digest) != size:
                raise _bad(f"has digests of {size} bytes by number")
    return value


def _authorised(value: object) -> Mapping[str, frozenset[str] | None]:
    """KeyAuthorizations: whole namespaces, and single elements of others."""
    if not isinstance(value, dict):
        raise _bad("has keyAuthorizations as a map")
    namespaces, elements = value.get("nameSpaces", []), value.get("dataElements", {})
    if not isinstance(namespaces, list) or not isinstance(elements, dict):
        raise _bad("has keyAuthorizations of namespaces and data elements")
    found: dict[str, frozenset[str] | None] = {}
    for namespace, names in elements.items():
        if (
            not isinstance(namespace, str)
            or not isinstance(names, list)
            or not all(isinstance(name, str) for name in names)
        ):
            raise _bad("authorises data elements by name")
        found[namespace] = frozenset(names)
    for namespace in namespaces:
        if not isinstance(namespace, str):
            raise _bad("authorises namespaces by name")
        found[namespace] = None
    return found


def build_mso(
    *,
    doc_type: str,
    digests: Mapping[str, Sequence[bytes]],
    holder_jwk: Mapping[str, Any],
    signed: int,
    valid_from: int,
    valid_until: int,
    status: StatusReference | None,
) -> bytes:
    """MobileSecurityObjectBytes, encoded, keys in deterministic order. Times in seconds. Raises Malformed for a holder's key that is none.

    digests: by namespace, SHA-256 each; a digest's place in its sequence is its digestID.
    """
    by_namespace = [
        (
            encode_text(namespace),
            head(0xA0, len(of)) + b"".join([head(0, at) + b"\x58\x20" + one for at, one in enumerate(of)]),
        )
        for namespace, of in digests.items()
    ]
    return embed(
        b"".join(
            (
                b"\xa6" if status is None else b"\xa7\x66status" + encode_status(status),
                b"\x67docType",
                encode_text(doc_type),
                b"\x67version\x631.0\x6cvalidityInfo\xa3\x66signed",
                encode_tdate(signed),
                b"\x69validFrom",
                encode_tdate(valid_from),
                b"\x6avalidUntil",
                encode_tdate(valid_until),
                b"\x6cvalueDigests",
                encode_map(by_namespace),
                b"\x6ddeviceKeyInfo\xa1\x69deviceKey",
                encode_cose_key(holder_jwk),
                b"\x6fdigestAlgorithm\x67SHA-256",
            )
        )
    )


def encode_status(status: StatusReference) -> bytes:
    """What `build_status_claim` says, as CBOR."""
    members = (b"\xa1\x6bstatus_list\xa2\x63idx", head(0, status.index), b"\x63uri", encode_text(status.uri))
    return b"".join(members)
