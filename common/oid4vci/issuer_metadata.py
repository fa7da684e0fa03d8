"""Credential Issuer Metadata: what an issuer offers, and how to show it (OpenID4VCI 1.0 §12.2, appendices A and B).

Formats ``dc+sd-jwt``, ``jwt_vc_json``, ``ldp_vc``, ``mso_mdoc``; configurations of other formats are read too (a wallet leaves them alone),
without their type.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from common.errors import Rejected, Unsupported
from common.formats.credential import ClaimsPath
from common.oauth.well_known import CREDENTIAL_ISSUER, well_known_address
from common.oauth.wire import read_wire
from common.oid4vci.issuer_metadata_wire import ConfigurationWire, DisplayWire, MetadataWire, check_claims

_BAD = "bad_issuer_metadata"


@dataclass(frozen=True, slots=True, kw_only=True)
class Display:
    """How an issuer or a credential is shown in one language. locale: BCP 47 tag or None. Colours: CSS (``#12107c``)."""

    name: str | None
    locale: str | None = None
    description: str | None = None
    logo_uri: str | None = None
    logo_text: str | None = None
    background_color: str | None = None
    background_image_uri: str | None = None
    text_color: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimDescription:
    """path: from the root of the credential. names: (locale or None, name) in the issuer's order. mandatory: always issued."""

    path: ClaimsPath
    names: tuple[tuple[str | None, str], ...] = ()
    mandatory: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialConfiguration:
    """One credential on offer. vct for dc+sd-jwt; doctype for mso_mdoc; types (all of ``credential_definition.type``) for the W3C formats,
    with contexts (``@context``: addresses and objects) for ldp_vc.

    binding_methods: jwk, cose_key, did:key, did:jwk …; empty means no key binding. signing_algs: JOSE names, cryptosuites (ldp_vc) or COSE
    numbers (mso_mdoc). proof_algs: JOSE names accepted in ``jwt`` proofs.
    """

    id: str
    format: str
    scope: str | None = None
    vct: str | None = None
    types: tuple[str, ...] = ()
    contexts: tuple[str | Mapping[str, Any], ...] = ()
    doctype: str | None = None
    binding_methods: tuple[str, ...] = ()
    signing_algs: tuple[str | int, ...] = ()
    proof_algs: tuple[str, ...] = ()
    display: tuple[Display, ...] = ()
    claims: tuple[ClaimDescription, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialIssuerMetadata:
    """batch_size: key proofs in one request; 1 where the issuer advertises no batch. authorization_servers: empty = the issuer itself."""

    credential_issuer: str
    credential_endpoint: str
    nonce_endpoint: str | None = None
    notification_endpoint: str | None = None
    authorization_servers: tuple[str, ...] = ()
    batch_size: int = 1
    display: tuple[Display, ...] = ()
    configurations: Mapping[str, CredentialConfiguration] = field(default_factory=dict)

    def configuration(self, name: str) -> CredentialConfiguration:
        """The configuration of that id. Raises Unsupported("unknown_credential_configuration")."""
        try:
            return self.configurations[name]
        except KeyError:
            raise Unsupported(
                "unknown_credential_configuration", "the issuer's metadata has no such credential"
            ) from None


def issuer_metadata_address(credential_issuer: str) -> str:
    """Identifier → address of the metadata (§12.2.2)."""
    return well_known_address(credential_issuer, CREDENTIAL_ISSUER)


def build_issuer_metadata(metadata: CredentialIssuerMetadata) -> dict[str, Any]:
    """The JSON document to publish as application/json."""
    return _present(
        credential_issuer=metadata.credential_issuer,
        authorization_servers=list(metadata.authorization_servers),
        credential_endpoint=metadata.credential_endpoint,
        nonce_endpoint=metadata.nonce_endpoint,
        notification_endpoint=metadata.notification_endpoint,
        batch_credential_issuance={"batch_size": metadata.batch_size} if metadata.batch_size > 1 else None,
        display=[_build_display(one) for one in metadata.display],
    ) | {
        "credential_configurations_supported": {
            name: _build_configuration(one) for name, one in metadata.configurations.items()
        }
    }


def _build_configuration(one: CredentialConfiguration) -> dict[str, Any]:
    proofs = {"jwt": {"proof_signing_alg_values_supported": list(one.proof_algs)}}
    about = _present(
        display=[_build_display(display) for display in one.display],
        claims=[
            _present(
                path=list(claim.path),
                mandatory=claim.mandatory or None,
                display=[_present(name=name, locale=locale) for locale, name in claim.names],
            )
            for claim in one.claims
        ],
    )
    return _present(
        format=one.format,
        scope=one.scope,
        vct=one.vct,
        doctype=one.doctype,
        credential_definition=_present(**{"@context": list(one.contexts), "type": list(one.types)}),
        credential_signing_alg_values_supported=list(one.signing_algs),
        cryptographic_binding_methods_supported=list(one.binding_methods),
        proof_types_supported=proofs if one.proof_algs else None,
        credential_metadata=about,
    )


def _build_display(one: Display) -> dict[str, Any]:
    return _present(
        name=one.name,
        locale=one.locale,
        description=one.description,
        logo=_present(uri=one.logo_uri, alt_text=one.logo_text) if one.logo_uri else None,
        background_color=one.background_color,
        background_image={"uri": one.background_image_uri} if one.background_image_uri else None,
        text_color=one.text_color,
    )


def _present(**members: Any) -> dict[str, Any]:
    """Members without a value, and empty arrays and objects (the text wants them non-empty), are left out."""
    return {name: value for name, value in members.items() if value is not None and value not in ([], {})}


def parse_issuer_metadata(data: bytes | str | Mapping[str, Any], *, credential_issuer: str) -> CredentialIssuerMetadata:
    """What was fetched from the well-known address of ``credential_issuer``.

    Raises Malformed("bad_issuer_metadata"); Rejected("untrusted_issuer") where the document names another issuer (§12.2.4: simple
    comparison, else it MUST NOT be used).
    """
    wire = read_wire(MetadataWire, data, code=_BAD, max_bytes=1 << 20)
    if wire.credential_issuer != credential_issuer:
        raise Rejected("untrusted_issuer", "the issuer metadata names another issuer")
    batch = wire.batch_credential_issuance
    return CredentialIssuerMetadata(
        credential_issuer=wire.credential_issuer,
        credential_endpoint=wire.credential_endpoint,
        nonce_endpoint=wire.nonce_endpoint,
        notification_endpoint=wire.notification_endpoint,
        authorization_servers=tuple(wire.authorization_servers or ()),
        batch_size=batch.batch_size if batch else 1,
        display=tuple(_read_display(one) for one in wire.display or ()),
        configurations={
            name: _read_configuration(name, one) for name, one in wire.credential_configurations_supported.items()
        },
    )


def _read_configuration(name: str, wire: ConfigurationWire) -> CredentialConfiguration:
    about = wire.credential_metadata
    claims = tuple(
        ClaimDescription(
            path=tuple(claim.path),
            names=tuple((one.locale, one.name) for one in claim.display or () if one.name),
            mandatory=claim.mandatory,
        )
        for claim in (about.claims if about else None) or ()
    )
    check_claims([claim.path for claim in claims], code=_BAD)
    jwt = (wire.proof_types_supported or {}).get("jwt")
    return CredentialConfiguration(
        id=name,
        format=wire.format,
        scope=wire.scope,
        vct=wire.vct,
        types=tuple(wire.credential_definition.type) if wire.credential_definition else (),
        contexts=tuple(wire.credential_definition.context or ()) if wire.credential_definition else (),
        doctype=wire.doctype,
        binding_methods=tuple(wire.cryptographic_binding_methods_supported or ()),
        signing_algs=tuple(wire.credential_signing_alg_values_supported or ()),
        proof_algs=tuple(alg for alg in jwt.proof_signing_alg_values_supported if isinstance(alg, str)) if jwt else (),
        display=tuple(_read_display(one) for one in (about.display if about else None) or ()),
        claims=claims,
    )


def _read_display(wire: DisplayWire) -> Display:
    return Display(
        name=wire.name,
        locale=wire.locale,
        description=wire.description,
        logo_uri=wire.logo.uri if wire.logo else None,
        logo_text=wire.logo.alt_text if wire.logo else None,
        background_color=wire.background_color,
        background_image_uri=wire.background_image.uri if wire.background_image else None,
        text_color=wire.text_color,
    )
