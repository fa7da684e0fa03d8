"""Chains of entries and signed heads, made without a database: what gates anywhere could have written."""

from __future__ import annotations

from collections.abc import Sequence

from common.gate.exchange import Exchange, GateJournal
from common.gate.journal_entry import (
    NO_HASH,
    JournalHead,
    Kind,
    build_journal_entry,
    hash_entry,
    sign_journal_head,
)
from common.gate.signed import name_of
from common.keys.compressed_point import compress
from common.keys.software import SoftwareKey
from tests.verifier.gate.scene import EVENT, NOW

Move = tuple[Kind, int | None, int]
"""Kind, the ticket's number (of an UNDO: the sequence), seconds after NOW."""


class Chain:
    """One gate's key and its chain. moves: in the order in which it wrote them."""

    def __init__(self, moves: Sequence[Move] = (), *, key: SoftwareKey | None = None, entrance: int = 1) -> None:
        self.key = key or SoftwareKey.generate()
        self.point = compress(self.key.public_jwk())
        self.gate = name_of(self.point)
        self.entrance = entrance
        self.entries: list[bytes] = []
        for move in moves:
            self.write(*move)

    def write(self, kind: Kind, number: int | None, after: int = 0) -> bytes:
        undo = kind is Kind.UNDO
        says = {Kind.UNDO: number, Kind.OVERRIDE: "a person said so", Kind.NOTE: "opened"}.get(kind)
        about = number is not None and not undo and kind <= Kind.OVERRIDE
        entry = build_journal_entry(
            event=EVENT,
            gate=self.gate,
            sequence=len(self.entries) + 1,
            previous=hash_entry(self.entries[-1]) if self.entries else NO_HASH,
            kind=kind,
            cti=int(number or 0).to_bytes(8, "big") if about else None,
            time=(NOW + after) * 1000,
            entrance=self.entrance,
            detail=says,
        )
        self.entries.append(entry)
        return entry

    def head(self, sequence: int | None = None) -> bytes:
        place = sequence or len(self.entries)
        head = JournalHead(EVENT, self.gate, place, hash_entry(self.entries[place - 1]), NOW * 1000)
        return sign_journal_head(head, self.key)

    def fork(self, at: int) -> Chain:
        """The same key going on from an earlier entry, as a copied device would."""
        other = Chain(key=self.key, entrance=self.entrance)
        other.entries = self.entries[:at]
        return other

    def journal(self, *, signed: bool = True) -> GateJournal:
        return GateJournal(self.gate, tuple(self.entries), (self.head(),) if signed and self.entries else ())


def exchange_of(*chains: Chain, signed: bool = True) -> Exchange:
    ordered = sorted(chains, key=lambda chain: chain.gate)
    return Exchange(EVENT, tuple(chain.journal(signed=signed) for chain in ordered))


def points_of_chains(*chains: Chain) -> dict[bytes, bytes]:
    return {chain.gate: chain.point for chain in chains}
