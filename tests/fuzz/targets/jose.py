"""JWK, JWS, JWT, JWE, SD-JWT: what is read, and what is believed of it with a key that is known."""

from __future__ import annotations

from typing import Any

from common.encoding import b64url_encode, compact_json, parse_json_object
from common.jose.jwe import decrypt, encrypt, parse_jwe_header, public_half
from common.jose.jwk import parse_public_jwk
from common.jose.jws import parse_jws, verify_jws
from common.jose.jwt import build_jwt, parse_jwt, verify_jwt
from common.jose.sd_jwt import Disclosable, issue_sd_jwt, parse_sd_jwt, present_sd_jwt, select_disclosures, unpack
from common.jose.sd_jwt.disclosure import read_disclosure
from common.jose.sd_jwt.key_binding import verify_key_binding
from common.jose.sd_jwt.verify import verify_sd_jwt
from common.keys.software import SoftwareKey
from tests.fuzz.cast import AUDIENCE, HOLDER, ISSUER, NONCE, NOW, P384, PUBLIC, SCHOOL
from tests.fuzz.target import of_json, of_text, reading

TYP = "example+jwt"
JWT = build_jwt({"typ": TYP}, {"iss": "a", "iat": NOW, "exp": NOW + 9, "aud": ["us"]}, ISSUER)
DECRYPTION_KEY = {**HOLDER.private_jwk(), "alg": "ECDH-ES", "use": "enc", "kid": "session"}
JWE = encrypt(b'{"a":1}', public_half(DECRYPTION_KEY), enc="A128GCM")
SD_JWT = issue_sd_jwt(
    {"typ": TYP},
    {"cnf": {"jwk": HOLDER.public_jwk()}, "a": Disclosable({"b": Disclosable([Disclosable(1), 2])}), "c": 3},
    ISSUER,
    decoys=2,
)
SHOWN = present_sd_jwt(parse_sd_jwt(SD_JWT), holder=HOLDER, audience=AUDIENCE, nonce=NONCE, now=NOW, paths=None)


def _jwt(data: bytes) -> Any:
    parsed = parse_jwt(data.decode("utf-8", "replace"))
    return verify_jwt(parsed, PUBLIC, typ=TYP, now=NOW, audience="us")


def _jws(data: bytes) -> Any:
    return verify_jws(parse_jws(data.decode("utf-8", "replace")), PUBLIC)


def _signed_claims(data: bytes) -> Any:
    """Any header and any claims, signed by a key that is known."""
    value = parse_json_object(data)
    header, claims = value.get("header"), value.get("claims")
    if not isinstance(header, dict) or not isinstance(claims, dict):
        return None
    text = build_jwt({"typ": TYP, **header, "alg": "ES256"}, claims, ISSUER)
    return verify_jwt(parse_jwt(text), PUBLIC, typ=TYP, now=NOW, audience="us", max_age=10)


def _signed_disclosures(data: bytes) -> Any:
    """Any payload with any disclosures, signed, and any selection of them."""
    value = parse_json_object(data)
    claims, disclosed, path = value.get("claims"), value.get("disclosures"), value.get("path")
    if not isinstance(claims, dict) or not isinstance(disclosed, list):
        return None
    texts = [b64url_encode(compact_json(one)) for one in disclosed]
    parsed = parse_sd_jwt("~".join((build_jwt({"typ": TYP}, claims, ISSUER), *texts, "")))
    if isinstance(path, list) and all(isinstance(step, str | int | None) for step in path) and path:
        select_disclosures(parsed, [path])
    return verify_sd_jwt(parsed, PUBLIC, typ=TYP, now=NOW).claims


def _shown(data: bytes) -> Any:
    parsed = parse_sd_jwt(data.decode("utf-8", "replace"))
    verify_sd_jwt(parsed, PUBLIC, typ=TYP, now=NOW)
    return verify_key_binding(parsed, parse_public_jwk(HOLDER.public_jwk()), audience=AUDIENCE, nonce=NONCE, now=NOW)


def _unpacked(data: bytes) -> Any:
    value = parse_json_object(data)
    texts = value.pop("~", [])
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        return None
    return unpack(value, texts)


TARGETS = (
    of_json(parse_public_jwk, *(compact_json(key.public_jwk()).decode() for key in (ISSUER, SCHOOL, P384))),
    of_text(parse_jws, JWT),
    reading(verify_jws, _jws, JWT.encode()),
    of_text(parse_jwt, JWT),
    reading(verify_jwt, _jwt, JWT.encode()),
    reading(build_jwt, _signed_claims, compact_json({"header": {"kid": "a"}, "claims": {"iat": NOW, "aud": "us"}})),
    of_text(parse_jwe_header, JWE),
    reading(decrypt, lambda data: decrypt(data.decode("utf-8", "replace"), DECRYPTION_KEY), JWE.encode()),
    of_text(parse_sd_jwt, SD_JWT, SHOWN),
    of_text(read_disclosure, b64url_encode(b'["salt-salt-salt-salt","a",1]')),
    reading(verify_key_binding, _shown, SHOWN.encode()),
    reading(verify_sd_jwt, _signed_disclosures, compact_json({"claims": {"a": 1}, "disclosures": [], "path": ["a"]})),
    reading(unpack, _unpacked, compact_json({"a": 1, "~": []})),
    reading(
        SoftwareKey.from_file_content,
        SoftwareKey.from_file_content,
        compact_json(ISSUER.private_jwk()),
        compact_json(SCHOOL.private_jwk()),
    ),
)
