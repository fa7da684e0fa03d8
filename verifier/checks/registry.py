"""Every rule, in the order in which a verdict shows them. To add one: its file, and its line here."""

from __future__ import annotations

from common.registry import Registry
from verifier.checks import (
    age_at_least,
    chip_verified,
    claims_asked,
    format_valid,
    holder_bound,
    issuer_signature,
    issuer_trusted,
    not_replayed,
    not_revoked,
    schema_kept,
    ticket_admits,
    type_asked,
    within_validity,
)
from verifier.checks.contract import Rule

CHECKS: Registry[Rule] = Registry(
    "check",
    (
        format_valid.RULE,
        issuer_trusted.RULE,
        issuer_signature.RULE,
        holder_bound.RULE,
        not_replayed.RULE,
        within_validity.RULE,
        not_revoked.RULE,
        schema_kept.RULE,
        type_asked.RULE,
        claims_asked.RULE,
        age_at_least.RULE,
        chip_verified.RULE,
        ticket_admits.RULE,
    ),
    name=lambda rule: rule.name,
)
