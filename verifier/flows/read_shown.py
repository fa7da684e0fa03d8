"""What somebody shows in person, scanned or pasted → one presentation, and how to recognise it when it comes again. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from common.formats.in_person import AUDIENCE, is_timely
from common.formats.shown_code import unpack
from common.formats.shown_frames import join_frames
from common.formats.shown_presentation import ShownPresentation, parse_shown
from common.jose.jwk import PublicKey
from verifier.checks.contract import Wanted
from verifier.flows.examine import Examined, Opened, Shown, examine

_OF_TIME = frozenset({"", "stale", "expired", "not_yet_valid"})
"""Faults that a presentation of another time has; to whoever shows it they all say: make a new one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownText:
    """Unverified. presentation: in its format, with nonce and time as it claims them. digest: SHA-256 of its identity."""

    presentation: ShownPresentation
    digest: bytes

    @property
    def format(self) -> str:
        return self.presentation.format

    @property
    def text(self) -> str:
        return self.presentation.text

    @property
    def nonce(self) -> str:
        return self.presentation.nonce


def read_shown(code: str) -> ShownText:
    """code: as scanned (one code, or the lines of several) or pasted. Raises Malformed: nothing that a wallet shows."""
    presentation = parse_shown(unpack(join_frames(code.strip())))
    return ShownText(presentation=presentation, digest=hashlib.sha256(presentation.identity).digest())


def examine_shown(
    opened: Opened, issuer_key: PublicKey | None, shown: ShownText, *, wanted: Sequence[Wanted], now: int
) -> Examined:
    """`examine`, for whoever is here and within the minute; and which of the queries it answers. Never raises for input.

    Still owed by the caller: that it was not accepted before.
    """
    claimed = shown.presentation
    found = examine(opened, issuer_key, audience=AUDIENCE, nonce=claimed.nonce, now=now, context=claimed.context)
    if found.fault in _OF_TIME and (claimed.shown_at is None or not is_timely(claimed.shown_at, now=now)):
        found = with_fault(found, "stale")
    return replace(found, shown=replace(found.shown, query_id=_answers(found, wanted)))


def with_fault(examined: Examined, fault: str) -> Examined:
    """The same, not to be believed for this reason."""
    return replace(examined, credential=None, presentation=None, fault=fault)


def as_shown(shown: ShownText, wanted: Sequence[Wanted]) -> Shown:
    """query_id: a first guess by format, since the types are not proven yet."""
    first = next((one for one in wanted if one.format == shown.format), wanted[0])
    return Shown(query_id=first.query_id, format=shown.format, text=shown.text)


def _answers(examined: Examined, wanted: Sequence[Wanted]) -> str:
    """By the types that are proven; the guess where none is."""
    types = frozenset(examined.credential.types) if examined.credential else frozenset()
    for one in wanted:
        if one.format == examined.shown.format and any(
            alternative and alternative <= types for alternative in one.types
        ):
            return one.query_id
    return examined.shown.query_id
