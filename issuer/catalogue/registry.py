"""The catalogue: to add a credential type, add it to this tuple."""

from __future__ import annotations

from common.registry import Registry
from issuer.catalogue.contract import CredentialType
from issuer.catalogue.enrolment import ENROLMENT
from issuer.catalogue.graduation import GRADUATION

CATALOGUE: Registry[CredentialType] = Registry(
    "credential type", (ENROLMENT, GRADUATION), name=lambda member: member.name
)
