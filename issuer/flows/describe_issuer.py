"""What an institution publishes about itself: issuer metadata, authorisation server metadata, keys, DID document, types, contexts."""

from __future__ import annotations

from typing import Any

from common.did.document import build_document
from common.encoding import compact_json
from common.errors import NotFound
from common.formats.data_integrity.issue import RDFC_SUITES
from common.formats.sd_jwt_vc.type_metadata import ClaimMetadata, TypeMetadata, build_type_metadata
from common.formats.vcdm.terms import CONTEXT_V2
from common.keys import bls
from common.oauth.authorization_server_metadata import (
    PRE_AUTHORIZED_CODE,
    REFRESH_TOKEN,
    AuthorizationServerMetadata,
    build_authorization_server_metadata,
)
from common.oid4vci.issuer_metadata import (
    ClaimDescription,
    CredentialConfiguration,
    CredentialIssuerMetadata,
    Display,
    build_issuer_metadata,
)
from common.trust.issuer_metadata import build_issuer_metadata as build_key_metadata
from issuer.catalogue.configurations import CONFIGURATIONS, Configuration
from issuer.catalogue.contract import Claim, CredentialType, Disclosure
from issuer.catalogue.registry import CATALOGUE
from issuer.catalogue.terms import context_of, equal_terms
from issuer.flows.desk import Desk
from issuer.flows.did_log import did_of_log
from issuer.flows.issue_credential import PROOF_ALGS
from issuer.flows.key_history import publish_history
from issuer.flows.signing_choice import alg_of
from issuer.settings import Addresses

TEXT_COLOUR = "#333333"


def describe_issuer(desk: Desk, tenant: str) -> dict[str, Any]:
    """Credential Issuer Metadata (OpenID4VCI 1.0 §12.2)."""
    identity, at = desk.keys.identity(tenant), desk.addresses
    return build_issuer_metadata(
        CredentialIssuerMetadata(
            credential_issuer=at.issuer(tenant),
            credential_endpoint=at.credential(tenant),
            nonce_endpoint=at.nonce(tenant),
            notification_endpoint=at.notification(tenant),
            batch_size=desk.settings.batch_size,
            display=(
                Display(name=identity.name_ja, locale="ja"),
                Display(name=identity.name_en, locale="en"),
            ),
            configurations={one.id: _configuration(desk, one, alg_of(identity, one)) for one in CONFIGURATIONS},
        )
    )


def describe_authorization_server(desk: Desk, tenant: str) -> dict[str, Any]:
    """Authorization Server Metadata (RFC 8414, OpenID4VCI 1.0 §12.3): the issuer is its own."""
    desk.keys.identity(tenant)
    grants = (PRE_AUTHORIZED_CODE, REFRESH_TOKEN) if desk.settings.refresh_token_seconds else (PRE_AUTHORIZED_CODE,)
    return build_authorization_server_metadata(
        AuthorizationServerMetadata(
            issuer=desk.addresses.issuer(tenant), token_endpoint=desk.addresses.token(tenant), grant_types=grants
        )
    )


def describe_keys(desk: Desk, tenant: str) -> dict[str, Any]:
    """JWT VC Issuer Metadata (SD-JWT VC draft-19 §4), with the life of the keys: which were retired, which compromised."""
    keys = [key for key in desk.keys.identity(tenant).published if key.alg != bls.ALG]
    lives = {key.kid: key.entry for key in keys}
    return build_key_metadata(desk.addresses.issuer(tenant), [key.public for key in keys], lives)


def describe_did(desk: Desk, tenant: str) -> dict[str, Any]:
    """The did:web document (DID Core 1.0 §5). It names the https identifier and the did:webvh, as all are one issuer."""
    proven = did_of_log(tenant)
    identity = desk.keys.identity(tenant)
    document = build_document(
        desk.addresses.did(tenant),
        identity.public_jwks,
        relationships=("assertionMethod",),
        also_known_as=(desk.addresses.issuer(tenant), *((proven,) if proven else ())),
    )
    return publish_history(document, identity)


def describe_type(desk: Desk, name: str) -> bytes:
    """SD-JWT VC type metadata of a type of the catalogue. Raises NotFound."""
    kind = find_type(name)
    return build_type_metadata(
        TypeMetadata(
            vct=desk.addresses.vct(kind.name),
            names=_texts(kind.title),
            descriptions=_texts(kind.description),
            background_color=kind.background,
            text_color=TEXT_COLOUR,
            claims=tuple(
                ClaimMetadata(
                    path=claim.path,
                    labels={"ja": claim.ja, "en": claim.en},
                    mandatory=claim.disclosure is Disclosure.ALWAYS,
                    sd="never" if claim.disclosure is Disclosure.ALWAYS else "always",
                )
                for claim in kind.claims
            ),
        )
    )


def describe_context(addresses: Addresses, name: str) -> bytes:
    """The JSON-LD context of a type's W3C form: each claim's name and the vocabulary's term that it means. Raises NotFound."""
    kind = find_type(name)
    return compact_json({"@context": context_of(kind, addresses), "@graph": equal_terms(kind, addresses)})


def find_type(name: str) -> CredentialType:
    """Raises NotFound("no_such_type"): an address that names no type is nobody's mistake of form."""
    if name not in CATALOGUE:
        raise NotFound("no_such_type", "no such credential type here")
    return CATALOGUE[name]


def _configuration(desk: Desk, one: Configuration, alg: str) -> CredentialConfiguration:
    kind = one.type
    sd_jwt = one.format == "dc+sd-jwt"
    return CredentialConfiguration(
        id=one.id,
        format=one.format,
        vct=desk.addresses.vct(kind.name) if sd_jwt else None,
        types=() if sd_jwt else ("VerifiableCredential", kind.w3c_type),
        binding_methods=one.binding_methods,
        contexts=(CONTEXT_V2, context_of(kind, desk.addresses)) if one.format == "ldp_vc" else (),
        signing_algs=(RDFC_SUITES[alg] if one.format == "ldp_vc" else alg,),
        proof_algs=PROOF_ALGS,
        display=tuple(
            Display(
                name=kind.title[language],
                locale=language,
                description=kind.description[language],
                background_color=kind.background,
                text_color=TEXT_COLOUR,
            )
            for language in kind.title
        ),
        claims=tuple(
            _claim(claim, sd_jwt=sd_jwt)
            for claim in kind.claims
            if sd_jwt or claim.disclosure is not Disclosure.HIDEABLE_ONLY
        ),
    )


def _claim(claim: Claim, *, sd_jwt: bool) -> ClaimDescription:
    return ClaimDescription(
        path=claim.path if sd_jwt else ("credentialSubject", *claim.path),
        names=(("ja", claim.ja), ("en", claim.en)),
        mandatory=claim.disclosure is Disclosure.ALWAYS,
    )


def _texts(texts: Any) -> dict[str, str]:
    return {str(language): text for language, text in texts.items()}
