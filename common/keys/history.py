"""What is known of a signing key's life, and what a signature of it is therefore worth.

A key that was *rotated out* in good order still verifies what it signed before. A key that is *declared compromised since T* is in the
hands of a stranger, who can write any date: it verifies only what is proven, by somebody else's clock, to have existed before T
(RFC 3161 time-stamp, countersigned audit head). Controlled Identifiers 1.0 §2.2 (``expires``, ``revoked``) and its considerations on
revocation; OpenID Federation 1.0 §8.7 says the same of historical keys (``exp``, ``revoked``).
"""

from __future__ import annotations

from dataclasses import dataclass

from common.errors import Rejected

RETIREMENT_GRACE = 300
"""Seconds after its retirement that an honest process may still have signed with a key: clocks differ, and memories last a minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyEntry:
    """One key's life in seconds since 1970. key_id: DID URL of the verification method, or the JWK's kid.

    valid_from: when it was first published, None where nobody says. retired_at: from then on it signs nothing new.
    compromised_since: from then on a stranger may have signed with it.
    """

    key_id: str
    valid_from: int | None = None
    retired_at: int | None = None
    compromised_since: int | None = None


UNRECORDED = KeyEntry(key_id="")
"""A key of which no history is published (a certificate's, which has a period and revocation of its own)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyTimeFact:
    """sound: the signature counts. reason: key_active, key_rotated, key_predates_compromise; else key_retired or key_compromised."""

    sound: bool
    reason: str


def judge_key_time(entry: KeyEntry, *, claimed: int | None, proven_before: int | None, now: int) -> KeyTimeFact:
    """Whether a signature that holds under this key still counts at ``now``. Pure; every time is in seconds since 1970.

    claimed: when the signed text says it was signed. proven_before: a time by which it is proven to have existed, None without proof.
    1. compromised: only what is proven to have existed before the compromise counts; what the text claims is worth nothing
    2. retired: what was signed before counts, by the proof or by the text's own word, which an honest key signed.
       A text without any time counts, as nothing speaks against it
    3. else the key is active
    """
    # 1
    if entry.compromised_since is not None:
        if proven_before is not None and proven_before < entry.compromised_since:
            return KeyTimeFact(sound=True, reason="key_predates_compromise")
        return KeyTimeFact(sound=False, reason="key_compromised")
    # 2
    if entry.retired_at is not None and entry.retired_at <= now:
        signed_at = min((time for time in (claimed, proven_before) if time is not None), default=entry.retired_at)
        if signed_at <= entry.retired_at + RETIREMENT_GRACE:
            return KeyTimeFact(sound=True, reason="key_rotated")
        return KeyTimeFact(sound=False, reason="key_retired")
    # 3
    return KeyTimeFact(sound=True, reason="key_active")


def verify_key_time(entry: KeyEntry, *, claimed: int | None, proven_before: int | None, now: int) -> None:
    """`judge_key_time` for those who raise. Raises Rejected("key_compromised" | "key_retired")."""
    fact = judge_key_time(entry, claimed=claimed, proven_before=proven_before, now=now)
    if not fact.sound:
        raise Rejected(fact.reason, _DETAILS[fact.reason])


def verify_key_active(entry: KeyEntry, *, now: int) -> None:
    """For what is signed just now (a holder's proof, a session): neither compromised nor retired. Raises Rejected."""
    if entry.compromised_since is not None:
        raise Rejected("key_compromised", _DETAILS["key_compromised"])
    if entry.retired_at is not None and entry.retired_at <= now:
        raise Rejected("key_retired", _DETAILS["key_retired"])


_DETAILS = {
    "key_compromised": "the signer declared this key compromised, and nothing proves that the signature is older",
    "key_retired": "it was signed after the signer had retired this key",
}
