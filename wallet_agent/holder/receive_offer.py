"""An offer arrives: read the link, fetch what it names, and write down what would be received. Nothing is redeemed here."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from urllib.parse import urlsplit

from common.adapters.database import transaction
from common.encoding import random_token
from common.errors import Conflict, Malformed, NotFound, Unavailable, Unsupported
from common.formats.registry import FORMATS
from common.oauth.authorization_server_metadata import (
    PRE_AUTHORIZED_CODE,
    AuthorizationServerMetadata,
    authorization_server_metadata_address,
    parse_authorization_server_metadata,
)
from common.oid4vci.credential_offer import (
    CredentialOffer,
    OfferByReference,
    parse_credential_offer,
    parse_offer_link,
)
from common.oid4vci.issuer_metadata import (
    CredentialConfiguration,
    CredentialIssuerMetadata,
    issuer_metadata_address,
    parse_issuer_metadata,
)
from common.ports import Clock, Fetch, Fetched
from wallet_agent.holder.offer_states import Declined, OfferState, Received, Terms
from wallet_agent.holder.passes import is_gate_pass
from wallet_agent.holder.sealed_rows import open_union, seal_object
from wallet_agent.store.audit import record
from wallet_agent.store.base import database
from wallet_agent.store.offers import (
    find_offer,
    find_offer_by_digest,
    find_offer_by_link,
    insert_offer,
    list_offers,
    move_offer,
)
from wallet_agent.store.tables import Offer
from wallet_agent.vault.open_vault import OpenVault

JSON = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferView:
    """An offer of this wallet and where it stands."""

    id: str
    created_at: int
    state: OfferState


def receive_offer(vault: OpenVault, text: str, *, fetch: Fetch, clock: Clock) -> OfferView:
    """Pasted, scanned or linked text → an offer to look at. The same offer read twice is one offer.

    1. read the link; fetch the offer if it is by reference         OpenID4VCI 1.0 §4.1
       (its issuer may serve it no more, once it is redeemed: then the one that we read from this link before)
    2. seen before? then that is the answer
    3. fetch the issuer's metadata; its identifier is the offer's   §12.2
    4. fetch the authorisation server's; the same check             RFC 8414 §3.3
    5. every offered configuration is there, and one that we can hold
    6. write it down, sealed

    Raises Malformed, Rejected (identifiers that do not match), Unsupported (grant, format), Unavailable, Refused (addresses).
    """
    # 1
    link = link_digest(text)
    try:
        offer = _read(text, fetch)
    except NotFound:
        if (known := find_offer_by_link(vault.tenant, link)) is not None:
            return _view(vault, known)
        raise
    if offer.pre_authorized is None:
        raise Unsupported(
            "grant_not_supported", "this wallet redeems pre-authorised offers only", known=(PRE_AUTHORIZED_CODE,)
        )
    # 2
    digest = hashlib.sha256(f"{offer.credential_issuer}\n{offer.pre_authorized.code}".encode()).hexdigest()
    if (known := find_offer_by_digest(vault.tenant, digest)) is not None:
        return _view(vault, known)
    # 3
    metadata = fetch_issuer_metadata(offer.credential_issuer, fetch=fetch)
    # 4
    server = fetch_authorization_server(metadata, offer.pre_authorized.authorization_server, fetch=fetch)
    # 5
    configurations = tuple(_holdable(metadata.configuration(name)) for name in offer.configuration_ids)
    if all(is_gate_pass(one) for one in configurations):
        raise Unsupported("format_not_supported", "a gate pass is held beside the ticket that names its event")
    terms = Terms(
        issuer=metadata.credential_issuer,
        issuer_display=metadata.display,
        configurations=configurations,
        token_endpoint=server.token_endpoint,
        credential_endpoint=metadata.credential_endpoint,
        nonce_endpoint=metadata.nonce_endpoint,
        notification_endpoint=metadata.notification_endpoint,
        batch_size=metadata.batch_size,
        location=_location(metadata, server),
        tx_code=offer.pre_authorized.tx_code,
    )
    # 6
    return write_offer(
        vault, Received(terms=terms, code=offer.pre_authorized.code), digest=digest, clock=clock, link=link
    )


def link_digest(text: str) -> str:
    """How a link is remembered without keeping it."""
    return hashlib.sha256(text.strip().encode("utf-8", "surrogatepass")).hexdigest()


def write_offer(vault: OpenVault, state: OfferState, *, digest: str, clock: Clock, link: str = "") -> OfferView:
    """Seals a new offer; of two readers of the same offer, both get the one that was written first."""
    offer_id, now = random_token(12), clock.now()
    sealed = seal_object(vault, "offer", offer_id, OfferState, state)
    if insert_offer(
        vault.tenant, offer_id=offer_id, digest=digest, link=link, state=state.state, sealed=sealed, now=now
    ):
        record(vault.tenant, "offer.received", now=now)
    row = find_offer_by_digest(vault.tenant, digest)
    if row is None:
        raise NotFound("no_such_offer", "there is no such offer in this wallet")
    return _view(vault, row)


def read_offer(vault: OpenVault, offer_id: str) -> OfferView:
    """Raises NotFound."""
    return _view(vault, offer_row(vault, offer_id))


def read_offers(vault: OpenVault) -> list[OfferView]:
    """Newest first."""
    return [_view(vault, row) for row in list_offers(vault.tenant)]


def decline_offer(vault: OpenVault, offer_id: str, *, clock: Clock) -> OfferView:
    """The holder does not want it. Only before it was accepted. Raises NotFound, Conflict."""
    row = offer_row(vault, offer_id)
    state = open_state(vault, row)
    if isinstance(state, Declined):
        return _view(vault, row)
    if not isinstance(state, Received):
        raise Conflict("offer_moved_on", "this offer has been accepted already")
    declined = Declined(terms=state.terms)
    with transaction(database, "decline_offer"):
        if not move_offer(
            row,
            state=declined.state,
            sealed=seal_object(vault, "offer", row.id, OfferState, declined),
            lease_until=0,
        ):
            raise Conflict("offer_moved_on", "this offer has moved on meanwhile")
        record(vault.tenant, "offer.declined", now=clock.now())
    return _view(vault, row)


def offer_row(vault: OpenVault, offer_id: str) -> Offer:
    row = find_offer(vault.tenant, offer_id)
    if row is None:
        raise NotFound("no_such_offer", "there is no such offer in this wallet")
    return row


def open_state(vault: OpenVault, row: Offer) -> OfferState:
    state: OfferState = open_union(vault, "offer", row.id, OfferState, row.sealed)
    return state


def fetch_issuer_metadata(issuer: str, *, fetch: Fetch) -> CredentialIssuerMetadata:
    """Raises Unavailable, Malformed, Rejected("untrusted_issuer") where the document names another issuer."""
    answer = _ok(fetch.get(issuer_metadata_address(issuer), accept=JSON), "the issuer's metadata")
    return parse_issuer_metadata(answer.body, credential_issuer=issuer)


def fetch_authorization_server(
    metadata: CredentialIssuerMetadata, wanted: str | None, *, fetch: Fetch
) -> AuthorizationServerMetadata:
    """The server to redeem the code at: the one the offer names, if the issuer lists it; else the issuer's first, else the issuer.

    Raises Rejected("untrusted_issuer"), Malformed for a server that the issuer does not list, Unsupported without the grant.
    """
    listed = metadata.authorization_servers or (metadata.credential_issuer,)
    if wanted is not None and wanted not in listed:
        raise Malformed("bad_credential_offer", "the offer names an authorisation server that its issuer does not list")
    issuer = wanted or listed[0]
    answer = _ok(
        fetch.get(authorization_server_metadata_address(issuer), accept=JSON), "the authorisation server's metadata"
    )
    server = parse_authorization_server_metadata(answer.body, issuer=issuer)
    if PRE_AUTHORIZED_CODE not in server.grant_types:
        raise Unsupported("grant_not_supported", "the issuer's server does not redeem pre-authorised offers")
    return server


def _location(metadata: CredentialIssuerMetadata, server: AuthorizationServerMetadata) -> str | None:
    """The issuer to name in token requests: always where the token endpoint is not plainly the issuer's own.

    Else an issuer could point at somebody else's server, and be handed the access token that this one gives for its own credentials.
    """
    own = urlsplit(metadata.credential_issuer)
    token = urlsplit(server.token_endpoint)
    elsewhere = (own.scheme, own.netloc.lower()) != (token.scheme, token.netloc.lower())
    return metadata.credential_issuer if metadata.authorization_servers or elsewhere else None


def _read(text: str, fetch: Fetch) -> CredentialOffer:
    found = parse_credential_offer(text) if text.lstrip().startswith("{") else parse_offer_link(text)
    if isinstance(found, OfferByReference):
        return parse_credential_offer(_ok(fetch.get(found.address, accept=JSON), "the offer").body)
    return found


def _holdable(configuration: CredentialConfiguration) -> CredentialConfiguration:
    """Raises Unsupported for a format, or a way of naming keys, that this wallet does not have."""
    if configuration.format not in FORMATS and not is_gate_pass(configuration):
        raise Unsupported(
            "format_not_supported",
            f"credentials of the format {configuration.format[:40]} cannot be held here",
            known=FORMATS.names,
        )
    methods = configuration.binding_methods
    if methods and not {"jwk", "did:jwk", "did:key"}.intersection(methods):
        raise Unsupported("binding_not_supported", known=("jwk", "did:jwk", "did:key"))
    if configuration.proof_algs and "ES256" not in configuration.proof_algs:
        raise Unsupported("algorithm_not_supported", known=("ES256",))
    return configuration


def _ok(answer: Fetched, what: str) -> Fetched:
    if answer.status != 200:
        if answer.status in (404, 410):
            raise NotFound("gone", f"{what} is not there: it may have expired or been used")
        raise Unavailable("issuer_unavailable", f"{what} could not be read (HTTP {answer.status})")
    return answer


def _view(vault: OpenVault, row: Offer) -> OfferView:
    return OfferView(id=row.id, created_at=row.created_at, state=open_state(vault, row))
