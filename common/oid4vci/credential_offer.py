"""Credential Offer: the object, and the link or QR text that carries it by value or by reference (OpenID4VCI 1.0 §4.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlsplit

from pydantic import Field

from common.encoding import compact_json
from common.errors import Malformed
from common.oauth.authorization_server_metadata import AUTHORIZATION_CODE, PRE_AUTHORIZED_CODE
from common.oauth.form import parse_form
from common.oauth.wire import IdentifierAddress, Secret, ShortText, Wire, parse_address, read_wire

OFFER_SCHEME = "openid-credential-offer"
OFFER_ENDPOINT = f"{OFFER_SCHEME}://"
"""Where no wallet's own endpoint is known (§12.1.1)."""

_BAD = "bad_credential_offer"


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionCode:
    """What the wallet should ask for. length: characters; description: at most 300 characters, in one language."""

    input_mode: Literal["numeric", "text"] = "numeric"
    length: int | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PreAuthorizedCodeOffer:
    """code: single use, short-lived. tx_code: present means that a transaction code is needed, even when it says nothing more."""

    code: str = field(repr=False)
    tx_code: TransactionCode | None = None
    authorization_server: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationCodeOffer:
    issuer_state: str | None = field(default=None, repr=False)
    authorization_server: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialOffer:
    """credential_issuer: identifier (https). configuration_ids: keys of ``credential_configurations_supported``, unique."""

    credential_issuer: str
    configuration_ids: tuple[str, ...]
    pre_authorized: PreAuthorizedCodeOffer | None = None
    authorization_code: AuthorizationCodeOffer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferByReference:
    """address: fetch it with GET; the answer is application/json, for ``parse_credential_offer``."""

    address: str = field(repr=False)


class _TxCodeWire(Wire):
    input_mode: Literal["numeric", "text"] = "numeric"
    length: Annotated[int, Field(ge=1, le=64)] | None = None
    description: Annotated[str, Field(max_length=300)] | None = None


class _PreAuthorizedWire(Wire):
    code: Annotated[Secret, Field(alias="pre-authorized_code")]
    tx_code: _TxCodeWire | None = None
    authorization_server: IdentifierAddress | None = None


class _AuthorizationCodeWire(Wire):
    issuer_state: Secret | None = None
    authorization_server: IdentifierAddress | None = None


class _GrantsWire(Wire):
    pre_authorized: Annotated[_PreAuthorizedWire | None, Field(alias=PRE_AUTHORIZED_CODE)] = None
    authorization_code: Annotated[_AuthorizationCodeWire | None, Field(alias=AUTHORIZATION_CODE)] = None


class _OfferWire(Wire):
    credential_issuer: IdentifierAddress
    credential_configuration_ids: Annotated[list[ShortText], Field(min_length=1, max_length=64)]
    grants: _GrantsWire | None = None


def build_credential_offer(offer: CredentialOffer) -> dict[str, Any]:
    """The offer as a JSON object; members without a value are left out."""
    grants: dict[str, Any] = {}
    if offer.authorization_code is not None:
        grants[AUTHORIZATION_CODE] = _present(
            issuer_state=offer.authorization_code.issuer_state,
            authorization_server=offer.authorization_code.authorization_server,
        )
    if (grant := offer.pre_authorized) is not None:
        grants[PRE_AUTHORIZED_CODE] = {"pre-authorized_code": grant.code}
        if (asked := grant.tx_code) is not None:
            grants[PRE_AUTHORIZED_CODE]["tx_code"] = _present(
                input_mode=asked.input_mode, length=asked.length, description=asked.description
            )
        grants[PRE_AUTHORIZED_CODE] |= _present(authorization_server=grant.authorization_server)
    return {
        "credential_issuer": offer.credential_issuer,
        "credential_configuration_ids": list(offer.configuration_ids),
        **({"grants": grants} if grants else {}),
    }


def parse_credential_offer(data: bytes | str | Mapping[str, Any]) -> CredentialOffer:
    """JSON object → offer. Raises Malformed("bad_credential_offer")."""
    wire = read_wire(_OfferWire, data, code=_BAD, max_bytes=1 << 16)
    ids = tuple(wire.credential_configuration_ids)
    if len(set(ids)) != len(ids):
        raise Malformed(_BAD, "a credential configuration is offered twice")
    grants = wire.grants or _GrantsWire()
    pre, code = grants.pre_authorized, grants.authorization_code
    asked = pre.tx_code if pre else None
    return CredentialOffer(
        credential_issuer=wire.credential_issuer,
        configuration_ids=ids,
        pre_authorized=PreAuthorizedCodeOffer(
            code=pre.code,
            tx_code=TransactionCode(input_mode=asked.input_mode, length=asked.length, description=asked.description)
            if asked
            else None,
            authorization_server=pre.authorization_server,
        )
        if pre
        else None,
        authorization_code=AuthorizationCodeOffer(
            issuer_state=code.issuer_state, authorization_server=code.authorization_server
        )
        if code
        else None,
    )


def build_offer_link(offer: CredentialOffer, *, endpoint: str = OFFER_ENDPOINT) -> str:
    """The offer by value as a link (§4.1.2). endpoint: a wallet's credential offer endpoint."""
    return _link(endpoint, "credential_offer", compact_json(build_credential_offer(offer)).decode("utf-8"))


def build_offer_link_by_reference(address: str, *, endpoint: str = OFFER_ENDPOINT) -> str:
    """The offer by reference as a link (§4.1.3): short, as a QR needs it."""
    return _link(endpoint, "credential_offer_uri", parse_address(address, code=_BAD))


def parse_offer_link(text: str) -> CredentialOffer | OfferByReference:
    """Pasted or scanned text → the offer, or where to fetch it.

    Takes ``openid-credential-offer://?…``, the same without slashes, and any https link (loopback: http) with the parameters of §4.1.
    Raises Malformed("bad_credential_offer").
    """
    text = text.strip()
    if len(text) > 1 << 16:
        raise Malformed(_BAD, "the link is too long")
    try:
        parts = urlsplit(text)
    except ValueError:
        raise Malformed(_BAD, "not a link") from None
    if parts.scheme not in (OFFER_SCHEME, "https", "http"):
        raise Malformed(_BAD, "not a credential offer link")
    return parse_offer_parameters(parse_form(parts.query, code=_BAD))


def parse_offer_parameters(parameters: Mapping[str, str]) -> CredentialOffer | OfferByReference:
    """Query parameters of a wallet's offer endpoint → offer or reference; exactly one of the two (§4.1)."""
    value, reference = parameters.get("credential_offer"), parameters.get("credential_offer_uri")
    if value and reference:
        raise Malformed(_BAD, "an offer is carried by value or by reference, not both")
    if value:
        return parse_credential_offer(value)
    if reference:
        return OfferByReference(address=parse_address(reference, code=_BAD))
    raise Malformed(_BAD, "the link carries no credential offer")


def _link(endpoint: str, name: str, value: str) -> str:
    joint = "&" if "?" in endpoint else "?"
    return f"{endpoint}{joint}{name}={quote(value, safe='')}"


def _present(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
