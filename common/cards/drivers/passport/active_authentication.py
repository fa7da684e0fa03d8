"""Active authentication: the chip signs a challenge with a key that never leaves it. ICAO Doc 9303-11 §6.1.

It proves the chip if DG15, which holds the key, is in a verified SOD. The challenge comes from the caller's server state
(`common.cards.possession.derive_challenge`): who may choose it freely gets signatures over data of their choice.
"""

from __future__ import annotations

import hashlib
from hmac import compare_digest

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from common.cards.apdu import SHORT_ANSWER, Command
from common.cards.channel import CardChannel
from common.cards.drivers.passport.data_groups import TAGS
from common.cards.drivers.passport.public_key import EcKey, PublicKey, RsaKey, parse_public_key
from common.cards.drivers.passport.security_infos import SecurityInfos
from common.cards.drivers.passport.signature import PLAIN_ECDSA_SCHEMES, Scheme, verify_signature
from common.cards.tlv import need, parse_tlv
from common.errors import Rejected, Unsupported

CHALLENGE_BYTES = 8
PLAIN, DER, ISO_9796_2 = "ecdsa_plain", "ecdsa_der", "rsa_iso9796_2"
_HEADER = 0x6A
_TRAILERS = {b"\x34\xcc": "sha256", b"\x38\xcc": "sha224", b"\x36\xcc": "sha384", b"\x35\xcc": "sha512"}
_SHA1_TRAILER = b"\xbc"


def parse_dg15(file: bytes) -> PublicKey:
    """The chip's key. Raises Malformed, Unsupported."""
    return parse_public_key(need(parse_tlv(file), TAGS[15]).value)


def ask_signature(channel: CardChannel, challenge: bytes, key: PublicKey) -> bytes:
    """INTERNAL AUTHENTICATE. §6.1.3. challenge: 8 bytes. key: says how long an answer is. Raises CardError, CardRemoved, Unavailable."""
    if len(challenge) != CHALLENGE_BYTES:
        raise ValueError(f"a challenge has {CHALLENGE_BYTES} bytes")
    expected = (key.n.bit_length() + 7) // 8 if isinstance(key, RsaKey) else 2 * key.curve.order_bytes + 16
    return channel.send(
        Command(0x00, 0x88, 0x00, 0x00, challenge, le=max(expected, SHORT_ANSWER)), what="sign a challenge"
    ).data


def verify_active_authentication(key: PublicKey, infos: SecurityInfos, challenge: bytes, signature: bytes) -> str:
    """Which form the signature has, once it holds: RSA by ISO/IEC 9796-2 scheme 1, or ECDSA with the hash that DG14 names.

    Doc 9303-11 §6.1.2 asks for plain ECDSA (r ‖ s); some documents answer in DER, which is taken and told.
    Raises Rejected("bad_signature"), Unsupported.
    """
    if isinstance(key, RsaKey):
        _verify_rsa(key, challenge, signature)
        return ISO_9796_2
    hash_name = _ecdsa_hash(key, infos)
    try:
        verify_signature(key, Scheme(kind="ecdsa_plain", hash_name=hash_name), signature, challenge)
    except Rejected:
        if not _is_der(signature):
            raise
        verify_signature(key, Scheme(kind="ecdsa", hash_name=hash_name), signature, challenge)
        return DER
    return PLAIN


def _verify_rsa(key: RsaKey, challenge: bytes, signature: bytes) -> None:
    """ISO/IEC 9796-2 scheme 1 with partial recovery: the signature opens to 6A ‖ M1 ‖ H(M1 ‖ challenge) ‖ trailer. Doc 9303-11 App. F."""
    s = int.from_bytes(signature, "big")
    if not 0 < s < key.n or len(signature) > (key.n.bit_length() + 7) // 8:
        raise _bad("a signature that is no number of the key")
    opened = pow(s, key.e, key.n)
    if opened & 0x0F != 0x0C:  # §B.3: the signer may have taken the smaller of the two roots
        opened = key.n - opened
    recovered = opened.to_bytes((opened.bit_length() + 7) // 8, "big")
    hash_name, trailer = ("sha1", 1) if recovered[-1:] == _SHA1_TRAILER else (_TRAILERS.get(recovered[-2:], ""), 2)
    if not hash_name or recovered[0] != _HEADER or (key.n.bit_length() - opened.bit_length()) > 8:
        raise _bad("a signature that opens to something else")
    size = hashlib.new(hash_name).digest_size
    message, digest = recovered[1 : -trailer - size], recovered[-trailer - size : -trailer]
    if len(digest) != size or not compare_digest(hashlib.new(hash_name, message + challenge).digest(), digest):
        raise _bad("a signature of another challenge")


def _ecdsa_hash(key: EcKey, infos: SecurityInfos) -> str:
    """As DG14 names it (§9.2.4); where it does not, the longest hash that is no longer than the key."""
    named = {info.signature_algorithm for info in infos.active_authentication}
    if named:
        known = {PLAIN_ECDSA_SCHEMES[oid] for oid in named if oid in PLAIN_ECDSA_SCHEMES}
        if len(known) != 1:
            raise Unsupported("signature_algorithm", known=tuple(PLAIN_ECDSA_SCHEMES.values()))
        return known.pop()
    bits = key.curve.n.bit_length()
    return next(
        name for least, name in ((512, "sha512"), (384, "sha384"), (256, "sha256"), (0, "sha224")) if bits >= least
    )


def _is_der(signature: bytes) -> bool:
    try:
        return encode_dss_signature(*decode_dss_signature(signature)) == signature
    except ValueError:
        return False


def _bad(detail: str) -> Rejected:
    return Rejected("bad_signature", detail)
