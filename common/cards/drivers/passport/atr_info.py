"""EF.ATR/INFO: how long commands and answers of this chip may be. ICAO Doc 9303-10 §3.11.2, ISO/IEC 7816-4 §8.1.1. Signed by nobody."""

from __future__ import annotations

from common.cards.channel import CardChannel
from common.cards.tlv import find, parse_tlv
from common.errors import Malformed
from common.record import Record

_CAPABILITIES, _LENGTHS, _INTEGER = 0x47, 0x7F66, 0x02
_EXTENDED = 0x40
_STATUS_WORD = 2
_LEAST_ANSWER = 256


class AtrInfo(Record, frozen=True):
    """extended: None where the file does not tell. longest_answer: bytes of data in one answer, None where it does not tell."""

    extended: bool | None
    longest_answer: int | None


def parse_atr_info(file: bytes) -> AtrInfo:
    """Raises Malformed."""
    objects = parse_tlv(file)
    capabilities, lengths = find(objects, _CAPABILITIES), find(objects, _LENGTHS)
    extended = (
        bool(capabilities.value[2] & _EXTENDED) if capabilities is not None and len(capabilities.value) == 3 else None
    )
    longest = None
    if lengths is not None:
        numbers = [each.value for each in parse_tlv(lengths.value) if each.tag == _INTEGER]
        if len(numbers) != 2 or not 1 <= len(numbers[1]) <= 4:
            raise Malformed("bad_atr_info", "EF.ATR/INFO names two lengths")
        longest = int.from_bytes(numbers[1], "big") - _STATUS_WORD
    return AtrInfo(extended=extended, longest_answer=longest)


def apply_atr_info(channel: CardChannel, info: AtrInfo) -> None:
    """From now on the channel asks for no more than the chip can give. A length that no chip has is passed over.

    That the chip understands extended length does not say that the reader carries it: the first long command, still plain, shows both.
    """
    if info.extended is False:
        channel.extended = False
    if info.longest_answer is not None and info.longest_answer >= _LEAST_ANSWER:
        channel.answer_limit = min(channel.answer_limit, info.longest_answer)
