"""Authorization Request: its parameters, the same in a signed request object and in an unsigned link (OpenID4VP 1.0 §5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from common.encoding import compact_json, parse_json
from common.errors import Malformed, Refused, Unsupported
from common.oauth.wire import Compact, Secret, ShortText, Wire, check_address, read_wire
from common.oid4vp.client_id import ClientId, Prefix, VerifiedClient, parse_client_id
from common.oid4vp.client_metadata import ClientMetadata, build_client_metadata, parse_client_metadata
from common.oid4vp.dcql import DcqlQuery, build_query, parse_query
from common.oid4vp.transaction_data import TransactionData, parse_transaction_data
from common.oid4vp.verifier_info import InfoWire, VerifierInfo, build_info, read_info

_BAD = "invalid_request"
_JSON_PARAMETERS = ("dcql_query", "client_metadata", "verifier_info", "transaction_data")


class ResponseMode(StrEnum):
    DIRECT_POST = "direct_post"
    DIRECT_POST_JWT = "direct_post.jwt"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRequest:
    """nonce, state: URL-safe ASCII of 128 bits or more, fresh for each session. response_uri: where the wallet posts its answer.

    wallet_nonce: echoed where the wallet posted one to the request_uri.
    """

    client_id: ClientId
    response_uri: str
    response_mode: ResponseMode
    nonce: str
    dcql_query: DcqlQuery
    state: str | None = None
    client_metadata: ClientMetadata = field(default_factory=ClientMetadata)
    verifier_info: tuple[VerifierInfo, ...] = ()
    transaction_data: tuple[TransactionData, ...] = ()
    wallet_nonce: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedRequest:
    """A request that is known to come from its client. client.key is None only for an unsigned one (sandbox, redirect_uri)."""

    request: AuthorizationRequest
    client: VerifiedClient


UrlSafe = Annotated[str, Field(min_length=1, max_length=1024, pattern=r"^[A-Za-z0-9._~-]+$")]


class _Wire(Wire):
    client_id: Secret
    response_type: ShortText
    response_mode: ShortText
    response_uri: Annotated[str, Field(max_length=2048)] | None = None
    redirect_uri: Any = None
    nonce: UrlSafe
    state: UrlSafe | None = None
    dcql_query: dict[str, Any]
    client_metadata: dict[str, Any] | None = None
    verifier_info: Annotated[list[InfoWire], Field(min_length=1, max_length=16)] | None = None
    transaction_data: Annotated[list[Compact], Field(min_length=1, max_length=16)] | None = None
    wallet_nonce: Annotated[str, Field(min_length=1, max_length=1024)] | None = None


def build_request_parameters(request: AuthorizationRequest) -> dict[str, Any]:
    """The parameters as JSON: claims of a request object, or the start of an unsigned link."""
    body: dict[str, Any] = {
        "client_id": str(request.client_id),
        "response_type": "vp_token",
        "response_mode": request.response_mode.value,
        "response_uri": request.response_uri,
        "nonce": request.nonce,
        "dcql_query": build_query(request.dcql_query),
        "client_metadata": build_client_metadata(request.client_metadata),
    }
    if request.state is not None:
        body["state"] = request.state
    if request.verifier_info:
        body["verifier_info"] = [build_info(one) for one in request.verifier_info]
    if request.transaction_data:
        body["transaction_data"] = [one.encoded for one in request.transaction_data]
    if request.wallet_nonce is not None:
        body["wallet_nonce"] = request.wallet_nonce
    return body


def build_unsigned_parameters(request: AuthorizationRequest) -> dict[str, str]:
    """The parameters as texts for a link: objects become JSON (§5.1). Only for the redirect_uri prefix."""
    if request.client_id.prefix is not Prefix.REDIRECT_URI:
        raise ValueError("a request of this client is signed")
    return {
        name: value if isinstance(value, str) else compact_json(value).decode("utf-8")
        for name, value in build_request_parameters(request).items()
    }


def parse_request_parameters(parameters: Mapping[str, Any]) -> AuthorizationRequest:
    """Claims of a request object → request, nothing proven yet.

    Raises Malformed("invalid_request" | "bad_dcql_query" | "invalid_transaction_data"), Unsupported("response_mode_not_supported" |
    "response_type_not_supported" | "client_id_prefix_not_supported").
    """
    if "dcql_query" not in parameters:
        raise Malformed(_BAD, "a dcql_query is needed; no scope stands for one here")
    wire = read_wire(_Wire, parameters, code=_BAD)
    client_id = parse_client_id(wire.client_id)
    if wire.response_type != "vp_token":
        raise Unsupported("response_type_not_supported", known=("vp_token",))
    if wire.response_mode not in tuple(ResponseMode):
        raise Unsupported("response_mode_not_supported", known=tuple(mode.value for mode in ResponseMode))
    if wire.redirect_uri is not None:  # §8.2: with direct_post it MUST NOT be there
        raise Malformed(_BAD, "redirect_uri and direct_post exclude each other")
    response_uri = wire.response_uri
    if client_id.prefix is Prefix.REDIRECT_URI:  # §5.9.3: the identifier is the response_uri, which may be left out
        response_uri = response_uri or client_id.identifier
        if response_uri != client_id.identifier:
            raise Malformed(_BAD, "response_uri is not the one that the client_id names")
    query = parse_query(wire.dcql_query)
    if any(not one.holder_binding for one in query.credentials) and wire.state is None:
        raise Malformed(_BAD, "state is needed where a presentation without holder binding is asked for")  # §5.3
    return AuthorizationRequest(
        client_id=client_id,
        response_uri=_address(response_uri),
        response_mode=ResponseMode(wire.response_mode),
        nonce=wire.nonce,
        state=wire.state,
        dcql_query=query,
        client_metadata=parse_client_metadata(wire.client_metadata or {}),
        verifier_info=tuple(read_info(one) for one in wire.verifier_info or ()),
        transaction_data=tuple(parse_transaction_data(one) for one in wire.transaction_data or ()),
        wallet_nonce=wire.wallet_nonce,
    )


def verify_unsigned_request(parameters: Mapping[str, str], *, sandbox: bool) -> VerifiedRequest:
    """Link parameters of an unsigned request → request. Nothing about its sender is proven: sandbox only.

    Raises Refused("unsigned_request") outside a sandbox, Malformed("invalid_request") for any other prefix (§5.9.3).
    """
    if not sandbox:
        raise Refused("unsigned_request", "unsigned requests are not answered")
    decoded: dict[str, Any] = dict(parameters)
    for name in _JSON_PARAMETERS:
        if name in parameters:
            try:
                decoded[name] = parse_json(parameters[name], max_bytes=1 << 17)
            except Malformed as error:
                raise Malformed(_BAD, f"{name} is not JSON") from error
    request = parse_request_parameters(decoded)
    if request.client_id.prefix is not Prefix.REDIRECT_URI:
        raise Malformed(_BAD, "a request of this client must be signed")
    return VerifiedRequest(request=request, client=VerifiedClient(client_id=request.client_id, key=None))


def _address(text: str | None) -> str:
    try:
        return check_address(text or "")
    except ValueError:
        raise Malformed(_BAD, "response_uri is an absolute https address") from None
