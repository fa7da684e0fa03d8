"""What stands in a card: applications with their files, passwords and conditions (ISO/IEC 7816-4 §7.2, §9.3)."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from examples.cards.command import Answer, Command
from examples.cards.tlv import tlv

if TYPE_CHECKING:
    from examples.cards.chip import Chip

Condition = Callable[[frozenset[str]], bool]
"""What has been granted → may it be read? ``secure`` is granted while a command comes under secure messaging."""


def free(_granted: frozenset[str]) -> bool:
    return True


def never(_granted: frozenset[str]) -> bool:
    return False


def any_of(*names: str) -> Condition:
    return lambda granted: not granted.isdisjoint(names)


def all_of(*names: str) -> Condition:
    return lambda granted: granted.issuperset(names)


def short_identifier(fid: int) -> int | None:
    """The low five bits of the file identifier, where these cards have a short identifier at all."""
    return fid & 0x1F if 1 <= fid & 0x1F <= 30 else None


@dataclass(slots=True, kw_only=True)
class File:
    """An elementary file. fid: two bytes; sfi: 1..30, by default the low bits of fid."""

    fid: int
    sfi: int | None = None
    read: Condition = free

    def __post_init__(self) -> None:
        if self.sfi is None:
            self.sfi = short_identifier(self.fid)

    def control_parameters(self) -> bytes:
        """The members of an FCP template (7816-4 §7.4.3)."""
        return tlv(0x83, self.fid.to_bytes(2, "big")) + (tlv(0x88, bytes([self.sfi << 3])) if self.sfi else b"")


@dataclass(slots=True, kw_only=True)
class Transparent(File):
    """Bytes. size: the file is filled up to it with ``filler``, as cards do whose files have fixed sizes."""

    content: bytes = field(repr=False)
    size: int = 0
    filler: int = 0xFF

    def stored(self) -> bytes:
        return self.content + bytes([self.filler]) * (self.size - len(self.content))

    def control_parameters(self) -> bytes:
        return tlv(0x80, len(self.stored()).to_bytes(2, "big")) + tlv(0x82, b"\x01") + File.control_parameters(self)


@dataclass(slots=True, kw_only=True)
class Records(File):
    """A linear file of records, counted from 1."""

    records: tuple[bytes, ...] = field(repr=False)


@dataclass(slots=True, kw_only=True)
class Internal(File):
    """A key: it can be selected and used, never read."""

    read: Condition = never


@dataclass(slots=True, kw_only=True)
class Pin(Internal):
    """A password with its try counter. name: what a right value grants. left: tries that remain, ``limit`` by default."""

    name: str
    value: bytes = field(repr=False)
    limit: int
    left: int = -1

    def __post_init__(self) -> None:
        File.__post_init__(self)
        if self.left < 0:
            self.left = self.limit

    def accepts(self, given: bytes) -> bool:
        """Spends a try when it does not. Ask ``left`` before."""
        right = hmac.compare_digest(given, self.value)
        self.left = self.limit if right else self.left - 1
        return right


class Application:
    """A dedicated file: by AID, by FID, or the master file itself.

    Subclasses answer their own instructions in ``handle`` and may keep state of a session, which ``reset`` forgets: whenever another
    application is selected that does not stand below this one, whenever this one is selected again, and when power goes.
    """

    def __init__(
        self, *, aid: bytes = b"", fid: int | None = None, files: Iterable[File] = (), parent: Application | None = None
    ) -> None:
        self.aid = aid
        self.fid = fid
        self.parent = parent
        self.granted: set[str] = set()
        self.chip: Chip  # set when it is put into one
        self.files: dict[int, File] = {}
        for file in files:
            self.add(file)

    def add(self, file: File) -> None:
        self.files[file.fid] = file

    def by_sfi(self, sfi: int) -> File | None:
        return next((file for file in self.files.values() if file.sfi == sfi), None)

    def transparent(self, fid: int) -> Transparent:
        """That file, for whoever builds or alters the card. Raises KeyError."""
        file = self.files[fid]
        if not isinstance(file, Transparent):
            raise KeyError(fid)
        return file

    def pin(self, name: str) -> Pin:
        """That password, for whoever builds the card or looks at its counter. Raises KeyError."""
        for pin in self.pins():
            if pin.name == name:
                return pin
        raise KeyError(name)

    def pins(self) -> tuple[Pin, ...]:
        return tuple(file for file in self.files.values() if isinstance(file, Pin))

    def line(self) -> tuple[Application, ...]:
        """This one and what it stands below, innermost first. What was granted above holds below."""
        return (self, *self.parent.line()) if self.parent else (self,)

    def reset(self) -> None:
        """Forgets what was granted."""
        self.granted.clear()

    def handle(self, command: Command) -> Answer | None:  # noqa: ARG002 - for subclasses
        """The answer to an instruction of its own, None for all others. May raise Refusal. Secure messaging is off the command already."""
        return None

    def control_information(self) -> bytes:
        """What SELECT answers when it is asked for more than a status (7816-4 §7.4)."""
        return tlv(0x6F, tlv(0x84, self.aid) if self.aid else tlv(0x83, b"\x3f\x00"))
