"""Verifier metadata inside a request: response encryption keys and formats (OpenID4VP 1.0 §5.1, §8.3, §11)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import Field

from common.errors import Malformed, Rejected, TegataError
from common.jose.jwe import ENCRYPTIONS
from common.jose.jwk import parse_public_jwk
from common.oauth.wire import ShortText, Wire, read_wire

DEFAULT_ENC = "A128GCM"
VP_FORMATS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "dc+sd-jwt": {
            "sd-jwt_alg_values": ["ES256", "ES384", "EdDSA"],
            "kb-jwt_alg_values": ["ES256", "ES384", "EdDSA"],
        },
        "jwt_vc_json": {"alg_values": ["ES256", "ES384", "EdDSA"]},
        "ldp_vc": {
            "proof_type_values": ["DataIntegrityProof"],
            "cryptosuite_values": ["eddsa-rdfc-2022", "ecdsa-rdfc-2019"],
        },
        "mso_mdoc": {"issuerauth_alg_values": [-7, -9, -35, -51], "deviceauth_alg_values": [-7, -9]},
    }
)
"""What this software understands, as ``vp_formats_supported`` (appendix B.1.3, B.2.2, B.3.4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientMetadata:
    """encryption_keys: public JWKs with kid and alg, ephemeral for the session. enc_values: JWE ``enc`` names."""

    encryption_keys: tuple[Mapping[str, Any], ...] = ()
    enc_values: tuple[str, ...] = (DEFAULT_ENC,)
    vp_formats: Mapping[str, Any] = field(default_factory=lambda: dict(VP_FORMATS))


class _JwksWire(Wire):
    keys: Annotated[list[dict[str, Any]], Field(max_length=16)]


class _MetadataWire(Wire):
    jwks: _JwksWire | None = None
    encrypted_response_enc_values_supported: Annotated[list[ShortText], Field(min_length=1, max_length=16)] | None = (
        None
    )
    vp_formats_supported: Annotated[dict[str, dict[str, Any]], Field(max_length=32)] | None = None


def build_client_metadata(metadata: ClientMetadata) -> dict[str, Any]:
    """The JSON object; the default of ``enc`` is left out, as §5.1 wants."""
    body: dict[str, Any] = {}
    if metadata.encryption_keys:
        body["jwks"] = {"keys": [dict(key) for key in metadata.encryption_keys]}
        if metadata.enc_values != (DEFAULT_ENC,):
            body["encrypted_response_enc_values_supported"] = list(metadata.enc_values)
    body["vp_formats_supported"] = {name: dict(value) for name, value in metadata.vp_formats.items()}
    return body


def parse_client_metadata(data: bytes | str | Mapping[str, Any]) -> ClientMetadata:
    """JSON object → metadata. Raises Malformed("invalid_request"), also for a JWK without ``kid`` or two with the same."""
    wire = read_wire(_MetadataWire, data, code="invalid_request", max_bytes=1 << 16)
    keys = wire.jwks.keys if wire.jwks else []
    kids = [key.get("kid") for key in keys]
    if not all(isinstance(kid, str) and kid for kid in kids) or len(set(map(str, kids))) != len(kids):
        raise Malformed("invalid_request", "every key in client_metadata has a kid of its own")
    return ClientMetadata(
        encryption_keys=tuple(keys),
        enc_values=tuple(wire.encrypted_response_enc_values_supported or (DEFAULT_ENC,)),
        vp_formats=wire.vp_formats_supported or {},
    )


def choose_encryption(metadata: ClientMetadata) -> tuple[Mapping[str, Any], str]:
    """The key and ``enc`` for an encrypted response (§8.3): first key for ECDH-ES that we can use, A128GCM where allowed.

    Raises Rejected("algorithm_not_allowed") where the verifier offers nothing that we can do.
    """
    enc = next((one for one in ENCRYPTIONS if one in metadata.enc_values), None)
    for key in metadata.encryption_keys:
        if key.get("alg") != "ECDH-ES" or key.get("use", "enc") != "enc" or key.get("kty") != "EC":
            continue
        try:
            parse_public_jwk(key)
        except TegataError:
            continue
        if enc is not None:
            return key, enc
    raise Rejected("algorithm_not_allowed", "the verifier offers no way to encrypt that this wallet knows")
