"""The venue's hub, and the verifier's own: one conditional insert decides who enters, and every journal meets here.

A gate's request is signed by the gate, so nobody else on the network can use a ticket up. What a hub knows of a ticket is derived from all
entries that are here and all requests that it granted; the insert decides between two that come at once. Times in milliseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from common.adapters.database import changed, transaction
from common.errors import Malformed, NotFound, Refused, Rejected, Unavailable
from common.formats.gate_pass.labels import MAX_TIME
from common.gate.admit_request import AdmitRequest, build_admit_answer, parse_admit_request
from common.gate.exchange import MAX_BODY, MAX_FILE, Exchange, build_exchange, parse_exchange
from common.gate.journal_entry import JournalEntry, Kind, hash_entry, parse_journal_head
from common.gate.pack import GatePack
from common.gate.signed import ADMIT, HEAD, verify_message
from verifier.gate.asked import as_seen, asked_only, drop_delivered, keep_asked, take_asked
from verifier.gate.devices import has_heard_of, hear_of
from verifier.gate.journal.chain import seen_of
from verifier.gate.journal.exchange import Absorbed, absorb, known_here, lacking
from verifier.gate.journal.forks import without_forked_undos
from verifier.gate.packs import locks_of, points_of, require_event
from verifier.gate.presence import Seen, latest_of, presence_of
from verifier.gate.reasons import GateReason
from verifier.gate.tally import count_new
from verifier.store.base import database
from verifier.store.gate import GateAdmissionRow, GateEntryRow

NOT_LINKED = "not_linked"
HEAD_MS = 24 * 3_600_000
"""A head that is no older than this shows that the asker is one of the event's gates, however wrong its clock."""
_TRIES = 4
_MAKE_ROOM = (Kind.OUT, Kind.UNDO)


def admit(tenant: str, event: str, body: bytes, *, now: int) -> bytes:
    """Whether a ticket may enter: of all who ask, one hears yes.

    1. the request is signed by a gate of the pack      2. that is not locked, and has exchanged with this hub
    3. nobody is inside with the ticket, and the entry is later than all that is known of it; else the gate exchanges and asks again.
       What a locked device wrote after its lock lets nobody out and takes nothing back: its thief's friends would enter again and again
    4. the insert: of two at once the second reads what the first wrote, and hears no
    Raises NotFound, Malformed, Rejected, Refused("device_locked" | "not_linked").
    """
    pack = require_event(tenant, event).pack
    # 1
    request = parse_admit_request(body)
    verify_message(request.message, points_of(pack).values(), ADMIT)
    entry = request.entry
    if entry.event != event or entry.cti is None:
        raise Malformed("bad_admit_request", "a request to let someone in is of this event")
    # 2
    _refuse_locked(tenant, event, pack, entry.gate)
    if not has_heard_of(tenant, event, entry.gate):
        # a hub that was put in another's place, or lost its disk, does not know whom the gate has admitted so far; what others brought
        # of its journal says nothing about that
        raise Refused(NOT_LINKED, "exchange with this hub before asking it")
    hear_of(tenant, event, entry.gate, now=now, clock_off=entry.time - now)
    answer = partial(build_admit_answer, serial=pack.serial)
    with transaction(database, "gate_admit"):
        if entry.kind is Kind.OVERRIDE:  # the gate lets in on a person's word, whatever we answer
            keep_asked(tenant, event, request, body)
        for _ in range(_TRIES):
            # 3
            seen = _all_seen(tenant, event, entry.cti, pack)
            presence = presence_of(seen, re_entry=pack.rules.re_entry)
            if presence.inside is not None:
                own = presence.inside.hash == hash_entry(
                    request.encoded
                )  # asked again, since our first answer was lost
                return answer(admitted=own, first=_bytes_of(tenant, event, entry.cti, presence.inside.hash))
            last = latest_of(seen) if pack.rules.re_entry else None
            if last is not None and entry.time <= last.time:
                return answer(admitted=False, first=_bytes_of(tenant, event, entry.cti, last.hash))
            # 4
            if _insert(tenant, event, entry.cti, presence.exits, request, body, pack):
                keep_asked(tenant, event, request, body)
                return answer(admitted=True, first=request.encoded)
    raise Unavailable("gate_busy", "too many gates ask for the same ticket")


def _insert(
    tenant: str, event: str, cti: bytes, generation: int, request: AdmitRequest, body: bytes, pack: GatePack
) -> bool:
    """True for the one who takes the place. One that was granted before and then undone makes room."""
    own = hash_entry(request.encoded)
    inserted = (
        GateAdmissionRow.insert(tenant=tenant, event=event, cti=cti, generation=generation, hash=own, data=body)
        .on_conflict_ignore()
        .as_rowcount()
        .execute()
    )
    if inserted == 1:
        return True
    held = _admissions(tenant, event, cti).where(GateAdmissionRow.generation == generation).first()
    seen = _all_seen(tenant, event, cti, pack)
    if held is None or presence_of(seen, re_entry=pack.rules.re_entry).inside is not None:
        return False
    return changed(
        GateAdmissionRow.update(hash=own, data=body).where(
            (GateAdmissionRow.tenant == tenant)
            & (GateAdmissionRow.event == event)
            & (GateAdmissionRow.cti == cti)
            & (GateAdmissionRow.generation == generation)
            & (GateAdmissionRow.hash == bytes(held.hash))
        )
    )


def _all_seen(tenant: str, event: str, cti: bytes, pack: GatePack) -> list[Seen]:
    """The entries of all journals that are here, and those that were granted and have not arrived with their journal yet."""
    entries = seen_of(tenant, event, cti)
    if any(one.kind in _MAKE_ROOM for one in entries):
        locks = locks_of(tenant, event, pack)
        entries = [
            one for one in entries if one.kind not in _MAKE_ROOM or one.time < locks.get(one.gate, MAX_TIME) * 1000
        ]
    known = {one.hash for one in entries}
    for row in _admissions(tenant, event, cti):
        entry_hash = bytes(row.hash)
        if entry_hash not in known:
            entries.append(as_seen(parse_admit_request(bytes(row.data)).entry, entry_hash))
    return without_forked_undos(tenant, event, entries)


def _admissions(tenant: str, event: str, cti: bytes) -> Any:
    return GateAdmissionRow.select().where(
        (GateAdmissionRow.tenant == tenant) & (GateAdmissionRow.event == event) & (GateAdmissionRow.cti == cti)
    )


def _bytes_of(tenant: str, event: str, cti: bytes, entry_hash: bytes) -> bytes:
    row = (
        GateEntryRow.select()
        .where(
            (GateEntryRow.tenant == tenant)
            & (GateEntryRow.event == event)
            & (GateEntryRow.cti == cti)
            & (GateEntryRow.hash == entry_hash)
        )
        .first()
    )
    if row is not None:
        return bytes(row.data)
    granted = _admissions(tenant, event, cti).where(GateAdmissionRow.hash == entry_hash).first()
    return parse_admit_request(bytes(granted.data)).encoded


def exchange(tenant: str, event: str, body: bytes, *, now: int) -> tuple[bytes, Absorbed]:
    """Takes in what the asker proves, and answers with what it lacks and how far each chain is known here.

    Entries go only to who shows a head signed by a gate of the event that is not locked. Raises NotFound, Malformed,
    Refused("device_locked") once a locked device's entries are taken in.
    """
    pack = require_event(tenant, event).pack
    asked = parse_exchange(body)
    if asked.event != event:
        raise Malformed("bad_exchange", "an exchange is of this event")
    points = points_of(pack)
    absorbed = take_in(tenant, asked, pack)
    gate = _asker(asked, pack, now)
    if gate is not None:
        _refuse_locked(tenant, event, pack, gate)
        hear_of(tenant, event, gate, now=now, clock_off=parse_journal_head(asked.journals[0].heads[0]).head.time - now)
    gates = tuple(sorted(points))
    told = lacking(tenant, event, gates, asked.known) if gate is not None and asked.known is not None else ()
    return build_exchange(event, told, known_here(tenant, event, gates)), absorbed


def take_in(tenant: str, brought: Exchange, pack: GatePack) -> Absorbed:
    """Keeps what is proven, and counts it in the same transaction."""

    def count(new: Sequence[JournalEntry]) -> None:
        count_new(tenant, pack.event, new, re_entry=pack.rules.re_entry)
        drop_delivered(tenant, pack.event, new)

    return absorb(tenant, brought, points_of(pack), then=count)


def all_journals(tenant: str, event: str) -> bytes:
    """Everything that is known here, in one file: journals, and requests of gates whose journal has not come."""
    gates = sorted(points_of(require_event(tenant, event).pack))
    told = lacking(tenant, event, gates, {}, most_bytes=MAX_FILE >> 1)
    return build_exchange(event, told, asked=[one.data for one in asked_only(tenant, event)])


def take_file(tenant: str, event: str, data: bytes, *, max_bytes: int = MAX_BODY) -> Absorbed:
    """A file of a gate, or of another hub. Raises NotFound, Malformed; nothing is taken then."""
    pack = require_event(tenant, event).pack
    found = parse_exchange(data, max_bytes=max_bytes)
    if found.event != event:
        raise Malformed("wrong_event", "this journal is of another event")
    taken = take_in(tenant, found, pack)
    take_asked(tenant, event, found.asked, points_of(pack))
    return taken


def _asker(asked: Exchange, pack: GatePack, now: int) -> bytes | None:
    """The gate that stands before us: its own journal is the only one in the body, with a head that it signed lately.

    A body with several journals is relayed: whose they are says nothing about who sends them.
    """
    if len(asked.journals) != 1 or not asked.journals[0].heads:
        return None
    (journal,) = asked.journals
    gate = pack.gate_by_id.get(journal.gate)
    if gate is None:
        return None
    try:
        parsed = parse_journal_head(journal.heads[0])
        verify_message(parsed.message, [gate.point], HEAD)
    except (Malformed, Rejected):
        return None
    return journal.gate if parsed.head.event == pack.event and abs(parsed.head.time - now) <= HEAD_MS else None


def _refuse_locked(tenant: str, event: str, pack: GatePack, gate: bytes) -> None:
    if gate in locks_of(tenant, event, pack):  # whatever our clock says: the organiser's may be ahead of it
        raise Refused(GateReason.DEVICE_LOCKED.value, "the organiser has locked this device")


def require_gate(pack: GatePack, gate: bytes) -> None:
    """Raises NotFound for a device that the pack does not name."""
    if gate not in pack.gate_by_id:
        raise NotFound("unknown_gate", "the pack names no such device")
