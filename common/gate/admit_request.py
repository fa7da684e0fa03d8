"""A linked gate asks its hub whether a ticket may enter, and the hub's answer.

    request = signed message of the gate, external_aad "TG1-admit", over { 1: entry, 2: generation }
    answer  = { 1: 0 admitted | 1 already there, 2: the entry that came first, 3?: serial of the hub's pack }        deterministic CBOR

generation: how often the ticket has entered and left again, so that re-entry is an insert of its own. By the serial a gate hears, before
it turns green, that its pack is an old one: a ticket that was transferred a moment ago is judged by the new one.
"""

from __future__ import annotations

from common.cbor import encode
from common.errors import Malformed
from common.gate.journal_entry import MAX_ENTRY, JournalEntry, Kind, parse_journal_entry
from common.gate.signed import ADMIT, SignedMessage, decode_exact, parse_message, sign_message
from common.ports import Signer
from common.record import Record

MAX_REQUEST = MAX_ENTRY + 256
MAX_GENERATION = (1 << 16) - 1
MAX_SERIAL = (1 << 53) - 1


class AdmitRequest(Record, frozen=True):
    """As read: believed once `verify_message` names the gate's key for ``message`` with aad ADMIT. encoded: the entry's bytes."""

    entry: JournalEntry
    encoded: bytes
    generation: int
    message: SignedMessage


class AdmitAnswer(Record, frozen=True):
    """first: the entry, encoded, that admitted the ticket: the asker's own, or the one that came before. serial: 0 where it is not told."""

    admitted: bool
    first: bytes
    serial: int = 0


def build_admit_request(entry: bytes, generation: int, signer: Signer) -> bytes:
    """Raises Malformed for what no hub would read."""
    request = sign_message(encode({1: entry, 2: generation}), signer, ADMIT)
    parse_admit_request(request)
    return request


def parse_admit_request(data: bytes) -> AdmitRequest:
    """Raises Malformed; also for an entry of another gate than the one that signs, or that lets nobody in."""
    message = parse_message(data, max_bytes=MAX_REQUEST)
    value = decode_exact(message.payload, max_bytes=MAX_REQUEST)
    if not isinstance(value, dict) or list(value) != [1, 2]:
        raise _bad("has two members")
    encoded, generation = value.values()
    if type(encoded) is not bytes or type(generation) is not int or not 0 <= generation <= MAX_GENERATION:
        raise _bad("has an entry and a generation")
    entry = parse_journal_entry(encoded)
    if entry.gate != message.key_name or entry.kind not in (Kind.IN, Kind.OVERRIDE) or entry.cti is None:
        raise _bad("is about a ticket that the asking gate would let in")
    return AdmitRequest(entry, encoded, generation, message)


def build_admit_answer(*, admitted: bool, first: bytes, serial: int = 0) -> bytes:
    """serial: of the pack by which the hub answers; 0 leaves it out."""
    return encode({1: 0 if admitted else 1, 2: first, **({3: serial} if serial else {})})


def parse_admit_answer(data: bytes) -> AdmitAnswer:
    """Raises Malformed."""
    value = decode_exact(data, max_bytes=MAX_REQUEST)
    if not isinstance(value, dict) or list(value) not in ([1, 2], [1, 2, 3]):
        raise _bad("is answered by two members or three")
    outcome, first, serial = value[1], value[2], value.get(3, 0)
    if type(outcome) is not int or outcome not in (0, 1) or type(first) is not bytes:
        raise _bad("is answered by an outcome and an entry")
    if type(serial) is not int or not (3 not in value or 1 <= serial <= MAX_SERIAL):
        raise _bad("is answered with a pack's serial")
    parse_journal_entry(first)
    return AdmitAnswer(outcome == 0, first, serial)


def _bad(what: str) -> Malformed:
    return Malformed("bad_admit_request", f"a request to let someone in {what}")
