"""What somebody demands of a card's evidence, without seeing the data: an issuer before it mints, a verifier before it believes. Pure.

Strict: every source of claims has to meet the demand by itself. That another part of the same card is in better standing helps no claim;
that one is found to be false, copied, revoked or a test counts against all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

from common.cards.evidence import Answer, Environment, Evidence, OriginKind, RevocationAnswer, SourceEvidence

_AHEAD = 300
"""Seconds that another clock may be ahead of ours."""
_UNBOUND = "attributes_bound_to_chip"
"""Nobody looked whether this chip is the one of these claims: then it is genuine, and they may be another card's."""
_SIGNED = frozenset({OriginKind.SIGNED_TEXT, OriginKind.SIGNED_IMAGE})


class Shortcoming(StrEnum):
    """What of a demand is not met. The first ones say that something is wrong, those from ``CHIP_NOT_CHECKED`` on that nobody knows."""

    NO_CLAIMS = "no_claims"
    TOO_OLD = "too_old"
    NOT_YET = "not_yet"
    TEST_ANCHOR = "test_anchor"
    NO_ANCHOR = "no_anchor"
    DATA_NOT_AUTHENTIC = "data_not_authentic"
    DATA_NOT_PROVEN = "data_not_proven"
    CLAIM_NOT_SIGNED = "claim_not_signed"
    CLAIM_TRANSCRIBED = "claim_transcribed"
    CHIP_NOT_GENUINE = "chip_not_genuine"
    REVOKED = "revoked"
    HOLDER_NOT_VERIFIED = "holder_not_verified"
    CHIP_NOT_CHECKED = "chip_not_checked"
    CHIP_NOT_OFFERED = "chip_not_offered"
    HOLDER_NOT_CHECKED = "holder_not_checked"
    REVOCATION_UNKNOWN = "revocation_unknown"
    REVOCATION_NOT_CHECKED = "revocation_not_checked"
    REVOCATION_NOT_OFFERED = "revocation_not_offered"
    REVOCATION_STALE = "revocation_stale"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChipDemand:
    """max_age: seconds since the card was judged, None for any. holder: means of holder verification, one of which must be proven.

    Evidence in a credential is floored to the day (UTC), so a card seems older than it is, by less than a day: one that was judged longer
    ago than max_age never passes, one that was judged less than max_age minus a day ago always does.

    allow_test: a test hierarchy will do, in a sandbox. In any case data is authentic, claims are signed as they are, and nothing is
    known to be revoked.
    """

    max_age: int | None = None
    chip_genuine: bool = True
    revocation_known: bool = True
    holder: frozenset[str] = frozenset()
    allow_test: bool = False


def unmet(
    evidence: Evidence, demand: ChipDemand, *, claims: Collection[str] | None = None, now: int
) -> tuple[Shortcoming, ...]:
    """What of the demand is not met; nothing: all of it is. claims: those that matter, None for all. now: seconds."""
    return tuple(dict.fromkeys(_unmet(evidence, demand, claims, now)))


def _unmet(evidence: Evidence, demand: ChipDemand, claims: Collection[str] | None, now: int) -> Iterator[Shortcoming]:
    if evidence.read_at > now + _AHEAD:
        yield Shortcoming.NOT_YET
    for source in evidence.sources:
        yield from _against_the_card(source, demand)
    mattering = [(source, kinds) for source in evidence.sources if (kinds := _kinds(source, claims))]
    if not mattering:
        yield Shortcoming.NO_CLAIMS
    if demand.max_age is not None and evidence.read_at < now - demand.max_age:
        yield Shortcoming.TOO_OLD
    for source, kinds in mattering:
        yield from _about_data(source, kinds)
        yield from _about_chip(source, demand)
        if demand.revocation_known:
            yield from _about_revocation(source, demand, evidence.read_at, now)


def _kinds(source: SourceEvidence, claims: Collection[str] | None) -> frozenset[OriginKind]:
    return frozenset(origin.kind for origin in source.origins if claims is None or origin.claim in claims)


def _against_the_card(source: SourceEvidence, demand: ChipDemand) -> Iterator[Shortcoming]:
    if source.data_authenticity.answer is Answer.FAILED:
        yield Shortcoming.DATA_NOT_AUTHENTIC
    if source.chip_genuineness.answer is Answer.FAILED:
        yield Shortcoming.CHIP_NOT_GENUINE
    if source.revocation.answer is RevocationAnswer.REVOKED:
        yield Shortcoming.REVOKED
    if source.trust_anchor is Environment.TEST and not demand.allow_test:
        yield Shortcoming.TEST_ANCHOR


def _about_data(source: SourceEvidence, kinds: Collection[OriginKind]) -> Iterator[Shortcoming]:
    if source.trust_anchor is Environment.NONE:
        yield Shortcoming.NO_ANCHOR
    if source.data_authenticity.answer in (Answer.NOT_CHECKED, Answer.NOT_OFFERED):
        yield Shortcoming.DATA_NOT_PROVEN
    for kind in sorted(kinds):
        if kind is OriginKind.SIGNED_IMAGE_TRANSCRIBED:
            yield Shortcoming.CLAIM_TRANSCRIBED
        elif kind not in _SIGNED:
            yield Shortcoming.CLAIM_NOT_SIGNED


def _about_chip(source: SourceEvidence, demand: ChipDemand) -> Iterator[Shortcoming]:
    is_unbound = source.chip_genuineness.answer is Answer.PROVEN and _UNBOUND in source.not_checked
    if demand.chip_genuine and (is_unbound or source.chip_genuineness.answer is Answer.NOT_CHECKED):
        yield Shortcoming.CHIP_NOT_CHECKED
    if demand.chip_genuine and source.chip_genuineness.answer is Answer.NOT_OFFERED:
        yield Shortcoming.CHIP_NOT_OFFERED
    verified = source.holder_verification
    if demand.holder and verified.answer is Answer.FAILED:
        yield Shortcoming.HOLDER_NOT_VERIFIED
    elif demand.holder and (verified.answer is not Answer.PROVEN or verified.by not in demand.holder):
        yield Shortcoming.HOLDER_NOT_CHECKED


def _about_revocation(source: SourceEvidence, demand: ChipDemand, read_at: int, now: int) -> Iterator[Shortcoming]:
    """*unknown* is not *good*; nor is a *good* of which nobody says when it was asked, or which was over by then."""
    match source.revocation.answer:
        case RevocationAnswer.UNKNOWN:
            yield Shortcoming.REVOCATION_UNKNOWN
        case RevocationAnswer.NOT_CHECKED:
            yield Shortcoming.REVOCATION_NOT_CHECKED
        case RevocationAnswer.NOT_OFFERED:
            yield Shortcoming.REVOCATION_NOT_OFFERED
        case RevocationAnswer.GOOD:
            asked, until = source.revocation.checked_at, source.revocation.next_update
            oldest = None if demand.max_age is None else now - demand.max_age
            if asked is None or asked > max(now, read_at) + _AHEAD:
                yield Shortcoming.REVOCATION_UNKNOWN
                return
            was_over = until is not None and until < asked
            if was_over or (
                oldest is not None and asked < oldest <= read_at
            ):  # else all of it is too old, and that is said
                yield Shortcoming.REVOCATION_STALE
