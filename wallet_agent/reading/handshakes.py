"""Handshakes that run where the card is: what is printed on it opens it here, and only the session's keys leave. cards.md §6, §7.2."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from common.cards.channel import CardChannel
from common.cards.drivers.passport.access import hand_over
from common.cards.drivers.passport.key_derivation import SessionKeys
from common.cards.drivers.passport.password import parse_password
from common.cards.drivers.residence_card.handshake import open_session, read_number
from common.cards.drivers.residence_card.read import find_type
from common.cards.drivers.residence_card.specified import (
    SPECIFIED_TYPES,
    open_specified_session,
    read_delivery_key,
)
from common.cards.relay_session import export_keys
from common.cards.secret import Secret
from common.errors import Unsupported

Random = Callable[[int], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """What is handed over, and how long commands may be from here on. keys: of a travel document, for the guard. card_type: of a
    residence card."""

    session: bytes = field(repr=False)
    extended: bool | None
    answer_limit: int
    keys: SessionKeys | None = field(default=None, repr=False)
    card_type: str = ""


def open_passport(channel: CardChannel, printed: Secret, *, random: Random = secrets.token_bytes) -> Handed:
    """``printed`` is forgotten. Raises PinWrong(None) for what the chip does not accept, Malformed for what no passport has printed on it,
    Refused("mrz_needed"), CardError, CardRemoved."""
    try:
        password = parse_password(printed.reveal())
    finally:
        printed.forget()
    channel.secure = None
    try:
        handed = hand_over(channel, password, random)
    finally:
        channel.secure = None
    return Handed(
        session=export_keys(handed.keys), extended=handed.extended, answer_limit=handed.answer_limit, keys=handed.keys
    )


def open_residence_card(
    channel: CardChannel, printed: Secret, delivery_key: bytes, *, random: Random = secrets.token_bytes
) -> Handed:
    """delivery_key: the agency's for 特定在留カード, DER; empty where there is none. ``printed`` is forgotten.

    Raises PinWrong(None), CardError, Malformed, Unsupported("specified_residence_card"), CardRemoved.
    """
    try:
        number = read_number(printed.reveal().decode("utf-8", "replace"))
    finally:
        printed.forget()
    try:
        channel.secure = None
        card_type = find_type(channel)
        if card_type not in SPECIFIED_TYPES:
            session = open_session(channel, number, card_type, random=random).export()
        elif delivery_key:
            key = read_delivery_key(delivery_key)
            session = open_specified_session(channel, number, card_type, key, random=random).export()
        else:
            raise Unsupported("specified_residence_card", "this issuer has not set up 特定在留カード")
    finally:
        number.forget()
    return Handed(session=session, extended=channel.extended, answer_limit=channel.answer_limit, card_type=card_type)
