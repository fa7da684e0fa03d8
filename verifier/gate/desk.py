"""One gate at work: a code comes in, a verdict goes out, and between the two the journal is on the disk. Linked or alone, as it comes.

    read → presence → judge → journal (durable) → hub, where there is a link → verdict

A refusal writes nothing. An admission that the hub knows better about is taken back by an entry of its own; so is one of a ticket that fell
a moment ago: the hub's answer tells which pack it has, and the gate judges by that one before it turns green.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from threading import Lock
from time import monotonic
from typing import NamedTuple

from common.errors import Malformed, Refused, Rejected, TegataError, Unavailable
from common.gate.admit_request import build_admit_request, parse_admit_answer
from common.gate.exchange import Exchange, GateJournal, build_exchange, parse_exchange
from common.gate.journal_entry import JournalEntry, Kind, parse_journal_entry
from verifier.checks.gate_facts import Earlier, Whereabouts
from verifier.gate.challenge import Challenge, Challenges
from verifier.gate.clock import LOOK_SECONDS, StaleCodes
from verifier.gate.decide import Decision, Known, Ticket, decide, is_stale, read_ticket
from verifier.gate.journal.chain import Journal, seen_of
from verifier.gate.journal.exchange import Absorbed, absorb, known_here, lacking
from verifier.gate.link import ANSWER_SECONDS, EXCHANGE_SECONDS, GUEST_SECONDS, Hub, Link
from verifier.gate.plan import Bench, GatePlan
from verifier.gate.presence import NOWHERE, Presence, whereabouts
from verifier.gate.reasons import GateReason

LOCKED = GateReason.DEVICE_LOCKED.value
"""Also the code of the error by which a hub refuses a device that is locked."""
_MOST_ROUNDS = 100
AGAIN_SECONDS = 2.0
"""After which a gate whose hub told of a newer pack, and did not hand it out in time, lets a guest wait for it once more."""


class Outcome(NamedTuple):
    """decision: what was judged last. linked: a hub vouched for it, or this gate alone. sequence: of the entry, None for a refusal."""

    decision: Decision
    linked: bool
    sequence: int | None


class GateDesk:
    """points: keys of the event's gates. Time is an argument everywhere, in milliseconds."""

    def __init__(
        self,
        plan: GatePlan,
        journal: Journal,
        points: Callable[[], Mapping[bytes, bytes]],
        *,
        link: Link | None = None,
        draw: Callable[[], int] | None = None,
        newer: Callable[[int, float], GatePlan | None] | None = None,
    ) -> None:
        """newer: fetches what the hub has after that serial, within so many seconds."""
        self.journal = journal
        self.link = link or Link(None)
        self._fetch_newer = newer
        self._may_fetch = 0.0
        self._points = points
        self._stale = StaleCodes()
        self._writing = Lock()
        """Between an entry and the look at the link: whoever links this gate again knows which entries were written alone."""
        self._syncing = Lock()
        self._newest = 0
        self.take(plan)
        self.challenges = Challenges(plan.challenge_seconds, draw=draw)

    def take(self, plan: GatePlan) -> None:
        """A newer pack, from the next code on. An older one than the last admits nobody; a device that once heard of its lock keeps it."""
        self._newest = max(self._newest, plan.serial)
        locked_at = plan.asks.locked_at
        if locked_at is None and (lock_seen := self.journal.lock_seen()) is not None:
            locked_at = lock_seen // 1000
        plan = replace(plan, asks=replace(plan.asks, locked_at=locked_at, rolled_back=plan.serial < self._newest))
        self.plan = plan
        self._bench = Bench(plan)
        self.journal.re_entry = plan.asks.re_entry

    def challenge(self, now: int) -> Challenge | None:
        """The number to be shown, at an entrance that has one."""
        return self.challenges.shown(now // 1000) if self.plan.asks.challenge else None

    def scan(self, text: str, now: int, *, document_seen: bool = False, shown_at: int | None = None) -> Outcome:
        """Decides, and writes down what it decided. document_seen: a person has looked at one. Never raises for what was scanned.

        shown_at: when this code was scanned first, if now is when a person has looked: its age is judged as of then, for `LOOK_SECONDS`.
        """
        seconds = now // 1000
        if shown_at is not None and 0 <= seconds - shown_at // 1000 <= LOOK_SECONDS:
            seconds = shown_at // 1000
        ticket = read_ticket(text, self._bench, now=seconds)
        known = self._known(ticket, seconds, document_seen)
        decision = decide(ticket, self._bench, known, now=seconds)
        if self.link.linked and self._may_be_old_news(decision):
            self.sync(now, within=GUEST_SECONDS)  # another gate may have seen it leave, or come in
            known = self._known(ticket, seconds, document_seen)
            decision = decide(ticket, self._bench, known, now=seconds)
        if not decision.opens or ticket.read is None:
            return Outcome(decision, self.link.linked, None)
        if self.plan.asks.leaving:
            entry = self.journal.append(Kind.OUT, time=now, entrance=self.plan.asks.entrance, cti=ticket.read.cti)
            return Outcome(decision, self.link.linked, parse_journal_entry(entry).sequence)
        for again in (True, False):
            outcome = self._enter(text, ticket, known, decision, now, seconds, may_exchange=again)
            if outcome is not None:
                return outcome
        return Outcome(self._refused(ticket, known, seconds), self.link.linked, None)

    def override(self, cti: bytes | None, reason: str, now: int) -> int:
        """Lets somebody in on a person's word, and says why. Answers the entry's sequence. Raises Malformed for a reason that is none.

        The hub hears of it at once, so that the ticket does not enter once more at another gate; a no of its changes nothing.
        """
        with self._writing:
            presence = NOWHERE if cti is None else self.journal.presence(cti)
            data = self.journal.append(
                Kind.OVERRIDE, time=now, entrance=self.plan.asks.entrance, cti=cti, detail=reason
            )
            hub = self.link.hub if self.link.linked else None
        if hub is not None and cti is not None:
            try:
                request = build_admit_request(data, presence.exits, self.journal.signer)
                parse_admit_answer(hub.admit(self.plan.event, request, seconds=ANSWER_SECONDS))
            except (Unavailable, Malformed, Refused, Rejected) as error:
                if error.code == LOCKED:
                    self._lock(now)
                else:
                    self._lose(now)
        return parse_journal_entry(data).sequence

    def undo(self, sequence: int, now: int) -> bool:
        """Takes back one of this gate's own entries; False where there is nothing to take back."""
        return self.journal.undo(sequence, time=now) is not None

    def sync(self, now: int, *, within: float | None = None) -> Absorbed | None:
        """Exchanges with the hub until neither lacks anything; the gate is linked then. None where it did not answer: alone.

        within: seconds, where a guest waits: for all of it, and for one that is under way in another thread, which is not called off.
        """
        hub = self.link.hub
        if hub is None:
            return None
        ends = None if within is None else monotonic() + within
        if not self._syncing.acquire(timeout=-1 if within is None else within):
            return None
        try:
            absorbed = self._exchange(hub, now, ends)
        except (Unavailable, Refused, Malformed, Rejected) as error:
            if error.code == LOCKED:
                self._lock(now)
            self._lose(now)
            return None
        finally:
            self._syncing.release()
        if absorbed is None:
            self._lose(now)
        return absorbed

    def _exchange(self, hub: Hub, now: int, ends: float | None) -> Absorbed | None:
        """1. our head, what the hub has for us, our own entries      2. what we know of others      3. linked, if all of ours is there

        None where that does not come to an end.
        """
        tenant, event, own = self.journal.tenant, self.journal.event, self.journal.gate
        body: tuple[GateJournal, ...] = (GateJournal(own, (), (self._head(now),)),)
        new: list[JournalEntry] = []
        sent, relayed = 0, False
        whole: set[bytes] = set()
        for _ in range(_MOST_ROUNDS):
            # 1
            told = self._tell(hub, body, ends, whole)
            found = absorb(tenant, told, self._points())
            new += found.new
            there = (told.known or {}).get(own, 0)
            if there < sent:  # it has another branch of our chain
                there = sent if own in whole else 0
                whole.add(own)
            apart = self._apart(told) - whole
            whole |= apart
            self._head(now)  # of what was written meanwhile: no entry is believed without one
            body = lacking(tenant, event, (own,), {own: there})
            sent = max(there, *map(_end, body))
            if apart or found.new or any(one.entries for one in body):
                continue
            # 2
            if not relayed:
                self._relay(hub, told.known or {}, ends)
                relayed = True
            # 3 · a scan in another thread may have admitted somebody alone until this very moment
            with self._writing:
                complete = self.journal.length() <= there
                made = complete and self.link.made(now)
            if made:
                self._note(linked=True, now=now)
            if complete:
                return Absorbed(tuple(new), found.heads, found.unproven, found.strangers)
            self._head(now)
            body = lacking(tenant, event, (own,), {own: there})
            sent = max(there, *map(_end, body))
        return None

    def _relay(self, hub: Hub, known: Mapping[bytes, int], ends: float | None) -> None:
        """What we know of others, until nothing is left of it; once a whole chain where the hub has another branch of it."""
        tenant, event = self.journal.tenant, self.journal.event
        gates = [gate for gate in self._gates() if gate != self.journal.gate]
        for _ in range(_MOST_ROUNDS):
            more = lacking(tenant, event, gates, known)
            if not any(one.entries for one in more):
                return
            known = self._tell(hub, more, ends).known or {}
            apart = [one.gate for one in more if known.get(one.gate, 0) < _end(one)]
            if apart:
                self._tell(hub, lacking(tenant, event, apart, {}), ends)
                gates = [gate for gate in gates if gate not in apart]

    def _apart(self, told: Exchange) -> set[bytes]:
        """Gates of whose chain we have another branch: what we were told does not go on from what is here."""
        known = known_here(self.journal.tenant, self.journal.event, [one.gate for one in told.journals if one.entries])
        return {one.gate for one in told.journals if one.entries and known.get(one.gate, 0) < _end(one)}

    def _head(self, now: int) -> bytes:
        """By a head we show who we are, and an empty chain has none."""
        while (head := self.journal.head(time=now)) is None:
            self.journal.append(Kind.NOTE, time=now, entrance=self.plan.asks.entrance, detail="opened")
        return head

    def _tell(
        self, hub: Hub, journals: tuple[GateJournal, ...], ends: float | None, whole: Collection[bytes] = ()
    ) -> Exchange:
        """whole: gates whose journal we ask for from its first entry. Raises Unavailable, also where it is too late already."""
        tenant, event = self.journal.tenant, self.journal.event
        known = {gate: 0 if gate in whole else n for gate, n in known_here(tenant, event, self._gates()).items()}
        body = build_exchange(event, journals, known)
        left = EXCHANGE_SECONDS if ends is None else ends - monotonic()
        if left <= 0:
            raise Unavailable("no_answer", "the hub does not answer in time")
        return parse_exchange(hub.exchange(event, body, seconds=left))

    def _gates(self) -> tuple[bytes, ...]:
        return tuple(sorted({self.journal.gate, *self._points()}))

    def _known(self, ticket: Ticket, seconds: int, document_seen: bool) -> Known:
        read = ticket.read
        if read is None:
            return Known(document_seen=document_seen)
        advancing = False
        if is_stale(read, self._bench, now=seconds) and read.iat is not None:
            advancing = self._stale.advances(read.cti, read.iat, seconds)
        return Known(
            whereabouts=self._whereabouts(read.cti) if self.plan.asks.leaving else "inside",
            earlier=earlier_of(self.journal.presence(read.cti)),
            answers=self.challenges.answered(read.cnonce, seconds) if self.plan.asks.challenge else False,
            advancing=advancing,
            document_seen=document_seen,
        )

    def _may_be_old_news(self, decision: Decision) -> bool:
        """Whether what another gate has seen since could change this no."""
        if decision.reason is GateReason.ALREADY_ADMITTED:
            return self.plan.asks.re_entry
        return decision.check is not None and decision.check.reason == "not_inside"

    def _whereabouts(self, cti: bytes) -> Whereabouts:
        return whereabouts(seen_of(self.journal.tenant, self.journal.event, cti), alone=not self.link.linked)

    def _enter(
        self, text: str, ticket: Ticket, known: Known, decision: Decision, now: int, seconds: int, *, may_exchange: bool
    ) -> Outcome | None:
        """Writes the admission and asks the hub. None: it has to be judged again, somebody else was faster or knows more.

        now: milliseconds, for what is written; seconds: when the code was shown.
        """
        if ticket.read is None:
            return None
        cti = ticket.read.cti
        with self._writing:
            data, presence = self.journal.append_if(
                lambda found: found.inside is None,
                Kind.IN,
                time=now,
                entrance=self.plan.asks.entrance,
                cti=cti,
                detail="document" if known.document_seen else None,
            )
            hub = self.link.hub if self.link.linked else None
        if data is None:
            return None
        sequence = parse_journal_entry(data).sequence
        if hub is None:
            return Outcome(decision, False, sequence)
        request = build_admit_request(data, presence.exits, self.journal.signer)
        try:
            answer = parse_admit_answer(hub.admit(self.plan.event, request, seconds=ANSWER_SECONDS))
        except (Unavailable, Malformed, Refused, Rejected) as error:
            if error.code != LOCKED:
                self._lose(now)
                return Outcome(decision, False, sequence)
            self.journal.undo(sequence, time=now)
            self._lock(now)
            return Outcome(decide(ticket, self._bench, known, now=seconds), True, None)
        if answer.admitted:
            if answer.serial > self.plan.serial and self._renew():
                decision = decide(read_ticket(text, self._bench, now=seconds), self._bench, known, now=seconds)
            if decision.opens:
                return Outcome(decision, True, sequence)
            self.journal.undo(sequence, time=now)
            return Outcome(decision, True, None)
        self.journal.undo(sequence, time=now)
        first = parse_journal_entry(answer.first)
        # it may have left; or the hub has not heard yet of what this gate took back
        is_old_news = presence.exits or first.kind is Kind.OUT or first.gate == self.journal.gate
        if may_exchange and is_old_news and self.sync(now, within=GUEST_SECONDS) is not None:
            return None
        inside = Earlier(gate=first.gate, sequence=first.sequence, entrance=first.entrance, time_ms=first.time)
        again = decide(ticket, self._bench, known._replace(earlier=inside), now=seconds)
        return Outcome(again, True, None)

    def _renew(self) -> bool:
        """The hub has newer facts, and a guest waits for them: whether they are here now."""
        if self._fetch_newer is None or monotonic() < self._may_fetch:
            return False
        try:
            plan = self._fetch_newer(self.plan.serial, GUEST_SECONDS)
        except TegataError:
            plan = None
        if plan is None:
            self._may_fetch = monotonic() + AGAIN_SECONDS
            return False
        self.take(plan)
        return True

    def _refused(self, ticket: Ticket, known: Known, seconds: int) -> Decision:
        """Judged with the presence as it is now."""
        if ticket.read is None:
            return decide(ticket, self._bench, known, now=seconds)
        earlier = earlier_of(self.journal.presence(ticket.read.cti))
        return decide(ticket, self._bench, known._replace(earlier=earlier), now=seconds)

    def _lose(self, now: int) -> None:
        if self.link.lost(now):
            self._note(linked=False, now=now)

    def _note(self, *, linked: bool, now: int) -> None:
        """The journal tells with whom this gate decided, and when."""
        note = "linked to the hub" if linked else "alone: no answer from the hub"
        self.journal.append(Kind.NOTE, time=now, entrance=self.plan.asks.entrance, detail=note)

    def _lock(self, now: int) -> None:
        """The hub says that the organiser locked this device: it refuses from now on, with or without a link."""
        with self._writing:
            if self.journal.lock_seen() is None:
                self.journal.append(Kind.LOCK_SEEN, time=now, entrance=self.plan.asks.entrance)
        self.take(self.plan)


def _end(journal: GateJournal) -> int:
    """The sequence of the last entry."""
    return parse_journal_entry(journal.entries[-1]).sequence if journal.entries else 0


def earlier_of(presence: Presence) -> Earlier | None:
    """The entry by which a ticket is inside, as the rule wants it."""
    one = presence.inside
    if one is None:
        return None
    return Earlier(gate=one.gate, sequence=one.sequence, entrance=one.entrance, time_ms=one.time)
