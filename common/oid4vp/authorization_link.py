"""The link or QR text that starts a presentation: ``openid4vp://…`` or a wallet's https address (OpenID4VP 1.0 §5.4, §5.7, §13.1.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import quote, urlencode, urlsplit

from common.errors import Malformed
from common.oauth.form import parse_form
from common.oauth.wire import parse_address
from common.oid4vp.authorization_request import AuthorizationRequest, build_unsigned_parameters

REQUEST_SCHEME = "openid4vp"
REQUEST_ENDPOINT = f"{REQUEST_SCHEME}://"
_BAD = "invalid_request"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestByReference:
    """Fetch request_uri by method, then ``parse_request_object``. client_id: to be compared with the one inside."""

    client_id: str
    request_uri: str
    method: Literal["get", "post"] = "get"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestByValue:
    """A signed request object in the link itself."""

    client_id: str
    request_object: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsignedRequest:
    """Plain parameters, for ``authorization_request.verify_unsigned_request``."""

    parameters: Mapping[str, str] = field(repr=False)


AuthorizationLink = RequestByReference | RequestByValue | UnsignedRequest


def build_authorization_link(
    client_id: str, request_uri: str, *, method: Literal["get", "post"] = "get", endpoint: str = REQUEST_ENDPOINT
) -> str:
    """A link to a request object. endpoint: ``openid4vp://`` or a wallet's own address. ``get`` is the default and left out."""
    parameters = {"client_id": client_id, "request_uri": parse_address(request_uri, code=_BAD)}
    if method == "post":
        parameters["request_uri_method"] = method
    return _join(endpoint, parameters)


def build_unsigned_link(request: AuthorizationRequest, *, endpoint: str = REQUEST_ENDPOINT) -> str:
    """The whole request as a link, without signature: redirect_uri prefix, sandbox only. Too long for a good QR."""
    return _join(endpoint, build_unsigned_parameters(request))


def _join(endpoint: str, parameters: Mapping[str, str]) -> str:
    joint = "&" if "?" in endpoint else "?"
    return endpoint + joint + urlencode(parameters, quote_via=quote, safe="")


def parse_authorization_link(text: str) -> AuthorizationLink:
    """Pasted or scanned text → where the request is. Takes ``openid4vp:`` and any https (loopback: http) link with the parameters.

    Raises Malformed("invalid_request" | "invalid_request_uri_method").
    """
    text = text.strip()
    if len(text) > 1 << 17:
        raise Malformed(_BAD, "the link is too long")
    try:
        parts = urlsplit(text)
    except ValueError:
        raise Malformed(_BAD, "not a link") from None
    if parts.scheme not in (REQUEST_SCHEME, "https", "http"):
        raise Malformed(_BAD, "not a presentation request link")
    return parse_link_parameters(parse_form(parts.query, code=_BAD))


def parse_link_parameters(parameters: Mapping[str, str]) -> AuthorizationLink:
    """Query parameters of a wallet's authorization endpoint → where the request is (§5.4; RFC 9101 §5)."""
    client_id, reference, value = (parameters.get(name) for name in ("client_id", "request_uri", "request"))
    method = parameters.get("request_uri_method")
    if not client_id:
        raise Malformed(_BAD, "client_id is missing")
    if reference and value:
        raise Malformed(_BAD, "request and request_uri exclude each other")
    if method is not None and not reference:
        raise Malformed(_BAD, "request_uri_method without request_uri")
    if reference:
        if method not in (None, "get", "post"):
            raise Malformed("invalid_request_uri_method", "request_uri_method is get or post")
        address = parse_address(reference, code=_BAD)
        return RequestByReference(
            client_id=client_id, request_uri=address, method="post" if method == "post" else "get"
        )
    if value:
        return RequestByValue(client_id=client_id, request_object=value)
    return UnsignedRequest(parameters=dict(parameters))
