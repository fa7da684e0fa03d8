"""The decision at a gate: a code that was scanned, the pack and what the journal says → a verdict, by the same `judge` as online.

Pure: no network, no database, no clock (an import contract holds it to that). Two steps, because the journal is asked in between:
`read_ticket` proves the signatures and says which ticket it is; `decide` judges it. Whoever acts on the verdict writes the journal first.
"""

from __future__ import annotations

from typing import NamedTuple

from common.formats.gate_pass.verify import VerifiedPass
from verifier.checks.gate_facts import PAST_SECONDS, Earlier, TicketFact, Whereabouts
from verifier.checks.registry import CHECKS
from verifier.checks.verdict import Answer, Check, Verdict
from verifier.flows.examine import Examined
from verifier.flows.judge import Facts, judge
from verifier.gate.examine_pass import examine_pass
from verifier.gate.plan import Bench
from verifier.gate.reasons import GateReason, blame


class Known(NamedTuple):
    """What a gate knows beside code and pack. earlier: the entry by which the ticket is inside; the others as in `TicketFact`."""

    earlier: Earlier | None = None
    answers: bool = False
    advancing: bool = False
    document_seen: bool = False
    whereabouts: Whereabouts = "inside"


class Decision(NamedTuple):
    """reason: the word of the list. check: the rule that decided against, None for a yes. asks_document: a person's look can mend it.

    read: the ticket, None where none could be proven.
    """

    reason: GateReason
    verdict: Verdict
    check: Check | None
    asks_document: bool
    read: VerifiedPass | None
    earlier: Earlier | None

    @property
    def opens(self) -> bool:
        return self.verdict.accepted


class Ticket(NamedTuple):
    """A code, put to the proof. read is None exactly when ``examined`` holds a fault."""

    examined: Examined
    read: VerifiedPass | None


def read_ticket(text: str, bench: Bench, *, now: int) -> Ticket:
    """Which ticket it is, if its signatures hold for this event now. Never raises for what was scanned."""
    return Ticket(*examine_pass(text, bench.plan, now=now))


def is_stale(read: VerifiedPass, bench: Bench, *, now: int) -> bool:
    """Whether the holder's clock says that the code is older than this gate accepts."""
    return read.iat is not None and read.iat < now - PAST_SECONDS - bench.plan.asks.clock_error


def decide(ticket: Ticket, bench: Bench, known: Known, *, now: int) -> Decision:
    """The verdict's tree and the one word for it. ``opens`` is true only where every rule of the gate passed."""
    plan, read = bench.plan, ticket.read
    fact = None
    status = bench.good
    if read is not None:
        if read.index in plan.revoked and not plan.asks.leaving:
            status = bench.withdrawn
        fact = TicketFact(
            cti=read.cti,
            klass=read.klass,
            flags=read.flags,
            bound=read.holder is not None,
            issued_at=read.iat,
            excluded=read.index in plan.excluded,
            answers=known.answers,
            advancing=known.advancing,
            earlier=known.earlier,
            document_seen=known.document_seen,
            whereabouts=known.whereabouts,
        )
    verdict = judge(
        (ticket.examined,),
        CHECKS,
        (
            Facts(
                issuer=bench.stranger if ticket.examined.fault == "untrusted_issuer" else bench.believed,
                status=status,
                ticket=fact,
            ),
        ),
        now,
        asked=bench.asked,
        policy=bench.policy(bound=read is None or read.holder is not None, document_seen=known.document_seen),
    )
    if verdict.accepted:
        return Decision(GateReason.ADMITTED, verdict, None, False, read, None)
    reason, check = blame(verdict.presentations[0].checks, document_for_stale=plan.document_for_stale)
    asks = verdict.answer is Answer.UNDETERMINED and reason in (GateReason.DOCUMENT_REQUIRED, GateReason.CLOCK_OFF)
    return Decision(reason, verdict, check, asks and not known.document_seen, read, known.earlier)
