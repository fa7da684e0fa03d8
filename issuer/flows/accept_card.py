"""Judges what was read from a card, and keeps what it proved until something is issued of it.

1. the session: open, its challenge not answered yet
2. each reading by its driver, against *our* challenge and the roots that are believed here; who is asked about revocation is noted
3. two readings of one card are put together: a document of a My Number card, and whose card that is (`common.cards.binding`)
4. what may be issued of it (`issuer.flows.card_judgement`); of what somebody else's reader read only what is of one chip is kept
5. open → read in one conditional UPDATE: of two who answer one challenge, one is heard. What nothing can be issued of is not kept
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from common.adapters.database import changed, transaction
from common.cards.binding import SharedSession, bind_to_holder
from common.cards.contract import Authenticated, ClaimValue
from common.cards.evidence import Environment, Evidence
from common.cards.possession import PossessionChallenge
from common.cards.reading import Reading
from common.cards.trust import CardTrust
from common.encoding import compact_json, parse_json
from common.errors import Conflict, Refused
from common.x509.revocation import RevocationSource, RevocationStatus
from issuer.catalogue.registry import CATALOGUE
from issuer.flows.card_judgement import environment_of, facts_for_card, judge_card, of_one_chip, with_ages
from issuer.flows.card_record import (
    CardRecord,
    Question,
    open_claims,
    open_record,
    seal_claims,
    seal_questions,
    seal_record,
)
from issuer.flows.desk import Desk
from issuer.flows.open_card_session import believed_roots, find_card_session, find_reading, session_over
from issuer.flows.person_facts import today_of
from issuer.store.audit import record
from issuer.store.tables import CardReading

HOLDER = "my_number"
DOCUMENTS = frozenset({"mynumber_licence", "residence_card"})
"""What may be read together with `HOLDER`, in one session of one card."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedCard:
    """A card that was judged. types: that may be issued of it, in the catalogue's order. refusals: the others, and why each is not.

    card: the driver's name. claims: as the drivers name them, also those that are not proven; not printed. expires_at: until when
    something can be offered of it (`offer_from_card`). may_tell: its holder may leave an address, to be told when it is revoked.
    """

    id: str
    card: str
    claims: Mapping[str, ClaimValue] = field(repr=False)
    evidence: Evidence
    environment: Environment
    types: tuple[str, ...]
    refusals: Mapping[str, str]
    expires_at: int
    may_tell: bool = False


def accept_card(
    desk: Desk, tenant: str, session_id: str, readings: Sequence[Reading], *, shared: SharedSession, actor: str
) -> AcceptedCard:
    """readings: one; or a document on a My Number card and that card, read in one session. shared: who says so.

    Raises NotFound("no_such_card_session"), Conflict("card_session_over"), Refused("readings_apart"), Unsupported for an unknown card,
    Rejected("wrong_holder"), Malformed for bytes that say nothing: then the session stays open. All else is told, not raised.
    """
    # 1
    session = find_card_session(desk, tenant, session_id)
    now, settings = desk.now, desk.settings
    # 2
    trust, asked = _noting(believed_roots(desk))
    judged = [_authenticate(one, session.challenge, trust, now) for one in readings]
    # 3
    found = with_ages(_together(judged, shared), today_of(now))
    # 4
    verdict = judge_card(found, shared=shared, settings=settings, today=today_of(now))
    found = of_one_chip(found, shared)
    types = tuple(name for name, why in verdict.items() if why is None)
    refusals = {name: why for name, why in verdict.items() if why is not None}
    # 5
    environment = environment_of(found.evidence)
    kept = CardRecord(evidence=found.evidence, refusals=refusals, shared=shared.value)
    questions = _questions(asked, found, types)
    expires_at = now + settings.card_session_seconds
    with transaction(desk.database, "accept_card"):
        heard = CardReading.update(
            state="read" if types else "over",
            nonce=None,
            card=found.evidence.card,
            environment=environment.value,
            types=compact_json(list(types)).decode(),
            claims=seal_claims(desk, tenant, session.id, found.claims) if types else None,
            record=seal_record(desk, tenant, session.id, kept),
            questions=seal_questions(desk, tenant, session.id, questions) if questions else None,
            next_question_at=now + settings.card_revocation_seconds if questions else None,
            expires_at=expires_at,
            forget_at=now + settings.evidence_retention,
        ).where(
            CardReading.tenant == tenant,
            CardReading.id == session.id,
            CardReading.state == "open",
            CardReading.nonce == session.challenge.nonce,
            CardReading.expires_at > now,
        )
        if not changed(heard):
            raise session_over()
        record(
            tenant,
            at=now,
            actor=actor,
            act="card_read" if types else "card_refused",
            subject=session.id,
            card=found.evidence.card,
            environment=environment.value,
            types=len(types),
        )
    return AcceptedCard(
        id=session.id,
        card=found.evidence.card,
        claims=found.claims,
        evidence=found.evidence,
        environment=environment,
        types=types,
        refusals=refusals,
        expires_at=expires_at,
        may_tell=bool(questions) and can_tell(desk),
    )


def find_accepted(desk: Desk, tenant: str, session_id: str) -> AcceptedCard:
    """A card that was judged, while something can be offered of it; claims are empty where nothing can.

    Raises NotFound("no_such_card_session"), Conflict("card_not_read" | "card_session_over").
    """
    row = find_reading(tenant, session_id)
    if row.state == "open":
        raise (
            Conflict("card_not_read", "no card was read in this session yet")
            if desk.now < row.expires_at
            else session_over()
        )
    if row.record is None:
        raise session_over()
    kept = open_record(desk, row)
    return AcceptedCard(
        id=row.id,
        card=row.card,
        claims={} if row.claims is None else open_claims(desk, row),
        evidence=kept.evidence,
        environment=Environment(row.environment),
        types=tuple(parse_json(row.types)) if row.state == "read" and desk.now < row.expires_at else (),
        refusals=kept.refusals,
        expires_at=row.expires_at,
        may_tell=row.state == "read" and row.questions is not None and can_tell(desk),
    )


def can_tell(desk: Desk) -> bool:
    """Whether holders can be written to from here."""
    return bool(desk.settings.smtp_host)


def _authenticate(reading: Reading, challenge: PossessionChallenge, trust: CardTrust, now: int) -> Authenticated:
    from common.cards.registry import DRIVERS  # a quarter of a second, for those who read cards

    return DRIVERS[reading.card].authenticate(reading, challenge=challenge, trust=trust, now=now)


def _together(judged: Sequence[Authenticated], shared: SharedSession) -> Authenticated:
    if len(judged) == 1:
        return judged[0]
    documents = [one for one in judged if one.evidence.card in DOCUMENTS]
    holders = [one for one in judged if one.evidence.card == HOLDER]
    if (len(documents), len(holders), len(judged)) != (1, 1, 2):
        raise Refused("readings_apart", "these readings do not belong together; read one card at a time")
    return bind_to_holder(documents[0], holders[0], session=shared)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    scheme: str
    leaf: bytes
    issuer: bytes


class _Noting:
    """A source of revocation that notes what it is asked, so that it can be asked again."""

    def __init__(self, scheme: str, source: RevocationSource, notes: list[_Asked]) -> None:
        self._scheme, self._source, self._notes = scheme, source, notes

    def status(self, *, leaf: bytes, issuer: bytes, now: int) -> RevocationStatus:
        self._notes.append(_Asked(scheme=self._scheme, leaf=leaf, issuer=issuer))
        return self._source.status(leaf=leaf, issuer=issuer, now=now)


def _noting(trust: CardTrust) -> tuple[CardTrust, list[_Asked]]:
    notes: list[_Asked] = []
    sources: dict[str, RevocationSource] = {
        scheme: _Noting(scheme, source, notes) for scheme, source in trust.revocation.items()
    }
    return replace(trust, revocation=sources), notes


def _questions(asked: Sequence[_Asked], found: Authenticated, types: Sequence[str]) -> tuple[Question, ...]:
    """Each with the types that rest on it: by its scheme's source of evidence, where there is one of that name, else all."""
    names = {source.source for source in found.evidence.sources}
    questions = []
    for one in asked:
        resting = tuple(name for name in types if one.scheme not in names or one.scheme in _sources_of(name, found))
        if resting:
            questions.append(Question(scheme=one.scheme, leaf=one.leaf, issuer=one.issuer, types=resting))
    return tuple(questions)


def _sources_of(type_name: str, found: Authenticated) -> set[str]:
    facts: Any = facts_for_card(CATALOGUE[type_name], found.claims, found.evidence)
    return {source.source for source in facts.evidence.sources}
