"""The catalogue: to add a credential type, add it to this tuple."""

from __future__ import annotations

from common.registry import Registry
from issuer.catalogue.age import AGE
from issuer.catalogue.contract import CredentialType
from issuer.catalogue.driving_privileges import DRIVING_PRIVILEGES
from issuer.catalogue.enrolment import ENROLMENT
from issuer.catalogue.graduation import GRADUATION
from issuer.catalogue.graduation_badge import GRADUATION_BADGE
from issuer.catalogue.identity import IDENTITY
from issuer.catalogue.nationality import NATIONALITY_TYPE
from issuer.catalogue.residence import RESIDENCE
from issuer.catalogue.residence_status import RESIDENCE_STATUS
from issuer.catalogue.ticket import TICKET
from issuer.catalogue.transcript import TRANSCRIPT

_OF_ROLL = (ENROLMENT, GRADUATION, GRADUATION_BADGE, TRANSCRIPT)
_OF_CARDS = (IDENTITY, AGE, RESIDENCE, DRIVING_PRIVILEGES, RESIDENCE_STATUS, NATIONALITY_TYPE)

CATALOGUE: Registry[CredentialType] = Registry(
    "credential type", (*_OF_ROLL, *_OF_CARDS, TICKET), name=lambda member: member.name
)


def of_roll() -> tuple[CredentialType, ...]:
    """The types that repeat the registrar's word."""
    return tuple(kind for kind in CATALOGUE if kind.source == "roll")


def of_cards() -> tuple[CredentialType, ...]:
    """The types that repeat what a card proved."""
    return tuple(kind for kind in CATALOGUE if kind.source == "card")
