"""OAuth error answers: TegataError → wire code, and wire answer → OAuthProblem (RFC 6749 §5.2, RFC 6750 §3).

A flow that knows the wire code raises with it as ``code`` (``Refused("invalid_grant")``); everything else is mapped by its class.
The protocols' own codes are in ``oid4vci/errors.py`` and ``oid4vp/errors.py``, built on ``problem_for``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import Field

from common.errors import (
    Conflict,
    Malformed,
    Misconfigured,
    NotFound,
    Refused,
    Rejected,
    TegataError,
    TooMany,
    Unavailable,
    Unsupported,
)
from common.oauth.wire import Wire, read_wire

NO_STORE: Mapping[str, str] = {"Cache-Control": "no-store"}
_NOT_DESCRIPTION = re.compile(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]")


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthProblem:
    """An error answer on the wire. status: HTTP status. headers: to be sent with it, among them Cache-Control."""

    status: int
    error: str
    description: str = ""
    headers: Mapping[str, str] = field(default_factory=lambda: dict(NO_STORE))

    def body(self) -> dict[str, str]:
        """The JSON object of the answer."""
        if not self.description:
            return {"error": self.error}
        return {"error": self.error, "error_description": self.description}


def describe(text: str) -> str:
    """Text → what ``error_description`` may hold: %x20-21 / %x23-5B / %x5D-7E (RFC 6749 §5.2), at most 300 characters."""
    return _NOT_DESCRIPTION.sub("?", text.replace('"', "'").replace("\\", "/"))[:300]


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """The error codes of one endpoint. own: wire code → status, passed through where a flow raised it by name."""

    own: Mapping[str, int]
    malformed: str
    rejected: str
    refused: str
    unsupported: str
    by_code: Mapping[str, str] = field(default_factory=dict)


TOKEN_CODES = Codes(
    own={
        "invalid_request": 400,
        "invalid_client": 401,
        "invalid_grant": 400,
        "unauthorized_client": 400,
        "unsupported_grant_type": 400,
        "invalid_scope": 400,
    },
    malformed="invalid_request",
    rejected="invalid_grant",
    refused="invalid_grant",
    unsupported="invalid_request",
)
"""RFC 6749 §5.2 with the clarifications of OpenID4VCI 1.0 §6.3."""

BEARER_CODES = Codes(
    own={"invalid_request": 400, "invalid_token": 401, "insufficient_scope": 403},
    malformed="invalid_request",
    rejected="invalid_token",
    refused="invalid_token",
    unsupported="invalid_request",
)
"""RFC 6750 §3.1."""


def problem_for(error: TegataError, codes: Codes) -> OAuthProblem:
    """The answer of one endpoint to one error. Bearer codes carry their WWW-Authenticate challenge (RFC 6750 §3)."""
    description = describe(error.detail)
    if isinstance(error, TooMany):
        return _later(429, description, error.retry_after)
    if isinstance(error, Unavailable):
        return _later(503, description, error.retry_after)
    if error.code in codes.own:
        return OAuthProblem(status=codes.own[error.code], error=error.code, description=description)
    if error.code in BEARER_CODES.own:
        return _challenge(error.code, description)
    if error.code in codes.by_code:
        name = codes.by_code[error.code]
    elif isinstance(error, Malformed):
        name = codes.malformed
    elif isinstance(error, Rejected):
        name = codes.rejected
    elif isinstance(error, Unsupported):
        name = codes.unsupported
    elif isinstance(error, (Refused, NotFound, Conflict)):
        name = codes.refused
    else:
        name = "server_error"
        description = "" if isinstance(error, Misconfigured) else description
        return OAuthProblem(status=500, error=name, description=description)
    return OAuthProblem(status=codes.own[name], error=name, description=description)


def token_problem(error: TegataError) -> OAuthProblem:
    """The token endpoint's answer to an error."""
    return problem_for(error, TOKEN_CODES)


def bearer_problem(error: TegataError) -> OAuthProblem:
    """A protected endpoint's answer where the access token is at fault; always with a challenge."""
    problem = problem_for(error, BEARER_CODES)
    return _challenge(problem.error, problem.description) if problem.error in BEARER_CODES.own else problem


def _later(status: int, description: str, retry_after: int) -> OAuthProblem:
    headers = {**NO_STORE, "Retry-After": str(retry_after)}
    return OAuthProblem(status=status, error="temporarily_unavailable", description=description, headers=headers)


def _challenge(code: str, description: str) -> OAuthProblem:
    told = f', error_description="{description}"' if description else ""
    headers = {**NO_STORE, "WWW-Authenticate": f'Bearer error="{code}"{told}'}
    return OAuthProblem(status=BEARER_CODES.own[code], error=code, description=description, headers=headers)


class _ErrorWire(Wire):
    error: Annotated[str, Field(min_length=1, max_length=128)]
    error_description: Annotated[str, Field(max_length=4096)] | None = None


def parse_oauth_error(status: int, data: bytes | str | Mapping[str, Any]) -> OAuthProblem:
    """The other side's error answer. status: its HTTP status. Raises Malformed("bad_error_response")."""
    wire = read_wire(_ErrorWire, data, code="bad_error_response", max_bytes=1 << 16)
    return OAuthProblem(
        status=status, error=describe(wire.error)[:64], description=describe(wire.error_description or ""), headers={}
    )
