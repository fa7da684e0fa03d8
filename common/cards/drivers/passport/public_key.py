"""Public keys as passports write them: RSA, and points on curves that are named, numbered or spelled out. RFC 3279 §2.3, TR-03111 §4.4.

A curve that is spelled out counts only if it is one of the published ones to the last digit: on a curve of the card's own choice it could
prove anything.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from asn1crypto import core, keys

from common.cards.drivers.passport.curve import Curve, Point, parse_point
from common.cards.drivers.passport.der import dotted, load, reading
from common.cards.drivers.passport.domain_parameters import BY_NAME, BY_NUMBER, BY_OID, BY_PARAMETERS
from common.errors import Malformed, Unsupported
from common.record import Record

RSA = "1.2.840.113549.1.1.1"
RSA_PSS = "1.2.840.113549.1.1.10"
EC = "1.2.840.10045.2.1"
STANDARDISED = "0.4.0.127.0.7.1.2"
"""A curve by ICAO's number (standardizedDomainParameters). Doc 9303-11 §9.5.1"""
ECDH_PUBLIC_KEYS = ("1.3.132.1.12", "0.4.0.127.0.7.1.1.4.1")
_NULL = b"\x05\x00"
_MAX_BYTES = 4096
_MAX_MODULUS_BITS = 8192
_MAX_EXPONENT_BITS = 64


class RsaKey(Record, frozen=True):
    """Modulus and exponent. restricted_to_pss: the key's own identifier says so."""

    n: int
    e: int
    restricted_to_pss: bool = False


class EcKey(Record, frozen=True):
    """A point on a published curve."""

    curve: Curve
    point: Point


PublicKey: TypeAlias = RsaKey | EcKey


class _AnyKeyInfo(core.Sequence):  # type: ignore[misc]  # untyped there
    """SubjectPublicKeyInfo with everything left open, since asn1crypto's own knows neither ICAO's numbers nor every curve."""

    class _Algorithm(core.Sequence):  # type: ignore[misc]
        _fields = [("algorithm", core.ObjectIdentifier), ("parameters", core.Any, {"optional": True})]  # noqa: RUF012

    _fields = [("algorithm", _Algorithm), ("public_key", core.OctetBitString)]  # noqa: RUF012


class _Curve(core.Sequence):  # type: ignore[misc]
    _fields = [("a", core.OctetString), ("b", core.OctetString), ("seed", core.BitString, {"optional": True})]  # noqa: RUF012


class _Field(core.Sequence):  # type: ignore[misc]
    _fields = [("kind", core.ObjectIdentifier), ("p", core.Any)]  # noqa: RUF012


class _SpecifiedDomain(core.Sequence):  # type: ignore[misc]
    """ECParameters. RFC 3279 §2.3.5, SEC 1 C.2"""

    _fields = [  # noqa: RUF012
        ("version", core.Integer),
        ("field", _Field),
        ("curve", _Curve),
        ("base", core.OctetString),
        ("order", core.Integer),
        ("cofactor", core.Integer, {"optional": True}),
        ("hash", core.Any, {"optional": True}),
    ]


def parse_public_key(der: bytes, *, curve: Curve | None = None) -> PublicKey:
    """SubjectPublicKeyInfo → key. curve: where the context names it and the key may leave it out.

    Raises Malformed, Unsupported("curve" | "public_key").
    """
    info = load(_AnyKeyInfo, der, "a public key", max_bytes=_MAX_BYTES)
    with reading("a public key"):
        algorithm = dotted(info["algorithm"]["algorithm"])
        parameters, material = info["algorithm"]["parameters"].dump(), info["public_key"].native
        if algorithm in (RSA, RSA_PSS):
            return _parse_rsa(material, restricted=algorithm == RSA_PSS)
        if algorithm == STANDARDISED:
            found = _curve_by_number(int(core.Integer.load(parameters, strict=True).native))
        elif algorithm in (EC, *ECDH_PUBLIC_KEYS):
            found = _parse_curve(parameters, curve)
        else:
            raise Unsupported("public_key", known=("RSA", "EC"))
    return EcKey(curve=found, point=parse_point(found, material))


def _parse_rsa(material: bytes, *, restricted: bool) -> RsaKey:
    key = keys.RSAPublicKey.load(material, strict=True)
    n, e = key["modulus"].native, key["public_exponent"].native
    if not (
        1023 < n.bit_length() <= _MAX_MODULUS_BITS
        and n % 2
        and e > 1
        and e.bit_length() <= _MAX_EXPONENT_BITS
        and e % 2
    ):
        raise Malformed("bad_public_key", "an RSA key of a size or form that none has")
    return RsaKey(n=n, e=e, restricted_to_pss=restricted)


def _parse_curve(parameters: bytes, expected: Curve | None) -> Curve:
    """parameters: DER, empty where there are none; NULL says as little."""
    if parameters in (b"", _NULL):
        if expected is None:
            raise Malformed("bad_public_key", "a point without its curve")
        return expected
    if parameters[0] == 0x02:
        return _curve_by_number(int(core.Integer.load(parameters, strict=True).native))
    if parameters[0] == 0x06:
        found = BY_OID.get(dotted(core.ObjectIdentifier.load(parameters, strict=True)))
    else:
        found = _match(_SpecifiedDomain.load(parameters, strict=True))
    if found is None:
        raise Unsupported("curve", known=tuple(BY_NAME))
    return found


def _match(domain: Any) -> Curve | None:
    p, a, b = _integer(domain["field"]["p"]), domain["curve"]["a"].native, domain["curve"]["b"].native
    base, length = domain["base"].native, (p.bit_length() + 7) // 8
    if len(base) != 1 + 2 * length or base[0] != 4 or (domain["cofactor"].native or 1) != 1:
        return None
    generator = (int.from_bytes(base[1 : 1 + length], "big"), int.from_bytes(base[1 + length :], "big"))
    return BY_PARAMETERS.get((p, int.from_bytes(a, "big"), int.from_bytes(b, "big"), generator, domain["order"].native))


def _integer(value: Any) -> int:
    return int(value.parse(core.Integer).native)


def _curve_by_number(number: int) -> Curve:
    """Numbers 0 to 2 are groups modulo a prime: nobody's here."""
    try:
        return BY_NUMBER[number]
    except KeyError:
        raise Unsupported("curve", known=tuple(BY_NAME)) from None
