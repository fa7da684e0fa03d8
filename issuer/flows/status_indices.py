"""Status indices for new credentials: leased in blocks, one UPDATE per block, a new list when one is full."""

from __future__ import annotations

import secrets
from threading import Lock
from typing import Any

from common.adapters.database import transaction
from common.errors import Unavailable
from common.ports import Clock
from common.status.allocation import KEY_BYTES, ListShape, lease_taken
from common.status.allocator import AllocatedIndex, IndexAllocator, LeasedList
from issuer.settings import Addresses
from issuer.store.tables import StatusList

DECOY_SHARE = 32
"""One entry of so many is a decoy: no credential has it, and it moves as others do, so that nobody can count withdrawals exactly."""
_TRIES = 50


def shape_of(size: int) -> ListShape:
    """How a list of ``size`` entries is cut."""
    return ListShape(size=size, decoys=size // DECOY_SHARE)


class StatusIndices:
    """One allocator per tenant in this process. block: positions taken at once; size: entries of a new list."""

    def __init__(self, database: Any, clock: Clock, addresses: Addresses, *, size: int, block: int) -> None:
        self._database = database
        self._clock = clock
        self._addresses = addresses
        self._size = size
        self._block = block
        self._allocators: dict[str, IndexAllocator] = {}
        self._open_lists: dict[str, Any] = {}
        self._lock = Lock()

    def allocate(self, tenant: str) -> AllocatedIndex:
        """An index that no other credential has or will have. tenant: of an institution that exists."""
        with self._lock:
            allocator = self._allocators.get(tenant)
            if allocator is None:
                allocator = self._allocators[tenant] = IndexAllocator(lambda: self._take_lease(tenant))
        return allocator.allocate()

    def _take_lease(self, tenant: str) -> LeasedList:
        """A block of the oldest list that has room, or of a new one.

        One statement, so the list's row is locked for no longer than the database itself needs: writers queue up there, nobody tries in
        vain, and none waits for another process to be given the processor.
        """
        for _ in range(_TRIES):
            row = self._open_lists.get(tenant) or self._find_list(tenant)
            if row is None:
                self._open_list(tenant)
                continue
            shape = shape_of(row.size)
            mine = (StatusList.tenant == tenant) & (StatusList.id == row.id)
            taken = list(
                StatusList.update(next_position=StatusList.next_position + self._block)
                .where(mine, StatusList.next_position < shape.capacity)
                .returning(StatusList.next_position)
                .tuples()
                .execute()
            )
            if not taken:
                self._open_lists.pop(tenant, None)
                StatusList.update(full=True).where(mine).execute()
                continue
            self._open_lists[tenant] = row
            lease = lease_taken(row.id, taken[0][0], shape=shape, block=self._block)
            uri = self._addresses.status(tenant, row.id)
            return LeasedList(lease=lease, shape=shape, uri=uri, key=bytes(row.permutation_key))
        raise Unavailable("status_list_busy", "no status index could be taken; try again shortly", retry_after=1)

    def _find_list(self, tenant: str) -> Any:
        open_lists = StatusList.select().where(
            StatusList.tenant == tenant,
            StatusList.full == False,  # noqa: E712 (peewee builds SQL of it)
        )
        return open_lists.order_by(StatusList.created_at, StatusList.id).first()

    def _open_list(self, tenant: str) -> None:
        now = self._clock.now()
        with transaction(self._database, "open_status_list"):
            StatusList.insert(
                tenant=tenant,
                id=secrets.token_hex(8),
                size=self._size,
                permutation_key=secrets.token_bytes(KEY_BYTES),
                created_at=now,
                changed_at=now,
            ).execute()
