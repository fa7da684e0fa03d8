"""What gates know of each other's journals, in one body: a file, a hub's answer, the frames of an animated QR code.

    { 1: event, 2: [ [ gate (8 bytes), [ bstr entry … ], [ bstr head … ] ] … ], 3?: { gate: highest sequence known },
      4?: [ bstr request … ] }                                                                                   deterministic CBOR

Entries, heads and requests stay bytes here: their hashes are over just these. Gates stand sorted, each once; so do requests, which are what
gates asked a hub to admit (`common.gate.admit_request`) without their journal having come. Read by hand: a million entries are more items
than `common.cbor` builds from a stranger's bytes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise

from common.cbor import encode_array, encode_bytes, encode_map, encode_text, head
from common.errors import Malformed
from common.formats.gate_pass.labels import check_event
from common.gate.admit_request import MAX_REQUEST
from common.gate.journal_entry import MAX_ENTRY, MAX_HEAD, MAX_SEQUENCE
from common.gate.signed import NAME_SIZE
from common.record import Record

MAX_BODY = 1 << 23
"""Bytes over the network; who reads a file may ask for more."""
MAX_FILE = 1 << 28
MAX_GATES = 4096
_ARRAY, _MAP, _BYTES, _TEXT, _NUMBER = 0x80, 0xA0, 0x40, 0x60, 0x00
_MOST = (1 << 32) - 1
LEAST_ENTRY, _LEAST_HEAD = 52, 137
"""Bytes of the shortest that there are: a body of eight million empty strings would be read for a minute."""


class GateJournal(Record, frozen=True):
    """entries, heads: encoded, as they came."""

    gate: bytes
    entries: tuple[bytes, ...]
    heads: tuple[bytes, ...]


class Exchange(Record, frozen=True):
    """known: up to where the asker has each gate's chain, so that it is not sent again; None: he does not say. asked: encoded requests."""

    event: str
    journals: tuple[GateJournal, ...]
    known: Mapping[bytes, int] | None = None
    asked: tuple[bytes, ...] = ()


def build_exchange(
    event: str,
    journals: Sequence[GateJournal],
    known: Mapping[bytes, int] | None = None,
    asked: Collection[bytes] = (),
) -> bytes:
    """Raises ValueError for one gate twice, Malformed for an event's identifier that is none."""
    by_gate = {journal.gate: journal for journal in journals}
    if len(by_gate) != len(journals):
        raise ValueError("a gate twice")
    bodies = [
        encode_array(
            [encode_bytes(gate), *(encode_array(map(encode_bytes, part)) for part in (one.entries, one.heads))]
        )
        for gate, one in sorted(by_gate.items())
    ]
    members = [(b"\x01", encode_text(check_event(event))), (b"\x02", encode_array(bodies))]
    if known is not None:
        members.append((b"\x03", encode_map((encode_bytes(gate), head(_NUMBER, last)) for gate, last in known.items())))
    if asked:
        members.append((b"\x04", encode_array(map(encode_bytes, sorted(set(asked))))))
    return encode_map(members)


def parse_exchange(data: bytes, *, max_bytes: int = MAX_BODY) -> Exchange:
    """Raises Malformed("too_large" | "bad_exchange" | "bad_event"), in time and memory that follow the length."""
    if len(data) > max_bytes:
        raise Malformed("too_large", f"more than {max_bytes} bytes")
    reader = _Reader(data)
    members = reader.count(_MAP, 4)
    reader.expect(b"\x01")
    event = check_event(reader.string(_TEXT, 64).decode("latin-1"))
    reader.expect(b"\x02")
    journals = tuple([_read_journal(reader) for _ in range(reader.count(_ARRAY, MAX_GATES))])
    _check_sorted([journal.gate for journal in journals])
    known: dict[bytes, int] | None = None
    asked: tuple[bytes, ...] = ()
    left = members - 2
    if left > 0 and reader.starts(b"\x03"):
        left -= 1
        reader.expect(b"\x03")
        pairs = [(reader.name(), reader.count(_NUMBER, MAX_SEQUENCE)) for _ in range(reader.count(_MAP, MAX_GATES))]
        _check_sorted([gate for gate, _ in pairs])
        known = dict(pairs)
    if left > 0:
        left -= 1
        reader.expect(b"\x04")
        asked = reader.strings(LEAST_ENTRY, MAX_REQUEST)
        _check_sorted(asked)
        if not asked:
            raise _bad()
    if left or reader.at != len(data):
        raise _bad()
    return Exchange(event, journals, known, asked)


def _read_journal(reader: _Reader) -> GateJournal:
    reader.expect(b"\x83")
    return GateJournal(reader.name(), reader.strings(LEAST_ENTRY, MAX_ENTRY), reader.strings(_LEAST_HEAD, MAX_HEAD))


def _check_sorted(strings: Sequence[bytes]) -> None:
    if any(one >= other for one, other in pairwise(strings)):
        raise _bad()


class _Reader:
    """Walks over the bytes once; each head must be the shortest (RFC 8949 §4.2.1)."""

    __slots__ = ("_data", "at")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0

    def starts(self, wanted: bytes) -> bool:
        return self._data.startswith(wanted, self.at)

    def expect(self, wanted: bytes) -> None:
        if not self.starts(wanted):
            raise _bad()
        self.at += len(wanted)

    def count(self, major: int, most: int) -> int:
        """A head of this major type: how many, or the number itself."""
        first = self._data[self.at : self.at + 1]
        size = {24: 1, 25: 2, 26: 4}.get(first[0] & 31, 0) if first else 0
        after = self.at + 1 + size
        count = int.from_bytes(self._data[self.at + 1 : after], "big") if size else (first[0] & 31 if first else 0)
        if self._data[self.at : after] != head(major, count) or count > most:
            raise _bad()
        self.at = after
        return count

    def string(self, major: int, most: int) -> bytes:
        length = self.count(major, most)
        start, self.at = self.at, self.at + length
        if self.at > len(self._data):
            raise _bad()
        return self._data[start : self.at]

    def name(self) -> bytes:
        name = self.string(_BYTES, NAME_SIZE)
        if len(name) != NAME_SIZE:
            raise _bad()
        return name

    def strings(self, least: int, most: int) -> tuple[bytes, ...]:
        """An array of byte strings, read in one loop: journals have hundreds of thousands."""
        count = self.count(_ARRAY, _MOST)
        data, at, end = self._data, self.at, len(self._data)
        if count * least > end - at:
            raise _bad()
        found = []
        for _ in range(count):
            if at + 1 < end and data[at] == 0x58 and data[at + 1] >= least:
                start = at + 2
                at = start + data[at + 1]
            else:
                self.at = at
                length = self.count(_BYTES, most)
                start = self.at
                at = start + length
                if length < least:
                    raise _bad()
            if at > end:
                raise _bad()
            found.append(data[start:at])
        self.at = at
        return tuple(found)


def _bad() -> Malformed:
    return Malformed("bad_exchange", "not an exchange of journals")
