"""Writes gate passes: the issuer's token, the holder's proof around it, the text of the QR code. Deterministic but for the signatures."""

from __future__ import annotations

import hashlib

from common.cbor import Encoded, encode
from common.cose.sign1 import sign_sign1
from common.formats.base45 import base45_encode
from common.formats.gate_pass import labels
from common.formats.gate_pass.parse import parse_pass_bytes, parse_pass_token
from common.keys.compressed_point import SIZE, compress
from common.ports import Signer


def build_pass_token(
    *,
    event: str,
    klass: int,
    index: int,
    flags: int,
    cti: bytes,
    exp: int,
    nbf: int | None = None,
    holder: bytes | None,
    signer: Signer,
) -> bytes:
    """The issuer's CWT. holder: compressed point, None for a paper pass. signer: ES256.

    Raises ValueError for what a pass cannot carry, Malformed for an event's identifier that is none.
    """
    claims: dict[int, object] = {labels.EXP: exp, labels.CTI: cti, labels.TICKET: [klass, index, flags]}
    if nbf is not None:
        claims[labels.NBF] = nbf
    if holder is not None:
        if len(holder) != SIZE or holder[0] not in (2, 3):
            raise ValueError("the holder's key is a compressed point")
        claims[labels.CNF] = {labels.COSE_KEY: {1: 2, -1: 1, -2: holder[1:], -3: holder[0] == 3}}
    kid = kid_of(compress(signer.public_jwk()))
    token = sign_sign1(
        encode(claims), signer, protected={labels.KID: kid}, external_aad=labels.aad_of(event)
    )  # an algorithm other than ES256 was refused by `compress`
    parse_pass_token(token)  # one table of limits, the reader's; a token that no gate would read is not handed out
    return token


def build_pass_proof(
    token: bytes, *, event: str, iat: int, signer: Signer, cnonce: bytes | None = None, audience: bytes | None = None
) -> bytes:
    """The holder's proof around the token, as the page on the phone makes it. audience: what the event and the token's class demand,
    unless a test wants another.
    """
    for_whom = labels.audience_of(event, parse_pass_token(token).klass) if audience is None else audience
    payload = {labels.AUD: for_whom, labels.IAT: iat, **({} if cnonce is None else {labels.CNONCE: cnonce})}
    proof = sign_sign1(
        encode(payload), signer, protected={labels.KCWT: Encoded(token)}, external_aad=labels.aad_of(event)
    )
    parse_pass_bytes(proof)
    return proof


def write_pass_text(data: bytes) -> str:
    """Bytes of a pass → text of its QR code."""
    return labels.PREFIX + base45_encode(data)


def challenge_nonce(number: int) -> bytes:
    """The short number that a challenge entrance shows, as ``cnonce``."""
    return number.to_bytes(2, "big")


def kid_of(point: bytes) -> bytes:
    """The hint by which a gate finds the issuer's key."""
    return hashlib.sha256(point).digest()[:4]
