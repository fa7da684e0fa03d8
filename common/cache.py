"""A bounded memory of things that were looked up, each with its own time of death. Pure: time is an argument. Safe between threads.

Failures can be remembered too (shortly), so that a host that does not answer is not asked once per credential.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

V = TypeVar("V")


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered(Generic[V]):
    """A value with the times, in seconds since 1970, at which it was obtained and from which it must not be used."""

    value: V
    obtained_at: int
    dies_at: int


class FreshCache(Generic[V]):
    """At most ``capacity`` values; the one unused for longest leaves first. A value past ``dies_at`` is never returned.

    A key is a text, or a tuple where several things name one value: joined texts could collide. A clock that is set back does not
    lengthen a life: a value obtained in the future of ``now`` is not returned either.
    """

    def __init__(self, capacity: int) -> None:
        if capacity < 1:
            raise ValueError("a cache holds at least one value")
        self._capacity = capacity
        self._entries: OrderedDict[Hashable, Remembered[V]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, *, now: int) -> Remembered[V] | None:
        """What is remembered under the key and still fresh at ``now``, or None."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                return None
            if not entry.obtained_at <= now < entry.dies_at:
                del self._entries[key]
                return None
            self._entries.move_to_end(key)
            return entry

    def put(self, key: Hashable, value: V, *, now: int, ttl: int) -> Remembered[V]:
        """Remembers the value for ``ttl`` seconds (0: not at all) and returns it with its times."""
        entry = Remembered(value=value, obtained_at=now, dies_at=now + max(0, ttl))
        with self._lock:
            self._entries.pop(key, None)
            if ttl > 0:
                self._entries[key] = entry
                while len(self._entries) > self._capacity:
                    self._entries.popitem(last=False)
        return entry

    def forget(self, key: Hashable) -> None:
        with self._lock:
            self._entries.pop(key, None)

    def __len__(self) -> int:
        return len(self._entries)


def lifetime_of(headers: Mapping[str, str], *, default: int, longest: int) -> int:
    """Seconds that an HTTP answer may be kept, by its Cache-Control (RFC 9111 §5.2.2). headers: names in lower case.

    ``no-store`` and ``no-cache`` give 0; without ``max-age`` it is ``default``; never more than ``longest``.
    """
    found = default
    for directive in headers.get("cache-control", "").lower().split(","):
        name, _, value = directive.strip().partition("=")
        if name in ("no-store", "no-cache"):
            return 0
        if name == "max-age" and value.strip('"').isdecimal():
            found = int(value.strip('"')[:10])
    return min(found, longest)
