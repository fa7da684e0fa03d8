"""What of a card may be read over the relay: what its chip has and some certificate of the issuer's needs. The person chooses. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from common.cards.detect import MY_NUMBER, CardType
from common.cards.offered_parts import NEVER_RELAYED, OfferedPart, PartName, offer_parts, with_holder
from common.cards.registry import DRIVERS
from common.cards.relay import MAX_READS, Begin, Read
from common.errors import Malformed, Refused


def find_parts(cards: Sequence[CardType], wanted: Collection[str]) -> tuple[OfferedPart, ...]:
    """In the order of reading. Parts without claims prove the others, and stay.

    Raises Refused: "unknown_card", or "nothing_from_this_card" where the issuer makes no certificate from it.
    """
    if not cards:
        raise Refused("unknown_card", "this card is none of those that can be read here")
    offered = offer_parts(
        sorted(cards, key=lambda one: one.name == MY_NUMBER), {driver.name: driver for driver in DRIVERS}, wanted
    )
    return tuple(each for each in offered if each.name not in NEVER_RELAYED)


def choose_reads(offered: Sequence[OfferedPart], chosen: Iterable[PartName]) -> Begin:
    """What is told to the issuer. A document on a My Number card is read first, then that card.

    Raises Refused("declined") where nothing was chosen, "two_documents"; Malformed("unknown_part") for what was not offered.
    """
    names = set(chosen)
    known = {each.name for each in offered}
    if names - known:
        raise Malformed("unknown_part", "this was not offered to be read")
    if not names:
        raise Refused("declined", "nothing was chosen to be read")
    documents = {driver for driver, _ in names} - {MY_NUMBER}
    if len(documents) >= MAX_READS:
        raise Refused("two_documents", "one document at a time is read together with the card")
    read = with_holder(names, offered)
    order = dict.fromkeys(each.driver for each in offered)
    reads = [(driver, tuple(sorted(part for owner, part in read if owner == driver))) for driver in order]
    return Begin(tuple(Read(driver, parts) for driver, parts in reads if parts))
