"""One entry of a gate's journal, and the signed head of its chain: bytes ↔ meaning. Hashes and signatures are the caller's.

    entry = deterministic CBOR [ event, gate (8), sequence (1…), previous hash (32; zeros at 1), kind, cti (8) | null, ms, entrance, detail]
head  = signed message of the gate, external_aad "TG1-head", over { 1: event, 2: gate, 3: sequence, 4: hash, 5: time ms }
"""

from __future__ import annotations

import hashlib
import re
from enum import IntEnum

from common.cbor import encode
from common.errors import Malformed
from common.formats.gate_pass.labels import MAX_TIME, check_event
from common.formats.gate_pass.numbers import BYTE, TIME, WORD, read_number
from common.gate.signed import HEAD, SignedMessage, decode_exact, parse_message, sign_message
from common.plain_text import CONTROLS
from common.ports import Signer
from common.record import Record

MAX_ENTRY = 1024
MAX_HEAD = 256
MAX_DETAIL = 200
MAX_SEQUENCE = (1 << 32) - 1
MAX_ENTRANCE = 255
NO_HASH = bytes(32)


class Kind(IntEnum):
    """What happened. OVERRIDE: a person let someone in, detail says why. UNDO: detail is the sequence of the gate's own entry."""

    IN = 0
    OUT = 1
    OVERRIDE = 2
    UNDO = 3
    LOCK_SEEN = 4
    NOTE = 5


class JournalEntry(Record, frozen=True):
    """cti None: no ticket was read. detail: why (OVERRIDE, NOTE, and a remark to any other kind), or which sequence (UNDO). time: ms."""

    event: str
    gate: bytes
    sequence: int
    previous: bytes
    kind: Kind
    cti: bytes | None
    time: int
    entrance: int
    detail: str | int | None

    def encode(self) -> bytes:
        """Its one encoding. What does not stand in the table above is found by `parse_journal_entry`, not here."""
        parts = (self.event, self.gate, self.sequence, self.previous, int(self.kind), self.cti, self.time)
        return encode([*parts, self.entrance, self.detail])


class JournalHead(Record, frozen=True):
    """What a gate signs of its chain: everything up to this sequence is as its hash says. time: ms."""

    event: str
    gate: bytes
    sequence: int
    hash: bytes
    time: int


class ParsedHead(Record, frozen=True):
    """As read: believed once `common.gate.signed.verify_message` names the gate's key for ``message`` with aad HEAD."""

    head: JournalHead
    message: SignedMessage


_ENTRY = re.compile(
    rb"\x89([\x61-\x77]|\x78[\x18-\x40])([a-z0-9-]{1,64})\x48(.{8})(%b)\x58\x20(.{32})([\x00-\x05])(?:\x48(.{8})|\xf6)"
    rb"(%b)(%b)(?:\xf6|(%b)|([\x61-\x77]|\x78[\x18-\xff]|\x79[\x01-\xff].)(.*))" % (WORD, TIME, BYTE, WORD),
    re.DOTALL,
)
_CONTROL = re.compile(f"[{CONTROLS}]")
_KINDS = tuple(Kind)
_OUT = b"\x01"


def hash_entry(entry: bytes) -> bytes:
    return hashlib.sha256(entry).digest()


def parse_journal_entry(data: bytes) -> JournalEntry:
    """Raises Malformed("bad_entry"): another shape or encoding, a kind without what it needs, a first entry with a past."""
    if len(data) > MAX_ENTRY:
        raise _bad("is too long")
    found = _ENTRY.fullmatch(data)
    if found is None:
        raise _bad("is not of its one shape")
    event_head, event, gate, sequence, previous, kind, cti, time, entrance, number, text_head, text = found.groups()
    if _length(event_head) != len(event):
        raise _bad("is not as long as it says")
    detail = None if number is None else read_number(number)
    entry = JournalEntry(
        event.decode("ascii"),
        gate,
        read_number(sequence),
        previous,
        _KINDS[kind[0]],
        cti,
        read_number(time),
        read_number(entrance),
        detail if text_head is None else _text(text_head, text),
    )
    if not entry.sequence or (entry.sequence == 1) != (previous == NO_HASH):
        raise _bad("begins a chain at 1, and nowhere else")
    if kind > _OUT or cti is None or entry.detail is not None:  # nearly all entries are a ticket's, without a remark
        _check_kind(entry)
    return entry


def _check_kind(entry: JournalEntry) -> None:
    kind, detail = entry.kind, entry.detail
    if kind <= Kind.OUT and entry.cti is None:
        raise _bad("of someone who went in or out names the ticket")
    if kind >= Kind.LOCK_SEEN and entry.cti is not None:
        raise _bad("about the gate names no ticket")
    if (type(detail) is int) != (kind == Kind.UNDO) or (type(detail) is int and not 0 < detail < entry.sequence):
        raise _bad("that undoes one names which, and no other does")
    if kind in (Kind.OVERRIDE, Kind.NOTE) and not detail:
        raise _bad("of a person's decision says why")


def _length(text_head: bytes) -> int:
    return text_head[0] - 0x60 if len(text_head) == 1 else int.from_bytes(text_head[1:], "big")


def _text(text_head: bytes, raw: bytes) -> str:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise _bad("has a text that is not UTF-8") from None
    if _length(text_head) != len(raw) or len(text) > MAX_DETAIL or _CONTROL.search(text):
        raise _bad(f"has a text of at most {MAX_DETAIL} characters, none of them a control")
    return text


def _bad(what: str) -> Malformed:
    return Malformed("bad_entry", f"an entry of a journal {what}")


def build_journal_entry(
    *,
    event: str,
    gate: bytes,
    sequence: int,
    previous: bytes,
    kind: Kind,
    cti: bytes | None,
    time: int,
    entrance: int,
    detail: str | int | None = None,
) -> bytes:
    """The bytes of an entry that every gate reads. Raises Malformed("bad_entry"), so that no gate writes what others refuse."""
    entry = JournalEntry(event, gate, sequence, previous, kind, cti, time, entrance, detail).encode()
    parse_journal_entry(entry)
    return entry


def sign_journal_head(head: JournalHead, signer: Signer) -> bytes:
    payload = encode({1: head.event, 2: head.gate, 3: head.sequence, 4: head.hash, 5: head.time})
    signed = sign_message(payload, signer, HEAD)
    parse_journal_head(signed)
    return signed


def parse_journal_head(data: bytes) -> ParsedHead:
    """Raises Malformed("bad_head" …); also where the gate that it speaks of is not the key that its header names."""
    message = parse_message(data, max_bytes=MAX_HEAD)
    value = decode_exact(message.payload, max_bytes=MAX_HEAD)
    if not isinstance(value, dict) or list(value) != [1, 2, 3, 4, 5]:
        raise Malformed("bad_head", "a head of a journal has five members")
    event, gate, sequence, entry_hash, time = value.values()
    if not isinstance(event, str) or gate != message.key_name or type(gate) is not bytes:
        raise Malformed("bad_head", "a head is of an event and of the gate that signs it")
    numbers = type(sequence) is int and 0 < sequence <= MAX_SEQUENCE and type(time) is int and 0 <= time <= MAX_TIME
    if not numbers or type(entry_hash) is not bytes or len(entry_hash) != len(NO_HASH):
        raise Malformed("bad_head", "a head has a sequence, a hash and a time")
    return ParsedHead(JournalHead(check_event(event), gate, sequence, entry_hash, time), message)
