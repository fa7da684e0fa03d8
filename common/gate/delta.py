"""What changed from one gate pack to a later one. Applied, it gives the later pack to the byte, signature included.

A delta is signed itself, so that a stranger cannot make a gate work; and what comes out is believed by the later pack's own signature.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from typing import Any

from common.cbor import encode
from common.errors import Malformed
from common.formats.gate_pass.labels import MAX_TIME, check_event
from common.gate.index_set import IndexSet, decode_index_set, encode_index_set
from common.gate.pack import (
    MAX_PACK,
    GatePack,
    PackRefused,
    ParsedPack,
    check_signer,
    encode_pack,
    parse_pack,
    read_pack,
)
from common.gate.signed import (
    DELTA,
    PROTECTED_SIZE,
    SIGNATURE_SIZE,
    SignedMessage,
    decode_exact,
    parse_message,
    sign_message,
    write_message,
)
from common.ports import Signer
from common.record import Record

_MEMBERS = list(range(1, 13))
_COPIED = (3, 4, 5, 6, 7, 8, 9, 10, 12)
"""Members of the pack that a delta gives whole where they differ. Event and serial it names itself; the status goes by what changed."""
_STATUS = 11
_URI = 11
"""In member 6 of a delta: the new address of the status list, where it moved."""


class PackDelta(Record, frozen=True):
    """changed: members of the pack by number, as CBOR has them; under 11 the status list's new address. sealed: protected, signature."""

    event: str
    from_serial: int
    to_serial: int
    issued_at: int
    result: bytes
    changed: Mapping[int, Any]
    as_of: int
    revoked: tuple[IndexSet, IndexSet]
    excluded: tuple[IndexSet, IndexSet]
    sealed: tuple[bytes, bytes]


class ParsedDelta(Record, frozen=True):
    """As read, not verified."""

    delta: PackDelta
    message: SignedMessage


def build_delta(before: GatePack, after: bytes, signer: Signer) -> bytes:
    """The way from one pack to the signed file of a later one. Raises Malformed, ValueError where they are no two packs of one event."""
    parsed = parse_pack(after)
    pack, message = parsed.pack, parsed.message
    if pack.event != before.event or pack.serial <= before.serial:
        raise ValueError("a delta leads from a pack to a later one of the same event")
    old, new = (decode_exact(payload, max_bytes=MAX_PACK) for payload in (encode_pack(before), message.payload))
    changed = {number: new[number] for number in _COPIED if new[number] != old[number]}
    if pack.status.uri != before.status.uri:
        changed[_URI] = pack.status.uri
    sets = [
        encode_index_set(IndexSet(set(one) - set(other)))
        for was, now in (
            (before.status.revoked, pack.status.revoked),
            (before.status.excluded, pack.status.excluded),
        )
        for one, other in ((now, was), (was, now))
    ]
    numbers = (before.event, before.serial, pack.serial, pack.issued_at, hashlib.sha256(message.payload).digest())
    seal = [message.protected, message.signature]
    payload = encode(dict(zip(_MEMBERS, [*numbers, changed, pack.status.as_of, *sets, seal], strict=True)))
    return sign_message(payload, signer, DELTA)


def parse_delta(data: bytes) -> ParsedDelta:
    """Raises Malformed."""
    message = parse_message(data, max_bytes=MAX_PACK)
    value = decode_exact(message.payload, max_bytes=MAX_PACK)
    if not isinstance(value, dict) or list(value) != _MEMBERS:
        raise _bad("has twelve members")
    event, from_serial, to_serial, issued_at, result, changed, as_of, *rest = value.values()
    *coded, seal = rest
    if not isinstance(event, str) or type(result) is not bytes or len(result) != 32:
        raise _bad("is of an event, and says what it arrives at")
    if any(type(one) is not int or not 0 <= one <= MAX_TIME for one in (from_serial, to_serial, issued_at, as_of)):
        raise _bad("has serials and times")
    if not 0 < from_serial < to_serial:
        raise _bad("leads to a later pack")
    if not isinstance(changed, dict) or not {*_COPIED, _URI}.issuperset(changed):
        raise _bad("gives members that a pack has")
    if any(type(one) is not bytes for one in coded):
        raise _bad("has coded sets")
    added, removed, more_excluded, less_excluded = map(decode_index_set, coded)
    return ParsedDelta(
        PackDelta(
            check_event(event),
            from_serial,
            to_serial,
            issued_at,
            result,
            changed,
            as_of,
            (added, removed),
            (more_excluded, less_excluded),
            _read_seal(seal),
        ),
        message,
    )


def _read_seal(value: object) -> tuple[bytes, bytes]:
    if not isinstance(value, list) or len(value) != 2 or any(type(one) is not bytes for one in value):
        raise _bad("carries the later pack's signature")
    protected, signature = value
    if len(protected) != PROTECTED_SIZE or len(signature) != SIGNATURE_SIZE:
        raise _bad("carries the later pack's signature")
    return protected, signature


def apply_delta(parsed: ParsedDelta, before: GatePack, *, signers: Collection[bytes]) -> ParsedPack:
    """The later pack, as its own file would be parsed. `verify_pack` still judges it, as it does every pack.

    1. signed by a signer that is trusted for this event
    2. made for this event and for the pack that is loaded
    3. the sets change as they say: nothing added that was there, nothing taken that was not
    4. what comes out has the very hash that the delta names
    Raises PackRefused("unknown_signer" | "bad_signature" | "wrong_event"), Malformed("bad_delta" …).
    """
    delta = parsed.delta
    # 1 · signer
    check_signer(parsed.message, signers, DELTA)
    # 2 · event and pack
    if delta.event != before.event:
        raise PackRefused("wrong_event", f"this delta is of the event {delta.event}")
    if delta.from_serial != before.serial:
        raise _bad(f"leads from pack {delta.from_serial}, loaded is {before.serial}")
    # 3 · sets
    status = before.status
    revoked, excluded = (
        encode_index_set(was.changed(added=added, removed=removed))
        for was, (added, removed) in ((status.revoked, delta.revoked), (status.excluded, delta.excluded))
    )
    # 4 · result
    value = decode_exact(encode_pack(before), max_bytes=MAX_PACK)
    value |= {number: member for number, member in delta.changed.items() if number != _URI}
    value |= {2: delta.to_serial, _STATUS: [delta.as_of, delta.changed.get(_URI, status.uri), revoked, excluded]}
    payload = encode(value)
    if hashlib.sha256(payload).digest() != delta.result:
        raise _bad("does not arrive where it says")
    protected, signature = delta.sealed
    message = parse_message(write_message(protected, payload, signature), max_bytes=MAX_PACK)
    return ParsedPack(read_pack(payload), message)


def _bad(what: str) -> Malformed:
    return Malformed("bad_delta", f"a delta {what}")
