"""The マイナ免許証 of a virtual My Number card: an applet beside the others, with a PIN of its own (仕様書 010, 別添3).

application = build_mynumber_licence(HANAKO, authority=PoliceAuthority())   # put it into the chip of a My Number card

It holds no name, no birth date and no address, and has no key of its own: only together with the card's other applications, in one
session, does it say who may drive. `FAULTS` names what can be wrong.
"""

from __future__ import annotations

from examples.cards.chip import Application
from examples.cards.fault_rows import FaultRow, named
from examples.cards.files import Pin, Transparent, all_of, free
from examples.cards.licence.entries import FILLER, signature_objects
from examples.cards.licence.holders import SAMPLES, Licence
from examples.cards.licence.text import NO_DATE, ExternalCharacters, era_date
from examples.cards.licence_authority import PoliceAuthority
from examples.cards.portraits import MONOCHROME, portrait_of
from examples.cards.wide_tlv import filled, thing

AID = bytes.fromhex("a00000023106") + bytes(10)
PIN = "licence pin"
TRIES = 10
NOT_SET = b"****"
INFORMATION_SIZE, SIGNATURE_SIZE = 5845, 584
CONDITIONS = (*range(0xC6, 0xCA), *range(0xCC, 0xD4))
CHARACTERS = (0xCA, 0xCB, 0xD4, 0xD5, 0xD6)
HELD = dict(
    zip(
        ("大型", "普通", "大特", "大自二", "普自二", "小特", "原付", "け引", "大二", "普二", "大特二", "け引二", "中型", "中二", "準中型"),
        range(0xEC, 0xFB),
        strict=True,
    )
)  # fmt: skip
"""One byte each: 01 held, 00 not."""
FAULTS = (
    FaultRow(
        name="altered_information", changes="data_authenticity", becomes="failed",
        ja="免許情報の1バイトが違う", en="one byte of the licence information differs",
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
        name="grafted", changes="nothing", becomes="",
        ja="別人の免許情報と署名を載せた：カードの持ち主とは結び付いていないので気づけない",
        en="somebody else's licence with its signature: nothing in it ties it to the card's holder, so nobody can tell",
    ),
    FaultRow(
        name="pin_last_try", changes="nothing", becomes="",
        ja="免許の暗証番号の残りが1回：明示の同意なしには送らない", en="one try is left of its PIN: it is not spent without a clear yes",
    ),
    FaultRow(
        name="pin_blocked", changes="no reading", becomes="pin_blocked",
        ja="免許の暗証番号が閉塞", en="the licence's PIN is blocked",
    ),
)  # fmt: skip


def build_mynumber_licence(licence: Licence, *, authority: PoliceAuthority, fault: str | None = None) -> Application:
    """The applet. Its PIN is the licence's first. fault: a name of `FAULTS`; ValueError for others."""
    if fault is not None:
        named(FAULTS, fault)
    told = information(_somebody_else(licence) if fault == "grafted" else licence)
    opened = all_of(PIN)
    application = Application(
        aid=AID,
        files=[
            Pin(fid=0x0006, name=PIN, value=licence.pin_1.encode() or NOT_SET, limit=TRIES),
            Transparent(fid=0x001A, content=thing(0xC1, b"\x01" if licence.pin_1 else b"\x00"), read=free),
            Transparent(fid=0x001B, content=told, size=INFORMATION_SIZE, read=opened),
            Transparent(fid=0x001C, content=_signature(told, authority, fault), size=SIGNATURE_SIZE, read=opened),
        ],
    )
    match fault:
        case "altered_information":
            stored = application.transparent(0x001B)
            place = stored.content.index(thing(HELD["大型"], b"\x00" if "大型" not in licence.categories else b"\x01"))
            altered = bytearray(stored.content)
            altered[place + 2] ^= 0x01  # may drive large vehicles, says the altered one
            stored.content = bytes(altered)
        case "pin_last_try":
            application.pin(PIN).left = 1
        case "pin_blocked":
            application.pin(PIN).left = 0
    return application


def _somebody_else(licence: Licence) -> Licence:
    return next(other for other in SAMPLES.values() if other.number != licence.number)


def information(licence: Licence) -> bytes:
    """001B. C2 and C3 are of those who gave their licence back: empty here. Reserves are empty too."""
    external = ExternalCharacters(0xFFF1, len(CHARACTERS))
    conditions = (*licence.conditions, *[""] * len(CONDITIONS))
    motorcycles, others, second_class = (era_date(day) if day else NO_DATE for day in licence.group_dates())
    texts = {tag: external.encode(text) for tag, text in zip(CONDITIONS, conditions, strict=False)}
    bitmaps = dict(zip(CHARACTERS, external.bitmaps(), strict=True))
    values: dict[int, bytes] = {
        0xC4: external.encode(licence.colour),
        0xC5: era_date(licence.expires).encode(),
        **texts,
        **bitmaps,
        0xE7: licence.number.encode(),
        0xE9: motorcycles.encode(),
        0xEA: others.encode(),
        0xEB: second_class.encode(),
        **{tag: b"\x01" if name in licence.categories else b"\x00" for name, tag in HELD.items()},
        0x0107: portrait_of(licence.person.key, MONOCHROME),
    }
    return b"".join(thing(tag, values.get(tag, b"")) for tag in range(0xC2, 0x0108))


def coverage(content: bytes) -> bytes:
    """What 001C signs: all of 001B as stored, filler with it (仕様書 010)."""
    return filled(content, INFORMATION_SIZE, FILLER)


def _signature(content: bytes, authority: PoliceAuthority, fault: str | None) -> bytes:
    signer = authority.stranger() if fault in {"wrong_certificate", "unknown_key_identifier"} else authority
    named_one = authority if fault == "wrong_certificate" else signer
    return signature_objects(
        0x0108,
        signature=signer.sign(coverage(content)),
        serial=named_one.serial,
        issuer=named_one.certificate.issuer.rfc4514_string(),
        subject=named_one.certificate.subject.rfc4514_string(),
        key=named_one.key_identifier,
    )
