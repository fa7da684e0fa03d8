"""Authorization Response to ``direct_post`` and ``direct_post.jwt``, and what the verifier answers (OpenID4VP 1.0 §8.1–§8.3, §8.5)."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field

from common.encoding import compact_json
from common.errors import Malformed, Rejected
from common.jose.jwe import decrypt, encrypt
from common.oauth.errors import describe
from common.oauth.form import build_form, parse_form
from common.oauth.wire import LOOPBACK_HOSTS, Document, Encoded, Wire, read_wire, to_text, to_wire
from common.oid4vp.authorization_request import ResponseMode
from common.oid4vp.client_metadata import ClientMetadata, choose_encryption
from common.oid4vp.errors import AuthorizationError

MAX_BYTES = 1 << 20
_BAD = "invalid_request"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationResponse:
    """vp_token: DCQL credential query id → presentations in their format's text form (objects as JSON text), never empty."""

    vp_token: Mapping[str, tuple[str, ...]] = field(repr=False)
    state: str | None = None


Answer = AuthorizationResponse | AuthorizationError

_QueryId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$", max_length=128)]


class _VpTokenWire(Wire):
    vp_token: Annotated[
        dict[_QueryId, Annotated[list[Encoded | Document], Field(min_length=1, max_length=64)]],
        Field(max_length=32),
    ]


class _StateWire(Wire):
    state: Annotated[str, Field(min_length=1, max_length=1024)] | None = None


class _ErrorWire(_StateWire):
    error: Annotated[str, Field(min_length=1, max_length=128)]
    error_description: Annotated[str, Field(max_length=4096)] | None = None


class _RedirectWire(Wire):
    redirect_uri: Annotated[str, Field(min_length=1, max_length=4096)] | None = None


def build_response(answer: Answer, *, mode: ResponseMode, client_metadata: ClientMetadata) -> bytes:
    """The form body to post to the response_uri. Encrypted to the session's key where the mode says so; errors are then encrypted too.

    Raises Rejected("algorithm_not_allowed") where the verifier gave no usable key; the wallet may then send an error unencrypted
    (§8.3.1): build it with mode ``direct_post``.
    """
    parameters: dict[str, Any] = {}
    if isinstance(answer, AuthorizationError):
        parameters["error"] = answer.error
        if answer.description:
            parameters["error_description"] = answer.description
    else:
        parameters["vp_token"] = {name: [to_wire(each) for each in one] for name, one in answer.vp_token.items()}
    if answer.state is not None:
        parameters["state"] = answer.state
    if mode is ResponseMode.DIRECT_POST_JWT:
        key, enc = choose_encryption(client_metadata)
        return build_form({"response": encrypt(compact_json(parameters), key, enc=enc)})
    return build_form(
        {
            name: value if isinstance(value, str) else compact_json(value).decode("utf-8")
            for name, value in parameters.items()
        }
    )


def parse_response(
    form: bytes | str | Mapping[str, str],
    *,
    mode: ResponseMode,
    decryption_key: Mapping[str, Any] | None = None,
    enc_allowed: Sequence[str] = ("A128GCM", "A256GCM"),
) -> Answer:
    """What was posted to the response_uri → answer; the presentations in it are not verified.

    1. an encrypted session takes encrypted answers only; an unencrypted *error* is allowed (§8.3.1)
    2. decrypt with the session's own private JWK; the JWE's kid, if any, is that key's (§8.3)
    3. vp_token or error, state                                                       (§8.1, §8.5)
    Raises Malformed("invalid_request"), Rejected("bad_signature" | "algorithm_not_allowed").
    """
    fields: Mapping[str, Any] = form if isinstance(form, Mapping) else parse_form(form, max_bytes=MAX_BYTES)
    # 1 · mode
    if mode is ResponseMode.DIRECT_POST_JWT and "response" in fields:
        # 2 · decrypt
        if decryption_key is None:
            raise Malformed(_BAD, "this session takes no encrypted response")
        return _read_answer(_decrypt(fields["response"], decryption_key, enc_allowed))
    if mode is ResponseMode.DIRECT_POST_JWT and "error" not in fields:
        raise Malformed(_BAD, "this session takes encrypted responses only")
    # 3 · parameters
    if mode is ResponseMode.DIRECT_POST and "response" in fields:
        raise Malformed(_BAD, "this session takes unencrypted responses only")
    return _read_answer(fields)


def _decrypt(text: str, key: Mapping[str, Any], enc_allowed: Sequence[str]) -> bytes:
    try:
        return decrypt(text, key, enc_allowed=enc_allowed, max_bytes=MAX_BYTES, same_kid=True)
    except Malformed as error:
        raise Malformed(_BAD, error.detail) from error


def _read_answer(data: bytes | Mapping[str, Any]) -> Answer:
    whole = read_wire(_AnyWire, data, code=_BAD, max_bytes=MAX_BYTES).model_extra or {}
    if "error" in whole:
        if "vp_token" in whole:
            raise Malformed(_BAD, "an answer is a vp_token or an error, not both")
        wire = read_wire(_ErrorWire, whole, code=_BAD)
        return AuthorizationError(
            error=describe(wire.error)[:64], description=describe(wire.error_description or ""), state=wire.state
        )
    state = read_wire(_StateWire, whole, code=_BAD).state
    token = whole.get("vp_token")
    if isinstance(token, str):  # in a form every parameter is a text; §8.1: this one is a JSON object
        return AuthorizationResponse(vp_token=parse_vp_token(token), state=state)
    if not isinstance(token, dict):
        raise Malformed(_BAD, "vp_token is a JSON object")
    return AuthorizationResponse(vp_token=parse_vp_token(token), state=state)


class _AnyWire(Wire, extra="allow"):
    """Any JSON object: which message it is shows by its members."""


def parse_vp_token(data: bytes | str | Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The VP Token (§8.1): query id → array of presentations. Raises Malformed("invalid_request")."""
    token = data if isinstance(data, Mapping) else read_wire(_AnyWire, data, code=_BAD, max_bytes=MAX_BYTES).model_extra
    wire = read_wire(_VpTokenWire, {"vp_token": dict(token or {})}, code=_BAD)
    return {name: tuple(to_text(each) for each in one) for name, one in wire.vp_token.items()}


def verify_state(answer: Answer, state: str | None) -> None:
    """That the answer belongs to the session (§14.4.2). Raises Rejected("wrong_nonce"). Compared in constant time."""
    found = answer.state or ""
    if not hmac.compare_digest(found.encode("utf-8", "replace"), (state or "").encode()):
        raise Rejected("wrong_nonce", "state is not the one of this session")


def build_redirect_answer(redirect_uri: str | None = None) -> dict[str, str]:
    """The JSON object that answers a response that was taken, status 200. redirect_uri: with its fresh response_code; None for the
    cross-device case."""
    return {} if redirect_uri is None else {"redirect_uri": redirect_uri}


def parse_redirect_answer(data: bytes | str | Mapping[str, Any]) -> str | None:
    """Where the wallet must send the user agent now, or None. Raises Malformed("bad_redirect_answer"), also for anything but an absolute
    address with a scheme that a browser may be sent to (no ``javascript:``, ``data:``, ``file:``)."""
    uri = read_wire(_RedirectWire, data, code="bad_redirect_answer", max_bytes=1 << 16).redirect_uri
    if uri is None:
        return None
    try:
        parts = urlsplit(uri)
        web = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK_HOSTS)
        safe = web and bool(parts.hostname) and uri.isascii() and uri.isprintable()
    except ValueError:
        safe = False
    if not safe or parts.username is not None or "\\" in uri or " " in uri:
        raise Malformed("bad_redirect_answer", "redirect_uri is not a web address")
    return uri
