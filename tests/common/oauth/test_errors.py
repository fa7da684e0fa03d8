"""From TegataError to the wire codes of RFC 6749 and RFC 6750, and back."""

from __future__ import annotations

import re

import pytest

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
from common.oauth.errors import bearer_problem, describe, parse_oauth_error, token_problem


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Refused("invalid_grant"), 400, "invalid_grant"),
        (Malformed("invalid_request"), 400, "invalid_request"),
        (Unsupported("unsupported_grant_type"), 400, "unsupported_grant_type"),
        (Refused("invalid_client"), 401, "invalid_client"),
        (Conflict("already_redeemed"), 400, "invalid_grant"),
        (NotFound("no_such_code"), 400, "invalid_grant"),
        (Rejected("expired"), 400, "invalid_grant"),
        (Unsupported("something"), 400, "invalid_request"),
        (Malformed("bad_json"), 400, "invalid_request"),
        (TooMany("tx_code_limit", retry_after=7), 429, "temporarily_unavailable"),
        (Unavailable("database_unavailable", retry_after=3), 503, "temporarily_unavailable"),
        (Misconfigured("no_key", "file /secret"), 500, "server_error"),
    ],
)
def test_token_endpoint(error: TegataError, status: int, code: str) -> None:
    problem = token_problem(error)
    assert (problem.status, problem.error) == (status, code)
    assert problem.headers["Cache-Control"] == "no-store"
    assert "/secret" not in str(problem.body())
    if status in (429, 503):
        assert problem.headers["Retry-After"] in ("7", "3")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Refused("invalid_token"), 401, "invalid_token"),
        (Refused("insufficient_scope"), 403, "insufficient_scope"),
        (Malformed("invalid_request"), 400, "invalid_request"),
        (Rejected("expired"), 401, "invalid_token"),
    ],
)
def test_bearer_problems_carry_a_challenge(error: TegataError, status: int, code: str) -> None:
    problem = bearer_problem(error)
    assert (problem.status, problem.error) == (status, code)
    assert problem.headers["WWW-Authenticate"].startswith(f'Bearer error="{code}"')


def test_description_has_only_the_allowed_characters() -> None:
    told = describe('say "no"\\ 喫茶\n' + "x" * 500)
    assert re.fullmatch(r"[\x20-\x21\x23-\x5b\x5d-\x7e]*", told)
    assert len(told) == 300


def test_an_error_answer_is_read_back() -> None:
    problem = parse_oauth_error(400, b'{"error":"invalid_grant","error_description":"no","more":1}')
    assert (problem.status, problem.error, problem.description) == (400, "invalid_grant", "no")
    for wrong in (b"", b"<html>", b"[]", b"{}", b'{"error":1}'):
        with pytest.raises(Malformed, match="bad_error_response"):
            parse_oauth_error(500, wrong)
