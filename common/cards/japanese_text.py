"""Text as Japanese cards write it: JIS X 0208 without escape, JIS X 0201, and characters that no code can say. Pure.

A driving licence has characters of its own as bitmaps beside the text (外字, FFF1 to FFF7) and a mark for one that could not be written
at all (欠字, FFFA). What is in their place is not in any text: who makes a claim of such a text has to say so (`CardText.is_whole`).
Source: 運転免許証及び運転免許証作成システム等仕様書, as read by several independent programs (cards.md §2, §5.2).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from common.errors import Malformed

GETA = "\N{GETA MARK}"
"""〓, the printers' mark for a character that is not at hand."""
MAX_TEXT_BYTES = 4096
_EXTERNAL = range(0xFFF1, 0xFFF8)
_MISSING = 0xFFFA
_SPACE = "\N{IDEOGRAPHIC SPACE}"
_YEN, _OVERLINE = 0x5C, 0x7E
_KATAKANA = range(0xA1, 0xE0)
_HALF_WIDTH = 0xFF61 - 0xA1


class Absence(StrEnum):
    """Why a character is not in the text. *unknown*: a code that JIS X 0208 leaves free."""

    EXTERNAL = "external"
    MISSING = "missing"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsentCharacter:
    """A place of a text where only a mark stands. position: in characters from 0. code: the two bytes on the card, as one number."""

    position: int
    code: int
    absence: Absence


@dataclass(frozen=True, slots=True, kw_only=True)
class CardText:
    """text: as far as characters can say it, 〓 for each that cannot. Its repr shows neither: it is a person's name or address."""

    text: str = field(repr=False)
    absent: tuple[AbsentCharacter, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether the text says all that the card says."""
        return not self.absent

    @property
    def flags(self) -> str:
        """One digit for each character, 1 where a mark stands: the form in which JPKI flags substitutes."""
        places = {each.position for each in self.absent}
        return "".join("1" if at in places else "0" for at in range(len(self.text)))


def parse_jis_x_0208(data: bytes) -> CardText:
    """Two bytes a character, no escape. Filler at the end (blanks, 0000, FFFF) is taken off. Raises Malformed("card_text_malformed")."""
    if len(data) % 2 or len(data) > MAX_TEXT_BYTES:
        raise Malformed("card_text_malformed", "a text of the card is not made of two-byte characters")
    codes = [int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2)]
    while codes and codes[-1] in (0x0000, 0x2121, 0xFFFF):
        codes.pop()
    characters: list[str] = []
    absent: list[AbsentCharacter] = []
    for position, code in enumerate(codes):
        character = _character(code)
        if character is None:
            absent.append(AbsentCharacter(position=position, code=code, absence=_absence(code)))
        characters.append(GETA if character is None else character)
    return CardText(text="".join(characters), absent=tuple(absent))


def _character(code: int) -> str | None:
    # Each byte's top bit set is EUC-JP of the same character; only 21 to 7E are cells of JIS X 0208.
    row, cell = code >> 8, code & 0xFF
    if not (0x21 <= row <= 0x7E and 0x21 <= cell <= 0x7E):
        return None
    try:
        return bytes((row | 0x80, cell | 0x80)).decode("euc_jp")
    except UnicodeDecodeError:
        return None


def _absence(pair: int) -> Absence:
    if pair in _EXTERNAL:
        return Absence.EXTERNAL
    return Absence.MISSING if pair == _MISSING else Absence.UNKNOWN


def parse_jis_x_0201(data: bytes) -> str:
    """One byte a character: Latin with ¥ and ‾, and half-width katakana. Filler at the end (blanks, 00, FF) is taken off.

    Raises Malformed("card_text_malformed").
    """
    if len(data) > MAX_TEXT_BYTES:
        raise Malformed("card_text_malformed", "a text of the card is longer than it can be")
    return "".join(_single(byte) for byte in data.rstrip(b"\0\xff ")).rstrip(" ")


def _single(byte: int) -> str:
    if byte == _YEN:
        return "\N{YEN SIGN}"
    if byte == _OVERLINE:
        return "\N{OVERLINE}"
    if 0x20 <= byte < 0x7F:
        return chr(byte)
    if byte in _KATAKANA:
        return chr(byte + _HALF_WIDTH)
    raise Malformed("card_text_malformed", "a text of the card has a byte that is no character")


def parse_digits(data: bytes, length: int) -> str:
    """Exactly so many decimal digits of JIS X 0201. Raises Malformed("card_text_malformed")."""
    if len(data) != length or not all(0x30 <= byte <= 0x39 for byte in data):
        raise Malformed("card_text_malformed", "a number on the card is not made of digits")
    return data.decode("ascii")


def parse_utf_8(data: bytes) -> str:
    """Text of residence cards and the My Number card, filled up with 00. Raises Malformed("card_text_malformed")."""
    if len(data) > MAX_TEXT_BYTES:
        raise Malformed("card_text_malformed", "a text of the card is longer than it can be")
    try:
        text = data.rstrip(b"\0").decode("utf-8")
    except UnicodeDecodeError:
        # The cause would quote the bytes: they are somebody's address.
        raise Malformed("card_text_malformed", "a text of the card is not UTF-8") from None
    if any(ord(character) < 0x20 or ord(character) == 0x7F for character in text):
        raise Malformed("card_text_malformed", "a text of the card has control characters")
    return text.rstrip(_SPACE + " ")
