"""CMS SignedData as passports use it: one content, one signature, its certificate inside. RFC 5652 §5, Doc 9303-10 §4.6.2. Pure."""

from __future__ import annotations

import hashlib
from hmac import compare_digest
from typing import Any

from asn1crypto import cms, core

from common.cards.drivers.passport.certificate import Certificate, are_same_names, parse_certificate
from common.cards.drivers.passport.der import MAX_BYTES, dotted, load, reading
from common.cards.drivers.passport.signature import Scheme, hash_name, parse_scheme, verify_signature
from common.cards.tlv import encode_tlv
from common.errors import Malformed, Rejected
from common.record import Record

SIGNED_DATA = "1.2.840.113549.1.7.2"
_CONTENT_TYPE, _MESSAGE_DIGEST, _SIGNING_TIME = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4", "1.2.840.113549.1.9.5"
_MAX_CERTIFICATES = 16


class ParsedSignedData(Record, frozen=True):
    """Read, not verified. content_type: dotted. certificates: DER. attributes: the signed ones, DER, as the signature covers them.

    signing_time: what the signer says, in seconds; nobody else vouches for it.
    """

    content_type: str
    content: bytes
    certificates: tuple[bytes, ...]
    signer_issuer: bytes
    signer_serial: int
    signer_key_id: bytes | None
    digest_name: str
    scheme: Scheme
    attributes: bytes
    attribute_content_type: str
    message_digest: bytes
    signing_time: int | None
    signature: bytes


class _Attribute(core.Sequence):  # type: ignore[misc]  # untyped there
    class _Values(core.SetOf):  # type: ignore[misc]
        _child_spec = core.Any

    _fields = [("kind", core.ObjectIdentifier), ("values", _Values)]  # noqa: RUF012


class _Attributes(core.SetOf):  # type: ignore[misc]
    _child_spec = _Attribute


def parse_signed_data(der: bytes, *, max_bytes: int = MAX_BYTES) -> ParsedSignedData:
    """ContentInfo → its one signature and what it is over. Raises Malformed, Unsupported."""
    info = load(cms.ContentInfo, der, "CMS SignedData", max_bytes=max_bytes)
    with reading("CMS SignedData"):
        if dotted(info["content_type"]) != SIGNED_DATA:
            raise Malformed("bad_cms", "not CMS SignedData")
        signed = info["content"]
        if len(signed["signer_infos"]) != 1:
            raise Malformed("bad_cms", "not one signature")
        return _read(signed, signed["signer_infos"][0])


def _read(signed: Any, signer: Any) -> ParsedSignedData:
    encapsulated = signed["encap_content_info"]
    digest = hash_name(dotted(signer["digest_algorithm"]["algorithm"]))
    sid, issuer, serial, key_id = signer["sid"], b"", 0, None
    if sid.name == "issuer_and_serial_number":
        issuer, serial = sid.chosen["issuer"].dump(), sid.chosen["serial_number"].native
    else:
        key_id = sid.chosen.native
    if not signer["signed_attrs"].contents:
        raise Malformed("bad_cms", "a signature without signed attributes")
    attributes = encode_tlv(0x31, signer["signed_attrs"].contents)
    values = _values(attributes)
    time = values.get(_SIGNING_TIME)
    return ParsedSignedData(
        content_type=dotted(encapsulated["content_type"]),
        content=bytes(encapsulated["content"]),
        certificates=_certificates(signed["certificates"]),
        signer_issuer=issuer,
        signer_serial=serial,
        signer_key_id=key_id,
        digest_name=digest,
        scheme=parse_scheme(signer["signature_algorithm"], digest=digest),
        attributes=attributes,
        attribute_content_type=dotted(core.ObjectIdentifier.load(values[_CONTENT_TYPE], strict=True)),
        message_digest=core.OctetString.load(values[_MESSAGE_DIGEST], strict=True).native,
        signing_time=None if time is None else int(cms.Time.load(time, strict=True).native.timestamp()),
        signature=signer["signature"].native,
    )


def _values(attributes: bytes) -> dict[str, bytes]:
    """The one value of every signed attribute, DER. One that stands twice could be read in two ways."""
    found: dict[str, bytes] = {}
    for attribute in _Attributes.load(attributes, strict=True):
        kind = dotted(attribute["kind"])
        if kind in found or (kind in (_CONTENT_TYPE, _MESSAGE_DIGEST, _SIGNING_TIME) and len(attribute["values"]) != 1):
            raise Malformed("bad_cms", "a signed attribute stands twice")
        found[kind] = attribute["values"][0].dump() if len(attribute["values"]) else b""
    return found


def _certificates(found: Any) -> tuple[bytes, ...]:
    if not isinstance(found, cms.CertificateSet):
        return ()
    if len(found) > _MAX_CERTIFICATES:
        raise Malformed("bad_cms", f"more than {_MAX_CERTIFICATES} certificates")
    return tuple(choice.chosen.dump() for choice in found if choice.name == "certificate")


def find_signer(parsed: ParsedSignedData) -> Certificate:
    """The certificate that the signature names. Raises Rejected("untrusted_key") unless exactly one of those inside is it, Malformed."""
    found = [
        certificate for der in set(parsed.certificates) if _is_named(parsed, certificate := parse_certificate(der))
    ]
    if len(found) != 1:
        raise Rejected("untrusted_key", "the signature's certificate is not with it")
    return found[0]


def _is_named(parsed: ParsedSignedData, certificate: Certificate) -> bool:
    if parsed.signer_key_id is not None:
        return certificate.subject_key_id == parsed.signer_key_id
    return certificate.serial == parsed.signer_serial and are_same_names(certificate.issuer, parsed.signer_issuer)


def verify_signed_data(parsed: ParsedSignedData, signer: Certificate) -> None:
    """The signature is ``signer``'s, over this content. RFC 5652 §5.4, §5.6.

    1. the signed attributes name the type of the content
    2. and its digest
    3. the signature over the attributes, as they were sent
    Left to the caller: who the signer is. Raises Rejected("bad_signature"), Malformed, Unsupported.
    """
    # 1
    if parsed.attribute_content_type != parsed.content_type:
        raise Rejected("bad_signature", "what is signed is of another type")
    # 2
    if not compare_digest(hashlib.new(parsed.digest_name, parsed.content).digest(), parsed.message_digest):
        raise Rejected("bad_signature", "what is signed is something else")
    # 3
    verify_signature(signer.public_key, parsed.scheme, parsed.signature, parsed.attributes)
