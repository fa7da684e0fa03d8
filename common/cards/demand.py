"""What somebody demands of a card's evidence, without seeing the data: an issuer before it mints, a verifier before it believes. Pure.

Strict: every source of claims has to meet the demand by itself. That another part of the same card is in better standing helps no claim.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from common.cards.evidence import Answer, Environment, Evidence, OriginKind, RevocationAnswer, SourceEvidence

_AHEAD = 300
"""Seconds that another clock may be ahead of ours."""
_SIGNED = frozenset({OriginKind.SIGNED_TEXT, OriginKind.SIGNED_IMAGE})


@dataclass(frozen=True, slots=True, kw_only=True)
class ChipDemand:
    """max_age: seconds since the card was judged, None for any. holder: means of holder verification, one of which must be proven.

    allow_test: a test hierarchy will do, in a sandbox. In any case data is authentic, claims are signed as they are, and nothing is
    known to be revoked.
    """

    max_age: int | None = None
    chip_genuine: bool = True
    revocation_known: bool = True
    holder: frozenset[str] = frozenset()
    allow_test: bool = False


def unmet(evidence: Evidence, demand: ChipDemand, *, now: int) -> tuple[str, ...]:
    """Words for what of the demand is not met; none: all of it is. now: seconds.

    "no_claims", "too_old", "not_yet", "test_anchor", "no_anchor", "data_not_authentic", "claim_not_signed",
    "chip_not_proven", "revoked", "revocation_unknown", "holder_not_verified".
    """
    return tuple(dict.fromkeys(_unmet(evidence, demand, now)))


def _unmet(evidence: Evidence, demand: ChipDemand, now: int) -> Iterator[str]:
    if not any(source.origins for source in evidence.sources):
        yield "no_claims"
    if demand.max_age is not None and evidence.read_at < now - demand.max_age:
        yield "too_old"
    if evidence.read_at > now + _AHEAD:
        yield "not_yet"
    if evidence.environment is Environment.NONE:
        yield "no_anchor"
    if evidence.environment is Environment.TEST and not demand.allow_test:
        yield "test_anchor"
    for source in evidence.sources:
        yield from _unmet_by(source, demand)


def _unmet_by(source: SourceEvidence, demand: ChipDemand) -> Iterator[str]:
    if source.data_authenticity.answer is not Answer.PROVEN:
        yield "data_not_authentic"
    if any(origin.kind not in _SIGNED for origin in source.origins):
        yield "claim_not_signed"
    if source.chip_genuineness.answer is Answer.FAILED:
        yield "chip_not_proven"
    if source.revocation.answer is RevocationAnswer.REVOKED:
        yield "revoked"
    if not source.origins:
        return
    if demand.chip_genuine and source.chip_genuineness.answer is not Answer.PROVEN:
        yield "chip_not_proven"
    if demand.revocation_known and source.revocation.answer not in (RevocationAnswer.GOOD, RevocationAnswer.REVOKED):
        yield "revocation_unknown"
    verified = source.holder_verification
    if demand.holder and (verified.answer is not Answer.PROVEN or verified.by not in demand.holder):
        yield "holder_not_verified"
