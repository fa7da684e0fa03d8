"""JSON Web Encryption for encrypted responses: ECDH-ES (direct key agreement) with A128GCM or A256GCM. RFC 7516, 7518 §4.6, §5.3.

Compact serialization only. What is refused on sight: ``zip`` (a few bytes could inflate to gigabytes), ``crit``, every other algorithm.
Both directions are written on ``cryptography`` directly; tests hold them against jwcrypto, which takes twice as long to decrypt.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from secrets import token_bytes
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from common.encoding import b64url_decode, b64url_encode, compact_json, parse_json_object
from common.errors import Malformed, Rejected
from common.jose.jwk import CURVES, Curve, export_public_jwk, parse_public_jwk, public_part

MAX_BYTES = 1 << 20
ENCRYPTIONS = ("A128GCM", "A256GCM")
_KEY_BYTES = {"A128GCM": 16, "A256GCM": 32}


def generate_decryption_key(kid: str, *, curve: str = "P-256") -> dict[str, Any]:
    """A new private JWK for ECDH-ES: use enc, alg ECDH-ES. `public_half` of it goes into ``client_metadata``."""
    key = ec.generate_private_key(CURVES[curve].curve)
    secret = key.private_numbers().private_value.to_bytes(CURVES[curve].size, "big")
    return {
        **export_public_jwk(key.public_key()),
        "kid": kid,
        "use": "enc",
        "alg": "ECDH-ES",
        "d": b64url_encode(secret),
    }


def public_half(private_jwk: Mapping[str, Any]) -> dict[str, Any]:
    """What others need to encrypt to this key."""
    return public_part(private_jwk)


def _derive(shared: bytes, enc: str, apu: bytes, apv: bytes) -> bytes:
    """Concat KDF, one round of SHA-256 (RFC 7518 §4.6.2; 256 bits are enough for both encryptions)."""
    size = _KEY_BYTES[enc]
    info = b"".join(len(part).to_bytes(4, "big") + part for part in (enc.encode("ascii"), apu, apv))
    return hashlib.sha256(b"\0\0\0\x01" + shared + info + (size * 8).to_bytes(4, "big")).digest()[:size]


def _read_curve_key(jwk: Mapping[str, Any]) -> tuple[Curve, ec.EllipticCurvePublicKey]:
    public = parse_public_jwk(public_part(jwk))
    if not isinstance(public.key, ec.EllipticCurvePublicKey):
        raise Malformed("bad_jwk", "ECDH-ES needs a key on P-256, P-384 or P-521")
    return CURVES[jwk["crv"]], public.key


def encrypt(
    payload: bytes,
    recipient_jwk: Mapping[str, Any],
    *,
    enc: str = "A128GCM",
    apu: bytes = b"",
    apv: bytes = b"",
    header: Mapping[str, Any] | None = None,
) -> str:
    """Payload → compact JWE for the holder of ``recipient_jwk``; its kid goes into the header (OpenID4VP 1.0 §8.3).

    apu, apv: agreement party infos, left out when empty. header: further members (typ, cty).
    Raises Malformed for a key that cannot be used, Rejected("algorithm_not_allowed") for another enc.
    """
    if enc not in _KEY_BYTES:
        raise Rejected("algorithm_not_allowed", f"enc must be one of {', '.join(ENCRYPTIONS)}")
    if recipient_jwk.get("alg", "ECDH-ES") != "ECDH-ES" or recipient_jwk.get("use", "enc") != "enc":
        raise Rejected("algorithm_not_allowed", "the recipient's key is not meant for ECDH-ES")
    curve, recipient = _read_curve_key(recipient_jwk)
    ephemeral = ec.generate_private_key(curve.curve)
    protected: dict[str, Any] = {"alg": "ECDH-ES", "enc": enc, **(header or {})}
    if isinstance(recipient_jwk.get("kid"), str):
        protected["kid"] = recipient_jwk["kid"]
    protected |= {name: b64url_encode(value) for name, value in (("apu", apu), ("apv", apv)) if value}
    protected["epk"] = export_public_jwk(ephemeral.public_key())
    encoded = b64url_encode(compact_json(protected))
    key = _derive(ephemeral.exchange(ec.ECDH(), recipient), enc, apu, apv)
    iv = token_bytes(12)
    sealed = AESGCM(key).encrypt(iv, payload, encoded.encode("ascii"))
    return f"{encoded}..{b64url_encode(iv)}.{b64url_encode(sealed[:-16])}.{b64url_encode(sealed[-16:])}"


def parse_jwe_header(text: str, *, max_bytes: int = MAX_BYTES) -> dict[str, Any]:
    """The protected header, unauthenticated: to find the decryption key by ``kid``. Raises Malformed."""
    return _split(text, max_bytes)[0]


def _split(text: str, max_bytes: int) -> tuple[dict[str, Any], list[str]]:
    if len(text) > max_bytes:
        raise Malformed("too_large", f"more than {max_bytes} bytes")
    parts = text.split(".", 5)
    if len(parts) != 5:
        raise Malformed("bad_jwe", "a compact JWE has five parts")
    return parse_json_object(b64url_decode(parts[0])), parts


def decrypt(
    text: str,
    private_jwk: Mapping[str, Any],
    *,
    enc_allowed: Collection[str] = ENCRYPTIONS,
    max_bytes: int = MAX_BYTES,
    same_kid: bool = False,
) -> bytes:
    """Compact JWE → payload. same_kid: where the header has a ``kid``, it must be the key's own.

    1. size and shape                                             RFC 7516 §5.2 steps 1–3
    2. the header asks for nothing but what is allowed here       alg, enc; no zip, no crit
    3. the ephemeral key lies on our key's curve                  RFC 7518 §4.6.1.1 (an invalid-curve attack ends here)
    4. derive, decrypt, authenticate                              RFC 7518 §4.6.2, §5.3
    Raises Malformed, Rejected("algorithm_not_allowed"), or Rejected("bad_signature") when the text was changed or is for another.
    """
    # 1 · shape
    header, parts = _split(text, max_bytes)
    # 2 · header
    if "zip" in header:
        raise Malformed("zip_refused", "compressed JWEs are not read here")
    if "crit" in header:
        raise Malformed("unknown_crit", "the header demands an extension that is not known here")
    enc = header.get("enc")
    if header.get("alg") != "ECDH-ES" or not isinstance(enc, str) or enc not in enc_allowed or enc not in _KEY_BYTES:
        raise Rejected("algorithm_not_allowed", f"alg must be ECDH-ES and enc one of {', '.join(enc_allowed)}")
    if same_kid and header.get("kid", private_jwk.get("kid")) != private_jwk.get("kid"):
        raise Rejected("bad_signature", "encrypted to another key")
    if parts[1]:
        raise Malformed("bad_jwe", "direct key agreement has no encrypted key")
    # 3 · ephemeral key
    epk = header.get("epk")
    if not isinstance(epk, dict) or epk.get("crv") != private_jwk.get("crv"):
        raise Malformed("bad_epk", "the ephemeral key is not on the curve of the recipient's key")
    curve, ephemeral = _read_curve_key(epk)
    apu, apv = (_party_info(header, name) for name in ("apu", "apv"))
    # 4 · decrypt
    iv, ciphertext, tag = (b64url_decode(part) for part in parts[2:])
    if len(iv) != 12 or len(tag) != 16:
        raise Malformed("bad_jwe", "GCM has an iv of 12 and a tag of 16 bytes")
    own = ec.derive_private_key(int.from_bytes(b64url_decode(private_jwk["d"]), "big"), curve.curve)
    key = _derive(own.exchange(ec.ECDH(), ephemeral), enc, apu, apv)
    try:
        return AESGCM(key).decrypt(iv, ciphertext + tag, parts[0].encode("ascii"))
    except InvalidTag:
        raise Rejected("bad_signature", "encrypted for another key, or changed on the way") from None


def _party_info(header: Mapping[str, Any], name: str) -> bytes:
    value = header.get(name, "")
    if not isinstance(value, str):
        raise Malformed("bad_jwe", f"{name} is base64url text")
    return b64url_decode(value)
