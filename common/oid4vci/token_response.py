"""Token Response with ``authorization_details`` and its credential identifiers (OpenID4VCI 1.0 §6.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import Field

from common.errors import Malformed, Unsupported
from common.oauth.wire import Secret, ShortText, Wire, read_wire

_BAD = "bad_token_response"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizedCredential:
    """A configuration and the datasets of it that the access token can obtain. identifiers: for ``credential_identifier``; may be empty,
    then the credential request names the configuration instead."""

    configuration_id: str
    identifiers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenResponse:
    """expires_in: seconds. authorized: empty where the server returned no ``authorization_details``."""

    access_token: str = field(repr=False)
    expires_in: int | None = None
    refresh_token: str | None = field(default=None, repr=False)
    authorized: tuple[AuthorizedCredential, ...] = ()


class _DetailWire(Wire):
    type: ShortText
    credential_configuration_id: ShortText | None = None
    credential_identifiers: Annotated[list[ShortText], Field(min_length=1, max_length=256)] | None = None


class _Wire(Wire):
    access_token: Secret
    token_type: ShortText
    expires_in: Annotated[int, Field(ge=0, le=1 << 40)] | None = None
    refresh_token: Secret | None = None
    authorization_details: Annotated[list[_DetailWire], Field(min_length=1, max_length=64)] | None = None


def build_token_response(response: TokenResponse) -> dict[str, Any]:
    """The JSON object; to be sent with ``Cache-Control: no-store``. Only credentials with identifiers are listed (§6.2)."""
    details = [
        {
            "type": "openid_credential",
            "credential_configuration_id": one.configuration_id,
            "credential_identifiers": list(one.identifiers),
        }
        for one in response.authorized
        if one.identifiers
    ]
    body: dict[str, Any] = {"access_token": response.access_token, "token_type": "Bearer"}
    if response.expires_in is not None:
        body["expires_in"] = response.expires_in
    if response.refresh_token is not None:
        body["refresh_token"] = response.refresh_token
    if details:
        body["authorization_details"] = details
    return body


def parse_token_response(data: bytes | str | Mapping[str, Any]) -> TokenResponse:
    """JSON object → response. Raises Malformed("bad_token_response"), Unsupported("token_type_not_supported") unless Bearer."""
    wire = read_wire(_Wire, data, code=_BAD)
    if (
        wire.token_type.lower() != "bearer"
    ):  # RFC 6749 §5.1: case-insensitive; §7.1: a client must not use an unknown type
        raise Unsupported("token_type_not_supported", known=("Bearer",))
    authorized = []
    for detail in wire.authorization_details or []:
        if detail.type != "openid_credential":
            continue
        if detail.credential_configuration_id is None or detail.credential_identifiers is None:
            raise Malformed(_BAD, "authorization_details without configuration or identifiers")
        authorized.append(
            AuthorizedCredential(
                configuration_id=detail.credential_configuration_id, identifiers=tuple(detail.credential_identifiers)
            )
        )
    return TokenResponse(
        access_token=wire.access_token,
        expires_in=wire.expires_in,
        refresh_token=wire.refresh_token,
        authorized=tuple(authorized),
    )
