"""What a gate says, in one word of a fixed list: of all checks that did not pass, the one that comes first in it.

The list is the same in the browser's scanner; sentences in both languages stand with the rules (`verifier.checks`).
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from verifier.checks.verdict import Answer, Check


class GateReason(StrEnum):
    """In the order in which they win."""

    DEVICE_LOCKED = "device_locked"
    PACK_ROLLED_BACK = "pack_rolled_back"
    PACK_EXPIRED = "pack_expired"
    MALFORMED = "malformed"
    WRONG_EVENT = "wrong_event"
    UNKNOWN_ISSUER = "unknown_issuer"
    BAD_ISSUER_SIGNATURE = "bad_issuer_signature"
    BAD_HOLDER_PROOF = "bad_holder_proof"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    REVOKED = "revoked"
    EXCLUDED = "excluded"
    STALE_CODE = "stale_code"
    CLOCK_OFF = "clock_off"
    WRONG_CLASS = "wrong_class"
    WRONG_ENTRANCE = "wrong_entrance"
    ALREADY_ADMITTED = "already_admitted"
    DOCUMENT_REQUIRED = "document_required"
    ADMITTED = "admitted"


_RANK = {reason: rank for rank, reason in enumerate(GateReason)}
_OF_CHECK = {
    "format_valid": GateReason.MALFORMED,
    "issuer_trusted": GateReason.UNKNOWN_ISSUER,
    "issuer_signature": GateReason.BAD_ISSUER_SIGNATURE,
    "holder_bound": GateReason.BAD_HOLDER_PROOF,
    "not_revoked": GateReason.REVOKED,
}
"""Whatever these say against a ticket, a gate says it in one word."""
_OF_REASON = {
    ("not_replayed", "wrong_audience"): GateReason.WRONG_EVENT,
    ("not_replayed", "stale"): GateReason.STALE_CODE,
    ("ticket_admits", "clock_off_or_recording"): GateReason.CLOCK_OFF,
    ("ticket_admits", "challenge_unanswered"): GateReason.STALE_CODE,
    ("ticket_admits", "paper_not_taken"): GateReason.WRONG_CLASS,
    ("ticket_admits", "not_open_yet"): GateReason.NOT_YET_VALID,
    ("ticket_admits", "closed"): GateReason.EXPIRED,
    ("ticket_admits", "other_home"): GateReason.WRONG_ENTRANCE,
    ("ticket_admits", "paper_document"): GateReason.DOCUMENT_REQUIRED,
    ("ticket_admits", "assurance_missing"): GateReason.DOCUMENT_REQUIRED,
    ("ticket_admits", "not_inside"): GateReason.DOCUMENT_REQUIRED,
}
"""Where the rule says more than the word of the list."""


def reason_of(check: Check, *, document_for_stale: bool = False) -> GateReason:
    """The gate's word for a check that did not pass. document_for_stale: the organiser lets a document make up for old facts."""
    if check.name == "not_revoked" and check.answer is Answer.UNDETERMINED:
        return GateReason.DOCUMENT_REQUIRED if document_for_stale else GateReason.PACK_EXPIRED
    found = _OF_REASON.get((check.name, check.reason)) or _OF_CHECK.get(check.name)
    return found or GateReason(check.reason)


def blame(checks: Iterable[Check], *, document_for_stale: bool = False) -> tuple[GateReason, Check | None]:
    """The word that wins and the check that says it; admitted where all passed. One that was not reached blames nobody."""
    against = [
        (reason_of(one, document_for_stale=document_for_stale), one)
        for one in checks
        if one.answer is not Answer.PASSED and not one.forgiven and one.reason != "not_reached"
    ]
    if not against:
        return GateReason.ADMITTED, None
    return min(against, key=lambda pair: _RANK[pair[0]])
