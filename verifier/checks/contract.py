"""The contract of a rule: a `Case` (what was asked, shown and learnt) in, one `Check` out. Pure; never raises for what a holder sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from common.cards.demand import ChipDemand
from common.formats.credential import ClaimsPath, VerifiedCredential, VerifiedPresentation
from common.keys.history import UNRECORDED, KeyEntry
from verifier.checks.gate_facts import TicketFact, WantedGate
from verifier.checks.verdict import Answer, Believed, Check, Mender, Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedChip:
    """What a question demands of the evidence of a card's chip, which stands at ``path``.

    origins: of each claim asked for, the names that what proves it may have in evidence. demand: its ``allow_test`` is the deployment's.
    """

    path: ClaimsPath
    origins: tuple[frozenset[str], ...]
    demand: ChipDemand


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One credential query as a rule sees it. claims: path → values allowed (empty tuple: any value). chip: None where none is asked.

    gate: who asks is a gate, for a ticket.
    """

    query_id: str
    format: str
    types: tuple[frozenset[str], ...]  # alternatives; of one alternative every type must be there
    claims: tuple[tuple[ClaimsPath, tuple[Any, ...]], ...]
    age_path: ClaimsPath | None = None
    chip: WantedChip | None = None
    gate: WantedGate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerFact:
    """What gathering learnt of the issuer. believed None: no key; reason then says why. trusted: an anchor names it for this type.

    key: the life of the key, as its issuer publishes it. proven_before: a time, in seconds since 1970, at which the credential is proven
    to have existed (a time-stamp, an audit head), None without such a proof; age_unreachable: there may be one, but it could not be had.
    history_unknown: whether a certified key was compromised could not be learnt.
    """

    believed: Believed | None
    trusted: bool
    reason: str = ""
    unreachable: bool = False
    key: KeyEntry = UNRECORDED
    proven_before: int | None = None
    age_unreachable: bool = False
    history_unknown: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusFact:
    """What gathering learnt of the status: value 0 valid, 1 revoked, 2 suspended; None: not learnt, reason says why.

    as_of: when the list was issued or fetched. listed: False when the credential names no status list at all.
    """

    listed: bool
    value: int | None = None
    as_of: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaFact:
    """What gathering learnt of the schemas that a W3C credential names; reason: of the rule ``schema_kept``.

    place: a JSON pointer to where the first schema is not kept, without any value.
    """

    reason: str = "no_schema"
    place: str = ""


NO_SCHEMA = SchemaFact()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All that a rule may look at.

    credential is None exactly when ``fault`` is set: a word of ``common.errors.REASONS``, or malformed, unsupported, no_key.
    presentation: its holder's proof; None also where a bare credential is looked at, which proves no holder.
    max_status_age: seconds that a status may be old. test_cards: this deployment believes chips of test hierarchies (a sandbox).
    ticket: what a gate knows of the ticket, None where none could be read.
    """

    wanted: Wanted
    credential: VerifiedCredential | None
    presentation: VerifiedPresentation | None
    fault: str
    issuer: IssuerFact
    status: StatusFact
    max_status_age: int
    minimum_age: int | None
    now: int
    schema: SchemaFact = NO_SCHEMA
    test_cards: bool = False
    ticket: TicketFact | None = None


def nowhere(_: Case) -> str:
    """Most rules judge the whole."""
    return ""


def always(_: Case) -> bool:
    """Most rules concern every case."""
    return True


_said: dict[tuple[str, str, int | None], Check] = {}
"""What rules answered lately: at a gate all say the same of nearly every ticket, and a check never changes."""
_MOST_SAID = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A member of the registry.

    decide: case → (reason word, as_of). reasons: every word that decide can return → its answer, mender and sentence.
    applies: False leaves the rule out of the tree. It may look only at what was *asked* (wanted, minimum_age): were it to look at what
    was shown, a holder could choose which rules to meet. place: where in the credential, by names and never by values.
    """

    name: str
    title: Sentence
    reasons: Mapping[str, tuple[Answer, Mender, Sentence]]
    decide: Callable[[Case], tuple[str, int | None]]
    applies: Callable[[Case], bool] = always
    place: Callable[[Case], str] = nowhere

    def check(self, case: Case) -> Check:
        reason, as_of = self.decide(case)
        answer, mender, sentence = self.reasons[reason]
        place = self.place(case) if answer is Answer.FAILED else ""
        said = _said.get((self.name, reason, as_of))
        if said is not None and said.sentence is sentence and said.place == place:
            return said
        check = Check(
            name=self.name,
            title=self.title,
            answer=answer,
            reason=reason,
            sentence=sentence,
            as_of=as_of,
            mender=mender,
            place=place,
        )
        if len(_said) >= _MOST_SAID:
            _said.clear()
        _said[self.name, reason, as_of] = check
        return check


def passed(ja: str, en: str) -> tuple[Answer, Mender, Sentence]:
    return Answer.PASSED, Mender.NOBODY, Sentence(ja=ja, en=en)


def failed(mender: Mender, ja: str, en: str) -> tuple[Answer, Mender, Sentence]:
    return Answer.FAILED, mender, Sentence(ja=ja, en=en)


def undetermined(mender: Mender, ja: str, en: str) -> tuple[Answer, Mender, Sentence]:
    return Answer.UNDETERMINED, mender, Sentence(ja=ja, en=en)


NOT_REACHED = undetermined(
    Mender.NOBODY,
    "前の検査で止まったため、確かめていません。",
    "Not looked at, because an earlier check stopped the way.",
)
