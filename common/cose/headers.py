"""The header maps of a COSE message: labels, algorithms, certificates. RFC 9052 §3, RFC 9053 §2, RFC 9360 §2, RFC 9864."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from common.cbor import Tagged, decode, encode
from common.errors import Malformed, Rejected, Unsupported

ALG, CRIT, CONTENT_TYPE, KID, IV, PARTIAL_IV = 1, 2, 3, 4, 5, 6
TYP = 16
"""RFC 9596: what ``typ`` is in JOSE."""
X5CHAIN = 33
MAX_BYTES = 1 << 20
_MAX_CERTIFICATES = 6
_SHORT_HEADER = 64
_LABELS = frozenset((int, str))

SIGNATURE_ALGS: Mapping[int, str] = MappingProxyType(
    {-7: "ES256", -35: "ES384", -36: "ES512", -8: "EdDSA", -9: "ES256", -51: "ES384", -52: "ES512", -19: "EdDSA"}
)
"""COSE number → JOSE name. The last four are the fully specified ones of RFC 9864: read, not written."""
_NUMBERS: Mapping[str, int] = MappingProxyType({"ES256": -7, "ES384": -35, "ES512": -36, "EdDSA": -8})


class ParsedCose(NamedTuple):
    """A COSE_Sign1 or COSE_Mac0 as read, not verified. payload None: detached. proof: the signature or tag.

    protected_bytes: the protected header as received, which is what the proof covers.
    """

    protected: Mapping[int | str, Any]
    unprotected: Mapping[int | str, Any]
    payload: bytes | None
    proof: bytes
    protected_bytes: bytes

    @property
    def signature(self) -> bytes:
        return self.proof

    @property
    def alg(self) -> str:
        """JOSE name of the signature algorithm. Raises Rejected("algorithm_not_allowed") for one not known here."""
        number = self.protected.get(ALG)
        name = SIGNATURE_ALGS.get(number) if isinstance(number, int) else None
        if name is None:
            raise Rejected("algorithm_not_allowed", "the protected header names no signature algorithm known here")
        return name

    @property
    def kid(self) -> bytes | None:
        """Protected or not: a hint for finding a key. Raises nothing; None unless bytes."""
        kid = self.protected.get(KID, self.unprotected.get(KID))
        return kid if isinstance(kid, bytes) else None

    @property
    def x5chain(self) -> tuple[bytes, ...]:
        """DER certificates, leaf first; empty where there are none. Raises Malformed."""
        return parse_x5chain(self.protected.get(X5CHAIN, self.unprotected.get(X5CHAIN)))


def cose_alg(name: str) -> int:
    """JOSE name → COSE number. Raises Unsupported."""
    if name not in _NUMBERS:
        raise Unsupported("unknown_signature_algorithm", known=tuple(_NUMBERS))
    return _NUMBERS[name]


def parse_x5chain(value: object) -> tuple[bytes, ...]:
    """One certificate as bytes, or an array of two and more (RFC 9360 §2); an array of one is tolerated. Raises Malformed."""
    if value is None:
        return ()
    if type(value) is bytes:
        return (value,)
    chain = tuple(value) if isinstance(value, list) else (value,)
    if not 0 < len(chain) <= _MAX_CERTIFICATES or not all(isinstance(one, bytes) for one in chain):
        raise Malformed("bad_x5chain", f"x5chain is a certificate, or an array of at most {_MAX_CERTIFICATES}")
    return chain


def build_x5chain(certificates: Sequence[bytes]) -> bytes | list[bytes]:
    """DER certificates, leaf first → value of the header."""
    return certificates[0] if len(certificates) == 1 else list(certificates)


def encode_protected(headers: Mapping[int | str, Any]) -> bytes:
    """An empty map is written as the empty string (RFC 9052 §3)."""
    return encode(dict(headers)) if headers else b""


def parse_message(data: object, *, tag: int, max_bytes: int = MAX_BYTES) -> ParsedCose:
    """Bytes, or the value that they were decoded to → the four parts that COSE_Sign1 and COSE_Mac0 share. RFC 9052 §4.2, §6.2.

    tag: 18 or 17; it may be absent. Raises Malformed: shape, a label in both maps (§3), ``crit``, of whose members none is known here.
    """
    value = decode(data, max_bytes=max_bytes) if isinstance(data, bytes) else data
    if isinstance(value, Tagged) and value.tag == tag:
        value = value.value
    if not isinstance(value, list) or len(value) != 4:
        raise Malformed("bad_cose", "a COSE message of this kind is an array of four")
    protected_bytes, unprotected, payload, proof = value
    if not isinstance(protected_bytes, bytes) or not isinstance(unprotected, dict) or not isinstance(proof, bytes):
        raise Malformed("bad_cose", "headers or proof are not of their types")
    if payload is not None and not isinstance(payload, bytes):
        raise Malformed("bad_cose", "the payload is bytes, or nil")
    short = len(protected_bytes) <= _SHORT_HEADER
    protected = _short_protected(protected_bytes) if short else _protected(protected_bytes, max_bytes)
    if not _LABELS.issuperset(map(type, unprotected)):
        raise Malformed("bad_cose", "labels of headers are numbers or texts")
    if not protected.keys().isdisjoint(unprotected):
        raise Malformed("bad_cose", "a header stands in both maps")
    if CRIT in protected or CRIT in unprotected:
        raise Malformed("unknown_crit", "the header demands an extension that is not known here")
    return ParsedCose(protected, unprotected, payload, proof, protected_bytes)


def _protected(encoded: bytes, max_bytes: int) -> Mapping[int | str, Any]:
    protected = decode(encoded, max_bytes=max_bytes) if encoded else {}
    if not isinstance(protected, dict):
        raise Malformed("bad_cose", "the protected header is an encoded map")
    return MappingProxyType(protected)


@lru_cache(maxsize=256)
def _short_protected(encoded: bytes) -> Mapping[int | str, Any]:
    """Most headers name an algorithm and nothing else: there are few of them."""
    return _protected(encoded, _SHORT_HEADER)


def payload_of(parsed: ParsedCose, detached: bytes | None) -> bytes:
    """The attached payload, or the caller's where it is detached. Raises Malformed for both, or neither."""
    if parsed.payload is None and detached is not None:
        return detached
    if parsed.payload is not None and detached is None:
        return parsed.payload
    raise Malformed("bad_cose", "the payload must be either attached or detached")
