"""What an institution publishes about itself: issuer metadata, authorisation server metadata, keys, DID document, types, contexts."""

from __future__ import annotations

from typing import Any

from common.did.document import build_document
from common.encoding import compact_json
from common.errors import NotFound
from common.formats.sd_jwt_vc.type_metadata import ClaimMetadata, TypeMetadata, build_type_metadata
from common.keys import bls
from common.oauth.authorization_server_metadata import (
    PRE_AUTHORIZED_CODE,
    REFRESH_TOKEN,
    AuthorizationServerMetadata,
    build_authorization_server_metadata,
)
from common.oid4vci.issuer_metadata import (
    CredentialIssuerMetadata,
    Display,
    build_issuer_metadata,
)
from common.trust.issuer_metadata import build_issuer_metadata as build_key_metadata
from issuer.catalogue.card_claims import EVIDENCE
from issuer.catalogue.contract import CredentialType, Disclosure
from issuer.catalogue.registry import CATALOGUE
from issuer.catalogue.terms import context_of, equal_terms
from issuer.flows.describe_configuration import TEXT_COLOUR, describe_configuration, offered_configurations
from issuer.flows.desk import Desk
from issuer.flows.did_log import did_of_log
from issuer.flows.key_history import publish_history
from issuer.flows.signing_choice import alg_of
from issuer.settings import Addresses


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
            configurations={
                one.id: describe_configuration(desk, one, alg_of(identity, one))
                for one in offered_configurations(desk, tenant)
            },
        )
    )


def describe_authorization_server(desk: Desk, tenant: str) -> dict[str, Any]:
    """Authorization Server Metadata (RFC 8414, OpenID4VCI 1.0 §12.3): the issuer is its own."""
    desk.keys.identity(tenant)
    grants = (PRE_AUTHORIZED_CODE, REFRESH_TOKEN) if desk.settings.refresh_token_seconds else (PRE_AUTHORIZED_CODE,)
    return build_authorization_server_metadata(
        AuthorizationServerMetadata(
            issuer=desk.addresses.issuer(tenant),
            token_endpoint=desk.addresses.token(tenant),
            grant_types=grants,
            status_list_aggregation_endpoint=desk.addresses.status_aggregation(tenant),
        )
    )


def describe_keys(desk: Desk, tenant: str) -> dict[str, Any]:
    """JWT VC Issuer Metadata (SD-JWT VC draft-19 §4), with the life of the keys: which were retired, which compromised."""
    keys = [key for key in desk.keys.identity(tenant).published if key.alg != bls.ALG]
    lives = {key.kid: key.entry for key in keys}
    return build_key_metadata(
        desk.addresses.issuer(tenant),
        [key.public for key in keys],
        lives,
        time_stamps=desk.addresses.time_stamps(tenant),
    )


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
    """SD-JWT VC type metadata of a type of the catalogue. Raises NotFound, also where the type is not issued as such."""
    kind = _find_type(name)
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
                for claim in ((*kind.claims, EVIDENCE) if kind.source == "card" else kind.claims)
            ),
        )
    )


def describe_context(addresses: Addresses, name: str) -> bytes:
    """The JSON-LD context of a type's W3C form: each claim's name and the vocabulary's term that it means. Raises NotFound."""
    kind = _find_type(name)
    return compact_json({"@context": context_of(kind, addresses), "@graph": equal_terms(kind, addresses)})


def _find_type(name: str) -> CredentialType:
    """A type in our own words. Raises NotFound("no_such_type"): an address that names no type is nobody's mistake of form.

    What is written in somebody else's data model is described by its publisher, and not here.
    """
    if name not in CATALOGUE or CATALOGUE[name].model is not None:
        raise NotFound("no_such_type", "no such credential type here")
    return CATALOGUE[name]


def _texts(texts: Any) -> dict[str, str]:
    return {str(language): text for language, text in texts.items()}
