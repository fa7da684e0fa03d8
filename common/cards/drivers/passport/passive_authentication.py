"""Passive authentication: what the chip holds is what its country signed. ICAO Doc 9303-11 §5.1, 9303-10 §4.6.2, 9303-12. Pure.

It proves data, not the chip: copied files pass. Whether a certificate was revoked, and whether the document has expired or was lost, are
questions of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from common.cards.drivers.passport.certificate import Certificate, check_signer
from common.cards.drivers.passport.country_authority import Authority, find_authority
from common.cards.drivers.passport.security_object import SecurityObject
from common.cards.drivers.passport.signed_data import ParsedSignedData, find_signer, verify_signed_data
from common.cards.trust import TrustAnchor
from common.errors import Rejected, TegataError
from common.record import Record

LEEWAY = 86400
"""Seconds by which clocks and dates of issue may differ: some countries sign on the day on which the certificate begins."""


class PassiveAuthentication(Record, frozen=True):
    """The verdict. reason: a word for what failed, empty if all holds.

    authority: trusted, and it issued ``signer``, the certificate that came with the signature; None where there is no such. is_certified:
    its key did sign the list (steps 2 and 3). changed: data groups that are not those listed.
    """

    reason: str
    signer: Certificate | None = None
    authority: Authority | None = None
    is_certified: bool = False
    changed: frozenset[int] = frozenset()

    @property
    def is_proven(self) -> bool:
        return not self.reason

    def certifies(self, number: int) -> bool:
        """Whether this one data group, which was read, is as a trusted signer signed it, whatever became of the others."""
        return self.is_certified and number not in self.changed


def judge_passive_authentication(
    security_object: SecurityObject,
    groups: Mapping[int, bytes],
    anchors: Sequence[TrustAnchor],
    *,
    countries: frozenset[str] | None,
    document_code: str = "",
    now: int,
) -> PassiveAuthentication:
    """The numbered plan. groups: every data group that was read, by number.

    countries: those of certificates for the state in DG1 (`country_codes`), None where no state is told. document_code: DG1's.

    1. every data group read is listed, and has the listed digest                     Doc 9303-11 §5.1 step 5
    2. the signature over the list is that of the certificate that it names           step 4, RFC 5652 §5.4
    3. a trusted authority of the same country issued that certificate, for signing   step 3
    4. the country is the document's, and it signs documents of this type             Doc 9303-12 §7.1.1.6
    5. it could sign when it did, and is not out of its time now                      Doc 9303-12 §7.1.1, private key usage period
    Left to the caller: revocation of the signer; whether the document has expired (DG1), was lost, or is another's.
    """
    # 1
    changed = frozenset(number for number, file in groups.items() if not security_object.covers(number, file))
    # 2 to 5
    verdict = judge_signer(security_object.signed, anchors, countries=countries, document_code=document_code, now=now)
    return PassiveAuthentication(
        reason=verdict.reason or ("digest_differs" if changed else ""),
        signer=verdict.signer,
        authority=verdict.authority,
        is_certified=verdict.is_certified,
        changed=changed,
    )


def judge_signer(
    signed: ParsedSignedData,
    anchors: Sequence[TrustAnchor],
    *,
    countries: frozenset[str] | None,
    document_code: str = "",
    now: int,
    purpose: str | None = None,
) -> PassiveAuthentication:
    """Steps 2 to 5 for whatever is signed. purpose: an extended key usage that the signer must have; else it has none."""
    signer: Certificate | None = None
    authority: Authority | None = None
    is_certified = False
    try:
        # 3: before 2, so that the anchor is told even of a signature that does not hold
        signer = find_signer(signed)
        authority = find_authority(signer, anchors)
        check_signer(signer, purpose)
        # 2
        verify_signed_data(signed, signer)
        is_certified = True
        # 4
        if countries is not None and signer.country not in countries:
            raise Rejected("untrusted_issuer", "the document is of another country than its signer")
        if document_code and not signer.may_sign_document(document_code):
            raise Rejected("untrusted_key", "its signer is for documents of other types")
        # 5
        check_times(signer, signed.signing_time, now)
    except TegataError as problem:
        return PassiveAuthentication(reason=problem.code, signer=signer, authority=authority, is_certified=is_certified)
    return PassiveAuthentication(reason="", signer=signer, authority=authority, is_certified=True)


def check_times(certificate: Certificate, signing_time: int | None, now: int) -> None:
    """A document signer signs for some months and is valid as long as its documents. What it says of the time of signing must be possible,
    and proves no more than that. Raises Rejected("expired" | "not_yet_valid" | "untrusted_key")."""
    if now < certificate.not_before - LEEWAY:
        raise Rejected("not_yet_valid", "the signer's certificate is not valid yet")
    if now > certificate.not_after:
        raise Rejected("expired", "the signer's certificate has expired")
    if signing_time is None:
        return
    start = max(certificate.not_before, certificate.signing_from or certificate.not_before)
    end = min(certificate.not_after, certificate.signing_until or certificate.not_after)
    if signing_time > end + LEEWAY:
        raise Rejected("expired", "signed after the signer's time to sign was over")
    if signing_time < start - LEEWAY or signing_time > now + LEEWAY:
        raise Rejected("not_yet_valid", "signed before the signer's time to sign began, or in the future")
