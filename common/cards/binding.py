"""Whose licence, whose residence card: two authentications of one card put together. Pure; stands above the drivers.

Some applications of a My Number card prove data and neither name a holder nor answer a challenge (マイナ免許証), or answer none (the
residence application of a 特定在留カード). JPKI and the text application of the same card do. That it is the *same* card is not written in
any of the data: it follows from reading both in one session, without the card leaving, through a reader that is our own.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Final

from common.cards.contract import Authenticated
from common.cards.evidence import BOUND, Answer, Evidence, Finding, SourceEvidence, failed, not_checked, proven
from common.errors import Refused, Rejected

NOT_BOUND: Final = "not_bound"
"""Why a chip's genuineness is *not checked* where it may follow from another application of the card."""
_TELLING: Final = ("birth_date", "birth_date_incomplete")
_KNOWN_SEXES = (1, 2)


class SharedSession(StrEnum):
    """How sure it is that both were read from one card. own_reader: one exclusive transaction of a reader of ours, no removal.

    relayed: one session of somebody else's reader. Who holds it may have answered from two cards, so nothing follows but what the data
    says itself. separate: not even that.
    """

    OWN_READER = "own_reader"
    RELAYED = "relayed"
    SEPARATE = "separate"


def bind_to_holder(document: Authenticated, holder: Authenticated, *, session: SharedSession) -> Authenticated:
    """One authentication of both: the document's evidence with what the holder's says of the chip, and the claims of both.

    1. A document that waits to be bound: else Refused("nothing_to_bind"). One session at least: else Refused("not_one_session").
    2. What both tell of the person agrees: else Rejected("wrong_holder").
    3. The document's chip is as genuine as the holder's, if the reader was ours; relayed, that is *not checked*.
    4. What both tell is told by the holder's side, which can be revoked.

    document: of `mynumber_licence` or of a 特定在留カード. holder: of `my_number`. Of a document that names nobody (2 compares nothing) a
    relayed session binds nothing either: who issues by it has to want that.
    """
    # 1
    if any(each.chip_genuineness != not_checked(NOT_BOUND) for each in document.evidence.sources):
        raise Refused("nothing_to_bind", "this card has a chip of its own: another card's says nothing of it")
    if session is SharedSession.SEPARATE:
        raise Refused("not_one_session", "the two applications were not read in one session of the card")
    # 2
    _check_same_person(document, holder)
    # 3
    genuine = _genuineness(holder.evidence, session)
    bound = [replace(each, chip_genuineness=genuine) for each in document.evidence.sources]
    # 4
    own = {name: value for name, value in document.claims.items() if name not in holder.claims}
    kept = [replace(each, origins=tuple(one for one in each.origins if one.claim in own)) for each in bound]
    evidence = Evidence(
        card=document.evidence.card,
        read_at=min(document.evidence.read_at, holder.evidence.read_at),
        sources=(*kept, *holder.evidence.sources),
    )
    return Authenticated(claims={**own, **holder.claims}, evidence=evidence)


def _check_same_person(document: Authenticated, holder: Authenticated) -> None:
    for name in _TELLING:
        if name in document.claims and name in holder.claims and document.claims[name] != holder.claims[name]:
            raise Rejected("wrong_holder", "the two applications of the card speak of two people")
    sexes = {each.claims.get("sex") for each in (document, holder)} & set(_KNOWN_SEXES)
    if len(sexes) > 1:
        raise Rejected("wrong_holder", "the two applications of the card speak of two people")


def _genuineness(evidence: Evidence, session: SharedSession) -> Finding:
    """Proven where a source proved a key of the chip and the data that certifies it; failed where any source's chip failed."""
    if any(each.chip_genuineness.answer is Answer.FAILED for each in evidence.sources):
        return failed(BOUND, "chip_not_genuine")
    if session is SharedSession.RELAYED:
        return not_checked("relayed_session", BOUND)
    return proven(BOUND) if any(map(_proves, evidence.sources)) else not_checked("holder_not_proven", BOUND)


def _proves(source: SourceEvidence) -> bool:
    return source.chip_genuineness.answer is Answer.PROVEN and source.data_authenticity.answer is Answer.PROVEN
