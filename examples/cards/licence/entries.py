"""What stands in a driving licence's DF1 and DF2, and what of it is signed (運転免許証及び運転免許証作成システム等仕様書 007–010)."""

from __future__ import annotations

from examples.cards.licence.holders import CATEGORIES, Change, Licence
from examples.cards.licence.text import FIRST_CODE, NO_DATE, ExternalCharacters, era_date, katakana
from examples.cards.portraits import MONOCHROME, portrait_of
from examples.cards.wide_tlv import filled, thing

FILLER = b"\xff"
SIZES = {1: 880, 2: 82, 3: 264, 4: 640, 5: 663, 6: 256, 7: 578}
"""Of DF1's files."""
PHOTO_FILE = 2005
"""DF2's one file: a photo of up to 2000 bytes."""
EDITION = b"1"
"""Year code of the JIS X 0208 edition."""
KINDS = {
    "commission": range(0x51, 0x60),
    "name": range(0x60, 0x68),
    "kana": range(0x68, 0x70),
    "address": range(0x70, 0x78),
    "condition": range(0x78, 0x80),
    "condition_lifted": range(0x80, 0x88),
    "remark": range(0x88, 0x90),
    "reserve": range(0x90, 0x98),
    "domicile": range(0xAB, 0xB0),
}
"""Tags of changes by kind: the highest that is taken is the latest. The domicile's stand in EF06, all others in EF04."""


class Contents:
    """The contents of DF1 and DF2, file by file. They share the codes for external characters: two at issue, five for changes."""

    def __init__(self, licence: Licence) -> None:
        self.licence = licence
        at_issue = ExternalCharacters(FIRST_CODE, 2)
        later = ExternalCharacters(FIRST_CODE + 2, 5)
        self.entries = self._entries(at_issue)
        self.domicile = thing(0x41, at_issue.encode(licence.domicile))
        self.characters = b"".join(thing(0x48 + place, bitmap) for place, bitmap in enumerate(at_issue.bitmaps()))
        self.changes = self._changes([one for one in licence.changes if one.kind != "domicile"], 0x50, later)
        self.domicile_changes = self._changes([one for one in licence.changes if one.kind == "domicile"], 0xAA, later)
        self.changed_characters = thing(0xA0, b"\x01" if later.taken else b"\x00") + b"".join(
            thing(0xA1 + place, bitmap) for place, bitmap in enumerate(later.bitmaps())
        )
        self.photo = thing(0x5F40, portrait_of(licence.person.key, MONOCHROME))

    def _entries(self, external: ExternalCharacters) -> bytes:
        licence, person = self.licence, self.licence.person
        conditions = (*licence.conditions, "", "", "", "")[:4]
        return b"".join(
            [
                thing(0x11, EDITION),
                thing(0x12, external.encode(person.name)),
                thing(0x13, external.encode(katakana(person.kana))),
                thing(0x14, external.encode(licence.alias)),
                thing(0x15, external.encode(katakana(person.kana).replace("\u3000", ""))),
                thing(0x16, era_date(person.birth, person.era_digit).encode()),
                thing(0x17, external.encode(person.address)),
                thing(0x18, era_date(licence.issued).encode()),
                thing(0x19, licence.reference.encode()),
                thing(0x1A, external.encode(licence.colour)),
                thing(0x1B, era_date(licence.expires).encode()),
                *(thing(0x1C + place, external.encode(text)) for place, text in enumerate(conditions)),
                thing(0x20, external.encode(licence.commission)),
                thing(0x21, licence.number.encode()),
                *(thing(0x22 + place, _date(day)) for place, day in enumerate(licence.group_dates())),
                *(thing(tag, _date(licence.categories.get(name, ""))) for tag, name in CATEGORIES.items()),
            ]
        )

    @staticmethod
    def _changes(changes: list[Change], flag: int, external: ExternalCharacters) -> bytes:
        taken = {kind: iter(tags) for kind, tags in KINDS.items()}
        written = sorted((next(taken[one.kind]), _change(one, external)) for one in changes)
        return thing(flag, b"\x01" if changes else b"\x00") + b"".join(thing(tag, value) for tag, value in written)

    def files(self) -> dict[int, bytes]:
        """DF1/EF01 … EF06 as stored, by number."""
        contents = (
            self.entries,
            self.domicile,
            self.characters,
            self.changes,
            self.changed_characters,
            self.domicile_changes,
        )
        return {number: filled(content, SIZES[number], FILLER) for number, content in enumerate(contents, 1)}

    def photo_file(self) -> bytes:
        return filled(self.photo, PHOTO_FILE, FILLER)

    def signed(self) -> bytes:
        return coverage(self.files()[1], self.files()[2], self.photo_file())


def coverage(entries: bytes, domicile: bytes, photo: bytes) -> bytes:
    """What EF07 signs, of the whole files EF01, EF02 and DF2/EF01: all of them as stored, filler and headers with them, in this order.

    Inferred from what specification 010 says of the マイナ免許証 ("all data of the file, in stored order"); no open code settles it.
    """
    return entries + domicile + photo


def _date(day: str) -> bytes:
    return (era_date(day) if day else NO_DATE).encode()


def _change(change: Change, external: ExternalCharacters) -> bytes:
    """Edition, date in full-width digits, text, commission of five characters."""
    if len(change.commission) != 5:
        raise ValueError("a commission is written with five characters here")
    return (
        EDITION
        + external.encode(era_date(change.date))
        + external.encode(change.text)
        + external.encode(change.commission)
    )


def signature_objects(first_tag: int, *, signature: bytes, serial: str, issuer: str, subject: str, key: bytes) -> bytes:
    """Six objects of fixed sizes: signature, serial number, reserve, issuer, subject, subject key identifier (filled with 00)."""
    values = (
        signature,
        filled(serial.encode("ascii"), 16, b" "),
        b" " * 48,
        filled(issuer.encode("ascii"), 80, b" "),
        filled(subject.encode("ascii"), 130, b" "),
        filled(key, 32),
    )
    return b"".join(thing(first_tag + place, value) for place, value in enumerate(values))
