"""The life of a session as a union of small states, and which move follows which. The table stores the state's name.

open → served → answered → judged, with two ways out: expired (from open or served) and refused (the holder said no).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

StateName = Literal["open", "served", "answered", "judged", "refused", "expired"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """The question is out; no wallet has fetched it."""

    name: ClassVar[StateName] = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A wallet has fetched the request object. at: when first."""

    name: ClassVar[StateName] = "served"
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One response won the session; the verdict is being reached. at: when it came in."""

    name: ClassVar[StateName] = "answered"
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """There is a verdict."""

    name: ClassVar[StateName] = "judged"
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The wallet answered with an error instead of a presentation. error: its code, access_denied when the holder said no."""

    name: ClassVar[StateName] = "refused"
    at: int
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Expired:
    """Nobody answered in time."""

    name: ClassVar[StateName] = "expired"
    at: int


SessionState = Open | Served | Answered | Judged | Refused | Expired

WAITING: tuple[StateName, ...] = ("open", "served")
"""States in which a response, a refusal or the end of time may still come."""
FINAL: tuple[StateName, ...] = ("judged", "refused", "expired")
