"""Signers made of the key pairs that the specifications' examples print, as Multikeys with their secret halves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from common.keys.multikey import base58btc_decode
from common.keys.software import SoftwareKey

_SECRET_PREFIX = {b"\x80\x26": "Ed25519", b"\x86\x26": "P-256", b"\x87\x26": "P-384"}
_CURVES: Mapping[str, ec.EllipticCurve] = {"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1()}


def signer_of(pair: Mapping[str, Any]) -> SoftwareKey:
    """The pair's ``secretKeyMultibase`` (or ``privateKeyMultibase``) as a signer; its kid is the public Multikey."""
    data = base58btc_decode(pair.get("secretKeyMultibase", pair.get("privateKeyMultibase"))[1:])
    curve, secret = _SECRET_PREFIX[data[:2]], data[2:]
    key: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey
    if curve == "Ed25519":
        key = ed25519.Ed25519PrivateKey.from_private_bytes(secret)
    else:
        key = ec.derive_private_key(int.from_bytes(secret, "big"), _CURVES[curve])
    return SoftwareKey(key, pair["publicKeyMultibase"])
