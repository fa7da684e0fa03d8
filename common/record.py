"""The immutable objects that parsing and verifying make many of. Pure."""

from __future__ import annotations

import msgspec


class Record(msgspec.Struct, frozen=True):
    """A frozen dataclass in all but its cost: four fields take 0.2 µs instead of 0.8, thirteen 0.9 instead of 2.3.

    One verification makes a dozen of these. Written out it is its name alone: what it holds came from a person's credential.
    """

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"
