"""What is known about the revocation of one certificate, and the port that knows it. RFC 5280 §5, RFC 6960.

*unknown* is not *good*: no list in force, no answer, an answer that cannot be believed. Serial numbers go in and never come out again.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Standing(StrEnum):
    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationStatus:
    """source: "crl" or "ocsp", empty where none was asked. Times in seconds; of *unknown* only those that are known.

    reason: of *revoked* that of RFC 5280 §5.3.1 ("keyCompromise", "unspecified"), of *unknown* a word for why. revoked_at: since when.
    """

    standing: Standing
    source: str = ""
    reason: str = ""
    this_update: int | None = None
    next_update: int | None = None
    revoked_at: int | None = None


def unknown(reason: str, *, source: str = "") -> RevocationStatus:
    return RevocationStatus(standing=Standing.UNKNOWN, source=source, reason=reason)


class RevocationSource(Protocol):
    def status(self, *, leaf: bytes, issuer: bytes, now: int) -> RevocationStatus:
        """What is known at ``now`` (seconds) about ``leaf``, issued by ``issuer``, both certificates in DER and verified by the caller.

        Never raises for what others send: what cannot be read or believed is *unknown*, with its reason."""


class FirstToKnow:
    """Several sources, asked in order: the first that says *good* or *revoked* decides. None does: what the last one said."""

    def __init__(self, *sources: RevocationSource) -> None:
        self._sources = sources

    def status(self, *, leaf: bytes, issuer: bytes, now: int) -> RevocationStatus:
        said = unknown("no_source")
        for source in self._sources:
            said = source.status(leaf=leaf, issuer=issuer, now=now)
            if said.standing is not Standing.UNKNOWN:
                break
        return said
