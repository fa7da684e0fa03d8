"""What a chip can do, as DER: EF.CardAccess, DG14, and the content of EF.CardSecurity (ICAO 9303-11 §9.2)."""

from __future__ import annotations

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from examples.cards.passport.active_authentication import PLAIN_ECDSA
from examples.cards.passport.chip_authentication import ECDH, ChipKey
from examples.cards.passport.curves import Curve
from examples.cards.passport.objects import integer, oid, sequence, set_of
from examples.cards.passport.pace import PaceOffer
from examples.cards.tlv import tlv

_PUBLIC_KEY_ECDH = "0.4.0.127.0.7.2.2.1.2"
_STANDARDISED = "0.4.0.127.0.7.1.2"
_EC_PUBLIC_KEY = "1.2.840.10045.2.1"
_PRIME_FIELD = "1.2.840.10045.1.1"
_ACTIVE = "2.23.136.1.1.5"
_TERMINAL = "0.4.0.127.0.7.2.2.2"


def explicit_parameters(curve: Curve) -> bytes:
    """ECParameters with the numbers themselves, as 9303-12 §4.2 wants of keys in certificates and DG14 (RFC 3279 §2.3.5)."""
    field = sequence(oid(_PRIME_FIELD), integer(curve.p))
    coefficients = sequence(
        tlv(0x04, curve.a.to_bytes(curve.size, "big")), tlv(0x04, curve.b.to_bytes(curve.size, "big"))
    )
    generator = tlv(0x04, curve.encode(curve.g))
    return sequence(integer(1), field, coefficients, generator, integer(curve.n), integer(1))


def public_info(curve: Curve, private: int, *, form: str) -> bytes:
    """SubjectPublicKeyInfo. form: "named", "explicit", or "standardised" (by number, for EF.CardSecurity)."""
    public = ec.derive_private_key(private, curve.named()).public_key()
    if form == "named":
        return public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    point = public.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    if form == "explicit":
        algorithm = sequence(oid(_EC_PUBLIC_KEY), explicit_parameters(curve))
    else:
        algorithm = sequence(oid(_STANDARDISED), integer(curve.identifier))
    return sequence(algorithm, tlv(0x03, b"\x00", point))


def pace_info(offer: PaceOffer) -> bytes:
    return sequence(oid(offer.protocol), integer(2), integer(offer.curve.identifier))


def chip_authentication_infos(key: ChipKey, *, form: str, announced: bool = True) -> list[bytes]:
    """The key, and one line for each cipher it serves with if they are announced."""
    identifier = integer(key.identifier) if key.identifier is not None else b""
    infos = [sequence(oid(f"{ECDH}.{cipher.number}"), integer(1), identifier) for cipher in key.ciphers if announced]
    return [*infos, sequence(oid(_PUBLIC_KEY_ECDH), public_info(key.curve, key.private, form=form), identifier)]


def active_authentication_info(hash_name: str) -> bytes:
    """For ECDSA keys, whose signatures do not name their hash."""
    return sequence(oid(_ACTIVE), integer(1), oid(PLAIN_ECDSA[hash_name]))


def terminal_authentication_info() -> bytes:
    """That fingerprints are behind terminal authentication."""
    return sequence(oid(_TERMINAL), integer(1))


def security_infos(*infos: bytes) -> bytes:
    return set_of(*infos)
