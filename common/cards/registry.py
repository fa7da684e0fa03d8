"""The cards of this deployment. To add one: its file or folder in ``drivers/``, and its line here."""

from __future__ import annotations

from common.cards.contract import CardDriver
from common.cards.drivers.driving_licence.driver import DrivingLicenceDriver
from common.cards.drivers.my_number.driver import MyNumberDriver
from common.cards.drivers.mynumber_licence import MyNumberLicenceDriver
from common.cards.drivers.passport.driver import PassportDriver
from common.cards.drivers.residence_card.driver import ResidenceCardDriver
from common.registry import Registry

_MEMBERS: tuple[CardDriver, ...] = (
    MyNumberDriver(),
    DrivingLicenceDriver(),
    MyNumberLicenceDriver(),
    ResidenceCardDriver(),
    PassportDriver(),
)

DRIVERS: Registry[CardDriver] = Registry("card", _MEMBERS, name=lambda member: member.name)
