"""Certificates and revocation lists of a passport authority (ICAO 9303-12 §7.1, profiles of tables 6–10)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import crl, x509
from asn1crypto.core import Integer, ObjectIdentifier, OctetString, ParsableOctetString, PrintableString, SetOf
from asn1crypto.x509 import Certificate, Name, TbsCertificate

from examples.cards.passport.objects import integer, sequence
from examples.cards.passport.signing_keys import SigningKey
from examples.cards.tlv import tlv

DOCUMENT_TYPES = "2.23.136.1.1.6.2"
MASTER_LIST_SIGNER = "2.23.136.1.1.3"
PRIVATE_KEY_USAGE = "2.5.29.16"


@dataclass(frozen=True, slots=True, kw_only=True)
class Validity:
    """signs_until: end of the private key's usage period, which is far shorter than the certificate's life."""

    start: datetime
    end: datetime
    signs_until: datetime


def name(country: str, common: str, organisation: str = "Tegata Virtual Passport Authority") -> Name:
    """The country as PrintableString, in the order C, O, CN."""
    return Name.build({"country_name": country, "organization_name": organisation, "common_name": common})


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is to be certified. role: "csca", "link", "ds" or "master_list". state: the three letters of the machine readable zone."""

    role: str
    serial: int
    subject: Name
    issuer: Name
    key: SigningKey
    issuer_key: SigningKey
    validity: Validity
    state: str


def certificate(request: Request) -> Certificate:
    tbs = TbsCertificate(
        {
            "version": "v3",
            "serial_number": request.serial,
            "signature": request.issuer_key.style.algorithm(),
            "issuer": request.issuer,
            "validity": {"not_before": _time(request.validity.start), "not_after": _time(request.validity.end)},
            "subject": request.subject,
            "subject_public_key_info": request.key.public_info(),
            "extensions": _extensions(request),
        }
    )
    return Certificate(
        {
            "tbs_certificate": tbs,
            "signature_algorithm": request.issuer_key.style.algorithm(),
            "signature_value": request.issuer_key.sign(tbs.dump()),
        }
    )


def _time(when: datetime) -> x509.Time:
    return x509.Time({"utc_time" if when.year < 2050 else "general_time": when})


def _extensions(request: Request) -> list[dict[str, object]]:
    authority = request.role in {"csca", "link"}
    found: list[dict[str, object]] = [
        _known("key_identifier", OctetString(request.key.identifier())),
        _known(
            "authority_key_identifier", x509.AuthorityKeyIdentifier({"key_identifier": request.issuer_key.identifier()})
        ),
        _known(
            "key_usage",
            x509.KeyUsage({"key_cert_sign", "crl_sign"} if authority else {"digital_signature"}),
            critical=True,
        ),
        _unknown(PRIVATE_KEY_USAGE, _usage_period(request.validity)),
    ]
    for alternative in ("issuer_alt_name", "subject_alt_name"):
        found.append(_known(alternative, _alternative(request.state)))
    if authority:
        found.append(
            _known("basic_constraints", x509.BasicConstraints({"ca": True, "path_len_constraint": 0}), critical=True)
        )
    if request.role == "ds":
        found.append(_unknown(DOCUMENT_TYPES, sequence(integer(0), SetOf(["P"], spec=PrintableString).dump())))
    if request.role == "master_list":
        found.append(_known("extended_key_usage", x509.ExtKeyUsageSyntax([MASTER_LIST_SIGNER]), critical=True))
    return found


def _known(identifier: str, value: object, *, critical: bool = False) -> dict[str, object]:
    return {"extn_id": identifier, "critical": critical, "extn_value": value}


def _unknown(dotted: str, der: bytes) -> dict[str, object]:
    return {"extn_id": ObjectIdentifier(dotted).native, "critical": False, "extn_value": ParsableOctetString(der)}


def _usage_period(validity: Validity) -> bytes:
    def generalised(tag: int, when: datetime) -> bytes:
        return tlv(tag, when.strftime("%Y%m%d%H%M%SZ").encode())

    return sequence(generalised(0x80, validity.start), generalised(0x81, validity.signs_until))


def _alternative(state: str) -> x509.GeneralNames:
    """The MRZ's code of the state as a locality (9303-12 §7.1.1.2)."""
    return x509.GeneralNames([x509.GeneralName("directory_name", Name.build({"locality_name": state}))])


def revocation_list(
    *,
    issuer: Name,
    key: SigningKey,
    number: int,
    this_update: datetime,
    next_update: datetime,
    revoked: Iterable[tuple[int, datetime]],
) -> bytes:
    """Version 2; revoked: serial numbers and since when, all for keyCompromise. DER."""
    entries = [
        {
            "user_certificate": serial,
            "revocation_date": _time(since),
            "crl_entry_extensions": [{"extn_id": "crl_reason", "extn_value": crl.CRLReason("key_compromise")}],
        }
        for serial, since in revoked
    ]
    tbs: dict[str, object] = {
        "version": "v2",
        "signature": key.style.algorithm(),
        "issuer": issuer,
        "this_update": _time(this_update),
        "next_update": _time(next_update),
        "crl_extensions": [
            {"extn_id": "crl_number", "extn_value": Integer(number)},
            {
                "extn_id": "authority_key_identifier",
                "extn_value": x509.AuthorityKeyIdentifier({"key_identifier": key.identifier()}),
            },
        ],
    }
    if entries:  # an empty list is left out (RFC 5280 §5.1.2.6)
        tbs["revoked_certificates"] = entries
    listed = crl.TbsCertList(tbs)
    return bytes(
        crl.CertificateList(
            {
                "tbs_cert_list": listed,
                "signature_algorithm": key.style.algorithm(),
                "signature": key.sign(listed.dump()),
            }
        ).dump()
    )
