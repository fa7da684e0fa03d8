"""Status indices: never one twice, never one that tells the order of issuing. Pure maths; the store keeps one number per list.

Positions are counted 0, 1, 2, …; writers lease blocks of positions (one UPDATE of ``next_position`` per block), and a keyed
permutation turns each position into an index. Two positions never share an index, so writers need no lock and no look-up. A process
that dies takes the rest of its block with it: those indices stay unused, which is harmless.

Who sees many indices learns neither order nor dates from them (draft-20 §12.2, §12.5): without the key the permutation looks random.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from math import isqrt

KEY_BYTES = 32
_ROUNDS = 12
_PERSON = b"tegata index v1\0"


def permute(position: int, *, size: int, key: bytes) -> int:
    """Position → index, a bijection of 0 … size-1 for every key of 16 to 64 bytes. Raises ValueError outside that range.

    A Feistel network over Z_a × Z_b with a·b ≥ size, walking on until the result lies inside (Black and Rogaway, *Ciphers with
    arbitrary finite domains*, 2002). Each round adds a keyed hash of one half to the other, so each can be undone, so the whole is a
    bijection; a·b exceeds size by less than its root, so a walk of more than one step is rare.
    """
    if not 0 <= position < size:
        raise ValueError(f"no position {position} in a list of {size}")
    if not 16 <= len(key) <= 64:
        raise ValueError("the key has 16 to 64 bytes")
    a = isqrt(size - 1) + 1
    b = -(-size // a)
    index = position
    while True:
        left, right = index % a, index // a
        for step in range(_ROUNDS):
            if step % 2:
                right = (right + _hash(key, step, size, left)) % b
            else:
                left = (left + _hash(key, step, size, right)) % a
        index = left + a * right
        if index < size:
            return index


def _hash(key: bytes, step: int, size: int, half: int) -> int:
    message = step.to_bytes(1, "big") + size.to_bytes(8, "big") + half.to_bytes(8, "big")
    return int.from_bytes(blake2b(message, digest_size=16, key=key, person=_PERSON).digest(), "big")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListShape:
    """How one status list is cut. size: entries in it. decoys: entries that no credential ever gets.

    Decoys hide how many credentials were issued and withdrawn: the issuer gives them values that look like the others' (§12.1).
    """

    size: int
    decoys: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.decoys < self.size:
            raise ValueError("a list has room for at least one credential")

    @property
    def capacity(self) -> int:
        """Number of credentials that fit; positions 0 … capacity-1 are theirs."""
        return self.size - self.decoys

    def index(self, position: int, key: bytes) -> int:
        """The index of a credential's position. Raises ValueError when the list is full."""
        if not 0 <= position < self.capacity:
            raise ValueError(f"no position {position} in a list with room for {self.capacity}")
        return permute(position, size=self.size, key=key)

    def decoy_indices(self, key: bytes) -> Iterator[int]:
        """The indices that no credential has."""
        return (permute(position, size=self.size, key=key) for position in range(self.capacity, self.size))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """Positions start … end-1 of one list, for the one process that took the lease."""

    list_id: str
    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError("a lease holds at least one position")

    def __len__(self) -> int:
        return self.end - self.start


def lease_taken(list_id: str, next_position: int, *, shape: ListShape, block: int) -> Lease:
    """The block that ends at ``next_position``, cut where the list ends.

    The store runs ``UPDATE … SET next_position = next_position + block WHERE id = list_id AND next_position < capacity RETURNING
    next_position`` and owns what it is told: each writer waits for the one before it and none ever tries in vain. No row means that the
    list is full.
    """
    if block < 1:
        raise ValueError("a block holds at least one position")
    return Lease(list_id=list_id, start=next_position - block, end=min(next_position, shape.capacity))
