"""What may be issued of what a card proved: the issuer mints only that. Pure.

A claim goes in if its source's data is authentic and it was read as signed, not beside. For each type the sources of its claims are
judged, each finding for itself; a card that was found to be a copy, or of which a part is not as it was signed, gives nothing at all.
Over a relay, of a My Number card one source alone counts (`of_one_chip`), and none of which nobody knows whose chip answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Final, Literal

from common.cards.binding import SharedSession
from common.cards.contract import Authenticated, ClaimValue
from common.cards.evidence import Answer, Environment, Evidence, Origin, OriginKind, RevocationAnswer, SourceEvidence
from common.cards.japanese_date import ages_of, parse_gregorian_date
from common.errors import Malformed
from issuer.catalogue.card_claims import AGES
from issuer.catalogue.contract import CardFacts, CredentialType
from issuer.catalogue.registry import of_cards
from issuer.settings import IssuerSettings

Refusal = Literal[
    "chip_not_genuine",
    "another_person",
    "card_expired",
    "data_not_authentic",
    "data_not_signed",
    "not_told",
    "chip_not_proven",
    "holder_not_verified",
    "revoked",
    "revocation_unknown",
    "test_card",
]
"""Why a type is not issued, in the order of asking."""
REFUSALS: Final[tuple[Refusal, ...]] = Refusal.__args__  # type: ignore[attr-defined]
_SIGNED = frozenset({OriginKind.SIGNED_TEXT, OriginKind.SIGNED_IMAGE})
_ENDS = frozenset({"card_expiry", "expiry_date"})
_UNBOUND = "attributes_bound_to_chip"
OF_MY_NUMBER = frozenset({"jpki_signature", "text", "surface", "jpki_authentication"})
"""The sources of a My Number card: each has a chip key of its own, and nothing signed says that two of them are of one card."""


def judge_card(
    found: Authenticated, *, shared: SharedSession, settings: IssuerSettings, today: date
) -> dict[str, Refusal | None]:
    """Every type that is made from cards → why not, or None. found: with its ages (`with_ages`). today: in Japan."""
    whole = _refuse_card(found, today)
    told = of_one_chip(found, shared)
    return {
        kind.name: whole or _refuse_type(kind, found, shared, settings) or _refuse_type(kind, told, shared, settings)
        for kind in of_cards()
    }


def of_one_chip(found: Authenticated, shared: SharedSession) -> Authenticated:
    """What is believed of a My Number card that no reader of ours has read: its first source that tells anything, and no other.

    Who holds the reader may have answered from two cards of two people: the signature certificate of one, the picture of the other.
    """
    of_card = [each for each in found.evidence.sources if each.source in OF_MY_NUMBER]
    first = next((each for each in of_card if each.origins), None)
    if shared is SharedSession.OWN_READER or first is None:
        return found
    kept = tuple(each for each in found.evidence.sources if each is first or each.source not in OF_MY_NUMBER)
    names = {origin.claim for each in kept for origin in each.origins}
    claims = {name: value for name, value in found.claims.items() if name in names}
    return Authenticated(claims=claims, evidence=replace(found.evidence, sources=kept))


def claims_for(
    kinds: Iterable[CredentialType], claims: Mapping[str, ClaimValue], evidence: Evidence
) -> dict[str, ClaimValue]:
    """What certificates of these types need of the claims: what goes in, and until when the card is valid."""
    needed = _ENDS.union(*(facts_for_card(kind, claims, evidence).claims for kind in kinds))
    return {name: value for name, value in claims.items() if name in needed}


def facts_for_card(kind: CredentialType, claims: Mapping[str, ClaimValue], evidence: Evidence) -> CardFacts:
    """What goes into a certificate of this type: its claims, as far as they are proven, and the evidence of these."""
    proven = {name: claims[name] for name in kind.card_claims if name in claims and _is_proven(evidence, name)}
    return CardFacts(claims=dict(sorted(proven.items())), evidence=evidence.of_claims(proven))


def with_ages(found: Authenticated, today: date) -> Authenticated:
    """Ages from a birth date, where the card's driver told none: of the same file and signature, and marked as derived.

    Of a date with parts that nobody knows those ages that are sure (`ages_of`).
    """
    birth_name = next((name for name in ("birth_date", "birth_date_incomplete") if name in found.claims), None)
    if birth_name is None or any(f"age_over_{age}" in found.claims for age in AGES):
        return found
    try:
        birth = parse_gregorian_date(str(found.claims[birth_name]).replace("-", "").encode())
    except Malformed:
        return found
    ages = {f"age_over_{age}": is_over for age, is_over in ages_of(birth, AGES, today).items()} if birth else {}
    if not ages:
        return found
    home = found.evidence.source_of(birth_name)
    (origin,) = (one for one in home.origins if one.claim == birth_name)
    more = tuple(replace(origin, claim=name, derived=True) for name in ages)
    sources = tuple(
        replace(each, origins=each.origins + more) if each is home else each for each in found.evidence.sources
    )
    return Authenticated(claims={**found.claims, **ages}, evidence=replace(found.evidence, sources=sources))


def environment_of(evidence: Evidence) -> Environment:
    """Whose roots proved anything of this card; what nobody signed does not count."""
    anchors = {each.trust_anchor for each in evidence.sources if each.data_authenticity.answer is Answer.PROVEN}
    if Environment.TEST in anchors:
        return Environment.TEST
    return Environment.PRODUCTION if Environment.PRODUCTION in anchors else Environment.NONE


def last_day(claims: Mapping[str, ClaimValue]) -> date | None:
    """The last day on which the card is valid, if it says one. Raises Malformed for a day that is none."""
    days = [str(claims[name]) for name in sorted(_ENDS) if name in claims]
    try:
        return min((date.fromisoformat(day) for day in days), default=None)
    except ValueError:
        raise Malformed("card_date_malformed", "the card's last day is no day") from None


def _refuse_card(found: Authenticated, today: date) -> Refusal | None:
    for source in found.evidence.sources:
        if source.chip_genuineness.answer is Answer.FAILED:
            return "chip_not_genuine"
        if source.data_authenticity.reason == "another_person":
            return "another_person"
        known = (
            source.trust_anchor is not Environment.NONE
        )  # else it is a part that nobody here can judge, and it tells nothing
        if source.data_authenticity.answer is Answer.FAILED and known:
            return "data_not_authentic"
    end = last_day(found.claims)
    return "card_expired" if end is not None and end < today else None


def _refuse_type(
    kind: CredentialType, found: Authenticated, shared: SharedSession, settings: IssuerSettings
) -> Refusal | None:
    facts = facts_for_card(kind, found.claims, found.evidence)
    if not kind.entitled(facts):
        return _why_missing(kind, found)
    for source in facts.evidence.sources:
        if why := _refuse_source(source, shared, settings):
            return why
    is_test = facts.evidence.environment is not Environment.PRODUCTION
    return "test_card" if is_test and settings.card_environment != "test" else None


def _why_missing(kind: CredentialType, found: Authenticated) -> Refusal:
    if any(source.data_authenticity.answer is Answer.FAILED for source in found.evidence.sources):
        return "data_not_authentic"
    told = [name for name in kind.card_claims if name in found.claims]
    return "data_not_signed" if any(not _is_proven(found.evidence, name) for name in told) else "not_told"


def _refuse_source(source: SourceEvidence, shared: SharedSession, settings: IssuerSettings) -> Refusal | None:
    chip, holder, revocation = (
        source.chip_genuineness.answer,
        source.holder_verification.answer,
        source.revocation.answer,
    )
    copyable = settings.card_copyable == "anywhere" or (
        settings.card_copyable == "own_reader" and shared is SharedSession.OWN_READER
    )
    is_copyable = chip is Answer.NOT_OFFERED or (bool(source.origins) and _UNBOUND in source.not_checked)
    if chip is Answer.NOT_CHECKED or (is_copyable and not copyable):
        return "chip_not_proven"
    if holder in (Answer.FAILED, Answer.NOT_CHECKED):
        return "holder_not_verified"
    if revocation is RevocationAnswer.REVOKED:
        return "revoked"
    unknown = revocation in (RevocationAnswer.UNKNOWN, RevocationAnswer.NOT_CHECKED)
    return "revocation_unknown" if unknown and settings.card_unknown_revocation == "refuse" else None


def _is_proven(evidence: Evidence, claim: str) -> bool:
    source = evidence.source_of(claim)
    return source.data_authenticity.answer is Answer.PROVEN and _origin(source, claim).kind in _SIGNED


def _origin(source: SourceEvidence, claim: str) -> Origin:
    return next(one for one in source.origins if one.claim == claim)
