"""A virtual e-passport (ICAO Doc 9303 parts 3, 4, 10–12): chips of several kinds, their authorities, and what can be wrong with them."""

from examples.cards.passport.authority import PassportWorld
from examples.cards.passport.build import Passport, Printed, build_passport
from examples.cards.passport.faults import FAULTS, PassportFault
from examples.cards.passport.profiles import NAMED_PROFILES, PROFILES, Profile

__all__ = [
    "FAULTS",
    "NAMED_PROFILES",
    "PROFILES",
    "Passport",
    "PassportFault",
    "PassportWorld",
    "Printed",
    "Profile",
    "build_passport",
]  # fmt: skip
