"""OpenID4VP 1.0 error codes (§8.5): what a wallet answers to a bad request, and a verifier's endpoint to a bad response."""

from __future__ import annotations

from dataclasses import dataclass

from common.errors import Refused, TegataError, TooMany, Unavailable
from common.oauth.errors import Codes, OAuthProblem, describe, problem_for

WALLET_CODES = frozenset(
    {
        "invalid_request",
        "invalid_client",
        "invalid_scope",
        "access_denied",
        "unauthorized_client",
        "unsupported_response_type",
        "server_error",
        "temporarily_unavailable",
        "vp_formats_not_supported",
        "invalid_request_uri_method",
        "invalid_transaction_data",
        "wallet_unavailable",
    }
)
_BY_CODE = {"response_type_not_supported": "unsupported_response_type", "credential_missing": "access_denied"}


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationError:
    """A wallet's error answer. description: ASCII for developers, or empty."""

    error: str
    description: str = ""
    state: str | None = None


def authorization_error(error: TegataError, *, state: str | None = None) -> AuthorizationError:
    """What the wallet tells the verifier. A refusal says access_denied and nothing more: whether the holder lacked the card or did not
    want to show it is nobody's business (§15.9)."""
    if error.code in _BY_CODE:
        code = _BY_CODE[error.code]
    elif error.code in WALLET_CODES:
        code = error.code
    elif isinstance(error, (Unavailable, TooMany)):
        code = "temporarily_unavailable"
    elif isinstance(error, Refused):
        code = "access_denied"
    else:
        code = "invalid_request"
    quiet = code in ("access_denied", "temporarily_unavailable")
    return AuthorizationError(error=code, description="" if quiet else describe(error.detail), state=state)


RESPONSE_CODES = Codes(
    own={"invalid_request": 400, "access_denied": 403},
    malformed="invalid_request",
    rejected="invalid_request",
    refused="access_denied",
    unsupported="invalid_request",
)


def response_problem(error: TegataError) -> OAuthProblem:
    """The response_uri's own answer where it cannot take what was posted. (A response that was taken is answered with 200, §8.2.)"""
    return problem_for(error, RESPONSE_CODES)
