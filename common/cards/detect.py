"""Which card is it? Told by selecting applications, never by the ATR, which readers make up for contactless cards. Spends no try.

A card answers as it likes: this says which driver to use, and proves nothing.
"""

from __future__ import annotations

from typing import Final

from common.cards.apdu import Command
from common.cards.channel import CardChannel
from common.cards.status_words import DONE
from common.record import Record


class CardType(Record, frozen=True):
    """name: of the type, one word. driver: the name of what reads it, in ``common.cards.registry``. alone: nothing else of ours is on
    such a chip. on_its_own: it has a chip to itself, so it is not looked for on a My Number card."""

    name: str
    driver: str
    aid: bytes
    label_ja: str
    label_en: str
    alone: bool = False
    on_its_own: bool = False


def _aid(start: str) -> bytes:
    """The Japanese cards' AIDs have 16 bytes, zeros to the end."""
    return bytes.fromhex(start).ljust(16, b"\0")


MY_NUMBER: Final = "my_number"
CARD_TYPES: Final = (
    CardType("passport", "passport", bytes.fromhex("A0000002471001"), "パスポート", "Passport", alone=True),
    CardType(MY_NUMBER, "my_number", bytes.fromhex("D392F000260100000001"), "マイナンバーカード", "My Number card"),
    CardType("mynumber_licence", "mynumber_licence", _aid("A00000023106"), "マイナ免許証", "Driving licence on a My Number card"),
    CardType(
        "driving_licence", "driving_licence", _aid("A00000023101"), "運転免許証", "Driving licence", alone=True, on_its_own=True
    ),
    CardType("specified_residence_card", "residence_card", _aid("D392F0004F01"), "特定在留カード", "Specified residence card"),
    CardType(
        "residence_card", "residence_card", _aid("D392F0004F02"), "在留カード・特別永住者証明書", "Residence card", on_its_own=True
    ),
)  # fmt: skip
"""In the order of asking: whoever has the first is rarely asked for the others."""


def detect_cards(channel: CardChannel) -> tuple[CardType, ...]:
    """What is on this chip, in the order of `CARD_TYPES`; empty for a card that we do not know. At most six SELECTs, nothing else.

    A refusal of any kind means no: cards without an application say so in different words. What is selected afterwards is undefined,
    and a PIN that was given before may be forgotten (ISO/IEC 7816-4 §11.1.1): ask before anything else.

    Raises CardRemoved, Unavailable, CardError for an answer that is none.
    """
    found: list[CardType] = []
    for each in CARD_TYPES:
        if each.on_its_own and any(card.name == MY_NUMBER for card in found):
            continue
        select = Command(0x00, 0xA4, 0x04, 0x0C, each.aid)
        if channel.send(select, expect=None).sw == DONE:
            found.append(each)
            if each.alone:
                break
    return tuple(found)
