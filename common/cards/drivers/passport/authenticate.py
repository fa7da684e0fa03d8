"""What a reading of a passport is worth: claims, and the evidence for them. Pure. cards.md §7.3, §7.4.

What is proven is that a country signed these data, and that the chip is the one it made. Who holds the document is not: its secret is
printed on it. Nobody can be asked whether it was reported lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from common.cards.contract import Authenticated, ClaimValue
from common.cards.drivers.passport.chip_genuineness import judge_card_security, judge_chip
from common.cards.drivers.passport.country_authority import SCHEME
from common.cards.drivers.passport.country_codes import certificate_countries
from common.cards.drivers.passport.data_groups import parse_dg1, parse_dg11, parse_dg12
from common.cards.drivers.passport.face_image import parse_dg2
from common.cards.drivers.passport.layout import CARD, CARD_ACCESS, HANDED_OVER, PACE_CAM, SECURITY_OBJECT, group_name
from common.cards.drivers.passport.mrz import Mrz, read_date
from common.cards.drivers.passport.passive_authentication import PassiveAuthentication, judge_passive_authentication
from common.cards.drivers.passport.security_infos import parse_card_access, parse_dg14
from common.cards.drivers.passport.security_object import SecurityObject, parse_security_object
from common.cards.evidence import (
    NAME_COMPLETE,
    Answer,
    Environment,
    Evidence,
    Finding,
    RevocationAnswer,
    RevocationFinding,
    SourceEvidence,
    failed,
    not_checked,
    not_offered,
    proven,
)
from common.cards.japanese_date import CardDate
from common.cards.possession import PossessionChallenge
from common.cards.reading import Reading
from common.cards.revocation import ask_revocation
from common.cards.source_claims import SourceClaims
from common.cards.trust import CardTrust
from common.errors import Malformed, TegataError

_BY = "passive_authentication"
_SIGNER = "document_signer"
_PASSPORT = "P"
_LONGEST_VALIDITY = timedelta(days=15 * 366)
_SEXES = {"M": 1, "F": 2, "X": 0}
"""→ ISO/IEC 5218: male, female, not known."""
_WORSE = {
    RevocationAnswer.NOT_OFFERED: 0,
    RevocationAnswer.GOOD: 1,
    RevocationAnswer.UNKNOWN: 2,
    RevocationAnswer.NOT_CHECKED: 3,
    RevocationAnswer.REVOKED: 4,
}
_UNEXAMINED = ("holder_present", "document_loss")


def authenticate_passport(
    reading: Reading, *, challenge: PossessionChallenge, trust: CardTrust, now: int
) -> Authenticated:
    """Judges a reading.

    1. passive authentication of every data group in it (`passive_authentication`)         data_authenticity, trust_anchor
    2. the chip, under keys that 1 certifies (`chip_genuineness`)                           chip_genuineness
    3. the document signer's certificate, and that of EF.CardSecurity's signer where it
       proves the chip and is another: the worse answer of the caller's source              revocation
    4. claims, if 1 holds; none else
    Left to the caller: the date of expiry; the holder's face; whether it believes who made the reading (PACE with chip authentication
    mapping and chip authentication prove the chip to that side only, so over a relay they are *not checked*).
    Raises Malformed where there is neither SOD nor DG1.
    """
    groups = {
        number: reading.files[group_name(number)] for number in range(1, 17) if group_name(number) in reading.files
    }
    mrz = _read_zone(groups)
    countries = None if mrz is None else certificate_countries(mrz.issuing_state)
    anchors = trust.of_scheme(SCHEME)
    try:
        security_object = parse_security_object(reading.file(SECURITY_OBJECT))
    except TegataError as problem:
        if mrz is None:
            raise Malformed(
                "bad_reading", "neither a document security object nor a machine readable zone"
            ) from problem
        return _build(
            SourceClaims(), _source(failed(_BY, problem.code), not_checked("key_not_certified"), _no_revocation()), now
        )
    # 1
    code = "" if mrz is None else mrz.document_code
    passive = judge_passive_authentication(
        security_object, groups, anchors, countries=countries, document_code=code, now=now
    )
    if passive.is_proven and mrz is None:
        passive = PassiveAuthentication(
            reason="bad_dg1",
            signer=passive.signer,
            authority=passive.authority,
            is_certified=True,
            changed=passive.changed,
        )
    # 2
    own = frozenset() if countries is None else countries
    chip = judge_chip(reading, security_object, passive, challenge=challenge, anchors=anchors, countries=own, now=now)
    # 3
    revocation = _ask_revocation(passive, trust, now)
    if chip.answer is Answer.PROVEN and chip.by == PACE_CAM:
        _, security = judge_card_security(reading, anchors, countries=own, now=now)
        if security.signer != passive.signer:
            revocation = max(revocation, _ask_revocation(security, trust, now), key=lambda one: _WORSE[one.answer])
    # 4
    claims = _claims(groups, mrz, now) if passive.is_proven and mrz is not None else SourceClaims()
    data = proven(_BY) if passive.is_proven else failed(_BY, passive.reason)
    unexamined = _UNEXAMINED + _differing_access(reading, security_object, passive)
    if mrz is not None and mrz.is_name_truncated and passive.is_proven:
        unexamined += (NAME_COMPLETE,)
    source = _source(data, chip, revocation, passive=passive, claims=claims, unexamined=unexamined)
    return _build(claims, source, now)


def _build(claims: SourceClaims, source: SourceEvidence, now: int) -> Authenticated:
    return Authenticated(claims=claims.values, evidence=Evidence(card=CARD, read_at=now, sources=(source,)))


def _source(
    data: Finding,
    chip: Finding,
    revocation: RevocationFinding,
    *,
    passive: PassiveAuthentication | None = None,
    claims: SourceClaims | None = None,
    unexamined: tuple[str, ...] = _UNEXAMINED,
) -> SourceEvidence:
    authority = None if passive is None else passive.authority
    return SourceEvidence(
        source=CARD,
        origins=() if claims is None else claims.origins(signed_by=_SIGNER),
        data_authenticity=data,
        chip_genuineness=chip,
        holder_verification=not_offered("mrz_is_printed", "mrz"),
        revocation=revocation,
        trust_anchor=Environment.NONE if authority is None else authority.environment,
        anchor="" if authority is None else authority.label,
        unexamined=unexamined,
    )


def _no_revocation() -> RevocationFinding:
    return RevocationFinding(answer=RevocationAnswer.NOT_CHECKED, reason="certificate_not_authentic")


def _ask_revocation(passive: PassiveAuthentication, trust: CardTrust, now: int) -> RevocationFinding:
    """About the document signer."""
    if passive.signer is None or passive.authority is None:
        return _no_revocation()
    issuer = passive.authority.certificate.der
    return ask_revocation(trust.revocation.get(SCHEME), leaf=passive.signer.der, issuer=issuer, now=now)


def _differing_access(
    reading: Reading, security_object: SecurityObject, passive: PassiveAuthentication
) -> tuple[str, ...]:
    """EF.CardAccess is signed by nobody, DG14 names the ways of PACE once more (Doc 9303-11 §9.2.11). One that differs may have led us to a
    weaker way; the session is over, but it is told."""
    if 14 not in security_object.digests or not passive.certifies(14) or group_name(14) not in reading.files:
        return ()
    if reading.notes.get("access") == HANDED_OVER:
        return ()
    try:
        signed = set(parse_dg14(reading.files[group_name(14)]).pace)
        told = set(parse_card_access(reading.files[CARD_ACCESS]).pace) if CARD_ACCESS in reading.files else set()
    except TegataError:
        return ("card_access",)
    return () if not signed or signed <= told else ("card_access",)


def _read_zone(groups: Mapping[int, bytes]) -> Mrz | None:
    try:
        return parse_dg1(groups[1])
    except (KeyError, Malformed):
        return None


def _claims(groups: Mapping[int, bytes], mrz: Mrz, now: int) -> SourceClaims:
    """What a file does not say is left out; a data group that cannot be read says nothing."""
    today = datetime.fromtimestamp(now, UTC).date()
    expiry = read_date(mrz.expiry, latest=today + _LONGEST_VALIDITY)
    told = SourceClaims()
    said: dict[str, ClaimValue] = {
        "document_code": mrz.document_code,
        "document_number": mrz.number,
        # Who issued a residence permit or an identity card vouches for no nationality as a passport's state does (Doc 9303-4 §4.2.2.1).
        "issuing_state": mrz.issuing_state if mrz.document_code.startswith(_PASSPORT) else "",
        "nationality": mrz.nationality,
        "family_name": mrz.surname,
        "given_name": mrz.given_names,
        "sex": _SEXES[mrz.sex],
        "card_expiry": "" if expiry is None else expiry.text,
    }
    told.add(group_name(1), said | _birth(read_date(mrz.birth, latest=today)))
    for number, parse in ((2, _photo_claims), (11, _detail_claims), (12, _document_claims)):
        if number in groups:
            try:
                told.add(group_name(number), parse(groups[number]))
            except TegataError:
                continue
    return told.without(frozenset({"birth_date_incomplete"})) if "birth_date" in told.values else told


def _birth(date: CardDate | None) -> dict[str, ClaimValue]:
    """A date with unknown parts has a name of its own, so that nobody takes it for a day."""
    if date is None:
        return {}
    return {"birth_date" if date.whole is not None else "birth_date_incomplete": date.text}


def _photo_claims(file: bytes) -> dict[str, ClaimValue]:
    return {"photo": parse_dg2(file).data}


def _detail_claims(file: bytes) -> dict[str, ClaimValue]:
    """The date of birth here has its century, and parts that the zone may not have: it goes before the zone's."""
    details = parse_dg11(file)
    return {
        "full_name": details.full_name,
        "birth_place": details.birth_place,
        "address": details.address,
        "birth_date": details.birth_date,
    }


def _document_claims(file: bytes) -> dict[str, ClaimValue]:
    details = parse_dg12(file)
    return {"issuing_authority": details.issuing_authority, "issue_date": details.issue_date}
