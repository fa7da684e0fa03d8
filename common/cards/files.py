"""Applications, files and PINs of a card. ISO/IEC 7816-4 §11.1.1 SELECT, §11.2.3 READ BINARY, §11.5.6 VERIFY.

Reading takes the fewest commands that the length of a file demands: extended length where the card has it, the length taken from the
file's first object where it stands there, nothing read twice. A PIN is sent only if the card has just said that tries are left.
"""

from __future__ import annotations

from common.cards.apdu import EXTENDED_ANSWER, SHORT_ANSWER, Command
from common.cards.channel import CardChannel
from common.cards.secret import Secret
from common.cards.status_words import (
    BEYOND_FILE,
    DONE,
    END_OF_FILE,
    NOT_FOUND,
    NOT_VERIFIED,
    WRONG_LENGTH,
    attempts_left,
    raise_for,
)
from common.cards.tlv import encode_tlv, find, parse_tlv, total_length
from common.errors import CardError, Malformed, PinBlocked, Refused
from common.record import Record

_SELECT, _READ, _READ_ODD, _VERIFY = 0xA4, 0xB0, 0xB1, 0x20
_FIRST_FAR_OFFSET = 0x8000
_OFFSET, _DISCRETIONARY = 0x54, 0x53
_HEADER = 8
"""Bytes that are asked of a file first where its card refuses to be asked for more than the file has."""
_MAX_PIN = 32


class Sfi(int):
    """A short EF identifier, 1 to 30: names a file in READ BINARY itself, which saves the SELECT. ISO/IEC 7816-4 §7.3.2."""


def select_application(channel: CardChannel, aid: bytes, *, what: str = "open an application") -> None:
    """SELECT by name, without an answer. Raises CardError, its sw 6A82 where the card has no such application."""
    channel.send(Command(0x00, _SELECT, 0x04, 0x0C, aid), what=what)


def has_application(channel: CardChannel, aid: bytes) -> bool:
    """As `select_application`, which it is; False where the card has no such application. Raises CardError for any other refusal."""
    return channel.send(Command(0x00, _SELECT, 0x04, 0x0C, aid), expect=(DONE, NOT_FOUND)).sw == DONE


def select_file(channel: CardChannel, fid: int, *, what: str = "open a file") -> None:
    """SELECT of an EF of the current application by its two-byte identifier. Raises CardError, its sw 6A82 where there is none."""
    channel.send(Command(0x00, _SELECT, 0x02, 0x0C, fid.to_bytes(2, "big")), what=what)


def read_file(
    channel: CardChannel,
    file: int | Sfi,
    *,
    max_bytes: int,
    size: int | None = None,
    tlv: bool = False,
    tag_bytes: int | None = None,
    what: str = "read a file",
) -> bytes:
    """A whole EF of the current application. ``file`` is its two-byte identifier, or an `Sfi`.

    tlv: the file is one object (tag_bytes as in `tlv.parse_tlv`), so its own header says where it ends; what follows is not read.
    size: as many bytes as the file has by its specification; a shorter one is returned as it is. Neither: up to what the card
    calls the end.

    Raises CardError: "card_file_too_long" beyond max_bytes, "card_file_truncated" where an object is longer than its file,
    "card_refused" with the card's word.
    """
    sfi = None
    if isinstance(file, Sfi):
        sfi = int(file)
    else:
        select_file(channel, file, what=what)
    reading = _Reading(what, short_ends=not tlv and size is None)
    data, ended = _read_first(channel, sfi, size, reading)
    while not ended:
        wanted = total_length(data, tag_bytes=tag_bytes) if tlv else size
        if (wanted or len(data)) > max_bytes:
            raise CardError("card_file_too_long", "a file of the card is longer than such a file can be")
        if wanted is not None and len(data) >= wanted:
            break
        le = channel.most if wanted is None else min(channel.most, wanted - len(data))
        piece, ended = _read(channel, len(data), le, None, reading)
        data += piece
    if tlv:
        wanted = total_length(data, tag_bytes=tag_bytes)
        if wanted is None or wanted > len(data):
            raise CardError("card_file_truncated", "a file of the card ends before the object in it does")
        data = data[:wanted]
    elif size is not None:
        data = data[:size]
    if len(data) > max_bytes:
        raise CardError("card_file_too_long", "a file of the card is longer than such a file can be")
    return data


class _Reading(Record, frozen=True):
    """How one file is read. short_ends: an answer shorter than it might be ends the file; else somebody knows where it ends."""

    what: str
    short_ends: bool


def _read_first(channel: CardChannel, sfi: int | None, size: int | None, reading: _Reading) -> tuple[bytes, bool]:
    """As much of the file's beginning as one answer can hold."""
    try:
        return _read(channel, 0, min(channel.most, size or EXTENDED_ANSWER), sfi, reading)
    except CardError as error:
        # Some chips refuse to be asked for more than a file has, in these words and not by 6282 or 6Cxx.
        if error.sw not in (WRONG_LENGTH, BEYOND_FILE):
            raise
        return _read(channel, 0, _HEADER, sfi, reading)


def _read(channel: CardChannel, offset: int, le: int, sfi: int | None, reading: _Reading) -> tuple[bytes, bool]:
    """(bytes at an offset, whether the file ends there). One command, or two where the card corrects our ``le``."""
    if offset >= _FIRST_FAR_OFFSET:
        return _read_far(channel, offset, le, reading)
    p1, p2 = (offset >> 8, offset & 0xFF) if sfi is None else (0x80 | sfi, 0)
    # At the very start 6B00 means that such a file cannot be addressed; later it means that there is nothing more.
    expect = (DONE, END_OF_FILE, BEYOND_FILE) if offset else (DONE, END_OF_FILE)
    response = channel.send(Command(0x00, _READ, p1, p2, le=le), expect=expect, what=reading.what)
    got = len(response.data)
    _refuse_more(got, le)
    # In short form a short answer ends a file (Le of 00 asks for all that is left); an extended one may only mean a small buffer.
    short = reading.short_ends and got < min(le, channel.most) <= SHORT_ANSWER
    return response.data, response.sw != DONE or got == 0 or short


def _read_far(channel: CardChannel, offset: int, le: int, reading: _Reading) -> tuple[bytes, bool]:
    """Beyond 32 767 bytes the offset stands in an object and the answer is one: INS B1. ISO/IEC 7816-4 §11.2.3."""
    where = encode_tlv(_OFFSET, offset.to_bytes(3 if offset > 0xFFFF else 2, "big"))
    le = min(le + 4, channel.most)  # the answer's own header takes up to four bytes
    command = Command(0x00, _READ_ODD, 0, 0, where, le)
    response = channel.send(command, expect=(DONE, END_OF_FILE, BEYOND_FILE), what=reading.what)
    _refuse_more(len(response.data), le)
    if not response.data:
        return b"", True
    found = find(parse_tlv(response.data), _DISCRETIONARY)
    if found is None:
        raise CardError("card_answer_malformed", "the card's answer to a read holds no data object")
    # Shorter than asked says nothing here: the header's own length varies.
    return found.value, response.sw != DONE or not found.value


def _refuse_more(got: int, le: int) -> None:
    if got > le:
        raise CardError("card_answer_malformed", "the card answered more than it was asked for")


class Tries(Record, frozen=True):
    """What a card says of a PIN. left: how often it may still be tried, None where the card does not say; is_open: given already."""

    left: int | None
    is_open: bool = False


def ask_tries(channel: CardChannel, *, p2: int = 0x80) -> Tries:
    """How often a PIN may still be tried, without trying it: VERIFY without data. p2: 80 for the key that is the current EF,
    80 + SFI, or the number that the application gave it.

    Not told where the card counts no tries (6300), or has the PIN already (9000). Raises CardError for any other word.
    """
    sw = channel.send(Command(0x00, _VERIFY, 0x00, p2), expect=None).sw
    left = attempts_left(sw)
    if sw not in (DONE, NOT_VERIFIED) and left is None:
        raise_for(sw, "say how many tries are left")
    return Tries(left, is_open=sw == DONE)


def verify_pin(
    channel: CardChannel,
    secret: Secret,
    *,
    p2: int = 0x80,
    tries: Tries | None = None,
    last_try_ok: bool = False,
    what: str = "check a secret",
) -> None:
    """Presents a secret, after asking the card how many tries are left.

    tries: what `ask_tries` said of this very PIN, if nothing was tried since; then the card is not asked again.
    last_try_ok: the person has been told that this may lock the card, and wants it. Without it nothing is sent when one try is
    left, or when the card does not say how many.

    Raises PinBlocked (nothing is sent), PinWrong with what is left now, Refused("last_try"), CardError("pin_already_open") where the
    card says it has this PIN already, so that a value would go unchecked: select the application anew.
    Malformed("pin_malformed") for an empty value, which would be no try at all, or one longer than any.
    """
    if not 1 <= len(secret) <= _MAX_PIN:
        raise Malformed("pin_malformed", "this cannot be a secret of the card")
    if tries is None:
        tries = ask_tries(channel, p2=p2)
    check_may_try(tries)
    if not last_try_ok and tries.left in (None, 1):
        raise Refused("last_try", "a wrong value may lock the card now: nothing was sent")
    channel.send(Command(0x00, _VERIFY, 0x00, p2, secret.reveal()), what=what, pin=True)


def check_may_try(tries: Tries) -> None:
    """Raises CardError("pin_already_open"), PinBlocked: as `verify_pin` does, for who asks a person in between."""
    if tries.is_open:
        raise CardError("pin_already_open", "the card holds this secret for given already", sw=DONE)
    if tries.left == 0:
        raise PinBlocked
