"""Nonce Response: the challenge for key proofs (OpenID4VCI 1.0 §7.2). The request is a POST without a body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from common.ids import Nonce
from common.oauth.wire import Wire, read_wire


class _Wire(Wire):
    c_nonce: Annotated[str, Field(min_length=1, max_length=1024)]


def build_nonce_response(c_nonce: str) -> dict[str, str]:
    """The JSON object; to be sent with ``Cache-Control: no-store``."""
    return {"c_nonce": c_nonce}


def parse_nonce_response(data: bytes | str | Mapping[str, Any]) -> Nonce:
    """JSON object → nonce. Raises Malformed("bad_nonce_response")."""
    return Nonce(read_wire(_Wire, data, code="bad_nonce_response").c_nonce)
