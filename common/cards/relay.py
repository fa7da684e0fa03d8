"""The relay's wire protocol: a card in the holder's reader, driven by the issuer, over one WebSocket. Version 1. Used by both ends. Pure.

**Opening.** The holder connects to ``wss://<issuer>/<institution>/card/<session>/relay`` with ``Authorization: Bearer <token>``; both
stand in the invitation, ``https://<issuer>/<institution>/card/<session>/<token>``. Subprotocol `SUBPROTOCOL`. A page of another origin in a
browser is refused. The origin that the holder connected to, TLS included, is the one that the card signs for.

**Binary frames** carry APDUs: an index (4 bytes, big-endian) and a command, from the issuer; the same index and the card's answer, back.
One step is under way at a time; the first has index 0, each further one the next. A step may also be a text message with ``index``.

**Text frames** are JSON objects with a ``type``, and no members but those below. Issuer → holder:

| type | says | answered by |
|---|---|---|
| ``session`` | first of all: origin, session and nonce; who asks; which claims certificates are made of | ``begin`` |
| ``progress`` | what is being read | – |
| ``present`` | step: present the secret of this name. The holder's side asks counter, person and card | binary: status word |
| ``sign`` | step: sign the possession of (session, nonce) with this key; the holder's side builds what is signed | binary: answer |
| ``open`` | step: run the handshake that this printed secret opens | ``opened`` |
| ``result`` | what the card proved: which certificates there are | ``take`` |
| ``offer`` | the offer's link; the relay is over | – |
| ``end`` | it is over without one; ``code`` says why | – |

Holder → issuer: ``begin`` (what is read, as the person wants it), ``opened`` (session keys, and how long commands may be), ``take`` (which
certificates, in which formats), ``end`` (``card_removed``, ``declined``, ``command_refused`` …). A secret is in none of them.

**Bounds.** A frame has at most `MAX_FRAME` bytes, a text `MAX_TEXT`; what a person reads of it is one line
without control characters. A step takes at most `STEP_SECONDS`; where a person is asked,
`PERSON_SECONDS`. The conversation ends with the session (``expires_at``). What breaks a rule ends it at once.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, Protocol, TypeVar

import msgspec

from common.cards.apdu import EXTENDED_ANSWER
from common.encoding import b64url_decode, parse_json
from common.errors import Malformed, Refused
from common.mail_address import MAX_TYPED
from common.plain_text import CONTROLS
from common.record import Record

SUBPROTOCOL: Final = "tegata-card-relay.v1"
VERSION: Final = 1
INDEX_BYTES: Final = 4
MAX_FRAME: Final = INDEX_BYTES + EXTENDED_ANSWER + 16
"""An index and the longest APDU there is."""
MAX_TEXT: Final = 32_768
STEP_SECONDS: Final = 30.0
PERSON_SECONDS: Final = 180.0
MAX_READS: Final = 2

Word = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"\A[A-Za-z0-9_.+-]+\Z")]
_Text = Annotated[str, msgspec.Meta(max_length=1024, pattern=rf"\A[^{CONTROLS}]*\Z")]
"""One line for a person: nothing that a terminal obeys, nothing that turns its direction."""
_Address = Annotated[str, msgspec.Meta(max_length=4096, pattern=r"\A[!-~]*\Z")]
_Mail = Annotated[str, msgspec.Meta(max_length=MAX_TYPED, pattern=r"\A[!-~]*\Z")]
_Bytes = Annotated[str, msgspec.Meta(max_length=2048, pattern=r"\A[A-Za-z0-9_-]*\Z")]
_Index = Annotated[int, msgspec.Meta(ge=0, lt=1 << 32)]
_Count = Annotated[int, msgspec.Meta(ge=0, lt=1 << 53)]
_Names = Annotated[tuple[Word, ...], msgspec.Meta(max_length=128)]


class Line(Protocol):
    """The other end: one conversation, used by one thread at a time."""

    def send(self, frame: str | bytes) -> None:
        """Raises Unavailable("link_lost" | "link_slow")."""

    def receive(self, seconds: float) -> str | bytes:
        """The next frame. Raises Unavailable: "link_slow" where none came in time, "link_lost" where none will come."""


class Message(Record, frozen=True, tag_field="type", forbid_unknown_fields=True):
    """One text frame. Its repr is its name alone."""


class Session(Message, frozen=True, tag="session"):
    """nonce, delivery_key: base64url. delivery_key: the agency's for 特定在留カード, empty where there is none. wanted: claims, as drivers
    name them, that certificates of this issuer are made of."""

    version: int
    origin: _Text
    session: Word
    nonce: _Bytes
    issuer_ja: _Text
    issuer_en: _Text
    wanted: _Names
    expires_at: _Count
    delivery_key: _Bytes = ""


class Progress(Message, frozen=True, tag="progress"):
    driver: Word
    step: _Text
    done: _Count = 0
    total: _Count = 0


class Present(Message, frozen=True, tag="present"):
    index: _Index
    secret: Word


class Sign(Message, frozen=True, tag="sign"):
    """key: "jpki_signature", "jpki_authentication", or "card" for the key of its own that the selected application has."""

    index: _Index
    key: Word
    session: Word
    nonce: _Bytes


class Open(Message, frozen=True, tag="open"):
    index: _Index
    secret: Word


class Kind(Record, frozen=True):
    """A certificate that may be taken: its name in the issuer's catalogue, its title."""

    name: Word
    title_ja: _Text
    title_en: _Text


class Result(Message, frozen=True, tag="result"):
    """types: that may be issued of the card. refusals: the others, and a word for why each is not. may_tell: the holder may leave an
    address, to be written to when the card is revoked."""

    card: Word
    types: Annotated[tuple[Kind, ...], msgspec.Meta(max_length=64)]
    refusals: dict[Word, _Text]
    expires_at: _Count
    may_tell: bool = False


class Offer(Message, frozen=True, tag="offer"):
    """link: for a wallet. claim_url: the same as a page."""

    link: _Address
    claim_url: _Address
    expires_at: _Count


class End(Message, frozen=True, tag="end"):
    """Said by either side. code: a short word, detail: one English sentence without secrets."""

    code: Word
    detail: _Text = ""


class Read(Record, frozen=True):
    """A driver, and which of its parts."""

    driver: Word
    parts: Annotated[tuple[Word, ...], msgspec.Meta(min_length=1, max_length=16)]


class Begin(Message, frozen=True, tag="begin"):
    reads: Annotated[tuple[Read, ...], msgspec.Meta(min_length=1, max_length=MAX_READS)]


class Opened(Message, frozen=True, tag="opened"):
    """session: base64url, as `export_session` writes it. extended: whether the card takes extended length, null where nobody knows yet.

    answer_limit: the most that the card says it puts into one answer.
    """

    index: _Index
    session: _Bytes
    extended: bool | None
    answer_limit: Annotated[int, msgspec.Meta(ge=256, le=EXTENDED_ANSWER)]


class Take(Message, frozen=True, tag="take"):
    """mail: an address, if the holder left one. language: that they read."""

    types: Annotated[tuple[Word, ...], msgspec.Meta(min_length=1, max_length=16)]
    formats: Annotated[tuple[Word, ...], msgspec.Meta(max_length=8)] = ()
    mail: _Mail = ""
    language: Literal["ja", "en"] = "ja"


FromIssuer = Session | Progress | Present | Sign | Open | Result | Offer | End
FromHolder = Begin | Opened | Take | End
Expected = TypeVar("Expected", bound=Message)


def build_text(message: Message) -> str:
    return msgspec.json.encode(message).decode()


def parse_from_issuer(text: str) -> FromIssuer:
    """Raises Malformed("bad_relay_message")."""
    return _parse(text, FromIssuer)  # type: ignore[return-value, arg-type]  # a union is no class to mypy


def parse_from_holder(text: str) -> FromHolder:
    """Raises Malformed("bad_relay_message")."""
    return _parse(text, FromHolder)  # type: ignore[return-value, arg-type]  # a union is no class to mypy


def _parse(text: str, kind: type[Message]) -> Message:
    try:
        return msgspec.convert(parse_json(text, max_bytes=MAX_TEXT, max_depth=8), kind)
    except (msgspec.ValidationError, Malformed):
        raise Malformed("bad_relay_message", "not a message of the card relay, version 1") from None


def expect(message: Message, kind: type[Expected]) -> Expected:
    """The message as the one that is due. Raises Refused with the code of an ``end``, Malformed for any other."""
    if isinstance(message, kind):
        return message
    if isinstance(message, End):
        raise Refused(message.code, message.detail)
    raise Malformed("bad_relay_message", f"another message than {kind.__name__.lower()} was due")


def build_frame(index: int, apdu: bytes) -> bytes:
    return index.to_bytes(INDEX_BYTES, "big") + apdu


def parse_frame(frame: bytes) -> tuple[int, bytes]:
    """(index, APDU). Raises Malformed("bad_relay_frame")."""
    if not INDEX_BYTES + 2 <= len(frame) <= MAX_FRAME:
        raise Malformed("bad_relay_frame", "a frame is an index and an APDU")
    return int.from_bytes(frame[:INDEX_BYTES], "big"), frame[INDEX_BYTES:]


def read_bytes(text: str) -> bytes:
    """base64url → bytes. Raises Malformed("bad_relay_message")."""
    try:
        return b64url_decode(text)
    except Malformed:
        raise Malformed("bad_relay_message", "not base64url") from None
