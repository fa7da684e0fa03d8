"""Documents of VCDM 2.0 and keys, as files would hold them, for the tests of securing with JOSE and COSE."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from common.encoding import compact_json
from common.formats.vc_jose_cose.enveloped import envelop
from common.formats.vc_jose_cose.media_type import MediaType
from common.formats.vc_jose_cose.secure import secure
from common.formats.vcdm.terms import CONTEXT_V2
from common.jose.jwt import build_jwt
from common.keys.software import SoftwareKey

ISSUER_URL = "https://university.example/issuers/14"
ALGS = {"p256": "ES256", "p384": "ES384", "p521": "ES512", "ed25519": "EdDSA"}
KEYS = {name: SoftwareKey.generate(alg) for name, alg in ALGS.items()}


def key_id(name: str) -> str:
    return f"{ISSUER_URL}#{name}"


def method(name: str, *, secret: bool = True) -> dict[str, Any]:
    """A verification method document of the type JsonWebKey."""
    key = KEYS[name]
    found: dict[str, Any] = {
        "id": key_id(name),
        "type": "JsonWebKey",
        "controller": ISSUER_URL,
        "publicKeyJwk": key.public_jwk(),
    }
    return {**found, "secretKeyJwk": key.private_jwk()} if secret else found


def credential(**change: Any) -> dict[str, Any]:
    found = {
        "@context": [CONTEXT_V2],
        "id": "urn:uuid:8c1f0a50-7bb2-4c8e-9a55-3a6a2c4f7d10",
        "type": ["VerifiableCredential"],
        "issuer": ISSUER_URL,
        "validFrom": "2020-04-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:hanako", "name": "桜川花子"},
        **change,
    }
    return {name: value for name, value in found.items() if value is not None}


FULL = credential(
    name=[{"@value": "卒業証明書", "@language": "ja"}],
    description="A degree",
    validUntil="2099-01-01T00:00:00Z",
    credentialSchema={"id": "https://university.example/degree.json", "type": "JsonSchema"},
    credentialStatus={"id": "https://university.example/status/3#94567", "type": "SomethingUnheardOf"},
    evidence=[{"id": "https://university.example/evidence/1", "type": ["Examination"]}],
    termsOfUse=[{"id": "https://university.example/terms/1", "type": "Terms"}],
    refreshService={"id": "https://university.example/refresh", "type": "Refresh"},
)


def presentation(*held: Mapping[str, Any], **change: Any) -> dict[str, Any]:
    found = {
        "@context": [CONTEXT_V2],
        "id": "urn:uuid:5f0b6a86-32f2-4f4c-91e7-6cd8d7c6a001",
        "type": "VerifiablePresentation",
        "holder": ISSUER_URL,
        "verifiableCredential": list(held),
        **change,
    }
    return {name: value for name, value in found.items() if value is not None}


def secured(document: Mapping[str, Any], kind: MediaType, key: str = "p256", **options: Any) -> str | bytes:
    return secure(document, kind, KEYS[key], key_id=key_id(key), **options)


def enveloped(kind: MediaType, key: str = "p256", **change: Any) -> dict[str, Any]:
    return envelop(secured(credential(**change), kind, key), kind)


def signed_jwt(claims: Mapping[str, Any], key: str = "p256", *, typ: str = "vc+jwt", **header: Any) -> str:
    """Whatever claims, as a JWT: what an issuer who does not keep the rules could send."""
    return build_jwt({"typ": typ, "kid": key_id(key), **header}, claims, KEYS[key])


def as_file(secured_document: str | bytes) -> bytes:
    """COSE goes over a file as base64 text."""
    if isinstance(secured_document, bytes):
        return base64.b64encode(secured_document)
    return secured_document.encode("ascii")


def json_file(document: Mapping[str, Any]) -> bytes:
    return compact_json(dict(document))
