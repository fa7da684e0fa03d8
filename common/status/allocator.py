"""Hands out status indices in this process from leased blocks: no database on the hot path but once per block."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from common.status.allocation import Lease, ListShape


@dataclass(frozen=True, slots=True, kw_only=True)
class LeasedList:
    """A lease with what is needed to use it. uri: the list's address. key: of its permutation, secret."""

    lease: Lease
    shape: ListShape
    uri: str
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocatedIndex:
    """One entry, for one credential for ever."""

    list_id: str
    uri: str
    index: int


class IndexAllocator:
    """Safe between threads. ``take_lease`` gets a block for this process alone, from the current list or a new one.

    It is called under the lock, about once per block; what it raises reaches the caller, and the next call tries again. The lease must
    be committed when it returns: inside a transaction that may still roll back, others could be given the same block. So allocate
    before opening the transaction that writes the credential.
    Use one allocator per tenant and kind of list.
    """

    def __init__(self, take_lease: Callable[[], LeasedList]) -> None:
        self._take_lease = take_lease
        self._lock = Lock()
        self._leased: LeasedList | None = None
        self._next = 0

    def allocate(self) -> AllocatedIndex:
        """An index that nobody else has or will have."""
        with self._lock:
            if self._leased is None or self._next == self._leased.lease.end:
                self._leased = self._take_lease()
                self._next = self._leased.lease.start
            leased, position = self._leased, self._next
            self._next += 1
        return AllocatedIndex(
            list_id=leased.lease.list_id, uri=leased.uri, index=leased.shape.index(position, leased.key)
        )
