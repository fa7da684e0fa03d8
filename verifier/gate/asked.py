"""Entries that a hub knows from the gate's own request alone, until the gate's journal brings them; of a gate that was destroyed, for ever.

The request is signed by the gate, so the entry is proven by itself. What came before it in the chain is not here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from common.errors import Malformed, Rejected
from common.gate.admit_request import AdmitRequest, parse_admit_request
from common.gate.journal_entry import JournalEntry, hash_entry
from common.gate.signed import ADMIT, verify_message
from common.record import Record
from verifier.gate.journal.chain import is_here
from verifier.gate.presence import Seen
from verifier.store.gate import GateAdmissionRow, GateAskedRow


class Asked(Record, frozen=True):
    """data: the request. seen: its entry. cti: the ticket that it let in."""

    data: bytes
    cti: bytes
    seen: Seen


def keep_asked(tenant: str, event: str, request: AdmitRequest, data: bytes) -> None:
    """Once; not where the journal was faster. data: the request, whose signature was verified."""
    entry, entry_hash = request.entry, hash_entry(request.encoded)
    if not is_here(tenant, event, entry.gate, entry.sequence, entry_hash):
        GateAskedRow.insert(
            tenant=tenant, event=event, gate=entry.gate, sequence=entry.sequence, hash=entry_hash, data=data
        ).on_conflict_ignore().execute()


def take_asked(tenant: str, event: str, requests: Iterable[bytes], points: Mapping[bytes, bytes]) -> None:
    """Requests that another hub heard, from its file. Those that no gate of the event signed are left aside."""
    for data in requests:
        try:
            request = parse_admit_request(data)
            verify_message(request.message, points.values(), ADMIT)
        except (Malformed, Rejected):
            continue
        if request.entry.event == event:
            keep_asked(tenant, event, request, data)
            _keep_admitted(tenant, event, request, data)


def _keep_admitted(tenant: str, event: str, request: AdmitRequest, data: bytes) -> None:
    """Whom another hub let in is inside for this one too. Where somebody has the place already, the ticket is inside anyway."""
    entry, entry_hash = request.entry, hash_entry(request.encoded)
    if entry.cti is not None and not is_here(tenant, event, entry.gate, entry.sequence, entry_hash):
        GateAdmissionRow.insert(
            tenant=tenant, event=event, cti=entry.cti, generation=request.generation, hash=entry_hash, data=data
        ).on_conflict_ignore().execute()


def drop_delivered(tenant: str, event: str, new: Iterable[JournalEntry]) -> None:
    """After journals came: what they brought is asked no more."""
    gates = {one.gate for one in new}
    if not gates:
        return
    asked = (
        GateAskedRow.select(GateAskedRow.gate, GateAskedRow.sequence, GateAskedRow.hash)
        .where(_of(tenant, event) & GateAskedRow.gate.in_(gates))
        .tuples()
    )
    for gate, sequence, entry_hash in list(asked):
        if is_here(tenant, event, bytes(gate), int(sequence), bytes(entry_hash)):
            GateAskedRow.delete().where(
                _of(tenant, event)
                & (GateAskedRow.gate == gate)
                & (GateAskedRow.sequence == sequence)
                & (GateAskedRow.hash == entry_hash)
            ).execute()


def asked_only(tenant: str, event: str) -> tuple[Asked, ...]:
    """Every entry that is known from a request alone. A row whose entry came at the same moment is looked through."""
    found = []
    for row in GateAskedRow.select().where(_of(tenant, event)).order_by(GateAskedRow.gate, GateAskedRow.sequence):
        data, entry_hash = bytes(row.data), bytes(row.hash)
        entry = parse_admit_request(data).entry
        if entry.cti is not None and not is_here(tenant, event, entry.gate, entry.sequence, entry_hash):
            found.append(Asked(data, entry.cti, as_seen(entry, entry_hash)))
    return tuple(found)


def as_seen(entry: JournalEntry, entry_hash: bytes) -> Seen:
    return Seen(int(entry.kind), entry.gate, entry.sequence, entry_hash, entry.time, entry.entrance, None)


def _of(tenant: str, event: str) -> Any:
    return (GateAskedRow.tenant == tenant) & (GateAskedRow.event == event)
