"""Whether a gate is linked to its hub, or alone. No answer within 150 ms makes it alone; only a whole exchange links it again.

The port that a link goes over is `Hub`: HTTP on the LAN, or whatever a test puts there.
"""

from __future__ import annotations

from typing import Protocol

ANSWER_SECONDS = 0.15
"""How long a guest waits for a hub that may be gone."""
EXCHANGE_SECONDS = 10.0
GUEST_SECONDS = 0.3
"""For a whole exchange, where it takes one to tell whether a guest has left meanwhile."""


class Hub(Protocol):
    """Raises Unavailable when no answer came in time, Refused where the hub says no (a locked device, an event that it has not)."""

    def admit(self, event: str, request: bytes, *, seconds: float) -> bytes: ...

    def exchange(self, event: str, body: bytes, *, seconds: float) -> bytes: ...


class Link:
    """The state of one gate's link. hub None: there is none, and there will be none. after: milliseconds between two tries to come back."""

    def __init__(self, hub: Hub | None, *, after: int = 2000) -> None:
        self.hub = hub
        self.linked = False
        self.since = 0
        self._after = after
        self._tried = -after

    def lost(self, now: int) -> bool:
        """There was no answer. True where the link had been there until now."""
        was, self.linked = self.linked, False
        self._tried = now
        if was:
            self.since = now
        return was

    def made(self, now: int) -> bool:
        """Both sides know all that the other knew. True where there had been no link."""
        was, self.linked = self.linked, True
        self._tried = now
        if not was:
            self.since = now
        return not was

    def may_try(self, now: int) -> bool:
        """Whether it is time to look for the hub again. now: milliseconds."""
        return self.hub is not None and not 0 <= now - self._tried < self._after
