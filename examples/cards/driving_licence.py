"""A virtual driving licence (運転免許証): two PINs, three applications, a signature by the police (仕様書 007–010).

chip = build_driving_licence(HANAKO, authority=PoliceAuthority())

No certificate lies on the card and the chip has no key: whoever knew both PINs once can copy it. `FAULTS` says what can be wrong.
"""

from __future__ import annotations

import copy
from dataclasses import replace

from examples.cards.chip import Application, Chip
from examples.cards.command import Answer, Command, Refusal
from examples.cards.fault_rows import FaultRow, named
from examples.cards.faults import alter_byte, counter
from examples.cards.files import Pin, Transparent, all_of, free
from examples.cards.licence.entries import PHOTO_FILE, SIZES, Contents, signature_objects
from examples.cards.licence.holders import Change, Licence
from examples.cards.licence_authority import PoliceAuthority
from examples.cards.wide_tlv import thing

DF1, DF2 = (bytes.fromhex("a0000002310" + number) + bytes(10) for number in "12")
DF3 = bytes.fromhex("a00000024803") + bytes(10)
PIN_1, PIN_2 = "pin 1", "pin 2"
TRIES = 3
NOT_SET = b"****"
"""The PIN of a card for which none was set at issue."""
FAULTS = (
    FaultRow(
        name="altered_entries", changes="data_authenticity", becomes="failed",
        ja="記載事項の1バイトが違う", en="one byte of the entries differs",
    ),
    FaultRow(
        name="altered_photo", changes="data_authenticity", becomes="failed",
        ja="写真の1バイトが違う", en="one byte of the photo differs",
    ),
    FaultRow(
        name="altered_domicile", changes="data_authenticity", becomes="failed",
        ja="本籍の1バイトが違う", en="one byte of the registered domicile differs",
    ),
    FaultRow(
        name="wrong_certificate", changes="data_authenticity", becomes="failed",
        ja="名指しされた証明書とは別の鍵による署名", en="signed by another key than that of the certificate it names",
    ),
    FaultRow(
        name="unknown_key_identifier", changes="trust_anchor", becomes="none",
        ja="誰も知らない鍵による署名", en="signed with a key that nobody knows",
    ),
    FaultRow(
        name="expired_certificate", changes="data_authenticity", becomes="failed",
        ja="交付の前に有効期間が過ぎていた証明書の鍵による署名", en="signed with a key whose certificate had ended before the day of issue",
    ),
    FaultRow(
        name="changed_address", changes="origins", becomes="unsigned_chip_text",
        ja="住所の変更が追記された：署名の外", en="a change of address was written into the chip: outside of the signature",
    ),
    FaultRow(
        name="clone", changes="nothing", becomes="",
        ja="全ファイルを写した複製：見分ける手段がない", en="a copy of all files: this chip has no means to tell",
    ),
    FaultRow(
        name="pin_1_last_try", changes="nothing", becomes="",
        ja="暗証番号1の残りが1回：明示の同意なしには送らない", en="one try is left of PIN 1: it is not spent without an explicit yes",
    ),
    FaultRow(
        name="pin_1_blocked", changes="no reading", becomes="pin_blocked",
        ja="暗証番号1が閉塞", en="PIN 1 is blocked",
    ),
    FaultRow(
        name="pin_2_blocked", changes="no reading", becomes="pin_blocked",
        ja="暗証番号2が閉塞", en="PIN 2 is blocked",
    ),
)  # fmt: skip
MOVED = Change(kind="address", date="20260401", text="神奈川県横浜市中区日本大通１番地", commission="神奈川公委")


class LicenceRoot(Application):
    """The master file, which holds the PINs. PIN 2 is only heard after PIN 1; asking for its counter is free."""

    def control_information(self) -> bytes:
        return b""

    def handle(self, command: Command) -> Answer | None:
        if (command.ins, command.cla) != (0x20, 0x00) or not command.data or PIN_1 in self.granted:
            return None
        second = self.pin(PIN_2)
        named_one = self.by_sfi(command.p2 & 0x1F) if command.p2 & 0x1F else self.chip.file
        if self.chip.application is self and named_one is second and second.left:
            raise Refusal(0x6982)
        return None


def build_driving_licence(licence: Licence, *, authority: PoliceAuthority, fault: str | None = None) -> Chip:
    """fault: a name of `FAULTS`. Raises ValueError for others."""
    if fault is not None:
        named(FAULTS, fault)
    if fault == "changed_address":
        licence = replace(licence, changes=(*licence.changes, MOVED))
    contents = Contents(licence)
    files = contents.files()
    first, both = all_of(PIN_1), all_of(PIN_1, PIN_2)
    written = [
        Transparent(fid=number, content=content, size=SIZES[number], read=both if number in {2, 6} else first)
        for number, content in files.items()
    ]
    written.append(Transparent(fid=7, content=_signature(contents, authority, fault), size=SIZES[7], read=first))
    chip = Chip(
        [
            Application(aid=DF1, files=written),
            Application(aid=DF2, files=[Transparent(fid=1, content=contents.photo, size=PHOTO_FILE, read=both)]),
            Application(aid=DF3, files=[Transparent(fid=1, content=b"", size=512, read=first)]),
        ],
        mf=_root(licence),
    )
    return _with_fault(chip, fault)


def _root(licence: Licence) -> LicenceRoot:
    dates = bytes.fromhex(licence.issued + licence.expires)
    common = thing(0x45, b"010" + dates) + thing(0x46, b"\x01\x01")
    return LicenceRoot(
        files=[
            Pin(fid=1, name=PIN_1, value=licence.pin_1.encode() or NOT_SET, limit=TRIES),
            Pin(fid=2, name=PIN_2, value=licence.pin_2.encode() or NOT_SET, limit=TRIES),
            Transparent(fid=0x000A, content=thing(0x05, b"\x01" if licence.pin_1 else b"\x00"), read=free),
            # Its low bits are those of PIN 1: it can only be selected.
            Transparent(fid=0x2F01, sfi=0, content=common, size=17, read=free),
        ]
    )


def _signature(contents: Contents, authority: PoliceAuthority, fault: str | None) -> bytes:
    """DF1/EF07."""
    signer = {
        "wrong_certificate": authority.stranger,
        "unknown_key_identifier": authority.stranger,
        "expired_certificate": authority.expired,
    }.get(fault or "", lambda: authority)()
    named_one = authority if fault == "wrong_certificate" else signer
    return signature_objects(
        0xB1,
        signature=signer.sign(contents.signed()),
        serial=named_one.serial,
        issuer=named_one.certificate.issuer.rfc4514_string(),
        subject=named_one.certificate.subject.rfc4514_string(),
        key=named_one.key_identifier,
    )


def _with_fault(chip: Chip, fault: str | None) -> Chip:
    match fault:
        case "altered_entries":
            return alter_byte(chip, DF1, 1, at=8)  # the second character of the name
        case "altered_domicile":
            return alter_byte(chip, DF1, 2, at=5)
        case "altered_photo":
            return alter_byte(chip, DF2, 1, at=700)
        case "pin_1_last_try":
            return counter(chip, b"", PIN_1, 1)
        case "pin_1_blocked":
            return counter(chip, b"", PIN_1, 0)
        case "pin_2_blocked":
            return counter(chip, b"", PIN_2, 0)
        case "clone":
            return copy.deepcopy(chip)
    return chip
