"""What the guard goes by: applications, files and counters that an issuer may touch in one session, and where it stands. Plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from common.cards.drivers.passport.key_derivation import SessionKeys

MASTER: Final = b""
"""Stands for the master file where an application is named."""
SHORT: Final = 0x10000
"""Added to a short EF identifier, so that one number names a file either way."""
CURRENT: Final = 0x80
"""P2 of VERIFY for the key that is the current file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """What of one application may be touched. files: by identifier, read after SELECT. short: by short identifier, in READ BINARY itself.

    pins: by identifier, selected only to ask for the counter. counters: P2 of VERIFY that name a PIN themselves. unset: (short identifier
    of a file, its content where nobody chose a PIN): only then four asterisks may be presented, which is what such a PIN is.
    """

    files: frozenset[int] = frozenset()
    short: frozenset[int] = frozenset()
    pins: frozenset[int] = frozenset()
    counters: frozenset[int] = frozenset()
    unset: tuple[int, bytes] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """Where a secret is presented: application, P2, and the file that has to be the current one where P2 does not name the PIN."""

    application: bytes
    p2: int
    file: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What signs a possession: in one of these applications, named by P2."""

    applications: frozenset[bytes]
    p2: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """One driver's share of a session. opens: the secret of the handshake that comes first, empty where none does. icao: after it all
    is under secure messaging of travel documents. challenge: the 8 bytes that the chip may sign there, and no others.
    """

    applications: Mapping[bytes, Application]
    slots: Mapping[str, Slot] = field(default_factory=dict)
    keys: Mapping[str, Key] = field(default_factory=dict)
    opens: str = ""
    icao: bool = False
    challenge: bytes = b""

    def __post_init__(self) -> None:
        for name in ("applications", "slots", "keys"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Secure messaging of a travel document, as both sides count it. counter: the send sequence counter as it stands."""

    keys: SessionKeys = field(repr=False)
    counter: int


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Where the card stands, as far as it is known. application, file: None where it is not, and then nothing is read.

    opened: the handshake is done. no_pin: the card has just said that nobody chose one. more: it has more of its last answer. session: of a
    travel document. last: chip authentication has run, under keys that the issuer alone knows: nothing but its proof may follow.
    """

    application: bytes | None = None
    file: int | None = None
    opened: bool = False
    no_pin: bool = False
    more: bool = False
    session: Session | None = None
    last: bool = False
