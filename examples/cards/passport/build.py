"""One virtual passport: who, issued by whom, like which profile, with what wrong.

card = build_passport(PEOPLE["hanako"], authority=PassportWorld(), profile="japan_2025")
card.chip.answer(…); card.printed.number
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from examples.cards.chip import Chip
from examples.cards.passport.active_authentication import ActiveKey
from examples.cards.passport.application import LdsApplication, MasterFile
from examples.cards.passport.authority import YEAR, PassportWorld
from examples.cards.passport.bac import BasicAccess
from examples.cards.passport.chip_authentication import ChipAuthentication, ChipKey
from examples.cards.passport.contents import Dates, active_key, chip_keys, contents_of, mrz_of
from examples.cards.passport.curves import Curve
from examples.cards.passport.faults import MESSENGERS, fault_named
from examples.cards.passport.mrz import Mrz
from examples.cards.passport.pace import CAN, MRZ, Pace, password_of_mrz
from examples.cards.passport.profiles import PROFILES, Profile
from examples.cards.people import Person
from examples.cards.transport import Transport

GENUINE, CLONE = "genuine", "clone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """What the data page shows. can: six digits, empty where there is none."""

    mrz: Mrz = field(repr=False)
    can: str = field(default="", repr=False)

    @property
    def lines(self) -> tuple[str, str]:
        return self.mrz.lines()


@dataclass(frozen=True, slots=True, kw_only=True)
class Passport:
    chip: Chip
    printed: Printed
    profile: Profile
    dates: Dates
    fault: str | None = None


class _Replayed:
    """Answers every challenge as if it had been another one."""

    def __init__(self, key: ActiveKey) -> None:
        self._key = key

    def public_info(self) -> bytes:
        return self._key.public_info()

    def answer(self, challenge: bytes, random: Callable[[int], bytes]) -> bytes:
        return self._key.answer(bytes(octet ^ 0xFF for octet in challenge), random)


def _wrong_token(token: bytes) -> bytes:
    return bytes([token[0] ^ 0x01]) + token[1:]


def build_passport(
    person: Person,
    *,
    authority: PassportWorld,
    fault: str | None = None,
    profile: str = "japan_2006",
    random: Callable[[int], bytes] = os.urandom,
    scalar: Callable[[Curve], int] | None = None,
) -> Passport:
    """random, scalar: all that the chip draws by lot, for worked examples. Raises ValueError for an unknown profile or fault, and where
    the profile cannot have the fault."""
    if profile not in PROFILES:
        raise ValueError(f"unknown profile {profile!r}; known: {', '.join(PROFILES)}")
    kind = PROFILES[profile]
    if fault is not None and not fault_named(fault).needs(kind):
        raise ValueError(f"{profile} cannot have {fault}")
    dates = _dates(authority, kind, fault)
    mrz = mrz_of(person, kind, dates)
    inside = mrz if fault != "other_mrz" else mrz_of(_SOMEBODY_ELSE, kind, dates)
    can = f"{int(mrz.number[2:]) % 1_000_000:06}" if kind.can else ""
    owner = f"{GENUINE} {kind.key} {person.key}"
    copied = fault in {"clone", "proof_removed"}
    private_owner = f"{CLONE} {kind.key} {person.key}" if copied else owner
    contents = contents_of(person, kind, world=authority, mrz=mrz, dates=dates, owner=owner, fault=fault)
    keys = chip_keys(kind, private_owner)
    messenger = MESSENGERS.get(fault or "", lambda messaging: messaging)
    pace = _pace(kind, inside, can, keys, random=random, scalar=scalar, fault=fault)
    master = MasterFile(pace=pace, free=contents.master, card_security=contents.card_security, messenger=messenger)
    active = active_key(kind, private_owner)
    removed = fault == "proof_removed"
    application = LdsApplication(
        files=contents.lds,
        bac=BasicAccess(inside.information()) if kind.bac else None,
        chip_authentication=ChipAuthentication(keys) if keys and not removed else None,
        active_key=None
        if active is None or removed
        else _Replayed(active)
        if fault == "replayed_signature"
        else active,
        messenger=messenger,
    )
    transport = Transport(extended=kind.extended is not None, piece=kind.extended[1] - 2 if kind.extended else 256)
    chip = Chip([application], mf=master, transport=transport, random=random)
    return Passport(chip=chip, printed=Printed(mrz=mrz, can=can), profile=kind, dates=dates, fault=fault)


def _dates(authority: PassportWorld, profile: Profile, fault: str | None) -> Dates:
    today = authority.now.replace(hour=9, minute=0, second=0)
    if fault == "expired_document":  # not long ago: the signer's certificate outlives its last passport by some months
        return Dates(issued=today - timedelta(days=3652 + 60))
    return Dates(issued=today - profile.issued * YEAR - timedelta(days=10))


_SOMEBODY_ELSE = Person(
    key="somebody else", name="某　某", kana="ぼう　ぼう", latin=("BO", "BO"), birth="19700101", sex="1", address=""
)


def _pace(
    profile: Profile,
    mrz: Mrz,
    can: str,
    keys: tuple[ChipKey, ...],
    *,
    random: Callable[[int], bytes],
    scalar: Callable[[Curve], int] | None,
    fault: str | None,
) -> Pace | None:
    if not profile.pace:
        return None
    passwords = {MRZ: password_of_mrz(mrz.information())}
    if can:
        passwords[CAN] = (can if fault != "other_mrz" else can[::-1] + "0").encode("ascii")
    cam = profile.chip_authentication_mapping
    static = next((key.private for key in keys if cam and key.curve is cam.curve), 0)
    return Pace(
        profile.pace,
        passwords,
        random=random,
        scalar=scalar,
        static_key=static,
        token_of=_wrong_token if fault == "pace_token" else bytes,
    )
