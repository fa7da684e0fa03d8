"""Request URI Method ``post``: the wallet tells what it can do, and sends a nonce (OpenID4VP 1.0 §5.10, §10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from common.encoding import compact_json
from common.errors import Malformed
from common.oauth.form import build_form, parse_form
from common.oauth.wire import IdentifierAddress, ShortText, Wire, read_wire

_BAD = "invalid_request"


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletCapabilities:
    """issuer: the wallet's own identifier, the audience of the request object. Empty tuples: not said."""

    issuer: str | None = None
    vp_formats: tuple[str, ...] = ()
    client_id_prefixes: tuple[str, ...] = ()
    request_algs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestUriPost:
    """wallet_nonce: must come back inside the request object."""

    wallet: WalletCapabilities | None = None
    wallet_nonce: str | None = None


class _Wire(Wire):
    issuer: IdentifierAddress | None = None
    vp_formats_supported: Annotated[dict[str, dict[str, Any]], Field(max_length=64)] | None = None
    client_id_prefixes_supported: Annotated[list[ShortText], Field(min_length=1, max_length=32)] | None = None
    request_object_signing_alg_values_supported: (
        Annotated[list[ShortText], Field(min_length=1, max_length=32)] | None
    ) = None


def build_request_uri_post(wallet: Mapping[str, Any] | None, *, wallet_nonce: str | None) -> bytes:
    """The form body. wallet: metadata as JSON (``vp_formats_supported``, ``issuer``, …), or None to tell nothing (§15.6)."""
    metadata = compact_json(dict(wallet)).decode("utf-8") if wallet else None
    return build_form({"wallet_metadata": metadata, "wallet_nonce": wallet_nonce})


def parse_request_uri_post(form: bytes | str | Mapping[str, str]) -> RequestUriPost:
    """Form body, or its fields → what the wallet said. Raises Malformed("invalid_request")."""
    fields = form if isinstance(form, Mapping) else parse_form(form, max_bytes=1 << 16)
    nonce = fields.get("wallet_nonce") or None
    if nonce is not None and (len(nonce) > 1024 or not nonce.isprintable() or not nonce.isascii()):
        raise Malformed(_BAD, "wallet_nonce is ASCII text of at most 1024 characters")
    text = fields.get("wallet_metadata")
    if not text:
        return RequestUriPost(wallet_nonce=nonce)
    wire = read_wire(_Wire, text, code=_BAD, max_bytes=1 << 16)
    wallet = WalletCapabilities(
        issuer=wire.issuer,
        vp_formats=tuple(wire.vp_formats_supported or ()),
        client_id_prefixes=tuple(wire.client_id_prefixes_supported or ()),
        request_algs=tuple(wire.request_object_signing_alg_values_supported or ()),
    )
    return RequestUriPost(wallet=wallet, wallet_nonce=nonce)
