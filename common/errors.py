"""The errors of every room, sorted by whose fault it is. Wire codes live in ``common/web`` and the protocols' ``errors.py``.

``detail`` is safe to show to anybody: no personal data, no secrets, no file paths. Causes travel as ``__cause__`` to the log.
"""

from __future__ import annotations


class TegataError(Exception):
    """Base of all errors raised on purpose.

    code: short snake_case word, stable, meant for programs. detail: one English sentence, meant for people.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail or code.replace("_", " ")

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}"


class Malformed(TegataError):
    """The bytes break the specification. The sender can mend it. HTTP 400."""


class Rejected(TegataError):
    """Well-formed, but not to be believed. ``reason`` is one of the words of `REASONS`; the sender must present something else."""

    def __init__(self, reason: str, detail: str = "") -> None:
        if reason not in REASONS:
            raise ValueError(f"unknown reason {reason!r}")
        super().__init__(reason, detail)
        self.reason = reason


REASONS = frozenset(
    {
        "bad_signature",
        "wrong_holder",
        "wrong_audience",
        "wrong_nonce",
        "wrong_type",
        "expired",
        "not_yet_valid",
        "revoked",
        "suspended",
        "status_unknown",
        "untrusted_issuer",
        "untrusted_key",
        "key_compromised",
        "key_retired",
        "replayed",
        "algorithm_not_allowed",
        "disclosure_invalid",
        "request_not_met",
        "stale",
        "schema_violated",
    }
)


class Refused(TegataError):
    """Policy or a person said no. HTTP 403, or ``access_denied``."""


class NotFound(Refused):
    """No such thing *here*: unknown, or somebody else's. The two are never told apart. HTTP 404."""


class Conflict(Refused):
    """The thing has already moved on (redeemed, answered, withdrawn). HTTP 409."""


class TooMany(Refused):
    """A limit on guessing or on load. HTTP 429 with Retry-After. retry_after: seconds."""

    def __init__(self, code: str, detail: str = "", *, retry_after: int = 60) -> None:
        super().__init__(code, detail)
        self.retry_after = retry_after


class Unsupported(TegataError):
    """Asked for something that is in no registry here; ``known`` lists what is. HTTP 400."""

    def __init__(self, code: str, detail: str = "", *, known: tuple[str, ...] = ()) -> None:
        super().__init__(code, detail or f"{code.replace('_', ' ')}; known here: {', '.join(known) or 'none'}")
        self.known = known


class Unavailable(TegataError):
    """Network, registrar, database or reader did not answer. HTTP 503 with Retry-After. retry_after: seconds."""

    def __init__(self, code: str, detail: str = "", *, retry_after: int = 5) -> None:
        super().__init__(code, detail)
        self.retry_after = retry_after


class CardError(TegataError):
    """A card said no, or nothing that could be understood. sw: its status word (ISO/IEC 7816-4 §5.6), None if it gave none."""

    def __init__(self, code: str, detail: str = "", *, sw: int | None = None) -> None:
        super().__init__(code, detail)
        self.sw = sw


class PinWrong(CardError):
    """A secret was tried and is wrong. attempts_left: what the card says is left, None where it does not count."""

    def __init__(self, attempts_left: int | None, *, sw: int | None = None) -> None:
        left = "" if attempts_left is None else f"; attempts left: {attempts_left}"
        super().__init__("pin_wrong", f"the card did not accept what was entered{left}", sw=sw)
        self.attempts_left = attempts_left


class PinBlocked(CardError):
    """No attempts are left. Who issued the card can unblock it."""

    def __init__(self, *, sw: int | None = None) -> None:
        super().__init__(
            "pin_blocked", "the card does not accept this secret any more: its issuer can unblock it", sw=sw
        )


class CardRemoved(CardError):
    """The card went away in mid-conversation."""

    def __init__(self) -> None:
        super().__init__("card_removed", "the card was removed before it was done")


class Misconfigured(TegataError):
    """The operator's fault; raised at start-up only, never while serving."""
