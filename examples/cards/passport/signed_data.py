"""CMS SignedData as passports carry it (RFC 5652; ICAO 9303-10 §4.6.2 and App. D, 9303-12 §9): SOD, EF.CardSecurity, master lists."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import cms
from asn1crypto.core import ParsableOctetString
from asn1crypto.x509 import Certificate

from examples.cards.passport.objects import integer, sequence
from examples.cards.passport.signing_keys import SigningKey, digest_algorithm
from examples.cards.tlv import tlv

LDS_SECURITY_OBJECT = "2.23.136.1.1.1"
MASTER_LIST = "2.23.136.1.1.2"
SECURITY_OBJECT = "0.4.0.127.0.7.3.2.1"
"""id-SecurityObject, the content type of EF.CardSecurity."""
SOD_TAG = 0x77


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """A certificate and the key that signs, which is another than the certificate's where something is to be wrong."""

    certificate: Certificate
    key: SigningKey
    by_key_identifier: bool = False
    """Name the signer by its key, else by issuer and serial number."""


def signed_data(
    content_type: str,
    content: bytes,
    signer: Signer,
    *,
    signing_time: datetime | None = None,
    also: Iterable[Certificate] = (),
) -> bytes:
    """ContentInfo in DER, with signed attributes. also: certificates that are put beside the signer's."""
    style = signer.key.style
    attributes = [
        {"type": "content_type", "values": [content_type]},
        {"type": "message_digest", "values": [hashlib.new(style.hash_name, content).digest()]},
    ]
    if signing_time is not None:
        attributes.append({"type": "signing_time", "values": [cms.Time({"utc_time": signing_time})]})
    signed = cms.CMSAttributes(attributes)
    der = signed.dump()
    signer_info = cms.SignerInfo(
        {
            "version": "v3" if signer.by_key_identifier else "v1",
            "sid": _identifier(signer),
            "digest_algorithm": digest_algorithm(style.hash_name),
            "signed_attrs": signed,
            "signature_algorithm": style.algorithm(),
            "signature": signer.key.sign(der),
        }
    )
    return bytes(
        cms.ContentInfo(
            {
                "content_type": "signed_data",
                "content": cms.SignedData(
                    {
                        "version": "v3",
                        "digest_algorithms": [digest_algorithm(style.hash_name)],
                        "encap_content_info": {"content_type": content_type, "content": ParsableOctetString(content)},
                        "certificates": [signer.certificate, *also],
                        "signer_infos": [signer_info],
                    }
                ),
            }
        ).dump()
    )


def _identifier(signer: Signer) -> cms.SignerIdentifier:
    certificate = signer.certificate
    if signer.by_key_identifier:
        return cms.SignerIdentifier("subject_key_identifier", certificate.key_identifier_value)
    issuer_and_serial = {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
    return cms.SignerIdentifier("issuer_and_serial_number", cms.IssuerAndSerialNumber(issuer_and_serial))


def lds_security_object(data_groups: Mapping[int, bytes], *, hash_name: str, version: int = 0) -> bytes:
    """The hashes of the data groups as they stand in their files. Version 1 also says which LDS and Unicode it means."""
    listed = [
        sequence(integer(number), tlv(0x04, hashlib.new(hash_name, content).digest()))
        for number, content in sorted(data_groups.items())
    ]
    versions = sequence(tlv(0x13, b"0108"), tlv(0x13, b"040000")) if version else b""
    return sequence(integer(version), bytes(digest_algorithm(hash_name).dump()), sequence(*listed), versions)


def security_object(lds: bytes, signer: Signer, *, signing_time: datetime | None) -> bytes:
    """EF.SOD: the CMS object in its wrapper."""
    return tlv(SOD_TAG, signed_data(LDS_SECURITY_OBJECT, lds, signer, signing_time=signing_time))


def master_list(
    certificates: Iterable[Certificate], signer: Signer, *, also: Iterable[Certificate], signing_time: datetime
) -> bytes:
    """CscaMasterList {version 0, SET OF Certificate}; the signer's own CSCA goes beside its certificate."""
    members = sorted(bytes(certificate.dump()) for certificate in certificates)
    content = sequence(integer(0), tlv(0x31, *members))
    return signed_data(MASTER_LIST, content, signer, signing_time=signing_time, also=also)
