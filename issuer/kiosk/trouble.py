"""Every way in which a visit ends without a certificate, as one word for the texts: what happened, and who can mend it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from common.errors import (
    CardError,
    CardRemoved,
    Malformed,
    PinBlocked,
    PinWrong,
    Refused,
    TegataError,
    TooMany,
    Unavailable,
)

_READER: Final = frozenset(
    {"reader_busy", "reader_failed", "reader_slow", "card_service_missing", "card_readers_missing", "no_reader"}
)
_ISSUER: Final = frozenset({"token_refused", "cards_not_set_up", "card_session_over", "wrong_holder", "readings_apart"})
_HERE: Final = frozenset(
    {
        *("unknown_card", "nothing_from_this_card", "nothing_chosen", "two_documents", "nothing_to_issue"),
        *("stopped", "left", "last_try", "card_number_attempts", "specified_residence_card", "mrz_needed"),
        "no_signature_certificate",
        *("card_mute", "card_protocol", "no_card"),
    }
)
KEYS: Final = frozenset(
    {
        *_READER,
        *_ISSUER,
        *_HERE,
        *("card_removed", "pin_wrong", "pin_blocked", "card_failed", "card_not_understood", "issuer_silent", "refused", "fault"),
    }
)  # fmt: skip
"""All words; the catalogue of texts has a sentence for each, and *who* can mend it."""
GENTLE: Final = frozenset({"stopped", "left"})
"""Nothing went wrong: the visitor left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """key: one of `KEYS`. card: the driver's name of the card that was being read, if there was one; who can unblock it depends on that.

    wait: seconds until another try, 0 where that does not matter. refusals: words for why nothing is issued (`nothing_to_issue`).
    """

    key: str
    card: str = ""
    wait: int = 0
    refusals: tuple[str, ...] = ()


def trouble_of(error: TegataError, *, card: str = "", at_issuer: bool = False) -> Trouble:
    """at_issuer: it was raised while the issuer was asked, and not the card."""
    return Trouble(
        key=_key(error, at_issuer=at_issuer), card=card, wait=error.retry_after if isinstance(error, TooMany) else 0
    )


def _key(error: TegataError, *, at_issuer: bool) -> str:
    if error.code in _READER | _ISSUER | _HERE:
        return error.code
    if isinstance(error, CardRemoved):
        return "card_removed"
    if isinstance(error, PinBlocked):
        return "pin_blocked"
    if isinstance(error, PinWrong):
        return "pin_wrong"
    if at_issuer and isinstance(error, Unavailable):
        return "issuer_silent"
    if isinstance(error, Malformed):
        return "card_not_understood"
    if at_issuer:
        return "refused"
    if isinstance(error, CardError):
        return "card_failed"
    if isinstance(error, Unavailable):
        return "reader_failed"
    return "refused" if isinstance(error, Refused) else "fault"
