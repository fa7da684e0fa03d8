"""Master lists: one country's word on which authorities the others have. ICAO Doc 9303-12 §8, §9.

A list is signed; whoever reads it decides whether to believe its publisher. Then its certificates become anchors, each for its own country.
"""

from __future__ import annotations

from collections.abc import Sequence

from asn1crypto import core

from common.cards.drivers.passport.certificate import Certificate, parse_certificate
from common.cards.drivers.passport.country_authority import SCHEME, Authority
from common.cards.drivers.passport.der import load, reading
from common.cards.drivers.passport.passive_authentication import judge_signer
from common.cards.drivers.passport.signed_data import ParsedSignedData, parse_signed_data
from common.cards.evidence import Environment
from common.cards.trust import TrustAnchor
from common.errors import REASONS, Malformed, Rejected
from common.record import Record

CONTENT_TYPE = "2.23.136.1.1.2"
SIGNER_PURPOSE = "2.23.136.1.1.3"
MAX_BYTES = 1 << 23
"""The longest list published so far has 0.9 MB."""
MAX_CERTIFICATES = 8192


class ParsedMasterList(Record, frozen=True):
    """certificates: DER, as listed, not verified. signed: the signature around them."""

    certificates: tuple[bytes, ...]
    signed: ParsedSignedData


class VerifiedMasterList(Record, frozen=True):
    """authorities: the certificates of authorities in it. left_out: how many are none, or cannot be read.

    signing_time: seconds, as the publisher says.
    """

    signer: Certificate
    publisher: Authority
    authorities: tuple[Certificate, ...]
    left_out: int
    signing_time: int | None

    def anchors(self) -> tuple[TrustAnchor, ...]:
        """Of the environment of the authority that the publisher's signer chains to: a list of a test authority makes test anchors."""
        environment: Environment = self.publisher.environment
        return tuple(
            TrustAnchor(scheme=SCHEME, environment=environment, material=authority.der)
            for authority in self.authorities
        )


class _Certificates(core.SetOf):  # type: ignore[misc]  # untyped there
    _child_spec = core.Any


class _MasterList(core.Sequence):  # type: ignore[misc]
    _fields = [("version", core.Integer), ("certificates", _Certificates)]  # noqa: RUF012


def parse_master_list(der: bytes) -> ParsedMasterList:
    """CMS → certificates and signature, neither verified. Raises Malformed, Unsupported."""
    signed = parse_signed_data(der, max_bytes=MAX_BYTES)
    if signed.content_type != CONTENT_TYPE:
        raise Malformed("bad_master_list", "not a master list")
    content = load(_MasterList, signed.content, "a master list", max_bytes=MAX_BYTES)
    with reading("a master list"):
        if content["version"].native != 0 or len(content["certificates"]) > MAX_CERTIFICATES:
            raise Malformed("bad_master_list", "a master list of another version, or too long a one")
        certificates = tuple(certificate.dump() for certificate in content["certificates"])
    return ParsedMasterList(certificates=certificates, signed=signed)


def verify_master_list(parsed: ParsedMasterList, publishers: Sequence[TrustAnchor], *, now: int) -> VerifiedMasterList:
    """The list, once its publisher is believed.

    1. the signature over it, by a certificate for signing master lists, which a trusted authority issued (`judge_signer`)   §8, §7.1.1
    2. of its certificates those that are authorities of one country; others are counted and left out
    Left to the caller: revocation of the signer, and whether a newer list is out. Raises Rejected.
    """
    # 1
    verdict = judge_signer(parsed.signed, publishers, countries=None, now=now, purpose=SIGNER_PURPOSE)
    if verdict.signer is None or verdict.authority is None or not verdict.is_proven:
        known = verdict.reason if verdict.reason in REASONS else "untrusted_issuer"
        raise Rejected(known, "the master list is not signed as it should be")
    # 2
    authorities, left_out = [], 0
    for der in parsed.certificates:
        try:
            certificate = parse_certificate(der)
        except Malformed:
            left_out += 1
            continue
        if certificate.is_authority and certificate.country:
            authorities.append(certificate)
        else:
            left_out += 1
    return VerifiedMasterList(
        signer=verdict.signer,
        publisher=verdict.authority,
        authorities=tuple(authorities),
        left_out=left_out,
        signing_time=parsed.signed.signing_time,
    )
