"""The published list: which commands pass, by card and by the parts that the person agreed to. Its table stands in README.md of this room.

What is not here does not pass. So: never the text application (its file 0001 is the individual number, its file 0003 the number's digest
without salt, and there are few enough numbers to try them all), never 住基AP, never a changed PIN, a written file, a value for a PIN from
the other side, a signature over anything but the possession of this session.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from common.cards.drivers import mynumber_licence
from common.cards.drivers.driving_licence import read as licence
from common.cards.drivers.my_number import jpki, surface
from common.cards.drivers.my_number.secret_kinds import JPKI_PASSWORD, JPKI_PIN, NUMBER_B
from common.cards.drivers.passport.active_authentication import CHALLENGE_BYTES
from common.cards.drivers.passport.layout import (
    ACTIVE_AUTHENTICATION,
    APPLICATION,
    DETAILS,
    GROUPS_OF,
    IDENTITY,
    PHOTO,
    PRINTED,
)
from common.cards.drivers.residence_card.layout import FILES as RESIDENCE_FILES
from common.cards.drivers.residence_card.read import CARD_NUMBER
from common.cards.possession import PossessionChallenge, derive_challenge
from common.cards.prompts import SecretKind
from common.errors import Malformed
from wallet_agent.reading.rules import CURRENT, MASTER, Application, Key, Rules, Slot

LICENCE_1: Final = bytes.fromhex("A0000002310100000000000000000000")
LICENCE_2: Final = bytes.fromhex("A0000002310200000000000000000000")
_LICENCE_PINS: Final = {licence.PIN_1.name: 0x81, licence.PIN_2.name: 0x82}
_SECURITY_OBJECT: Final = 0x1D
SECRETS: Final[dict[str, SecretKind]] = {
    kind.name: kind
    for kind in (
        *(JPKI_PASSWORD, JPKI_PIN, NUMBER_B),
        *(licence.PIN_1, licence.PIN_2, mynumber_licence.LICENCE_PIN, CARD_NUMBER, PRINTED),
    )
}
"""All that a person may be asked for. 照合番号A, which is the individual number, is not among them."""

PARTS: Final = {
    "my_number": frozenset({jpki.SIGNATURE.source, jpki.AUTHENTICATION.source, surface.SOURCE}),
    "driving_licence": frozenset({licence.ENTRIES_PART, licence.SIGNATURE_PART}),
    "mynumber_licence": frozenset({"licence"}),
    "residence_card": frozenset({"card", "photo", "address", "permissions"}),
    "passport": frozenset({IDENTITY, PHOTO, DETAILS}),
}
"""What may be read at all, by driver."""


def build_rules(driver: str, parts: Collection[str], challenge: PossessionChallenge, *, card_type: str = "") -> Rules:
    """The list for one driver. card_type: of a residence card, once the handshake has found it; before, nothing passes.

    Raises Malformed("unknown_part") for a part or a driver that is not on the list.
    """
    wanted = frozenset(parts)
    if not wanted or wanted - PARTS.get(driver, frozenset()):
        raise Malformed("unknown_part", "there is nothing of that name to be read")
    match driver:
        case "my_number":
            return _my_number(wanted)
        case "driving_licence":
            return _driving_licence(wanted)
        case "mynumber_licence":
            return _mynumber_licence()
        case "residence_card":
            return _residence_card(wanted, card_type)
        case _:
            return _passport(wanted, challenge)


def _my_number(parts: frozenset[str]) -> Rules:
    applications: dict[bytes, Application] = {}
    slots: dict[str, Slot] = {}
    keys: dict[str, Key] = {}
    pairs = [pair for pair in (jpki.SIGNATURE, jpki.AUTHENTICATION) if pair.source in parts]
    for pair in pairs:
        slots[pair.secret.name] = Slot(application=jpki.AID, p2=CURRENT, file=pair.pin)
        keys[pair.source] = Key(applications=frozenset({jpki.AID}), p2=0x80 | pair.key)
    if pairs:
        certificates = (pair.certificate for pair in pairs)
        applications[jpki.AID] = _named_either_way(
            {0x0006, jpki.PRESENT_EF, *certificates}, {pair.pin for pair in pairs}
        )
    if surface.SOURCE in parts:
        applications[surface.AID] = _named_either_way({0x0002, 0x0004}, {0x0012})
        slots[NUMBER_B.name] = Slot(application=surface.AID, p2=CURRENT, file=0x0012)
    if own := frozenset(applications) - {jpki.AID}:
        keys["card"] = Key(applications=own, p2=0x00)
    return Rules(applications=applications, slots=slots, keys=keys)


def _named_either_way(files: Collection[int], pins: Collection[int]) -> Application:
    """On the My Number card a file's short identifier is the last five bits of its own (cards.md §3.2: 17 and 1A name 0017 and 001A)."""
    return Application(files=frozenset(files), short=frozenset(files), pins=frozenset(pins))


def _driving_licence(parts: frozenset[str]) -> Rules:
    both = licence.SIGNATURE_PART in parts
    pins = {name: p2 for name, p2 in _LICENCE_PINS.items() if both or p2 == 0x81}
    master = Application(
        short=frozenset({0x0A}), counters=frozenset(pins.values()), unset=(0x0A, bytes.fromhex("050100"))
    )
    applications = {MASTER: master, LICENCE_1: Application(short=frozenset({1, 2, 4, 7} if both else {1, 4}))}
    if both:
        applications[LICENCE_2] = Application(short=frozenset({1}))
    return Rules(applications=applications, slots={name: Slot(application=MASTER, p2=p2) for name, p2 in pins.items()})


def _mynumber_licence() -> Rules:
    application = Application(
        short=frozenset({0x1A, 0x1B, 0x1C}), counters=frozenset({0x86}), unset=(0x1A, bytes.fromhex("C10100"))
    )
    slot = Slot(application=mynumber_licence.AID, p2=0x86)
    return Rules(applications={mynumber_licence.AID: application}, slots={mynumber_licence.LICENCE_PIN.name: slot})


def _residence_card(parts: frozenset[str], card_type: str) -> Rules:
    """Read after the handshake at this side. DF by DF, what its type has of the parts."""
    by_application: dict[bytes, set[int]] = {}
    for each in RESIDENCE_FILES.get(card_type, ()):
        if not each.part or each.part in parts:
            by_application.setdefault(each.application, set()).add(each.sfi)
    applications = {aid: Application(short=frozenset(found)) for aid, found in by_application.items()}
    return Rules(applications=applications, opens=CARD_NUMBER.name)


def _passport(parts: frozenset[str], challenge: PossessionChallenge) -> Rules:
    """SOD, the chip's keys (DG14, DG15), DG1, and the groups of the parts. Never fingerprints (DG3) and irises (DG4)."""
    groups = {number for part in {*parts, IDENTITY} for number in GROUPS_OF[part]}
    short = frozenset({_SECURITY_OBJECT, 14, 15, *groups})
    files = frozenset(0x0100 | number for number in short)
    return Rules(
        applications={APPLICATION: Application(files=files, short=short)},
        opens=PRINTED.name,
        icao=True,
        challenge=derive_challenge(challenge, ACTIVE_AUTHENTICATION, CHALLENGE_BYTES),
    )
