"""What a reading of a driving licence is worth. Pure.

Proven is, with both PINs and a police certificate, that a public safety commission wrote these entries. That the card is no copy is not: it
answers no challenge, and who knew both PINs once can write another (cards.md §5.4).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from common.cards.contract import Authenticated, ClaimValue
from common.cards.drivers.driving_licence.changes import CHANGEABLE, parse_changes, with_conditions
from common.cards.drivers.driving_licence.coverage import signed_bytes
from common.cards.drivers.driving_licence.entries import FLAGGED, Entries, parse_entries
from common.cards.drivers.driving_licence.read import CARD, CHANGES, DOMICILE, ENTRIES, NOT_SET, PHOTO, PIN_1, SIGNATURE
from common.cards.evidence import (
    EXTERNAL_CHARACTERS,
    Answer,
    Evidence,
    Finding,
    Origin,
    RevocationAnswer,
    RevocationFinding,
    SourceEvidence,
    failed,
    not_checked,
    not_offered,
    proven,
)
from common.cards.police.objects import parse_objects
from common.cards.police.signature import BY, JudgedSignature, judge_signature, read_signature
from common.cards.reading import Reading
from common.cards.source_claims import SourceClaims
from common.cards.trust import CardTrust
from common.errors import Malformed

CHANGED: Final = "driving_licence_changes"
"""The source of evidence beside `CARD`: what was written into the chip after the issue."""
COMMISSION: Final = "public_safety_commission"
_FIRST_TAG = 0xB1
_UNEXAMINED = ("holder_present", "document_loss", "changes_complete")
"""The last: changes are signed by nobody, so a copy may leave out what was added later (a condition), and is not found out."""
_NO_REVOCATION = RevocationFinding(answer=RevocationAnswer.NOT_OFFERED, reason="no_service")


def authenticate_driving_licence(reading: Reading, *, trust: CardTrust, now: int) -> Authenticated:
    """Judges a reading.

    1. The entries.
    2. The signature over entries, domicile and photo (`coverage.signed_bytes`), by a key that we know and that was in force on the day of
       issue (`police.signature.judge_signature`). Without PIN 2 there is nothing to check it by: *not checked*.
    3. Changes written later: they supersede the entries, and are told as signed by nobody. Where they cannot be read, nobody knows what
       they supersede: what they may is not told then.
    4. Claims. If 2 failed, none at all.

    The caller owes: the licence's expiry, and the holder's face. Raises Malformed for entries that cannot be read, Misconfigured for
    police certificates that cannot.
    """
    # 1
    entries = parse_entries(reading.file(ENTRIES))
    # 2
    judged = _judge(reading, entries, trust)
    # 3
    changes = _read_changes(reading)
    # 4
    signed, changed = SourceClaims(), SourceClaims()
    if judged.finding.answer is not Answer.FAILED:
        changed.add(CHANGES, with_conditions(changes or {}, entries.claims["conditions"]))
        signed.add(ENTRIES, entries.claims)
        signed = signed.without(CHANGEABLE if changes is None else frozenset(changed.values))
    holder = proven("pin") if PIN_1.name in reading.accepted else _not_known(reading)
    signer = COMMISSION if judged.finding.answer is Answer.PROVEN else ""
    unexamined = (*_UNEXAMINED, *(("changes",) if changes is None else ()), *_drawn(signed.values))
    sources = [_source(CARD, signed.origins(signed_by=signer), judged, holder, unexamined)]
    if changed.values:
        outside = JudgedSignature(finding=not_offered("outside_signature"))
        sources.append(
            _source(CHANGED, changed.origins(signed_by=""), outside, holder, _UNEXAMINED + _drawn(changed.values))
        )
    evidence = Evidence(card=CARD, read_at=now, sources=tuple(sources))
    return Authenticated(claims=signed.values | changed.values, evidence=evidence)


def _drawn(claims: Mapping[str, ClaimValue]) -> tuple[str, ...]:
    """Characters that the card holds as pictures only (DF1/EF03, EF05) are not read: the text has a mark in their place, and it is told."""
    return (EXTERNAL_CHARACTERS,) if any("1" in str(claims.get(name, "")) for name in FLAGGED.values()) else ()


def _read_changes(reading: Reading) -> dict[str, ClaimValue] | None:
    """None where they cannot be read."""
    try:
        return parse_changes(reading.file(CHANGES))
    except Malformed:
        return None


def _judge(reading: Reading, entries: Entries, trust: CardTrust) -> JudgedSignature:
    files = [reading.files.get(name) for name in (ENTRIES, DOMICILE, PHOTO)]
    written, domicile, photo = files
    signature = reading.files.get(SIGNATURE)
    if written is None or domicile is None or photo is None or signature is None:
        return JudgedSignature(finding=not_checked("pin_2_not_given", BY))
    try:
        read = read_signature(parse_objects(signature), _FIRST_TAG)
        signed = signed_bytes(written, domicile, photo)
    except Malformed as malformed:
        return JudgedSignature(finding=failed(BY, malformed.code))
    return judge_signature(read, signed, trust=trust, issued_on=entries.issued_on)


def _not_known(reading: Reading) -> Finding:
    return not_offered("no_pin_set", "pin") if NOT_SET in reading.notes else not_checked("not_asked", "pin")


def _source(
    name: str, origins: tuple[Origin, ...], judged: JudgedSignature, holder: Finding, unexamined: tuple[str, ...]
) -> SourceEvidence:
    return SourceEvidence(
        source=name,
        origins=origins,
        data_authenticity=judged.finding,
        chip_genuineness=not_offered("no_challenge"),
        holder_verification=holder,
        revocation=_NO_REVOCATION,
        trust_anchor=judged.environment,
        anchor=judged.anchor,
        unexamined=unexamined,
    )
