"""Token Request: pre-authorised code with or without transaction code, and refresh (OpenID4VCI 1.0 §6.1, RFC 6749 §6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import Field

from common.encoding import compact_json, parse_json
from common.errors import Malformed, Unsupported
from common.oauth.authorization_server_metadata import PRE_AUTHORIZED_CODE, REFRESH_TOKEN
from common.oauth.form import build_form, parse_form
from common.oauth.wire import IdentifierAddress, ShortText, Wire, read_wire

_BAD = "invalid_request"
MAX_DETAILS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class PreAuthorizedCodeRequest:
    """requested: configurations that the wallet wants (``authorization_details``); empty means all that were offered."""

    code: str = field(repr=False)
    tx_code: str | None = field(default=None, repr=False)
    requested: tuple[str, ...] = ()
    client_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshRequest:
    """A fresh access token for the same or fewer credentials, without the End-User (§14.5, RFC 6749 §6)."""

    refresh_token: str = field(repr=False)
    requested: tuple[str, ...] = ()
    client_id: str | None = None


TokenRequest = PreAuthorizedCodeRequest | RefreshRequest


class _DetailWire(Wire):
    type: Literal["openid_credential"]
    credential_configuration_id: ShortText
    locations: Annotated[list[IdentifierAddress], Field(min_length=1, max_length=8)] | None = None


def build_token_request(request: TokenRequest, *, location: str | None = None) -> bytes:
    """The form body. location: the issuer's identifier, needed where its metadata lists ``authorization_servers`` (§6.1)."""
    common = {"client_id": request.client_id, "authorization_details": _build_details(request.requested, location)}
    if isinstance(request, RefreshRequest):
        return build_form({"grant_type": REFRESH_TOKEN, "refresh_token": request.refresh_token, **common})
    return build_form(
        {
            "grant_type": PRE_AUTHORIZED_CODE,
            "pre-authorized_code": request.code,
            "tx_code": request.tx_code,
            **common,
        }
    )


def parse_token_request(form: bytes | str | Mapping[str, str], *, issuer: str | None = None) -> TokenRequest:
    """Form body, or its fields → request. issuer: of the credentials that this server gives tokens for.

    ``locations`` that name another issuer are refused: a wallet was sent here by an issuer that wants the token for itself (§6.1).
    Raises Malformed("invalid_request") and Unsupported("unsupported_grant_type"). Whether the code is good, and whether a transaction
    code was expected, is the flow's to judge: not expected but given, or expected but missing → ``Malformed("invalid_request")``;
    wrong → ``Refused("invalid_grant")`` (§6.3).
    """
    fields = form if isinstance(form, Mapping) else parse_form(form, max_bytes=1 << 16)
    grant = _text(fields, "grant_type", 256)
    requested = _parse_details(fields.get("authorization_details"), issuer)
    client_id = _text(fields, "client_id", 2048, needed=False) or None
    if grant == REFRESH_TOKEN:
        if "tx_code" in fields:  # §6.1: only with the pre-authorised code
            raise Malformed(_BAD, "tx_code is for the pre-authorised code only")
        token = _text(fields, "refresh_token", 4096)
        return RefreshRequest(refresh_token=token, requested=requested, client_id=client_id)
    if grant != PRE_AUTHORIZED_CODE:
        raise Unsupported("unsupported_grant_type", known=(PRE_AUTHORIZED_CODE, REFRESH_TOKEN))
    return PreAuthorizedCodeRequest(
        code=_text(fields, "pre-authorized_code", 4096),
        tx_code=_text(fields, "tx_code", 64, needed=False) or None,
        requested=requested,
        client_id=client_id,
    )


def _text(fields: Mapping[str, str], name: str, longest: int, *, needed: bool = True) -> str:
    value = fields.get(name, "")
    if needed and not value:
        raise Malformed(_BAD, f"{name} is missing")
    if len(value) > longest:
        raise Malformed(_BAD, f"{name} is too long")
    return value


def _build_details(requested: tuple[str, ...], location: str | None) -> str | None:
    if not requested:
        return None
    where: dict[str, Any] = {"locations": [location]} if location else {}
    details = [{"type": "openid_credential", **where, "credential_configuration_id": one} for one in requested]
    return compact_json(details).decode("utf-8")


def _parse_details(text: str | None, issuer: str | None) -> tuple[str, ...]:
    if not text:
        return ()
    try:
        details = parse_json(text, max_bytes=1 << 15)
    except Malformed as error:
        raise Malformed(_BAD, "authorization_details is not JSON") from error
    if not isinstance(details, list) or not 1 <= len(details) <= MAX_DETAILS:
        raise Malformed(_BAD, f"authorization_details is an array of 1 to {MAX_DETAILS} objects")
    found: list[str] = []
    for detail in details:
        if not isinstance(detail, dict):
            raise Malformed(_BAD, "authorization_details holds something that is no object")
        one = read_wire(_DetailWire, detail, code=_BAD)
        if issuer is not None and one.locations is not None and issuer not in one.locations:
            raise Malformed(_BAD, "authorization_details are meant for another credential issuer")
        if one.credential_configuration_id not in found:
            found.append(one.credential_configuration_id)
    return tuple(found)
