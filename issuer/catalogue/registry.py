"""The catalogue: to add a credential type, add it to this tuple."""

from __future__ import annotations

from common.registry import Registry
from issuer.catalogue.contract import CredentialType
from issuer.catalogue.enrolment import ENROLMENT
from issuer.catalogue.graduation import GRADUATION
from issuer.catalogue.graduation_badge import GRADUATION_BADGE
from issuer.catalogue.transcript import TRANSCRIPT

CATALOGUE: Registry[CredentialType] = Registry(
    "credential type", (ENROLMENT, GRADUATION, GRADUATION_BADGE, TRANSCRIPT), name=lambda member: member.name
)
