"""The bounded memory: nothing outlives its time, nothing grows without end."""

from __future__ import annotations

import pytest

from common.cache import FreshCache, lifetime_of


def test_a_value_lives_as_long_as_it_may() -> None:
    cache: FreshCache[str] = FreshCache(2)
    cache.put("a", "x", now=100, ttl=10)
    assert [cache.get("a", now=now) is not None for now in (100, 109, 110)] == [True, True, False]
    assert len(cache) == 0


def test_a_clock_set_back_does_not_lengthen_a_life() -> None:
    cache: FreshCache[str] = FreshCache(2)
    cache.put("a", "x", now=100, ttl=10)
    assert cache.get("a", now=99) is None


def test_the_one_unused_for_longest_leaves() -> None:
    cache: FreshCache[int] = FreshCache(2)
    for name in "ab":
        cache.put(name, 1, now=0, ttl=10)
    cache.get("a", now=1)
    cache.put("c", 1, now=1, ttl=10)
    assert [cache.get(name, now=1) is not None for name in "abc"] == [True, False, True]


def test_nothing_is_kept_for_no_time() -> None:
    cache: FreshCache[int] = FreshCache(2)
    cache.put("a", 1, now=0, ttl=10)
    assert cache.put("a", 2, now=0, ttl=0).value == 2
    assert cache.get("a", now=0) is None
    cache.forget("a")
    with pytest.raises(ValueError, match="at least one"):
        FreshCache(0)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("", 300),
        ("max-age=60", 60),
        ('public, max-age="60"', 60),
        ("Max-Age=60", 60),
        ("max-age=99999999999999999999", 3600),
        ("max-age=-1", 300),
        ("max-age=x", 300),
        ("no-store, max-age=60", 0),
        ("max-age=60, no-cache", 0),
        ("max-age=0", 0),
    ],
)
def test_cache_control(header: str, seconds: int) -> None:
    assert lifetime_of({"cache-control": header}, default=300, longest=3600) == seconds
