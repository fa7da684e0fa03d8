"""OAuth authorization server metadata (RFC 8414 §2, OpenID4VCI 1.0 §12.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from common.errors import Rejected
from common.oauth.well_known import AUTHORIZATION_SERVER, well_known_address
from common.oauth.wire import Address, IdentifierAddress, ShortText, Wire, read_wire

PRE_AUTHORIZED_CODE = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
REFRESH_TOKEN = "refresh_token"  # noqa: S105 (the name of a grant)
AUTHORIZATION_CODE = "authorization_code"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationServerMetadata:
    """issuer: the server's identifier. anonymous_pre_authorized: a pre-authorised code needs no client_id.

    status_list_aggregation_endpoint: where all of its status lists are named (Token Status List draft-20 §9.1), or empty.
    """

    issuer: str
    token_endpoint: str
    grant_types: tuple[str, ...] = (PRE_AUTHORIZED_CODE, REFRESH_TOKEN)
    anonymous_pre_authorized: bool = True
    authorization_details_types: tuple[str, ...] = ("openid_credential",)
    token_endpoint_auth_methods: tuple[str, ...] = ("none",)
    status_list_aggregation_endpoint: str = ""


class _Wire(Wire):
    issuer: IdentifierAddress
    token_endpoint: Address
    # RFC 8414 §2: omitted means authorization_code and implicit
    grant_types_supported: Annotated[tuple[ShortText, ...], Field(max_length=32, strict=False)] = (
        AUTHORIZATION_CODE,
        "implicit",
    )
    pre_authorized: Annotated[bool, Field(alias="pre-authorized_grant_anonymous_access_supported")] = False
    authorization_details_types_supported: Annotated[tuple[ShortText, ...], Field(max_length=32, strict=False)] = ()
    token_endpoint_auth_methods_supported: Annotated[tuple[ShortText, ...], Field(max_length=32, strict=False)] = (
        "client_secret_basic",
    )
    status_list_aggregation_endpoint: Address | None = None


def authorization_server_metadata_address(issuer: str) -> str:
    """Identifier → address of the metadata (RFC 8414 §3.1)."""
    return well_known_address(issuer, AUTHORIZATION_SERVER)


def build_authorization_server_metadata(metadata: AuthorizationServerMetadata) -> dict[str, Any]:
    """The JSON document to publish. ``response_types_supported`` is omitted, as OpenID4VCI 1.0 §12.2.4 allows for this grant."""
    lists = metadata.status_list_aggregation_endpoint
    return {
        "issuer": metadata.issuer,
        "token_endpoint": metadata.token_endpoint,
        "grant_types_supported": list(metadata.grant_types),
        "token_endpoint_auth_methods_supported": list(metadata.token_endpoint_auth_methods),
        "authorization_details_types_supported": list(metadata.authorization_details_types),
        "pre-authorized_grant_anonymous_access_supported": metadata.anonymous_pre_authorized,
        **({"status_list_aggregation_endpoint": lists} if lists else {}),
    }


def parse_authorization_server_metadata(
    data: bytes | str | Mapping[str, Any], *, issuer: str
) -> AuthorizationServerMetadata:
    """What was fetched from the well-known address of ``issuer``.

    Raises Malformed("bad_authorization_server_metadata"); Rejected("untrusted_issuer") where the document names another issuer
    (RFC 8414 §3.3: it MUST NOT be used).
    """
    wire = read_wire(_Wire, data, code="bad_authorization_server_metadata")
    if wire.issuer != issuer:
        raise Rejected("untrusted_issuer", "the authorization server metadata names another issuer")
    return AuthorizationServerMetadata(
        issuer=wire.issuer,
        token_endpoint=wire.token_endpoint,
        grant_types=tuple(wire.grant_types_supported),
        anonymous_pre_authorized=wire.pre_authorized,
        authorization_details_types=tuple(wire.authorization_details_types_supported),
        token_endpoint_auth_methods=tuple(wire.token_endpoint_auth_methods_supported),
        status_list_aggregation_endpoint=wire.status_list_aggregation_endpoint or "",
    )
