"""OpenID4VCI 1.0 error codes: credential endpoint (§8.3.1.2) and notification endpoint (§11.3). Token endpoint: ``oauth/errors.py``."""

from __future__ import annotations

from common.errors import TegataError
from common.oauth.errors import Codes, OAuthProblem, problem_for, token_problem

__all__ = ["credential_problem", "notification_problem", "token_problem"]

CREDENTIAL_CODES = Codes(
    own={
        "invalid_credential_request": 400,
        "unknown_credential_configuration": 400,
        "unknown_credential_identifier": 400,
        "invalid_proof": 400,
        "invalid_nonce": 400,
        "invalid_encryption_parameters": 400,
        "credential_request_denied": 400,
    },
    malformed="invalid_credential_request",
    rejected="invalid_proof",  # what is not believed at this endpoint is a key proof
    refused="credential_request_denied",
    unsupported="invalid_credential_request",
    by_code={"wrong_nonce": "invalid_nonce", "replayed": "invalid_nonce"},
)

NOTIFICATION_CODES = Codes(
    own={"invalid_notification_id": 400, "invalid_notification_request": 400},
    malformed="invalid_notification_request",
    rejected="invalid_notification_request",
    refused="invalid_notification_id",
    unsupported="invalid_notification_request",
)


def credential_problem(error: TegataError) -> OAuthProblem:
    """The credential endpoint's answer. ``invalid_token`` and ``insufficient_scope`` raised by name become Bearer challenges."""
    return problem_for(error, CREDENTIAL_CODES)


def notification_problem(error: TegataError) -> OAuthProblem:
    """The notification endpoint's answer."""
    return problem_for(error, NOTIFICATION_CODES)
