"""マイナ免許証: the driving licence as an application of a My Number card. 仕様書 010; cards.md §5.5.

It holds no name, no birth date and no address: whose licence it is follows from the card's other applications, read in the same session
(`common.cards.binding`, a level above, since drivers do not know each other). Its photo is covered by the signature and makes no claim.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Final

from common.cards.channel import CardChannel
from common.cards.contract import Authenticated, ClaimValue, Part
from common.cards.evidence import (
    Answer,
    Evidence,
    RevocationAnswer,
    RevocationFinding,
    SourceEvidence,
    failed,
    not_checked,
    not_offered,
    proven,
)
from common.cards.files import Sfi, ask_tries, read_file, select_application, verify_pin
from common.cards.japanese_date import CardDate, parse_era_date
from common.cards.japanese_text import parse_jis_x_0201, parse_jis_x_0208
from common.cards.police.categories import CATEGORIES, GROUPS
from common.cards.police.objects import parse_objects
from common.cards.police.signature import BY, JudgedSignature, judge_signature, read_signature
from common.cards.possession import PossessionChallenge
from common.cards.present import present_secret
from common.cards.prompts import Progress, ReadRequest, SecretKind
from common.cards.reading import Reading
from common.cards.secret import Secret
from common.cards.source_claims import SourceClaims
from common.cards.trust import CardTrust
from common.errors import CardError, Malformed

CARD: Final = "mynumber_licence"
LICENCE_PIN: Final = SecretKind(
    name="mynumber_licence_pin",
    pattern="[0-9]{4}",
    label_ja="マイナ免許証の暗証番号（4桁）",
    label_en="PIN of the licence (4 digits)",
)
INFORMATION, SIGNATURE = "licence/001b", "licence/001c"
COMMISSION: Final = "public_safety_commission"
NOT_SET = "no_pin"
AID = bytes.fromhex("A00000023106") + bytes(10)
"""Of the instance. ``04…`` and ``05…`` are its package and module, and cannot be selected."""
_SETTING, _INFORMATION, _SIGNATURE = Sfi(0x1A), Sfi(0x1B), Sfi(0x1C)
_PIN_P2 = 0x86
"""SFI 6. The specification's own sample (82) is refused by real cards with 6A82."""
_NO_PIN = b"****"
_INFORMATION_BYTES, _SIGNATURE_BYTES = 5845, 584
_FIRST_SIGNATURE_TAG = 0x108
_RECORDED, _COLOUR, _EXPIRY, _NUMBER = 0xC2, 0xC4, 0xC5, 0xE7
_CONDITIONS: Final = (*range(0xC6, 0xCA), *range(0xCC, 0xD4))
_REMARKS: Final = range(0xD7, 0xDF)
_JAPAN = dt.timedelta(hours=9)


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenceInformation:
    """001B as read. recorded_on: the day on which it was written, None where it does not say."""

    claims: dict[str, ClaimValue] = field(repr=False)
    recorded_on: dt.date | None


def parse_licence_information(data: bytes) -> LicenceInformation:
    """The whole file. A mark of a category other than 00 and 01 is Malformed, so are texts and dates that are none."""
    objects = parse_objects(data)
    claims: dict[str, ClaimValue] = {
        "colour": parse_jis_x_0208(objects.get(_COLOUR, b"")).text,
        "licence_record_number": parse_jis_x_0201(objects.get(_NUMBER, b"")),
        "conditions": _texts(objects, _CONDITIONS),
        "categories": tuple(each.code for each in CATEGORIES if _is_held(objects, each.record)),
    }
    if remarks := _texts(objects, _REMARKS):
        claims["remarks"] = remarks
    if (expiry := _date(objects, _EXPIRY)) is not None:
        claims["expiry_date"] = expiry.text
    for name, _, tag in GROUPS:
        if (day := _date(objects, tag)) is not None:
            claims[name] = day.text
    recorded = _date(objects, _RECORDED)
    return LicenceInformation(claims=claims, recorded_on=None if recorded is None else recorded.whole)


def _is_held(objects: dict[int, bytes], tag: int) -> bool:
    """[I] one byte, 01 for a category that is held."""
    value = objects.get(tag, b"\0")
    if value not in (b"\0", b"\x01"):
        raise Malformed("licence_category_malformed", "the licence marks a category in an unknown way")
    return value == b"\x01"


def _texts(objects: dict[int, bytes], tags: tuple[int, ...] | range) -> tuple[str, ...]:
    return tuple(text for tag in tags if (text := parse_jis_x_0208(objects.get(tag, b"")).text))


def _date(objects: dict[int, bytes], tag: int) -> CardDate | None:
    value = objects.get(tag, b"")
    return parse_era_date(value) if value.strip(b" \0\xff") else None


class MyNumberLicenceDriver:
    """`CardDriver` of the licence on a My Number card."""

    name = CARD
    parts = (
        Part(
            name="licence",
            label_ja="免許情報（免許の種類・有効期間・条件。氏名は含まれない）",
            label_en="Licence information (categories, validity, conditions; no name)",
            secrets=(LICENCE_PIN,),
            claims=(
                *("categories", "motorcycle_since", "other_since", "second_class_since", "conditions", "remarks"),
                *("expiry_date", "colour", "licence_record_number"),
            ),
        ),
    )

    def read(self, channel: CardChannel, request: ReadRequest) -> Reading:
        """As `CardDriver.read`. Raises Malformed("unknown_part"), CardError, PinBlocked, PinWrong, Refused."""
        if request.parts != {"licence"}:
            raise Malformed("unknown_part", "a licence on a My Number card has one part")
        select_application(channel, AID, what="open the licence")
        is_set = _has_pin(channel)
        if is_set:
            present_secret(channel, request, LICENCE_PIN, p2=_PIN_P2)
        elif (tries := ask_tries(channel, p2=_PIN_P2)).left is not None:
            verify_pin(channel, Secret(_NO_PIN), p2=_PIN_P2, tries=tries, what="open a licence without a PIN")
        request.progress(Progress(step=INFORMATION, total=_INFORMATION_BYTES + _SIGNATURE_BYTES))
        information = read_file(
            channel, _INFORMATION, max_bytes=_INFORMATION_BYTES, size=_INFORMATION_BYTES, what="read the licence"
        )
        signature = read_file(
            channel, _SIGNATURE, max_bytes=_SIGNATURE_BYTES, size=_SIGNATURE_BYTES, what="read the licence's signature"
        )
        return Reading(
            card=CARD,
            files={INFORMATION: information, SIGNATURE: signature},
            accepted=frozenset({LICENCE_PIN.name}) if is_set else frozenset(),
            notes={} if is_set else {NOT_SET: "yes"},
        )

    def authenticate(
        self, reading: Reading, *, challenge: PossessionChallenge, trust: CardTrust, now: int
    ) -> Authenticated:
        """Judges.

        1. The information.
        2. The signature over all of its file as stored, by a key that we know and that was in force when it was written (where that
           day is not told: that is in force today).
        3. Claims, if 2 did not fail. That the chip is genuine comes from elsewhere: *not checked* until it is bound.

        The caller owes the binding to a person: without it these are anybody's categories. Raises Malformed, Misconfigured.
        """
        del challenge
        if reading.card != self.name:
            raise Malformed("wrong_card", "a reading of another kind of card")
        # 1
        data = reading.file(INFORMATION)
        information = parse_licence_information(data)
        # 2
        today = (dt.datetime.fromtimestamp(now, dt.UTC) + _JAPAN).date()
        judged = _judge(reading.file(SIGNATURE), data, trust, information.recorded_on or today)
        # 3
        claims = SourceClaims()
        if judged.finding.answer is not Answer.FAILED:
            claims.add(INFORMATION, information.claims)
        known = LICENCE_PIN.name in reading.accepted
        without = not_offered("no_pin_set", "pin") if NOT_SET in reading.notes else not_checked("not_asked", "pin")
        evidence = SourceEvidence(
            source=CARD,
            origins=claims.origins(signed_by=COMMISSION if judged.finding.answer is Answer.PROVEN else ""),
            data_authenticity=judged.finding,
            chip_genuineness=not_checked("not_bound"),
            holder_verification=proven("pin") if known else without,
            revocation=RevocationFinding(answer=RevocationAnswer.NOT_OFFERED, reason="no_service"),
            trust_anchor=judged.environment,
            anchor=judged.anchor,
            unexamined=("holder_present",),
        )
        return Authenticated(claims=claims.values, evidence=Evidence(card=CARD, read_at=now, sources=(evidence,)))


def _judge(signature: bytes, signed: bytes, trust: CardTrust, day: dt.date) -> JudgedSignature:
    try:
        read = read_signature(parse_objects(signature), _FIRST_SIGNATURE_TAG)
    except Malformed as malformed:
        return JudgedSignature(finding=failed(BY, malformed.code))
    return judge_signature(read, signed, trust=trust, issued_on=day)


def _has_pin(channel: CardChannel) -> bool:
    """001A, ``C1 01 xx``. Anything else is no licence, and no PIN is sent to it."""
    data = read_file(channel, _SETTING, max_bytes=3, size=3, what="say whether a PIN is set")
    if data not in (b"\xc1\x01\x00", b"\xc1\x01\x01"):
        raise CardError("not_a_mynumber_licence", "the application does not say whether a PIN is set")
    return data[2] == 1
