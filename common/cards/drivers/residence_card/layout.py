"""Which files the residence cards have, where they stand, and how long they are. 仕様書 §3.3.1 to §3.3.3 of each generation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

RESIDENCE_AP: Final = bytes.fromhex("D392F0004F01") + bytes(10)
"""On a My Number card only (特定在留カード): to be selected before the DFs."""
DF1: Final = bytes.fromhex("D392F0004F02") + bytes(10)
DF2: Final = bytes.fromhex("D392F0004F03") + bytes(10)
DF3: Final = bytes.fromhex("D392F0004F04") + bytes(10)
"""Some code has ``4F05`` here; the specification says ``04`` (cards.md §6)."""

CARD, PHOTOGRAPH, ADDRESS, PERMISSIONS = "card", "photo", "address", "permissions"
"""The parts of the driver. What is signed is read as a whole, whichever of them is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFile:
    """name: in a reading. sfi: in the current DF. size: in bytes, filler included. protected: by secure messaging, else in the clear.

    part: which part it belongs to; empty for what every reading needs to be judged.
    """

    name: str
    application: bytes
    sfi: int
    size: int
    protected: bool
    part: str = ""


FRONT = CardFile(name="df1/ef01", application=DF1, sfi=0x05, size=7004, protected=True)
PHOTO = CardFile(name="df1/ef02", application=DF1, sfi=0x06, size=3004, protected=True)
RESIDENCE = CardFile(name="df2/ef01", application=DF2, sfi=0x01, size=342, protected=False, part=ADDRESS)
GENERAL_PERMISSION = CardFile(name="df2/ef02", application=DF2, sfi=0x02, size=122, protected=False, part=PERMISSIONS)
SINGLE_PERMISSION = CardFile(name="df2/ef03", application=DF2, sfi=0x03, size=122, protected=False, part=PERMISSIONS)
PENDING = CardFile(name="df2/ef04", application=DF2, sfi=0x04, size=3, protected=False, part=PERMISSIONS)
CHECK_CODE = CardFile(name="df3/ef01", application=DF3, sfi=0x02, size=1464, protected=False)

ENTRIES = CardFile(name="df1/ef02", application=DF1, sfi=0x03, size=73, protected=True)
PICTURES = CardFile(name="df1/ef03", application=DF1, sfi=0x04, size=5508, protected=True)
ADDRESS_PICTURE = CardFile(name="df1/ef04", application=DF1, sfi=0x06, size=2505, protected=True, part=ADDRESS)
PERMISSION = CardFile(name="df2/ef01", application=DF2, sfi=0x01, size=22, protected=False, part=PERMISSIONS)
RENEWAL = CardFile(name="df2/ef02", application=DF2, sfi=0x02, size=3, protected=False, part=PERMISSIONS)
REMARKS = CardFile(name="df2/ef03", application=DF2, sfi=0x03, size=207, protected=False, part=PERMISSIONS)
SIGNATURE = CardFile(name="df3/ef01", application=DF3, sfi=0x02, size=704, protected=False)

_FIRST = (FRONT, PHOTO, RESIDENCE, CHECK_CODE)
_SECOND = (ENTRIES, PICTURES, ADDRESS_PICTURE, REMARKS, SIGNATURE)
_RESIDENTS_OF_FIRST = (FRONT, PHOTO, RESIDENCE, GENERAL_PERMISSION, SINGLE_PERMISSION, PENDING, CHECK_CODE)
_RESIDENTS_OF_SECOND = (ENTRIES, PICTURES, ADDRESS_PICTURE, PERMISSION, RENEWAL, REMARKS, SIGNATURE)

FILES: Final = {
    "1": _RESIDENTS_OF_FIRST,
    "2": _FIRST,
    "05": _RESIDENTS_OF_SECOND,
    "06": _SECOND,
    "07": _RESIDENTS_OF_SECOND,
    "08": _SECOND,
}
"""By the type in MF/EF02: residents, special permanent residents of the first generation (1, 2), the second (05, 06), 特定 (07, 08)."""

KINDS: Final = {
    "1": "residence_card",
    "2": "special_permanent_resident_certificate",
    "05": "residence_card",
    "06": "special_permanent_resident_certificate",
    "07": "residence_card",
    "08": "special_permanent_resident_certificate",
}


def files_of(card_type: str, parts: frozenset[str]) -> tuple[CardFile, ...]:
    """What is read for these parts, DF by DF."""
    return tuple(each for each in FILES[card_type] if not each.part or each.part in parts)
