"""A credential configuration of OpenID4VCI: one type of the catalogue in one format. Its id is ``<type>_<format's short name>``."""

from __future__ import annotations

from dataclasses import dataclass

from common.registry import Registry
from issuer.catalogue.contract import GATE_PASS, CredentialType
from issuer.catalogue.registry import CATALOGUE

SHORT_NAMES = {
    "dc+sd-jwt": "sd_jwt",
    "jwt_vc_json": "w3c_jwt",
    "ldp_vc": "w3c_di",
    "mso_mdoc": "mdoc",
    GATE_PASS: "gate_pass",
}
BINDING_METHODS = {
    "dc+sd-jwt": ("jwk",),
    "jwt_vc_json": ("did:key", "did:jwk"),
    "ldp_vc": ("did:key", "did:jwk"),
    "mso_mdoc": ("cose_key", "jwk"),
    GATE_PASS: ("jwk",),
}
"""How a wallet may name its key. SD-JWT VC and mdoc bind to the key itself, the W3C forms to a DID (credentialSubject.id)."""

SIGNING_ALGS = {
    "dc+sd-jwt": ("ES256", "ES384", "ES512", "EdDSA"),
    "jwt_vc_json": ("ES256", "ES384", "ES512", "EdDSA"),
    "ldp_vc": ("EdDSA", "ES256", "ES384"),
    "mso_mdoc": ("ES256", "ES384", "ES512"),
    GATE_PASS: ("ES256",),
}
"""With what each format can be signed: by the first, unless the institution chose another for the type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    id: str
    type: CredentialType
    format: str

    @property
    def binding_methods(self) -> tuple[str, ...]:
        return BINDING_METHODS[self.format]

    @property
    def signing_algs(self) -> tuple[str, ...]:
        return SIGNING_ALGS[self.format]


def configuration_id(type_name: str, format_name: str) -> str:
    return f"{type_name}_{SHORT_NAMES[format_name]}"


CONFIGURATIONS: Registry[Configuration] = Registry(
    "credential configuration",
    tuple(
        Configuration(id=configuration_id(kind.name, form), type=kind, format=form)
        for kind in CATALOGUE
        for form in kind.formats
    ),
    name=lambda member: member.id,
)
