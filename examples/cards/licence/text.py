"""Text and dates of licences: JIS X 0208 without escape sequences, eras, and characters that exist only as pictures (仕様書 §2).

A character outside of JIS X 0208 gets one of the codes FFF1 … FFF7 and a bitmap in the chip. Where all codes of a file are taken, FFFA
stands in its place, and nothing else says what it was.
"""

from __future__ import annotations

from examples.cards.lettering import BOX, boxed, packed
from examples.cards.people import ERAS

FIRST_CODE, MISSING = 0xFFF1, 0xFFFA
BITMAP_SIZE = BOX * BOX // 8
NO_DATE = "0000000"
# Characters that Unicode tables of other makers have in place of the ones that JIS X 0208 is mapped to here.
_SAME = {"－": "−", "～": "〜", "∥": "‖", "￠": "¢", "￡": "£", "￢": "¬"}


def full_width(text: str) -> str:
    """ASCII and the space as JIS X 0208 has them."""
    wide = "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else "\u3000" if one == " " else one for one in text)
    return "".join(_SAME.get(one, one) for one in wide)


def jis(character: str) -> bytes | None:
    """The two bytes of JIS X 0208, None for a character that it does not have."""
    try:
        coded = character.encode("iso2022_jp")
    except UnicodeEncodeError:
        return None
    return coded[3:5] if coded.startswith(b"\x1b$B") and len(coded) == 8 else None


class ExternalCharacters:
    """The codes that a file may give away, and which characters took them. first: its first code; room: how many there are."""

    def __init__(self, first: int, room: int) -> None:
        self.first, self.room = first, room
        self.taken: list[str] = []

    def encode(self, text: str) -> bytes:
        return b"".join(jis(one) or self._code(one).to_bytes(2, "big") for one in full_width(text))

    def _code(self, character: str) -> int:
        if character not in self.taken:
            if len(self.taken) == self.room:
                return MISSING
            self.taken.append(character)
        return self.first + self.taken.index(character)

    def bitmaps(self) -> list[bytes]:
        """One for each code, empty for those not taken. 32 × 32 dots, a form that is inferred: a file has room for 128 bytes each."""
        drawn = [packed(boxed(one)) for one in self.taken]
        return drawn + [b""] * (self.room - len(drawn))


def era_date(day: str, era: str = "") -> str:
    """YYYYMMDD → era digit and YYMMDD in the era's year. Parts that are zero stay zero, and need the era said."""
    digit = era or next(name for first, name, _ in ERAS if int(day) >= first)
    before = next(year for _, name, year in ERAS if name == digit)
    return f"{digit}{int(day[:4]) - before:02}{day[4:]}"


def katakana(hiragana: str) -> str:
    return "".join(chr(ord(one) + 0x60) if "ぁ" <= one <= "ゖ" else one for one in hiragana)
