"""Text of a QR code → parts of a gate pass. RFC 9052 §4.2, RFC 8392, RFC 8747 §3, the profile in common/gate/README.md.

A pass has one encoding: deterministic CBOR (RFC 8949 §4.2.1) of one shape. So it is not decoded but matched, member by member against the
only bytes that they may be; any other length, order, head or label is Malformed. A test holds this to the general decoder.
"""

from __future__ import annotations

import re

from common.errors import Malformed
from common.formats.base45 import base45_decode
from common.formats.gate_pass.labels import MAX_BYTES, MAX_TEXT, PREFIX
from common.formats.gate_pass.numbers import BYTE, TIME, WORD, read_number
from common.record import Record

_TOKEN = re.compile(
    rb"\x84\x49\xa2\x01\x26\x04\x44(.{4})\xa0([\x40-\x57]|\x58[\x18-\xff])"
    rb"(([\xa3-\xa5])\x04(%b)(?:\x05(%b))?\x07\x48(.{8})"
    % (TIME, TIME)
    + rb"(?:\x08\xa1\x01\xa4\x01\x02\x20\x01\x21\x58\x20(.{32})\x22([\xf4\xf5]))?"
    rb"\x3a\x00\x01\x00\x00\x83(%b)(%b)(%b))\x58\x40(.{64})" % (BYTE, WORD, BYTE),
    re.DOTALL,
)
_PROOF = re.compile(
    rb"\xa0([\x40-\x57]|\x58\x18)(([\xa2\xa3])\x03\x44(.{4})\x06(%b)(?:\x18\x27(\x42.{2}|\x43.{3}|\x44.{4}))?)\x58\x40(.{64})"
    % TIME,
    re.DOTALL,
)
_PROOF_START = b"\xa2\x01\x26\x0d"
_SHORT = 24
"""Lengths below it stand in the head itself (RFC 8949 §3)."""


class PassToken(Record, frozen=True):
    """The CWT as read, not verified. holder: compressed point, None for a paper pass. payload, signature: for the issuer's signature."""

    kid: bytes
    cti: bytes
    klass: int
    index: int
    flags: int
    exp: int
    nbf: int | None
    holder: bytes | None
    payload: bytes
    signature: bytes


class ParsedPass(Record, frozen=True):
    """A pass as read, not verified. The last six are the holder's proof, None of a paper pass. protected, payload: what it signs."""

    token: PassToken
    audience: bytes | None
    iat: int | None
    cnonce: bytes | None
    protected: bytes | None
    payload: bytes | None
    signature: bytes | None


def parse_gate_pass(text: str) -> ParsedPass:
    """Raises Malformed: "not_a_pass", "too_large", "bad_base45", and what `parse_pass_bytes` does."""
    if len(text) > MAX_TEXT:
        raise Malformed("too_large", f"more than {MAX_TEXT} characters")
    if not text.startswith(PREFIX):
        raise Malformed("not_a_pass", f"a gate pass begins with {PREFIX}")
    return parse_pass_bytes(base45_decode(text[len(PREFIX) :]))


def parse_pass_bytes(data: bytes) -> ParsedPass:
    """A holder's proof with its token in it, or a paper pass, which is the token alone.

    Raises Malformed: "too_large", "bad_pass_proof", "bad_pass_token", "holder_proof_missing" (a token that names a holder's key, alone),
    "paper_with_proof" (a proof around a token that names none).
    """
    if len(data) > MAX_BYTES:
        raise Malformed("too_large", f"more than {MAX_BYTES} bytes")
    if data[:2] != b"\x84\x58":
        token = parse_pass_token(data)
        if token.holder is not None:
            raise Malformed("holder_proof_missing", "this ticket is bound to a phone, whose proof is missing")
        return ParsedPass(token, None, None, None, None, None, None)
    length = data[2] if len(data) > 2 else 0
    end = 3 + length
    protected = data[3:end]
    found = _PROOF.fullmatch(data, end)
    if found is None or length < _SHORT or not protected.startswith(_PROOF_START):
        raise Malformed("bad_pass_proof", "the holder's proof is not of its one shape")
    head, payload, count, audience, iat, cnonce, signature = found.groups()
    size = head[0] - 0x40 if len(head) == 1 else head[1]
    if size != len(payload) or count[0] != (0xA2 if cnonce is None else 0xA3):
        raise Malformed("bad_pass_proof", "the holder's proof is not as long as it says")
    token = parse_pass_token(protected[len(_PROOF_START) :])
    if token.holder is None:
        raise Malformed("paper_with_proof", "a holder's proof around a ticket that names no holder's key")
    return ParsedPass(
        token, audience, read_number(iat), None if cnonce is None else cnonce[1:], protected, payload, signature
    )


def parse_pass_token(data: bytes) -> PassToken:
    """The issuer's CWT, as an issuer hands it to a wallet and a paper pass shows it. Raises Malformed("bad_pass_token")."""
    found = _TOKEN.fullmatch(data)
    if found is None:
        raise Malformed("bad_pass_token", "the ticket is not of its one shape")
    kid, head, payload, count, exp, nbf, cti, x, odd, klass, index, flags, signature = found.groups()
    size = head[0] - 0x40 if len(head) == 1 else head[1]
    if size != len(payload) or count[0] != 0xA3 + (nbf is not None) + (x is not None):
        raise Malformed("bad_pass_token", "the ticket is not as long as it says")
    holder = None if x is None else (b"\x03" if odd == b"\xf5" else b"\x02") + x
    return PassToken(
        kid,
        cti,
        read_number(klass),
        read_number(index),
        read_number(flags),
        read_number(exp),
        None if nbf is None else read_number(nbf),
        holder,
        payload,
        signature,
    )
