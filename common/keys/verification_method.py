"""A verification method document → its key, to sign or to verify with. W3C Controlled Identifiers 1.0 §2.2 (JsonWebKey, Multikey).

Also read: a bare JWK. The secret half of a Multikey has codes of its own in the multicodec table (``p256-priv`` …).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from multiformats import multicodec, varint

from common.encoding import b64url_encode
from common.errors import Malformed
from common.jose.jwk import CURVES, PublicKey, export_public_jwk, parse_public_jwk, public_part
from common.keys.multikey import base58btc_decode, decode_multikey
from common.keys.software import SoftwareKey

_SECRET_CODECS = {"P-256": "p256-priv", "P-384": "p384-priv", "P-521": "p521-priv", "Ed25519": "ed25519-priv"}
_SECRET_PREFIXES = {crv: varint.encode(multicodec.get(name).code) for crv, name in _SECRET_CODECS.items()}
_PUBLIC_JWK, _PUBLIC_TEXT = "publicKeyJwk", "publicKeyMultibase"
_SECRET_JWKS, _SECRET_TEXTS = ("secretKeyJwk", "privateKeyJwk"), ("secretKeyMultibase", "privateKeyMultibase")


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationMethod:
    """id, controller: URLs, None where the document states none. secret: None where it holds the public half alone."""

    id: str | None
    controller: str | None
    public: PublicKey
    secret: SoftwareKey | None = field(repr=False)


def parse_verification_method(document: Mapping[str, Any]) -> VerificationMethod:
    """JWK in ``publicKeyJwk``, ``secretKeyJwk``; Multikey in ``publicKeyMultibase``, ``secretKeyMultibase``; or a JWK as it stands.

    P-256, P-384, P-521, Ed25519. Raises Malformed; also when the two halves do not belong together.
    Left to the caller: ``expires`` and ``revoked`` of the document, and that it stands where its controller put it.
    """
    secret_jwk = _secret_jwk(document)
    public_jwk = _public_jwk(document)
    if public_jwk is None and secret_jwk is None:
        raise Malformed("bad_verification_method", "a verification method holds a key as a JWK or as a Multikey")
    public = parse_public_jwk(public_jwk if public_jwk is not None else public_part(secret_jwk or {}))
    secret = None
    if secret_jwk is not None:
        secret = SoftwareKey.from_private_jwk(secret_jwk)
        if secret.private_key().public_key() != public.key:
            raise Malformed("bad_verification_method", "the secret and the public half do not belong together")
    return VerificationMethod(
        id=_text(document, "id"), controller=_text(document, "controller"), public=public, secret=secret
    )


def _text(document: Mapping[str, Any], name: str) -> str | None:
    value = document.get(name)
    if value is not None and not isinstance(value, str):
        raise Malformed("bad_verification_method", f"{name} is text")
    return value


def _public_jwk(document: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if "kty" in document:
        return public_part(document)
    if _PUBLIC_JWK in document:
        return _object(document[_PUBLIC_JWK])
    if _PUBLIC_TEXT in document:
        return decode_multikey(_required_text(document[_PUBLIC_TEXT]))
    return None


def _secret_jwk(document: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if "kty" in document:
        return document if "d" in document else None
    for name in _SECRET_JWKS:
        if name in document:
            return _object(document[name])
    for name in _SECRET_TEXTS:
        if name in document:
            return decode_secret_multikey(_required_text(document[name]))
    return None


def _object(value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise Malformed("bad_verification_method", "a JWK is a JSON object")
    return value


def _required_text(value: object) -> str:
    if not isinstance(value, str):
        raise Malformed("bad_verification_method", "a Multikey is text")
    return value


def decode_secret_multikey(text: str) -> dict[str, Any]:
    """``z…`` → private JWK without kid. Raises Malformed: another multibase, an unknown code, a wrong length, a number out of range."""
    if text[:1] != "z":
        raise Malformed("bad_multikey", "a multikey here is base58btc: it begins with z")
    data = base58btc_decode(text[1:])
    for crv, prefix in _SECRET_PREFIXES.items():
        if data.startswith(prefix):
            return _read_secret(crv, data[len(prefix) :])
    raise Malformed("unsupported_key", f"known codes: {', '.join(_SECRET_CODECS.values())}")


def _read_secret(crv: str, raw: bytes) -> dict[str, Any]:
    if len(raw) != (32 if crv == "Ed25519" else CURVES[crv].size):
        raise Malformed("bad_multikey", f"a secret key of {crv} has another length")
    key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
    try:
        if crv == "Ed25519":
            key = ed25519.Ed25519PrivateKey.from_private_bytes(raw)
        else:
            key = ec.derive_private_key(int.from_bytes(raw, "big"), CURVES[crv].curve)
    except ValueError:
        raise Malformed("bad_multikey", "not a private key") from None
    return {**export_public_jwk(key.public_key()), "d": b64url_encode(raw)}
