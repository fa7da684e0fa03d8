"""Credential Response (OpenID4VCI 1.0 §8.3): the issued credentials, one for each key, fewer if the issuer so decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import Field

from common.errors import Malformed, Unsupported
from common.oauth.wire import Document, Encoded, ShortText, Wire, read_wire, to_text, to_wire
from common.oid4vci.credential_request import MAX_PROOFS

_BAD = "bad_credential_response"


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialResponse:
    """credentials: in their format's text form; a JSON object (ldp_vc) as its JSON text. notification_id: for that endpoint."""

    credentials: tuple[str, ...] = field(repr=False)
    notification_id: str | None = None


class _CredentialWire(Wire):
    credential: Encoded | Document


class _Wire(Wire):
    credentials: Annotated[list[_CredentialWire], Field(min_length=1, max_length=MAX_PROOFS)] | None = None
    notification_id: ShortText | None = None
    transaction_id: ShortText | None = None


def build_credential_response(response: CredentialResponse) -> dict[str, Any]:
    """The JSON object; to be sent with status 200 and ``Cache-Control: no-store``."""
    body: dict[str, Any] = {"credentials": [{"credential": to_wire(one)} for one in response.credentials]}
    if response.notification_id is not None:
        body["notification_id"] = response.notification_id
    return body


def parse_credential_response(data: bytes | str | Mapping[str, Any], *, asked: int = MAX_PROOFS) -> CredentialResponse:
    """JSON object → response. asked: the number of keys sent; each binds at most one credential.

    Raises Malformed("bad_credential_response"), Unsupported("deferred_issuance") where the issuer wants us to come back later.
    """
    wire = read_wire(_Wire, data, code=_BAD, max_bytes=1 << 23)
    if wire.transaction_id is not None:
        if wire.credentials is not None:
            raise Malformed(_BAD, "credentials and transaction_id exclude each other")
        raise Unsupported("deferred_issuance", "the issuer defers this credential; this wallet does not wait for it")
    if wire.credentials is None:
        raise Malformed(_BAD, "no credentials")
    if len(wire.credentials) > asked:
        raise Malformed(_BAD, "more credentials than keys")
    return CredentialResponse(
        credentials=tuple(to_text(one.credential) for one in wire.credentials), notification_id=wire.notification_id
    )
