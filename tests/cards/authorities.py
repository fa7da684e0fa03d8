"""Test authorities of licences and residence cards: RSA keys take time, so a process makes each of them once."""

from __future__ import annotations

from functools import cache

from examples.cards.licence_authority import PoliceAuthority
from examples.cards.residence_authority import ResidenceAuthority


@cache
def residence_authority(generation: int) -> ResidenceAuthority:
    return ResidenceAuthority(generation=generation)


@cache
def police_authority() -> PoliceAuthority:
    return PoliceAuthority()
