"""The virtual cards by name, for who wants one in a reader: `tegata sandbox cards`. To add one: a line in `CARDS`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from examples.cards import driving_licence, mynumber_licence, residence_card
from examples.cards.authorities import Authorities
from examples.cards.chip import Card
from examples.cards.driving_licence import build_driving_licence
from examples.cards.fault_rows import FaultRow
from examples.cards.licence import holders as licences
from examples.cards.my_number import fault_table as my_number
from examples.cards.my_number.card import build_my_number
from examples.cards.mynumber_licence import build_mynumber_licence
from examples.cards.passport import faults as passport
from examples.cards.passport.build import build_passport
from examples.cards.passport.profiles import PROFILES
from examples.cards.people import PEOPLE
from examples.cards.residence import holders as residents
from examples.cards.residence_card import build_residence_card
from examples.cards.specified_residence_card import build_specified_residence_card


@dataclass(frozen=True, slots=True)
class Known:
    """Something that opens the card, as its holder knows it. word: what it opens, for programs; label: the same for people."""

    word: str
    label: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dealt:
    """A card in the hand, and what its holder knows."""

    card: Card
    known: tuple[Known, ...]


Build = Callable[[str, Authorities, str | None], Dealt]


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualCard:
    """holders: whose cards there are, the first being the usual one. faults: of this kind of card, by name."""

    name: str
    ja: str
    en: str
    holders: tuple[str, ...]
    faults: Sequence[FaultRow]
    build: Build


def _my_number(holder: str, authorities: Authorities, fault: str | None) -> Dealt:
    person = PEOPLE[holder]
    card = build_my_number(person, authority=authorities.my_number, fault=fault)
    return Dealt(card=card, known=_of_my_number(person.printed_code))


def _of_my_number(printed_code: str) -> tuple[Known, ...]:
    return (
        Known("jpki_signature_password", "署名用パスワード / signature password", "ABC123"),
        Known("jpki_authentication_pin", "利用者証明用の暗証番号 / authentication PIN", "1234"),
        Known("my_number_text_pin", "券面事項入力補助用の暗証番号 / text PIN", "1234"),
        Known("my_number_verification_b", "照合番号B / printed code B", printed_code),
    )


def _passport_like(name: str, profile: str, ja: str, en: str) -> VirtualCard:
    def build(holder: str, authorities: Authorities, fault: str | None) -> Dealt:
        made = build_passport(PEOPLE[holder], authority=authorities.passport, profile=profile, fault=fault)
        known = [Known("passport_mrz", "MRZ", "".join(made.printed.lines))]
        if made.printed.can:
            known.append(Known("passport_can", "CAN", made.printed.can))
        return Dealt(card=made.chip, known=tuple(known))

    possible = tuple(row for row in passport.FAULTS if row.needs(PROFILES[profile]))
    return VirtualCard(name=name, ja=ja, en=en, holders=tuple(PEOPLE), faults=possible, build=build)


NO_PIN = "****"
"""What opens a licence for which none was set at issue."""


def _printed_number(number: str) -> Known:
    return Known("residence_card_number", "在留カード等の番号 / card number", number)


def _driving_licence(holder: str, authorities: Authorities, fault: str | None) -> Dealt:
    licence = licences.SAMPLES[holder]
    card = build_driving_licence(licence, authority=authorities.police, fault=fault)
    known = (
        Known("driving_licence_pin_1", "暗証番号1 / PIN 1", licence.pin_1 or NO_PIN),
        Known("driving_licence_pin_2", "暗証番号2 / PIN 2", licence.pin_2 or NO_PIN),
    )
    return Dealt(card=card, known=known)


def _mynumber_licence(holder: str, authorities: Authorities, fault: str | None) -> Dealt:
    licence = licences.SAMPLES[holder]
    application = build_mynumber_licence(licence, authority=authorities.police, fault=fault)
    card = build_my_number(licence.person, authority=authorities.my_number, more=[application])
    known = (
        Known("mynumber_licence_pin", "マイナ免許証の暗証番号 / licence PIN", licence.pin_1 or NO_PIN),
        *_of_my_number(licence.person.printed_code),
    )
    return Dealt(card=card, known=known)


def _residence_card(generation: int) -> Build:
    def build(holder: str, authorities: Authorities, fault: str | None) -> Dealt:
        resident = residents.SAMPLES[holder]
        card = build_residence_card(resident, authority=authorities.residence(generation), fault=fault)
        return Dealt(card=card, known=(_printed_number(resident.number),))

    return build


def _specified_residence_card(holder: str, authorities: Authorities, fault: str | None) -> Dealt:
    resident, person = residents.SAMPLES[holder], PEOPLE[holder]
    card = build_specified_residence_card(
        resident, person, authority=authorities.residence(2), my_number=authorities.my_number, fault=fault
    )
    known = (_printed_number(resident.number), *_of_my_number(person.printed_code))
    return Dealt(card=card, known=known)


def _without(fault: str) -> tuple[FaultRow, ...]:
    """Of residence cards: the first generation has no picture of a name, and a copy of 特定在留カード is found out by its JPKI."""
    return tuple(row for row in residence_card.FAULTS if row.name != fault)


_EVERYBODY = tuple(PEOPLE)
CARDS: Mapping[str, VirtualCard] = {
    card.name: card
    for card in (
        VirtualCard(
            name="my-number", ja="マイナンバーカード", en="My Number card",
            holders=_EVERYBODY, faults=my_number.FAULTS, build=_my_number,
        ),
        _passport_like("passport", "japan_2006", "パスポート（2006年以降: BAC、能動認証）", "passport of 2006: BAC, active authentication"),
        _passport_like("passport-2025", "japan_2025", "パスポート（2025年: PACE）", "passport of 2025: PACE"),
        _passport_like("passport-cam", "pace_cam", "パスポート（PACE-CAM、欧州）", "European passport: PACE-CAM"),
        VirtualCard(
            name="driving-licence", ja="運転免許証", en="driving licence",
            holders=tuple(licences.SAMPLES), faults=driving_licence.FAULTS, build=_driving_licence,
        ),
        VirtualCard(
            name="mynumber-licence", ja="マイナ免許証", en="driving licence on a My Number card",
            holders=tuple(licences.SAMPLES), faults=mynumber_licence.FAULTS, build=_mynumber_licence,
        ),
        VirtualCard(
            name="residence-card-1", ja="在留カード（第1世代）", en="residence card, first generation",
            holders=tuple(residents.SAMPLES), faults=_without("altered_name_image"), build=_residence_card(1),
        ),
        VirtualCard(
            name="residence-card-2", ja="在留カード（第2世代）", en="residence card, second generation",
            holders=tuple(residents.SAMPLES), faults=residence_card.FAULTS, build=_residence_card(2),
        ),
        VirtualCard(
            name="specified-residence-card", ja="特定在留カード", en="residence card on a My Number card",
            holders=("nguyen", "mononym"), faults=_without("clone"), build=_specified_residence_card,
        ),
    )
}  # fmt: skip
"""By name, as it is typed."""
