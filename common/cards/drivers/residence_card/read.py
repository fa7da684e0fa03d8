"""Reads a residence card: its type, the handshake with its number, then each file once, DF by DF. 仕様書 §3.5.

Who has run the handshake already (the holder's side of a relay: `find_type`, then `handshake.open_session`) hands over the session, which
is put into the channel as its messaging (`restore_session`); then the number is asked of nobody, and never leaves the holder's side.
"""

from __future__ import annotations

from typing import Final

from cryptography.hazmat.primitives.asymmetric import rsa

from common.cards.apdu import EXTENDED_ANSWER, Command
from common.cards.channel import CardChannel
from common.cards.drivers.residence_card.handshake import NUMBER, open_session, read_number
from common.cards.drivers.residence_card.layout import RESIDENCE_AP, CardFile, files_of
from common.cards.drivers.residence_card.messaging import CARD_TYPES, ResidenceMessaging
from common.cards.drivers.residence_card.specified import SPECIFIED_TYPES, SpecifiedMessaging, open_specified_session
from common.cards.files import has_application, select_application
from common.cards.prompts import Progress, ReadRequest, SecretKind, SecretPrompt
from common.cards.reading import Reading
from common.cards.status_words import BEYOND_FILE, DONE, END_OF_FILE
from common.cards.tlv import find, parse_tlv
from common.errors import CardError, Malformed, Unsupported

CARD = "residence_card"
CARD_NUMBER: Final = SecretKind(
    name="residence_card_number",
    pattern=NUMBER,
    label_ja="在留カード等番号（12文字）",
    label_en="Number of the residence card (12 characters)",
    counted=False,
    printed=True,
)
_TYPE = 0xC1
_SELECT_MF = Command(0x00, 0xA4, 0x00, 0x00, b"\x3f\x00")
_READ_TYPE = Command(0x00, 0xB0, 0x8A, 0x00, le=EXTENDED_ANSWER)
_SLACK = 256
"""Bytes that a file may be longer than its specification says."""

Session = ResidenceMessaging | SpecifiedMessaging


def find_type(channel: CardChannel) -> str:
    """Which of the six types lies there: 1, 2, 05, 06, 07, 08. For 07 and 08 the residence application is selected then.

    The first answer also shows whether the card takes extended length. Raises CardError("not_a_residence_card"),
    Unsupported("unknown_residence_card_type").
    """
    channel.send(_SELECT_MF, expect=None)
    card_type = _read_type(channel)
    if card_type is None:
        if not has_application(channel, RESIDENCE_AP):
            raise CardError("not_a_residence_card", "the card has no residence application")
        # [I] that the type stands in the same file there; without it, the commoner of the two kinds.
        card_type = _read_type(channel) or SPECIFIED_TYPES[0]
    if card_type not in CARD_TYPES and card_type not in SPECIFIED_TYPES:
        raise Unsupported("unknown_residence_card_type", known=(*CARD_TYPES, *SPECIFIED_TYPES))
    return card_type


def _read_type(channel: CardChannel) -> str | None:
    response = channel.send(_READ_TYPE, expect=None)
    if response.sw not in (DONE, END_OF_FILE):
        return None
    try:
        found = find(parse_tlv(response.data), _TYPE)
    except Malformed:
        return None
    return None if found is None else found.value.decode("latin-1")


def read_residence_card(
    channel: CardChannel, request: ReadRequest, *, delivery_key: rsa.RSAPublicKey | None
) -> Reading:
    """delivery_key: the agency's, for 特定在留カード; without it those are refused as Unsupported("specified_residence_card")."""
    session = channel.secure if isinstance(channel.secure, Session) else None
    if session is None:
        session = _begin(channel, request, delivery_key)
    channel.extended = session.extended
    files = files_of(session.card_type, request.parts)
    total, done = sum(each.size for each in files), 0
    content: dict[str, bytes] = {}
    application = b""
    before = channel.secure
    try:
        for each in files:
            request.progress(Progress(step=each.name, done=done, total=total))
            if each.application != application:
                channel.secure = None
                select_application(channel, each.application)
                application = each.application
            # The specification of 特定在留カード is not public: there everything is read under the session [I].
            protected = each.protected or isinstance(session, SpecifiedMessaging)
            channel.secure = session if protected else None
            content[each.name] = _read_whole(channel, each)
            done += each.size
    finally:
        channel.secure = before
    request.progress(Progress(step="done", done=total, total=total))
    return Reading(
        card=CARD,
        files=content,
        accepted=frozenset({CARD_NUMBER.name}),
        notes={"card_type": session.card_type, "parts": " ".join(sorted(request.parts)) or "none"},
    )


def restore_session(session: bytes) -> Session:
    """What the holder's side hands over (`export`) → the messaging to put into the channel. Raises Malformed("card_session_malformed")."""
    kind = SpecifiedMessaging if session[:2].decode("latin-1") in SPECIFIED_TYPES else ResidenceMessaging
    return kind.restore(session)


def _begin(channel: CardChannel, request: ReadRequest, delivery_key: rsa.RSAPublicKey | None) -> Session:
    channel.secure = None
    card_type = find_type(channel)
    if card_type in SPECIFIED_TYPES and delivery_key is None:
        raise Unsupported(
            "specified_residence_card", "特定在留カード needs the agency's delivery key, which is not configured here"
        )
    given = request.ask(SecretPrompt(kind=CARD_NUMBER)).secret
    try:
        number = read_number(given.reveal().decode("utf-8", "replace"))
    finally:
        given.forget()
    try:
        if card_type in SPECIFIED_TYPES and delivery_key is not None:
            return open_specified_session(channel, number, card_type, delivery_key, random=request.random)
        return open_session(channel, number, card_type, random=request.random)
    finally:
        number.forget()


def _read_whole(channel: CardChannel, file: CardFile) -> bytes:
    """One file by its short identifier: in one command where the card takes extended length (it then sends all there is).

    Raises CardError("card_file_too_long"), what the card refuses.
    """
    data = b""
    while len(data) < file.size:
        le = EXTENDED_ANSWER if channel.extended else min(file.size - len(data), channel.most)
        p1, p2 = (0x80 | file.sfi, 0) if not data else divmod(len(data), 256)
        expect = (DONE, END_OF_FILE, BEYOND_FILE) if data else (DONE, END_OF_FILE)
        response = channel.send(Command(0x00, 0xB0, p1, p2, le=le), expect=expect, what=f"read {file.name}")
        data += response.data
        if len(data) > file.size + _SLACK:
            raise CardError("card_file_too_long", "a file of the card is longer than such a file can be")
        if response.sw != DONE or not response.data:
            break
    return data
