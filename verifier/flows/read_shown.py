"""What somebody shows in person, scanned or pasted → one presentation, and how to recognise it when it comes again. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from common.errors import Malformed
from common.formats.detect import format_of
from common.formats.in_person import AUDIENCE, is_timely
from common.formats.shown_code import unpack
from common.jose.jwk import PublicKey
from common.jose.jwt import parse_jwt, time_claim
from verifier.checks.contract import Wanted
from verifier.flows.examine import Examined, Opened, Shown, examine

_OF_TIME = frozenset({"", "stale", "expired", "not_yet_valid"})
"""Faults that a presentation of another time has; to whoever shows it they all say: make a new one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownText:
    """Unverified. nonce: the holder's own, "" where there is none. signed_at: seconds, by the holder's clock.

    digest: SHA-256 of what the holder's signature covers. Not of the signature: that of ES256 can be turned into another valid one by
    anybody, and the same showing would look like a new one.
    """

    format: str
    text: str = field(repr=False)
    nonce: str
    signed_at: int | None
    digest: bytes


def read_shown(code: str) -> ShownText:
    """code: as scanned (packed) or pasted (packed or not). Raises Malformed: nothing that a wallet shows."""
    text = unpack(code.strip())
    by_holder = text.rpartition("~")[2]
    if not by_holder:
        raise Malformed(
            "bad_presentation", "this is a credential as it was issued, and nobody shows it: no holder has signed"
        )
    token = parse_jwt(by_holder)
    nonce = token.claims.get("nonce")
    return ShownText(
        format=format_of(text),
        text=text,
        nonce=nonce if isinstance(nonce, str) else "",
        signed_at=time_claim(token.claims, "iat"),
        digest=hashlib.sha256(token.jws.signing_input).digest(),
    )


def examine_shown(
    opened: Opened, issuer_key: PublicKey | None, shown: ShownText, *, wanted: Sequence[Wanted], now: int
) -> Examined:
    """`examine`, for whoever is here and within the minute; and which of the queries it answers. Never raises for input.

    Still owed by the caller: that it was not accepted before.
    """
    found = examine(opened, issuer_key, audience=AUDIENCE, nonce=shown.nonce, now=now)
    if found.fault in _OF_TIME and (shown.signed_at is None or not is_timely(shown.signed_at, now=now)):
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
