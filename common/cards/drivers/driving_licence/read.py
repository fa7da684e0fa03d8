"""Reads a driving licence: whether PINs are set, both counters, PIN 1 (and PIN 2), then each file once. cards.md §5.1.

Registered domicile (本籍) and photo are read for one purpose: the signature covers them. They are hashed when the reading is judged and
make no claim; nobody keeps a reading.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace as replace_command

from common.cards.apdu import Command
from common.cards.channel import CardChannel
from common.cards.files import Sfi, ask_tries, check_may_try, read_file, select_application, verify_pin
from common.cards.present import present_secret
from common.cards.prompts import Progress, ReadRequest, SecretKind
from common.cards.reading import Reading
from common.cards.secret import Secret
from common.cards.status_words import DONE
from common.errors import CardError

CARD: Final = "driving_licence"
ENTRIES_PART, SIGNATURE_PART = "entries", "signature"
PIN_1: Final = SecretKind(
    name="driving_licence_pin_1",
    pattern="[0-9]{4}",
    label_ja="運転免許証の暗証番号1（4桁）",
    label_en="Licence PIN 1 (4 digits)",
)
PIN_2: Final = SecretKind(
    name="driving_licence_pin_2",
    pattern="[0-9]{4}",
    label_ja="運転免許証の暗証番号2（4桁）",
    label_en="Licence PIN 2 (4 digits)",
)
ENTRIES, DOMICILE, CHANGES, SIGNATURE, PHOTO = "df1/ef01", "df1/ef02", "df1/ef04", "df1/ef07", "df2/ef01"
HASH_ONLY: Final = (DOMICILE, PHOTO)
"""Files that nothing but the signature needs."""
NOT_SET = "no_pin"
_AID_1 = bytes.fromhex("A00000023101") + bytes(10)
_AID_2 = bytes.fromhex("A00000023102") + bytes(10)
_MF = Command(0x00, 0xA4, 0x00, 0x00)
_SETTING = Command(0x00, 0xB0, 0x8A, 0x00, le=3)
_P2 = {PIN_1.name: 0x81, PIN_2.name: 0x82}
"""The PINs named by their short identifiers, which saves a SELECT of each."""
_NO_PIN = b"****"
_FILES = (
    (ENTRIES, _AID_1, 1, 880),
    (DOMICILE, _AID_1, 2, 82),
    (CHANGES, _AID_1, 4, 640),
    (SIGNATURE, _AID_1, 7, 578),
    (PHOTO, _AID_2, 1, 2005),
)
_OF_ENTRIES = frozenset({ENTRIES, CHANGES})


def read_driving_licence(channel: CardChannel, request: ReadRequest) -> Reading:
    """Counters are asked before anybody types anything, PIN 2's too, so that no PIN 1 is spent on a licence that is half blocked.

    Raises CardError("not_a_driving_licence"), PinBlocked, PinWrong, Refused, what the card refuses.
    """
    both = SIGNATURE_PART in request.parts
    kinds = (PIN_1, PIN_2) if both else (PIN_1,)
    is_set = _has_pins(channel)
    tries = {kind: ask_tries(channel, p2=_P2[kind.name]) for kind in kinds}
    for told in tries.values():
        check_may_try(told)
    for kind, told in tries.items():
        p2 = _P2[kind.name]
        if is_set:
            present_secret(channel, request, kind, p2=p2, tries=told)
        else:
            # Nobody chose a PIN at issue: then it is four asterisks, for all the world.
            verify_pin(channel, Secret(_NO_PIN), p2=p2, tries=told, what="open a licence without PINs")
    files = [each for each in _FILES if both or each[0] in _OF_ENTRIES]
    total, done = sum(size for *_, size in files), 0
    content, application = {}, b""
    for name, aid, sfi, size in files:
        request.progress(Progress(step=name, done=done, total=total))
        if aid != application:
            select_application(channel, aid)
            application = aid
        content[name] = read_file(channel, Sfi(sfi), max_bytes=size, size=size, what=f"read {name}")
        done += size
    request.progress(Progress(step="done", done=total, total=total))
    return Reading(
        card=CARD,
        files=content,
        accepted=frozenset(kind.name for kind in kinds) if is_set else frozenset(),
        notes={} if is_set else {NOT_SET: "yes"},
    )


def _has_pins(channel: CardChannel) -> bool:
    """MF/EF02, ``05 01 xx``: 01 where PINs are set. Anything else is no licence, and no PIN is sent to it."""
    if channel.send(_MF, expect=None).sw != DONE:
        # Some readers of real licences name the master file, some do not (cards.md §5.1).
        channel.send(replace_command(_MF, data=b"\x3f\x00"), what="open the licence")
    data = channel.send(_SETTING, what="say whether a PIN is set").data
    if data not in (b"\x05\x01\x00", b"\x05\x01\x01"):
        raise CardError("not_a_driving_licence", "the card does not say whether a PIN is set, as a licence does")
    return data[2] == 1
