"""Signatures as passports carry them: which scheme an AlgorithmIdentifier names, and whether a signature holds. Doc 9303-12 §4.4, TR-03111.

RSA PKCS #1 v1.5 and PSS, ECDSA as DER or plain (r ‖ s), SHA-1 to SHA-512. SHA-1 is in documents that are still valid; that it was used is
told (`Scheme.hash_name`), what it is worth is the caller's to say. Curves that `cryptography` lacks are computed by hand: all is public.
"""

from __future__ import annotations

import hashlib
from typing import Any

from asn1crypto import algos
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from common.cards.drivers.passport.curve import Curve, add_products
from common.cards.drivers.passport.der import dotted, reading
from common.cards.drivers.passport.key_agreement import LIBRARY_CURVES
from common.cards.drivers.passport.public_key import EC, RSA, RSA_PSS, EcKey, PublicKey, RsaKey
from common.errors import Rejected, Unsupported
from common.record import Record

HASHES = {
    "1.3.14.3.2.26": "sha1",
    "2.16.840.1.101.3.4.2.4": "sha224",
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
_RSA_SCHEMES = {
    "1.2.840.113549.1.1.5": "sha1",
    "1.2.840.113549.1.1.14": "sha224",
    "1.2.840.113549.1.1.11": "sha256",
    "1.2.840.113549.1.1.12": "sha384",
    "1.2.840.113549.1.1.13": "sha512",
}
_ECDSA_SCHEMES = {
    "1.2.840.10045.4.1": "sha1",
    "1.2.840.10045.4.3.1": "sha224",
    "1.2.840.10045.4.3.2": "sha256",
    "1.2.840.10045.4.3.3": "sha384",
    "1.2.840.10045.4.3.4": "sha512",
}
PLAIN_ECDSA_SCHEMES = {
    "0.4.0.127.0.7.1.1.4.1.1": "sha1",
    "0.4.0.127.0.7.1.1.4.1.2": "sha224",
    "0.4.0.127.0.7.1.1.4.1.3": "sha256",
    "0.4.0.127.0.7.1.1.4.1.4": "sha384",
    "0.4.0.127.0.7.1.1.4.1.5": "sha512",
}
_HASH_CLASSES: dict[str, type[hashes.HashAlgorithm]] = {
    "sha1": hashes.SHA1,
    "sha224": hashes.SHA224,
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}
_MAX_SALT = 1024


class Scheme(Record, frozen=True):
    """kind: "pkcs1", "pss", "ecdsa" (DER) or "ecdsa_plain". mgf_hash_name and salt: of PSS only."""

    kind: str
    hash_name: str
    mgf_hash_name: str = ""
    salt: int = 0


def hash_name(oid: str) -> str:
    """Dotted OID → name in hashlib. Raises Unsupported("hash_algorithm")."""
    try:
        return HASHES[oid]
    except KeyError:
        raise Unsupported("hash_algorithm", known=tuple(HASHES.values())) from None


def parse_scheme(algorithm: Any, *, digest: str | None = None) -> Scheme:
    """AlgorithmIdentifier (asn1crypto) → scheme. digest: the hash that a CMS signature names apart, for identifiers that name none.

    Raises Malformed, Unsupported("signature_algorithm" | "hash_algorithm").
    """
    with reading("a signature algorithm"):
        oid = dotted(algorithm["algorithm"])
        for kind, schemes in (("pkcs1", _RSA_SCHEMES), ("ecdsa", _ECDSA_SCHEMES), ("ecdsa_plain", PLAIN_ECDSA_SCHEMES)):
            if oid in schemes:
                return Scheme(kind=kind, hash_name=schemes[oid])
        if oid == RSA_PSS:
            return _parse_pss(algorithm["parameters"].dump(), digest)
    if digest is not None and oid in (RSA, EC):
        return Scheme(kind="pkcs1" if oid == RSA else "ecdsa", hash_name=digest)
    raise Unsupported("signature_algorithm", known=("RSA PKCS#1", "RSA-PSS", "ECDSA"))


def _parse_pss(parameters: bytes, digest: str | None) -> Scheme:
    """RSASSA-PSS-params, RFC 4055 §3.1; what is left out is SHA-1 and 20 bytes of salt."""
    if parameters in (b"", b"\x05\x00"):
        name = digest or "sha1"
        return Scheme(kind="pss", hash_name=name, mgf_hash_name=name, salt=hashlib.new(name).digest_size)
    values = algos.RSASSAPSSParams.load(parameters, strict=True)
    salt = values["salt_length"].native
    if dotted(values["mask_gen_algorithm"]["algorithm"]) != "1.2.840.113549.1.1.8" or not 0 <= salt <= _MAX_SALT:
        raise Unsupported("signature_algorithm", known=("RSA-PSS with MGF1",))
    mask = values["mask_gen_algorithm"]["parameters"]
    return Scheme(
        kind="pss",
        hash_name=hash_name(dotted(values["hash_algorithm"]["algorithm"])),
        mgf_hash_name=hash_name(dotted(mask["algorithm"])),
        salt=salt,
    )


def verify_signature(key: PublicKey, scheme: Scheme, signature: bytes, data: bytes) -> None:
    """Raises Rejected("bad_signature"), also where key and scheme do not fit each other."""
    if isinstance(key, RsaKey):
        holds = scheme.kind in ("pkcs1", "pss") and _rsa_holds(key, scheme, signature, data)
    else:
        holds = scheme.kind in ("ecdsa", "ecdsa_plain") and _ecdsa_holds(key, scheme, signature, data)
    if not holds:
        raise Rejected("bad_signature", "a signature does not hold")


def _rsa_holds(key: RsaKey, scheme: Scheme, signature: bytes, data: bytes) -> bool:
    if key.restricted_to_pss and scheme.kind != "pss":
        return False
    algorithm = _HASH_CLASSES[scheme.hash_name]()
    pad: padding.AsymmetricPadding = padding.PKCS1v15()
    if scheme.kind == "pss":
        pad = padding.PSS(padding.MGF1(_HASH_CLASSES[scheme.mgf_hash_name]()), scheme.salt)
    try:
        rsa.RSAPublicNumbers(key.e, key.n).public_key().verify(signature, data, pad, algorithm)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def _ecdsa_holds(key: EcKey, scheme: Scheme, signature: bytes, data: bytes) -> bool:
    try:
        r, s = split_plain(key.curve, signature) if scheme.kind == "ecdsa_plain" else decode_dss_signature(signature)
    except ValueError:
        return False
    library = LIBRARY_CURVES.get(key.curve.name)
    if library is None:
        return _ecdsa_by_hand(key, scheme.hash_name, r, s, data)
    try:
        numbers = ec.EllipticCurvePublicNumbers(*key.point, library())
        encoded = encode_dss_signature(r, s)
        numbers.public_key().verify(encoded, data, ec.ECDSA(_HASH_CLASSES[scheme.hash_name]()))
    except InvalidSignature:
        return False
    except (UnsupportedAlgorithm, ValueError):  # a curve that this build of OpenSSL leaves out
        return _ecdsa_by_hand(key, scheme.hash_name, r, s, data)
    return True


def split_plain(curve: Curve, signature: bytes) -> tuple[int, int]:
    """``r ‖ s``, both as long as the order of the curve (TR-03111 §5.2.1). Raises ValueError."""
    length = curve.order_bytes
    if len(signature) != 2 * length:
        raise ValueError("not two numbers of the curve's order")
    return int.from_bytes(signature[:length], "big"), int.from_bytes(signature[length:], "big")


def _ecdsa_by_hand(key: EcKey, name: str, r: int, s: int, data: bytes) -> bool:
    """TR-03111 §4.2.1.2."""
    curve = key.curve
    if not (0 < r < curve.n and 0 < s < curve.n):
        return False
    digest = hashlib.new(name, data).digest()
    e = int.from_bytes(digest, "big") >> max(0, 8 * len(digest) - curve.n.bit_length())
    w = pow(s, -1, curve.n)
    point = add_products(curve, (e * w % curve.n, curve.generator), (r * w % curve.n, key.point))
    return point is not None and point[0] % curve.n == r
