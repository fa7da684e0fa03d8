"""A verifier's question arrives: fetch the request object, prove who asks, write it down. Nothing is answered here."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from common.encoding import random_token
from common.errors import NotFound, Rejected, TegataError, Unavailable
from common.jose.jwk import PublicKey
from common.jose.jwt import time_claim
from common.oauth.form import FORM
from common.oid4vp.authorization_link import (
    AuthorizationLink,
    RequestByReference,
    UnsignedRequest,
    parse_authorization_link,
)
from common.oid4vp.authorization_request import (
    AuthorizationRequest,
    ResponseMode,
    VerifiedRequest,
    verify_unsigned_request,
)
from common.oid4vp.client_id import Prefix, VerifiedClient
from common.oid4vp.client_metadata import VP_FORMATS
from common.oid4vp.errors import authorization_error
from common.oid4vp.request_object import REQUEST_MEDIA_TYPE, parse_request_object, verify_request_object
from common.oid4vp.request_uri_post import build_request_uri_post
from common.oid4vp.response import build_response
from common.oid4vp.transaction_data import require_known_types
from common.oid4vp.verifier_info import find_purpose
from wallet_agent.holder.outside import Outside
from wallet_agent.holder.receive_offer import link_digest
from wallet_agent.holder.request_states import Asked, Asker, Proof, Question, RequestState
from wallet_agent.holder.sealed_rows import open_union, seal_object
from wallet_agent.store.audit import record
from wallet_agent.store.requests import (
    find_request,
    find_request_by_digest,
    find_request_by_link,
    insert_request,
    list_requests,
)
from wallet_agent.store.tables import PresentationRequest
from wallet_agent.vault.open_vault import OpenVault


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestView:
    """A question in this wallet and where it stands."""

    id: str
    created_at: int
    state: RequestState


def read_request(vault: OpenVault, text: str, *, outside: Outside) -> RequestView:
    """Pasted, scanned or linked text → a question to look at. The same question read twice is one question.

    1. read the link                                                     OpenID4VP 1.0 §5.4
    2. fetch the request object, by GET, or by POST with a nonce of ours    §5.7, §5.10
       (served no more, once answered: then the question that we read from this link before)
    3. prove who asks                                                    §5.9, §14.8; ``verify_request_object``
    4. refuse transactions that this wallet does not know, and say so to the asker    §5.1
    5. write it down, sealed

    Raises Malformed, Rejected, Unsupported, Refused, Unavailable.
    """
    # 1
    link = parse_authorization_link(text)
    # 2, 3
    digest = link_digest(text)
    try:
        verified, expires_at = _prove(link, outside)
    except NotFound:
        if (known := find_request_by_link(vault.tenant, digest)) is not None:
            return request_view(vault, known)
        raise
    request = verified.request
    # 4
    try:
        require_known_types(
            request.transaction_data, known=(), credential_ids=[one.id for one in request.dcql_query.credentials]
        )
    except TegataError as error:
        _tell(request, error, outside)
        raise
    # 5
    purpose = find_purpose(request.verifier_info)
    question = Question(
        request=request,
        asker=_asker(verified.client, request, dict(purpose.names) if purpose else {}),
        purposes=dict(purpose.purposes) if purpose else {},
        retention=dict(purpose.retention) if purpose else {},
        expires_at=expires_at,
    )
    return _write(vault, question, link=digest, now=outside.clock.now())


def view_request(vault: OpenVault, request_id: str) -> RequestView:
    """Raises NotFound."""
    return request_view(vault, request_row(vault, request_id))


def view_requests(vault: OpenVault) -> list[RequestView]:
    """Newest first."""
    return [request_view(vault, row) for row in list_requests(vault.tenant)]


def request_row(vault: OpenVault, request_id: str) -> PresentationRequest:
    row = find_request(vault.tenant, request_id)
    if row is None:
        raise NotFound("no_such_request", "there is no such request in this wallet")
    return row


def open_request(vault: OpenVault, row: PresentationRequest) -> RequestState:
    state: RequestState = open_union(vault, "request", row.id, RequestState, row.sealed)
    return state


def seal_request(vault: OpenVault, request_id: str, state: RequestState) -> bytes:
    return seal_object(vault, "request", request_id, RequestState, state)


def request_view(vault: OpenVault, row: PresentationRequest) -> RequestView:
    return RequestView(id=row.id, created_at=row.created_at, state=open_request(vault, row))


def _prove(link: AuthorizationLink, outside: Outside) -> tuple[VerifiedRequest, int | None]:
    """The request with its proven client, and when it ends."""
    if isinstance(link, UnsignedRequest):
        return verify_unsigned_request(link.parameters, sandbox=outside.sandbox), None
    nonce: str | None = None
    if isinstance(link, RequestByReference):
        nonce = random_token() if link.method == "post" else None
        text = _fetch_request_object(link, nonce, outside)
    else:
        text = link.request_object
    parsed = parse_request_object(text)
    did_key = _did_key(parsed.did_url, outside) if parsed.did_url is not None else None
    verified = verify_request_object(
        parsed,
        client_id=link.client_id,
        now=outside.clock.now(),
        did_key=did_key,
        roots=outside.anchors.roots,
        wallet_nonce=nonce,
    )
    return verified, time_claim(parsed.jwt.claims, "exp")


def _fetch_request_object(link: RequestByReference, nonce: str | None, outside: Outside) -> str:
    """POST tells the asker our formats, which every wallet of this kind has, and nothing that would tell this one apart."""
    if nonce is None:
        answer = outside.fetch.get(link.request_uri, accept=REQUEST_MEDIA_TYPE)
    else:
        capabilities = {"vp_formats_supported": {name: dict(value) for name, value in VP_FORMATS.items()}}
        answer = outside.fetch.post(
            link.request_uri,
            body=build_request_uri_post(capabilities, wallet_nonce=nonce),
            content_type=FORM,
            accept=REQUEST_MEDIA_TYPE,
        )
    if answer.status in (404, 410):
        raise NotFound("gone", "this question is not there: it may have expired or been answered")
    if answer.status != 200:
        raise Unavailable("verifier_unavailable", f"the question could not be read (HTTP {answer.status})")
    return answer.body.decode("ascii", "replace")


def _did_key(did_url: str, outside: Outside) -> PublicKey:
    """OpenID4VP 1.0 §5.9.3 asks for a verification method, of no particular relationship."""
    try:
        return outside.resolver.key(did_url, "authentication")
    except Rejected:
        return outside.resolver.key(did_url, "assertionMethod")


def _asker(client: VerifiedClient, request: AuthorizationRequest, said: dict[str, str]) -> Asker:
    prefix, identifier = client.client_id.prefix, client.client_id.identifier
    proof: Proof = "none"
    name = ""
    if prefix in (Prefix.X509_SAN_DNS, Prefix.X509_HASH):
        proof, name = "certificate", identifier if prefix is Prefix.X509_SAN_DNS else ", ".join(client.dns_names)
    elif prefix is Prefix.DECENTRALIZED_IDENTIFIER and identifier.startswith("did:web:"):
        proof, name = "did_web", "/".join(unquote(part) for part in identifier.split(":")[2:])
    elif prefix is Prefix.DECENTRALIZED_IDENTIFIER:
        proof, name = "key", identifier
    return Asker(
        client_id=str(client.client_id),
        proof=proof,
        proven_name=name or (client.subject if proof == "certificate" else ""),
        vouched_by=client.root_subject,
        said_names=said,
        response_host=urlsplit(request.response_uri).netloc,
    )


def _tell(request: AuthorizationRequest, error: TegataError, outside: Outside) -> None:
    """An error answer, unencrypted as §8.3.1 allows; whether it arrives changes nothing."""
    try:
        body = build_response(
            authorization_error(error, state=request.state),
            mode=ResponseMode.DIRECT_POST,
            client_metadata=request.client_metadata,
        )
        outside.fetch.post(request.response_uri, body=body, content_type=FORM)
    except TegataError:
        return


def _write(vault: OpenVault, question: Question, *, link: str, now: int) -> RequestView:
    digest = hashlib.sha256(f"{question.asker.client_id}\n{question.request.nonce}".encode()).hexdigest()
    request_id, state = random_token(12), Asked(question=question)
    sealed = seal_request(vault, request_id, state)
    if insert_request(
        vault.tenant, request_id=request_id, digest=digest, link=link, state=state.state, sealed=sealed, now=now
    ):
        record(vault.tenant, "request.read", now=now, subject=request_id)
    row = find_request_by_digest(vault.tenant, digest)
    if row is None:
        raise NotFound("no_such_request", "there is no such request in this wallet")
    return request_view(vault, row)
