"""Access tokens as the Authorization header carries them (RFC 6750 §2.1). A token in the address is refused, never read."""

from __future__ import annotations

import re
from collections.abc import Collection

from common.errors import Malformed, Refused

_TOKEN = re.compile(r"[A-Za-z0-9\-._~+/]{1,4096}=*\Z")


def parse_bearer(authorization: str | None, *, query_names: Collection[str] = ()) -> str:
    """Value of the Authorization header → access token. query_names: names of the query parameters of the request.

    Raises Malformed("invalid_request") for a token in the query (it would end in logs, RFC 6750 §5.3) or two ways at once, and
    Refused("invalid_token") where there is no usable token.
    """
    if "access_token" in query_names:
        raise Malformed("invalid_request", "an access token must not be in the address")
    scheme, _, token = (authorization or "").partition(" ")
    token = token.strip(" ")
    if scheme.lower() != "bearer" or not _TOKEN.match(token):
        raise Refused("invalid_token", "an access token is needed in the Authorization header")
    return token


def build_bearer(token: str) -> str:
    """Access token → value of the Authorization header."""
    return f"Bearer {token}"
