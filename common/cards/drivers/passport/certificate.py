"""Certificates of passports' issuers as read, not verified: country authorities, signers of documents and lists. Doc 9303-12 §7.1.

Read with asn1crypto and not with `cryptography`, which refuses some of what is in the field (curves spelled out, odd serial numbers). Keys
are read when they are needed: a list of all countries' authorities holds some that no program can use.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from asn1crypto import algos, core, x509

from common.cards.drivers.passport.der import dotted, load, reading
from common.cards.drivers.passport.public_key import PublicKey, parse_public_key
from common.cards.drivers.passport.signature import parse_scheme, verify_signature
from common.errors import Malformed, Rejected
from common.record import Record

MAX_BYTES = 1 << 14
_REMEMBERED = 2048
_COUNTRY = "2.5.4.6"
_KEY_USAGE, _BASIC_CONSTRAINTS, _AKI, _SKI = "2.5.29.15", "2.5.29.19", "2.5.29.35", "2.5.29.14"
_PRIVATE_KEY_USAGE_PERIOD, _EXTENDED_KEY_USAGE = "2.5.29.16", "2.5.29.37"
_DOCUMENT_TYPES = "2.23.136.1.1.6.2"
_UNDERSTOOD = frozenset(
    {
        _KEY_USAGE, _BASIC_CONSTRAINTS, _AKI, _SKI, _PRIVATE_KEY_USAGE_PERIOD, _EXTENDED_KEY_USAGE,
        "2.5.29.17", "2.5.29.18", "2.5.29.31", "2.5.29.32", "2.23.136.1.1.6.1", _DOCUMENT_TYPES,
    }
)  # fmt: skip
"""With alternative names, addresses of revocation lists, policies and ICAO's name change: harmless to what is asked."""


class Certificate(Record, frozen=True):
    """issuer, subject: names in DER. country: of the subject, upper case, empty where it has none or several. Times in seconds.

    key_usage: None where it is not restricted, else its bits by RFC 5280's names. signing_until: the end of the private key's use, None
    where it is not told. unknown_critical: an extension that is critical and not known here.
    """

    der: bytes
    tbs: bytes
    serial: int
    issuer: bytes
    subject: bytes
    country: str
    not_before: int
    not_after: int
    signing_from: int | None
    signing_until: int | None
    is_authority: bool
    key_usage: frozenset[str] | None
    purposes: frozenset[str]
    document_types: frozenset[str] | None
    subject_key_id: bytes | None
    authority_key_id: bytes | None
    unknown_critical: bool
    key_info: bytes
    algorithm: bytes
    signature: bytes

    @property
    def public_key(self) -> PublicKey:
        """Raises Malformed, Unsupported."""
        return _public_key(self.key_info)

    def may(self, usage: str) -> bool:
        """Whether the key may be used so ("key_cert_sign", "digital_signature")."""
        return self.key_usage is None or usage in self.key_usage

    def may_sign_document(self, code: str) -> bool:
        """code: of the machine readable zone, one or two letters. A type of one letter stands for all that begin with it."""
        return self.document_types is None or bool({code, code[:1]} & self.document_types)


class _KeyUsagePeriod(core.Sequence):  # type: ignore[misc]  # untyped there
    """PrivateKeyUsagePeriod, RFC 3280 §4.2.1.4, whose tags asn1crypto has otherwise."""

    _fields = [  # noqa: RUF012
        ("not_before", core.GeneralizedTime, {"implicit": 0, "optional": True}),
        ("not_after", core.GeneralizedTime, {"implicit": 1, "optional": True}),
    ]


class _DocumentTypes(core.SetOf):  # type: ignore[misc]
    _child_spec = core.PrintableString


class _DocumentTypeList(core.Sequence):  # type: ignore[misc]
    """DocumentTypeList, Doc 9303-12 §7.1.1.6."""

    _fields = [("version", core.Integer), ("types", _DocumentTypes)]  # noqa: RUF012


@lru_cache(maxsize=_REMEMBERED)
def parse_certificate(der: bytes) -> Certificate:
    """DER → certificate as read. Raises Malformed."""
    certificate = load(x509.Certificate, der, "a certificate", max_bytes=MAX_BYTES)
    with reading("a certificate"):
        return _read(der, certificate)


def _read(der: bytes, certificate: Any) -> Certificate:
    tbs = certificate["tbs_certificate"]
    extensions, unknown_critical = _extensions(tbs["extensions"])
    constraints = _decode(extensions, _BASIC_CONSTRAINTS, x509.BasicConstraints, lambda value: bool(value["ca"].native))
    period = _decode(extensions, _PRIVATE_KEY_USAGE_PERIOD, _KeyUsagePeriod, _period) or (None, None)
    validity = tbs["validity"]
    return Certificate(
        der=der,
        tbs=tbs.dump(),
        serial=tbs["serial_number"].native,
        issuer=tbs["issuer"].dump(),
        subject=tbs["subject"].dump(),
        country=_country(tbs["subject"]),
        not_before=_seconds(validity["not_before"]),
        not_after=_seconds(validity["not_after"]),
        signing_from=period[0],
        signing_until=period[1],
        is_authority=bool(constraints),
        key_usage=_decode(extensions, _KEY_USAGE, x509.KeyUsage, lambda value: frozenset(value.native)),
        purposes=_decode(
            extensions, _EXTENDED_KEY_USAGE, x509.ExtKeyUsageSyntax, lambda value: frozenset(map(dotted, value))
        )
        or frozenset(),
        document_types=_decode(
            extensions, _DOCUMENT_TYPES, _DocumentTypeList, lambda value: frozenset(value["types"].native)
        ),
        subject_key_id=_decode(extensions, _SKI, core.OctetString, lambda value: value.native),
        authority_key_id=_decode(
            extensions, _AKI, x509.AuthorityKeyIdentifier, lambda value: value["key_identifier"].native
        ),
        unknown_critical=unknown_critical,
        key_info=tbs["subject_public_key_info"].dump(),
        algorithm=_same_algorithm(certificate["signature_algorithm"].dump(), tbs["signature"].dump()),
        signature=bytes(certificate["signature_value"].native),
    )


def _same_algorithm(outside: bytes, inside: bytes) -> bytes:
    """The algorithm is named twice, and only inside is it signed. RFC 5280 §4.1.1.2"""
    if outside != inside:
        raise Malformed("bad_certificate", "a certificate names two signature algorithms")
    return inside


def _extensions(found: Any) -> tuple[Mapping[str, bytes], bool]:
    values: dict[str, bytes] = {}
    unknown_critical = False
    for extension in found if isinstance(found, x509.Extensions) else ():
        oid = dotted(extension["extn_id"])
        if oid in values:
            raise Malformed("bad_certificate", "a certificate has an extension twice")
        values[oid] = extension["extn_value"].contents
        unknown_critical |= bool(extension["critical"].native) and oid not in _UNDERSTOOD
    return MappingProxyType(values), unknown_critical


def _decode(extensions: Mapping[str, bytes], oid: str, kind: Any, convert: Callable[[Any], Any]) -> Any:
    value = extensions.get(oid)
    return None if value is None else convert(kind.load(value, strict=True))


def _period(value: Any) -> tuple[int | None, int | None]:
    times = (value["not_before"], value["not_after"])
    start, end = (int(time.native.timestamp()) if time.native is not None else None for time in times)
    return start, end


def _country(name: Any) -> str:
    found = [
        str(attribute["value"].native)
        for relative in name.chosen
        for attribute in relative
        if dotted(attribute["type"]) == _COUNTRY
    ]
    return found[0].upper() if len(found) == 1 else ""


def _seconds(time: Any) -> int:
    return int(time.chosen.native.timestamp())


@lru_cache(maxsize=_REMEMBERED)
def _public_key(key_info: bytes) -> PublicKey:
    return parse_public_key(key_info)


def are_same_names(one: bytes, other: bytes) -> bool:
    """Two names in DER, equal by RFC 5280 §7.1: countries write one name as PrintableString here and as UTF8String there."""
    if one == other:
        return True
    with reading("a name"):
        return _parts(one) == _parts(other)


def _parts(name: bytes) -> list[str]:
    """Without their order: some documents name their signer's issuer in another one (Malaysia). What counts is the signature."""
    return sorted(relative.hashable for relative in x509.Name.load(name, strict=True).chosen)


def verify_issued(certificate: Certificate, issuer: Certificate) -> None:
    """``certificate`` is signed with ``issuer``'s key; no more is asked. Raises Rejected("bad_signature"), Malformed, Unsupported."""
    with reading("a signature algorithm"):
        algorithm = algos.SignedDigestAlgorithm.load(certificate.algorithm, strict=True)
        verify_signature(issuer.public_key, parse_scheme(algorithm), certificate.signature, certificate.tbs)


def check_signer(certificate: Certificate, purpose: str | None = None) -> None:
    """A certificate whose key signs messages and no certificates. purpose: an extended key usage; without one, none may stand in it: a key
    for master lists, seals or a web server, of the same authority, signs no documents (RFC 5280 §4.2.1.12).

    Raises Rejected("untrusted_key").
    """
    if (certificate.purposes and purpose is None) or (purpose is not None and purpose not in certificate.purposes):
        raise Rejected("untrusted_key", "the signer's certificate is for something else")
    if certificate.is_authority or certificate.unknown_critical or not certificate.may("digital_signature"):
        raise Rejected("untrusted_key", "the signer's certificate is not for signing documents")
