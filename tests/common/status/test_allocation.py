"""Indices: leases that do not overlap, lists that fill up, and many threads at one store."""

from __future__ import annotations

import secrets
import threading
from collections import Counter
from itertools import pairwise

import pytest

from common.status.allocation import Lease, ListShape, lease_taken, permute
from common.status.allocator import IndexAllocator, LeasedList

KEY = bytes(range(32))


class Store:
    """The issuer's table in small: one UPDATE of next_position; a new list when the old one is full."""

    def __init__(self, shape: ListShape) -> None:
        self.shape = shape
        self.next_position: dict[str, int] = {"1": 0}
        self.keys = {"1": secrets.token_bytes(32)}
        self.lock = threading.Lock()

    def update(self, list_id: str, block: int) -> int | None:
        with self.lock:  # what the database does for one statement
            if self.next_position[list_id] >= self.shape.capacity:
                return None
            self.next_position[list_id] += block
            return self.next_position[list_id]

    def open_next(self, list_id: str) -> None:
        with self.lock:
            name = str(int(list_id) + 1)
            self.keys.setdefault(name, secrets.token_bytes(32))
            self.next_position.setdefault(name, 0)

    def take(self, block: int) -> LeasedList:
        while True:
            list_id = max(self.next_position, key=int)
            taken = self.update(list_id, block)
            if taken is None:
                self.open_next(list_id)
                continue
            return LeasedList(
                lease=lease_taken(list_id, taken, shape=self.shape, block=block),
                shape=self.shape,
                uri=f"https://a.example/{list_id}",
                key=self.keys[list_id],
            )


def test_many_threads_and_processes_never_share_an_index() -> None:
    store = Store(ListShape(size=700, decoys=100))
    processes = [IndexAllocator(lambda: store.take(7)) for _ in range(4)]
    taken: list[tuple[str, int]] = []

    def work(allocator: IndexAllocator) -> None:
        for _ in range(150):
            found = allocator.allocate()
            taken.append((found.list_id, found.index))

    threads = [threading.Thread(target=work, args=(allocator,)) for allocator in processes for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 1800
    assert max(Counter(taken).values()) == 1
    for list_id, key in store.keys.items():
        indices = {index for name, index in taken if name == list_id}
        assert not indices & set(store.shape.decoy_indices(key))


def test_a_failing_store_is_asked_again_next_time() -> None:
    store, calls = Store(ListShape(size=10)), iter((True, False))

    def take() -> LeasedList:
        if next(calls, False):
            raise RuntimeError("database gone")
        return store.take(4)

    allocator = IndexAllocator(take)
    with pytest.raises(RuntimeError):
        allocator.allocate()
    assert len({allocator.allocate().index for _ in range(10)}) == 10


def test_the_last_block_is_cut_and_then_the_list_is_full() -> None:
    shape = ListShape(size=12, decoys=2)
    assert lease_taken("a", 12, shape=shape, block=4) == Lease(list_id="a", start=8, end=10)
    assert lease_taken("a", 10, shape=shape, block=4) == Lease(list_id="a", start=6, end=10)
    store = Store(shape)
    assert [store.update("1", 4) for _ in range(4)] == [4, 8, 12, None]
    with pytest.raises(ValueError, match="block"):
        lease_taken("a", 12, shape=shape, block=0)
    with pytest.raises(ValueError, match="room"):
        shape.index(10, KEY)


def test_indices_do_not_tell_the_order() -> None:
    """Neighbouring positions lie as far apart as strangers: a third of the list on average."""
    size = 1 << 16
    indices = [permute(position, size=size, key=KEY) for position in range(4000)]
    distance = sum(abs(a - b) for a, b in pairwise(indices)) / 3999
    assert 0.30 < distance / size < 0.37
    other = [permute(position, size=size, key=KEY[::-1]) for position in range(4000)]
    assert sum(a == b for a, b in zip(indices, other, strict=True)) < 5


@pytest.mark.parametrize(
    ("position", "size", "key"), [(-1, 5, KEY), (5, 5, KEY), (0, 0, KEY), (0, 5, b"short"), (0, 5, bytes(65))]
)
def test_permute_refuses_what_it_cannot_do(position: int, size: int, key: bytes) -> None:
    with pytest.raises(ValueError, match=r"position|key"):
        permute(position, size=size, key=key)


def test_secrets_stay_out_of_the_repr() -> None:
    assert "key" not in repr(Store(ListShape(size=5)).take(1))
