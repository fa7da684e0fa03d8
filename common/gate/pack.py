"""The gate pack: one signed file with everything that a gate needs to decide without a network. Nothing in it is derived from a person.

Which signer a gate trusts is pinned by a person with the first pack; later signers only through member 12 of a pack that was believed.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from typing import Any

from common.cbor import encode
from common.errors import Malformed, Refused, Rejected
from common.formats.gate_pass.labels import MAX_TIME, check_event
from common.formats.gate_pass.verify import IssuerKey, issuer_key
from common.gate import pack_members as members
from common.gate.index_set import IndexSet, decode_index_set, encode_index_set
from common.gate.pack_members import PackClass, PackEntrance, PackGate, PackIssuerKey, PackRules, bad, number
from common.gate.signed import PACK, SignedMessage, decode_exact, parse_message, sign_message, verify_message
from common.ports import Signer
from common.record import Record

MAX_PACK = 1 << 24
"""Bytes: twice four million indices fit."""
REASONS = ("unknown_signer", "bad_signature", "wrong_event", "pack_expired", "pack_rolled_back")
_MEMBERS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]


class PackRefused(Refused):
    """A pack or delta that can be read, and is not to be used. code: one of `REASONS`."""


class PackStatus(Record, frozen=True):
    """as_of: how old the knowledge is, seconds. revoked, excluded: status indices of gate passes, which name nobody."""

    as_of: int
    uri: str
    revoked: IndexSet
    excluded: IndexSet


class GatePack(Record, frozen=True, dict=True):
    """Times in seconds. next_signers: who may sign later packs besides the one who signed this."""

    event: str
    serial: int
    issued_at: int
    good_until: int
    names: dict[str, str]
    issuer_keys: tuple[PackIssuerKey, ...]
    gates: tuple[PackGate, ...]
    classes: tuple[PackClass, ...]
    entrances: tuple[PackEntrance, ...]
    rules: PackRules
    status: PackStatus
    next_signers: tuple[bytes, ...]

    @cached_property
    def keys(self) -> tuple[IssuerKey, ...]:
        """For `verify_gate_pass`."""
        return tuple(
            issuer_key(key.point, not_before=key.not_before, not_after=key.not_after) for key in self.issuer_keys
        )

    @cached_property
    def gate_by_id(self) -> dict[bytes, PackGate]:
        return {gate.gate: gate for gate in self.gates}

    @cached_property
    def entrance_by_number(self) -> dict[int, PackEntrance]:
        return {one.number: one for one in self.entrances}


class ParsedPack(Record, frozen=True):
    """As read: `verify_pack` says whether it may be used."""

    pack: GatePack
    message: SignedMessage


def encode_pack(pack: GatePack) -> bytes:
    """The payload that is signed; deterministic, so that a delta can arrive at the very same bytes."""
    status = pack.status
    revoked, excluded = encode_index_set(status.revoked), encode_index_set(status.excluded)
    return encode(
        {
            1: pack.event,
            2: pack.serial,
            3: pack.issued_at,
            4: pack.good_until,
            5: dict(pack.names),
            6: members.write_issuer_keys(pack.issuer_keys),
            7: members.write_gates(pack.gates),
            8: members.write_classes(pack.classes),
            9: members.write_entrances(pack.entrances),
            10: members.write_rules(pack.rules),
            11: [status.as_of, status.uri, revoked, excluded],
            12: sorted(pack.next_signers),
        }
    )


def build_pack(pack: GatePack, signer: Signer) -> bytes:
    """The signed file. Raises Malformed("bad_pack") for what no gate would read."""
    payload = encode_pack(pack)
    read_pack(payload)
    return sign_message(payload, signer, PACK)


def parse_pack(data: bytes) -> ParsedPack:
    """Raises Malformed, in time that follows the length."""
    message = parse_message(data, max_bytes=MAX_PACK)
    return ParsedPack(read_pack(message.payload), message)


def read_pack(payload: bytes) -> GatePack:
    """Payload of a pack → what stands in it. Raises Malformed."""
    value = decode_exact(payload, max_bytes=MAX_PACK)
    if not isinstance(value, dict) or list(value) != _MEMBERS:
        raise bad("has twelve members")
    event = value[1]
    if not isinstance(event, str):
        raise bad("is of an event")
    issued_at = number(value[3], MAX_TIME)
    pack = GatePack(
        check_event(event),
        number(value[2], MAX_TIME, least=1),
        issued_at,
        number(value[4], MAX_TIME, least=issued_at),
        dict(members.read_names(value[5])),
        members.read_issuer_keys(value[6]),
        members.read_gates(value[7]),
        members.read_classes(value[8]),
        members.read_entrances(value[9]),
        members.read_rules(value[10]),
        _read_status(value[11]),
        members.read_next_signers(value[12]),
    )
    numbers = {entrance.number for entrance in pack.entrances}
    named = [one.entrances for one in pack.gates] + [one.entrances for one in pack.classes]
    if not all(map(numbers.issuperset, named)):
        raise bad("speaks of entrances that it names")
    return pack


def _read_status(value: Any) -> PackStatus:
    as_of, uri, revoked, excluded = members.read_tuple(value, 4)
    if type(revoked) is not bytes or type(excluded) is not bytes:
        raise bad("has its sets of indices coded")
    as_of = number(as_of, MAX_TIME)
    uri = members.read_name(uri, most=members.MAX_URI)
    return PackStatus(as_of, uri, _read_set(revoked), _read_set(excluded))


def _read_set(coded: bytes) -> IndexSet:
    """Refuses a set that another writer's k would have coded otherwise: a delta could not arrive at it."""
    found = decode_index_set(coded)
    if encode_index_set(found) != coded:
        raise Malformed("bad_index_set", "a set of indices that is not coded with its own k")
    return found


def verify_pack(
    parsed: ParsedPack, *, signers: Collection[bytes], event: str | None, now: int, loaded: int = 0
) -> GatePack:
    """The pack, once it may be used.

    1. signed by a signer that is trusted for this event (compressed points)
    2. the signature                                      RFC 9052 §4.4
    3. the event, where the gate works for one already
    4. good until after now
    5. no older than the pack that is loaded (``loaded``: its serial; the same serial is the same pack, or is refused by who compares them)
    Raises PackRefused with one of `REASONS`.
    """
    pack = parsed.pack
    # 1, 2 · signature
    check_signer(parsed.message, signers, PACK)
    # 3 · event
    if event is not None and pack.event != event:
        raise PackRefused("wrong_event", f"this pack is of the event {pack.event}")
    # 4 · time
    if now >= pack.good_until:
        raise PackRefused("pack_expired", "this pack was good until an earlier time: load a newer one")
    # 5 · order
    if pack.serial < loaded:
        raise PackRefused("pack_rolled_back", f"this pack has the serial {pack.serial}, a later one is loaded")
    return pack


def check_signer(message: SignedMessage, signers: Collection[bytes], aad: bytes) -> bytes:
    """The signer's point. Raises PackRefused("unknown_signer" | "bad_signature")."""
    try:
        return verify_message(message, signers, aad)
    except Rejected as error:
        if error.reason == "untrusted_key":
            raise PackRefused("unknown_signer", "this was signed by someone whom this gate does not know") from None
        raise PackRefused("bad_signature", "the signature does not belong to this file") from None
