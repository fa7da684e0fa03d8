"""Gate pass → what it says, once it is proven. RFC 9052 §4.4, RFC 8392 §7.2, RFC 8747 §3.

Knows no status, rules or clock errors: those are the gate's.
"""

from __future__ import annotations

from collections.abc import Iterable

from common.cose.sign1 import to_be_signed
from common.errors import Malformed, Rejected
from common.formats.gate_pass.labels import aad_of, audience_of
from common.formats.gate_pass.parse import ParsedPass, PassToken
from common.jose import p256
from common.jose.jwk import ecdsa_to_der
from common.keys.compressed_point import PointKey, known_point_key
from common.record import Record

_TOKEN_PROTECTED = b"\xa2\x01\x26\x04\x44"


class IssuerKey(Record, frozen=True):
    """A key of the event's issuer, as a pack names it. Times in seconds; it speaks from not_before up to, and not at, not_after."""

    key: PointKey
    not_before: int
    not_after: int


class VerifiedPass(Record, frozen=True):
    """Proven. holder None: a paper pass, then iat, audience and cnonce are None too."""

    cti: bytes
    klass: int
    index: int
    flags: int
    exp: int
    nbf: int | None
    holder: bytes | None
    iat: int | None
    audience: bytes | None
    cnonce: bytes | None


def issuer_key(point: bytes, *, not_before: int, not_after: int) -> IssuerKey:
    """Raises Malformed for bytes that are no compressed point."""
    return IssuerKey(known_point_key(point), not_before, not_after)


def verify_gate_pass(
    parsed: ParsedPass, *, event: str, issuer_keys: Iterable[IssuerKey], now: int, leeway: int = 0
) -> VerifiedPass:
    """What the pass says.

    1. the proof is for this event and the ticket's class                     RFC 8392 §3.1.3, the profile
    2. a key of the event's issuer that is valid now and that kid may mean      RFC 9052 §3.1: kid is a hint, so every such key is tried
    3. the issuer's signature, over the event's identifier too                RFC 9052 §4.4, §4.3
    4. exp and nbf, ``leeway`` seconds (the gate's own clock error) on either side   RFC 8392 §3.1.4, §3.1.5
    5. the holder's signature by the key in cnf; a paper pass has none         RFC 8747 §3.3
    Left to the caller: how old iat may be, cnonce, status, the journal, rules; what a paper pass is worth.
    Raises Rejected("wrong_audience" | "untrusted_issuer" | "bad_signature" | "expired" | "not_yet_valid" | "wrong_holder"), and
    Malformed for an event's identifier that is none.
    """
    token = parsed.token
    # 1 · audience
    if parsed.audience is not None and parsed.audience != audience_of(event, token.klass):
        raise Rejected("wrong_audience", "the proof was made for another event or class")
    # 2, 3, 4 · issuer, times
    verify_pass_token(token, event=event, issuer_keys=issuer_keys, now=now, leeway=leeway)
    # 5 · holder
    if token.holder is not None:
        _check_holder(parsed, token.holder, aad_of(event))
    return VerifiedPass(
        token.cti,
        token.klass,
        token.index,
        token.flags,
        token.exp,
        token.nbf,
        token.holder,
        parsed.iat,
        parsed.audience,
        parsed.cnonce,
    )


def verify_pass_token(
    token: PassToken, *, event: str, issuer_keys: Iterable[IssuerKey], now: int, leeway: int = 0
) -> None:
    """Steps 2 to 4 of `verify_gate_pass`, for who receives a token from its issuer. Raises as it does."""
    _check_issuer(token, aad_of(event), issuer_keys, now)
    if now >= token.exp + leeway:
        raise Rejected("expired", "the ticket's time is over")
    if token.nbf is not None and now < token.nbf - leeway:
        raise Rejected("not_yet_valid", "the ticket's time is still to come")


def _check_issuer(token: PassToken, aad: bytes, issuer_keys: Iterable[IssuerKey], now: int) -> None:
    kid, candidates = token.kid, False
    signed = to_be_signed(_TOKEN_PROTECTED + kid, token.payload, aad)
    der = ecdsa_to_der(token.signature, 32)
    for each in issuer_keys:
        if each.key.digest.startswith(kid) and each.not_before <= now < each.not_after:
            if p256.is_signed(each.key.checker, der, signed):
                return
            candidates = True
    if candidates:
        raise Rejected("bad_signature", "the issuer's signature does not belong to this ticket and this event")
    raise Rejected("untrusted_issuer", "no key of this event's issuer, valid now, is the one that the ticket names")


def _check_holder(parsed: ParsedPass, holder: bytes, aad: bytes) -> None:
    if parsed.protected is None or parsed.payload is None or parsed.signature is None:
        raise Malformed("holder_proof_missing", "this ticket is bound to a phone, whose proof is missing")
    try:
        checker = p256.read_compressed_point(holder)
    except ValueError:
        raise Rejected("wrong_holder", "the ticket names a holder's key that is no point of its curve") from None
    signed = to_be_signed(parsed.protected, parsed.payload, aad)
    if not p256.is_signed(checker, ecdsa_to_der(parsed.signature, 32), signed):
        raise Rejected("wrong_holder", "the proof was not made with the key that the ticket is bound to")
